/** The states of a connection (RFC 9293 3.3.2). */
export type StateName =
  | "CLOSED"
  | "LISTEN"
  | "SYN-SENT"
  | "SYN-RECEIVED"
  | "ESTABLISHED"
  | "FIN-WAIT-1"
  | "FIN-WAIT-2"
  | "CLOSE-WAIT"
  | "CLOSING"
  | "LAST-ACK"
  | "TIME-WAIT";

// Numbers inside, so that a set of states is a mask and `tcb.state` a small integer.
export const CLOSED = 0;
export const LISTEN = 1;
export const SYN_SENT = 2;
export const SYN_RECEIVED = 3;
export const ESTABLISHED = 4;
export const FIN_WAIT_1 = 5;
export const FIN_WAIT_2 = 6;
export const CLOSE_WAIT = 7;
export const CLOSING = 8;
export const LAST_ACK = 9;
export const TIME_WAIT = 10;

/** Name of each state number, as the RFC writes it. */
export const STATE_NAMES: readonly StateName[] = [
  "CLOSED",
  "LISTEN",
  "SYN-SENT",
  "SYN-RECEIVED",
  "ESTABLISHED",
  "FIN-WAIT-1",
  "FIN-WAIT-2",
  "CLOSE-WAIT",
  "CLOSING",
  "LAST-ACK",
  "TIME-WAIT",
];

/** One arrow of the state diagram. */
export interface Transition {
  readonly from: StateName;
  readonly to: StateName;
  /** What causes it: a call, a segment, a timer. */
  readonly on: string;
  /** What is sent, if anything. */
  readonly sends?: string;
}

/**
 * Every legal transition: RFC 9293 figure 5 and, past what the figure draws, section 3.10. `enter` accepts
 * these and no others; the state diagram in the documentation is generated from them.
 */
export const TRANSITIONS: readonly Transition[] = [
  { from: "CLOSED", to: "LISTEN", on: "passive OPEN" },
  { from: "CLOSED", to: "SYN-SENT", on: "active OPEN", sends: "SYN" },
  {
    from: "CLOSED",
    to: "SYN-RECEIVED",
    on: "the ACK that carries a SYN cookie, or a SYN from a listener's cache",
  },
  { from: "LISTEN", to: "SYN-SENT", on: "SEND, or active OPEN", sends: "SYN" },
  { from: "LISTEN", to: "SYN-RECEIVED", on: "SYN", sends: "SYN,ACK" },
  { from: "LISTEN", to: "CLOSED", on: "CLOSE, ABORT" },
  { from: "SYN-SENT", to: "SYN-RECEIVED", on: "SYN (simultaneous open)", sends: "SYN,ACK" },
  { from: "SYN-SENT", to: "ESTABLISHED", on: "SYN,ACK", sends: "ACK" },
  { from: "SYN-SENT", to: "CLOSED", on: "CLOSE, ABORT, RST, timeout" },
  { from: "SYN-RECEIVED", to: "ESTABLISHED", on: "ACK of SYN" },
  { from: "SYN-RECEIVED", to: "FIN-WAIT-1", on: "CLOSE", sends: "FIN" },
  { from: "SYN-RECEIVED", to: "LISTEN", on: "RST, SYN or timeout, after a passive OPEN" },
  { from: "SYN-RECEIVED", to: "CLOSED", on: "ABORT, RST, timeout" },
  { from: "ESTABLISHED", to: "FIN-WAIT-1", on: "CLOSE", sends: "FIN" },
  { from: "ESTABLISHED", to: "CLOSE-WAIT", on: "FIN", sends: "ACK" },
  { from: "ESTABLISHED", to: "CLOSED", on: "ABORT, RST, timeout" },
  { from: "FIN-WAIT-1", to: "FIN-WAIT-2", on: "ACK of FIN" },
  { from: "FIN-WAIT-1", to: "CLOSING", on: "FIN (simultaneous close)", sends: "ACK" },
  { from: "FIN-WAIT-1", to: "CLOSED", on: "ABORT, RST, timeout" },
  { from: "FIN-WAIT-2", to: "TIME-WAIT", on: "FIN", sends: "ACK" },
  { from: "FIN-WAIT-2", to: "CLOSED", on: "ABORT, RST, timeout" },
  { from: "CLOSE-WAIT", to: "LAST-ACK", on: "CLOSE", sends: "FIN" },
  { from: "CLOSE-WAIT", to: "CLOSED", on: "ABORT, RST, timeout" },
  { from: "CLOSING", to: "TIME-WAIT", on: "ACK of FIN" },
  { from: "CLOSING", to: "CLOSED", on: "ABORT, RST, timeout" },
  { from: "LAST-ACK", to: "CLOSED", on: "ACK of FIN, ABORT, RST, timeout" },
  { from: "TIME-WAIT", to: "SYN-RECEIVED", on: "new SYN (RFC 9293 3.6.1, RFC 6191)", sends: "SYN,ACK" },
  { from: "TIME-WAIT", to: "CLOSED", on: "2 MSL, ABORT, RST" },
];

// LEGAL[from] has bit `to` set.
const LEGAL = new Uint16Array(STATE_NAMES.length);
for (const { from, to } of TRANSITIONS) LEGAL[STATE_NAMES.indexOf(from)] |= 1 << STATE_NAMES.indexOf(to);

/**
 * The only place that changes a connection's state.
 * @throws {Error} when the diagram has no such arrow: a defect of this package, never of the peer
 */
export function enter(tcb: { readonly state: number }, to: number): void {
  if ((LEGAL[tcb.state] & (1 << to)) === 0) {
    throw new Error(`illegal transition ${STATE_NAMES[tcb.state]} -> ${STATE_NAMES[to]}`);
  }
  (tcb as { state: number }).state = to;
}

/** Whether `state` is one of a mask of `1 << STATE` bits. */
export function isIn(state: number, mask: number): boolean {
  return (mask & (1 << state)) !== 0;
}

// Sets of states that the RFC's text names together.
export const SYNCHRONIZED =
  (1 << ESTABLISHED) |
  (1 << FIN_WAIT_1) |
  (1 << FIN_WAIT_2) |
  (1 << CLOSE_WAIT) |
  (1 << CLOSING) |
  (1 << LAST_ACK) |
  (1 << TIME_WAIT);
/** States in which the peer may still send us data (RFC 9293 3.10.7.4, seventh). */
export const RECEIVING = (1 << ESTABLISHED) | (1 << FIN_WAIT_1) | (1 << FIN_WAIT_2);
/** States in which data or a FIN of ours may still have to be sent. */
export const SENDING =
  (1 << ESTABLISHED) | (1 << CLOSE_WAIT) | (1 << FIN_WAIT_1) | (1 << CLOSING) | (1 << LAST_ACK);
