/** The deadline of a timer that is not running. */
export const NEVER = Number.POSITIVE_INFINITY;

/**
 * When each timer of a connection runs out, in the caller's milliseconds. They are independent slots:
 * starting one stops no other.
 */
export class Timers {
  /** Oldest unacknowledged segment (RFC 6298); SYN and SYN,ACK too. */
  retransmit = NEVER;
  /** Zero-window probe (RFC 9293 3.8.6.1). */
  persist = NEVER;
  /** Data held back by silly-window avoidance or `cork` (RFC 9293 3.8.6.2.1). */
  override = NEVER;
  /** The acknowledgment that waits for company (RFC 9293 3.8.6.3). */
  delayedAck = NEVER;
  /** Keep-alive (RFC 9293 3.8.4). May run out early: what has arrived meanwhile restarts it then. */
  keepAlive = NEVER;
  /** 2 MSL in TIME-WAIT (RFC 9293 3.6.1), and FIN-WAIT-2 with nobody to receive. */
  timeWait = NEVER;
  /** User timeout (RFC 9293 3.10.8). */
  user = NEVER;
  /** Segments that reordering still excuses (RFC 8985 6.3). */
  reorder = NEVER;
  /** Tail loss probe (RFC 8985 7). */
  lossProbe = NEVER;
  /** The next segment, where pacing spreads them. */
  pacing = NEVER;

  /** The earliest deadline. */
  next(): number {
    let at = this.retransmit;
    if (this.persist < at) at = this.persist;
    if (this.override < at) at = this.override;
    if (this.delayedAck < at) at = this.delayedAck;
    if (this.keepAlive < at) at = this.keepAlive;
    if (this.timeWait < at) at = this.timeWait;
    if (this.user < at) at = this.user;
    if (this.reorder < at) at = this.reorder;
    if (this.lossProbe < at) at = this.lossProbe;
    if (this.pacing < at) at = this.pacing;
    return at;
  }

  /** Stops every timer (RFC 9293 3.10: "all timers ... are deleted with the TCB"). */
  stop(): void {
    this.retransmit = NEVER;
    this.persist = NEVER;
    this.override = NEVER;
    this.delayedAck = NEVER;
    this.keepAlive = NEVER;
    this.timeWait = NEVER;
    this.user = NEVER;
    this.reorder = NEVER;
    this.lossProbe = NEVER;
    this.pacing = NEVER;
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
