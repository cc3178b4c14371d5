/** The deadline of a timer that is not running. */
export const NEVER = Number.POSITIVE_INFINITY;

/**
 * When each timer of a connection runs out, in the caller's milliseconds. They are independent slots:
 * starting one stops no other. Slots for those that seldom run are there from the first time that one does.
 */
export class Timers {
  /** Oldest unacknowledged segment (RFC 6298); SYN and SYN,ACK too. */
  retransmit = NEVER;
  /** The acknowledgment that waits for company (RFC 9293 3.8.6.3). */
  delayedAck = NEVER;
  /** Tail loss probe (RFC 8985 7). */
  lossProbe = NEVER;
  #seldom: SeldomTimers | null = null;

  /** Zero-window probe (RFC 9293 3.8.6.1). */
  get persist(): number {
    return this.#seldom === null ? NEVER : this.#seldom.persist;
  }
  set persist(at: number) {
    if (this.#seldom !== null || at !== NEVER) this.#slots.persist = at;
  }

  /** Data held back by silly-window avoidance or `cork` (RFC 9293 3.8.6.2.1). */
  get override(): number {
    return this.#seldom === null ? NEVER : this.#seldom.override;
  }
  set override(at: number) {
    if (this.#seldom !== null || at !== NEVER) this.#slots.override = at;
  }

  /** Keep-alive (RFC 9293 3.8.4). May run out early: what has arrived meanwhile restarts it then. */
  get keepAlive(): number {
    return this.#seldom === null ? NEVER : this.#seldom.keepAlive;
  }
  set keepAlive(at: number) {
    if (this.#seldom !== null || at !== NEVER) this.#slots.keepAlive = at;
  }

  /** 2 MSL in TIME-WAIT (RFC 9293 3.6.1), and FIN-WAIT-2 with nobody to receive. */
  get timeWait(): number {
    return this.#seldom === null ? NEVER : this.#seldom.timeWait;
  }
  set timeWait(at: number) {
    if (this.#seldom !== null || at !== NEVER) this.#slots.timeWait = at;
  }

  /** User timeout (RFC 9293 3.10.8). */
  get user(): number {
    return this.#seldom === null ? NEVER : this.#seldom.user;
  }
  set user(at: number) {
    if (this.#seldom !== null || at !== NEVER) this.#slots.user = at;
  }

  /** Segments that reordering still excuses (RFC 8985 6.3). */
  get reorder(): number {
    return this.#seldom === null ? NEVER : this.#seldom.reorder;
  }
  set reorder(at: number) {
    if (this.#seldom !== null || at !== NEVER) this.#slots.reorder = at;
  }

  /** The next segment, where pacing spreads them. */
  get pacing(): number {
    return this.#seldom === null ? NEVER : this.#seldom.pacing;
  }
  set pacing(at: number) {
    if (this.#seldom !== null || at !== NEVER) this.#slots.pacing = at;
  }

  /** The earliest deadline. */
  next(): number {
    let at = this.#seldom === null ? NEVER : this.#seldom.next();
    if (this.retransmit < at) at = this.retransmit;
    if (this.delayedAck < at) at = this.delayedAck;
    if (this.lossProbe < at) at = this.lossProbe;
    return at;
  }

  /** Stops every timer (RFC 9293 3.10: "all timers ... are deleted with the TCB"). */
  stop(): void {
    this.retransmit = NEVER;
    this.delayedAck = NEVER;
    this.lossProbe = NEVER;
    this.#seldom = null;
  }

  get #slots(): SeldomTimers {
    this.#seldom ??= new SeldomTimers();
    return this.#seldom;
  }
}

class SeldomTimers {
  persist = NEVER;
  override = NEVER;
  keepAlive = NEVER;
  timeWait = NEVER;
  user = NEVER;
  reorder = NEVER;
  pacing = NEVER;

  next(): number {
    let at = this.persist;
    if (this.override < at) at = this.override;
    if (this.keepAlive < at) at = this.keepAlive;
    if (this.timeWait < at) at = this.timeWait;
    if (this.user < at) at = this.user;
    if (this.reorder < at) at = this.reorder;
    if (this.pacing < at) at = this.pacing;
    return at;
  }
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
