/** The deadline of a timer that is not running. */
export const NEVER = Number.POSITIVE_INFINITY;

// Which timer, inside; `TIMER_NAMES` has them in this order.
const RETRANSMIT = 0;
const PERSIST = 1;
const OVERRIDE = 2;
const DELAYED_ACK = 3;
const KEEP_ALIVE = 4;
const TIME_WAIT = 5;
const USER = 6;
const REORDER = 7;
const LOSS_PROBE = 8;
const PACING = 9;

/**
 * When each timer of a connection runs out, in the caller's milliseconds. They are independent: starting one stops no
 * other. One that does not run takes no memory; an idle connection has one of them, or none.
 */
export class Timers {
  #running: Running | null = null;
  /** A bit for each that runs: most that are asked for or stopped do not. */
  #which = 0;

  /** Oldest unacknowledged segment (RFC 6298); SYN and SYN,ACK too. */
  get retransmit(): number {
    return this.#which & (1 << RETRANSMIT) ? deadline(this.#running, RETRANSMIT) : NEVER;
  }
  set retransmit(at: number) {
    if (at !== NEVER || this.#which & (1 << RETRANSMIT)) this.change(RETRANSMIT, at);
  }

  /** The acknowledgment that waits for company (RFC 9293 3.8.6.3). */
  get delayedAck(): number {
    return this.#which & (1 << DELAYED_ACK) ? deadline(this.#running, DELAYED_ACK) : NEVER;
  }
  set delayedAck(at: number) {
    if (at !== NEVER || this.#which & (1 << DELAYED_ACK)) this.change(DELAYED_ACK, at);
  }

  /** Tail loss probe (RFC 8985 7). */
  get lossProbe(): number {
    return this.#which & (1 << LOSS_PROBE) ? deadline(this.#running, LOSS_PROBE) : NEVER;
  }
  set lossProbe(at: number) {
    if (at !== NEVER || this.#which & (1 << LOSS_PROBE)) this.change(LOSS_PROBE, at);
  }

  /** Zero-window probe (RFC 9293 3.8.6.1). */
  get persist(): number {
    return this.#which & (1 << PERSIST) ? deadline(this.#running, PERSIST) : NEVER;
  }
  set persist(at: number) {
    if (at !== NEVER || this.#which & (1 << PERSIST)) this.change(PERSIST, at);
  }

  /** Data held back by silly-window avoidance or `cork` (RFC 9293 3.8.6.2.1). */
  get override(): number {
    return this.#which & (1 << OVERRIDE) ? deadline(this.#running, OVERRIDE) : NEVER;
  }
  set override(at: number) {
    if (at !== NEVER || this.#which & (1 << OVERRIDE)) this.change(OVERRIDE, at);
  }

  /** Keep-alive (RFC 9293 3.8.4). May run out early: what has arrived meanwhile restarts it then. */
  get keepAlive(): number {
    return this.#which & (1 << KEEP_ALIVE) ? deadline(this.#running, KEEP_ALIVE) : NEVER;
  }
  set keepAlive(at: number) {
    if (at !== NEVER || this.#which & (1 << KEEP_ALIVE)) this.change(KEEP_ALIVE, at);
  }

  /** 2 MSL in TIME-WAIT (RFC 9293 3.6.1), and FIN-WAIT-2 with nobody to receive. */
  get timeWait(): number {
    return this.#which & (1 << TIME_WAIT) ? deadline(this.#running, TIME_WAIT) : NEVER;
  }
  set timeWait(at: number) {
    if (at !== NEVER || this.#which & (1 << TIME_WAIT)) this.change(TIME_WAIT, at);
  }

  /** User timeout (RFC 9293 3.10.8). */
  get user(): number {
    return this.#which & (1 << USER) ? deadline(this.#running, USER) : NEVER;
  }
  set user(at: number) {
    if (at !== NEVER || this.#which & (1 << USER)) this.change(USER, at);
  }

  /** Segments that reordering still excuses (RFC 8985 6.3). */
  get reorder(): number {
    return this.#which & (1 << REORDER) ? deadline(this.#running, REORDER) : NEVER;
  }
  set reorder(at: number) {
    if (at !== NEVER || this.#which & (1 << REORDER)) this.change(REORDER, at);
  }

  /** The next segment, where pacing spreads them. */
  get pacing(): number {
    return this.#which & (1 << PACING) ? deadline(this.#running, PACING) : NEVER;
  }
  set pacing(at: number) {
    if (at !== NEVER || this.#which & (1 << PACING)) this.change(PACING, at);
  }

  // Not named with #, which would cost each connection a field by which engines know whose method it is.
  private change(timer: number, at: number): void {
    this.#running = changed(this.#running, timer, at);
    if (at === NEVER) this.#which &= ~(1 << timer);
    else this.#which |= 1 << timer;
  }

  /** The earliest deadline. */
  next(): number {
    let earliest = NEVER;
    for (let each = this.#running; each !== null; each = each.next) {
      if (each.at < earliest) earliest = each.at;
    }
    return earliest;
  }

  /** Stops every timer (RFC 9293 3.10: "all timers ... are deleted with the TCB"). */
  stop(): void {
    while (this.#running !== null) {
      const { next } = this.#running;
      give(this.#running);
      this.#running = next;
    }
    this.#which = 0;
  }
}

/** A timer that runs, and those beside it. */
class Running {
  timer: number;
  at: number;
  next: Running | null;

  constructor(timer: number, at: number, next: Running | null) {
    this.timer = timer;
    this.at = at;
    this.next = next;
  }
}

function deadline(running: Running | null, timer: number): number {
  for (let each = running; each !== null; each = each.next) {
    if (each.timer === timer) return each.at;
  }
  return NEVER;
}

/** Those that run once `timer` is started, moved or, at NEVER, stopped. */
function changed(running: Running | null, timer: number, at: number): Running | null {
  let before: Running | null = null;
  for (let each = running; each !== null; each = each.next) {
    if (each.timer === timer) {
      if (at !== NEVER) {
        each.at = at;
        return running;
      }
      const after = each.next;
      give(each);
      if (before === null) return after;
      before.next = after;
      return running;
    }
    before = each;
  }
  return at === NEVER ? running : take(timer, at, running);
}

// Timers start and stop with each flight: those that have stopped wait here for the next, so that none is allocated.
const MOST_SPARE = 256;
let spare: Running | null = null;
let spareCount = 0;

function take(timer: number, at: number, next: Running | null): Running {
  const taken = spare;
  if (taken === null) return new Running(timer, at, next);
  spare = taken.next;
  spareCount--;
  taken.timer = timer;
  taken.at = at;
  taken.next = next;
  return taken;
}

function give(stopped: Running): void {
  if (spareCount === MOST_SPARE) return;
  spareCount++;
  stopped.next = spare;
  spare = stopped;
}

export const TIMER_NAMES = [
  "retransmit",
  "persist",
  "override",
  "delayedAck",
  "keepAlive",
  "timeWait",
  "user",
  "reorder",
  "lossProbe",
  "pacing",
] as const;
export type TimerName = (typeof TIMER_NAMES)[number];
