import type { Ring } from "../wasm/rings.ts";
import type { Reassembly } from "./reassembly.ts";
import { NEVER } from "./timers.ts";

// Numbers and marks as in `SendVariables`.
const WITH_FIN = 1;
const URGENT = 2;
const FIN_AHEAD = 4;
const DEAF = 8;
const ACK_NOW = 16;
const INTERACTIVE = 32;
const SCALE_SHIFT = 6;

/** Numbers that were received once more: [left, right). */
export interface Repeated {
  readonly left: number;
  readonly right: number;
}

/** A round trip of the receiver's. */
export class Round {
  /** When it began, and what `user` was then. */
  at: number;
  user: number;

  constructor(at: number, user: number) {
    this.at = at;
    this.user = user;
  }
}

/** Receive sequence variables (RFC 9293 3.3.1) and what the receiver keeps beside them. */
export class ReceiveVariables {
  #marks = 0;
  /** RCV.NXT: next expected. */
  nxt = 0;
  /** RCV.WND: from RCV.NXT to the furthest right edge that was offered; it never retreats. */
  wnd = 0;
  /** The right edge that the last segment told, which scaling may have rounded down. */
  edge = 0;
  /** RCV.UP: the byte after the last urgent one. */
  up = 0;
  /** IRS: initial receive sequence number. */
  irs = 0;

  /** The next byte for the application: [user, nxt) waits for RECEIVE. */
  user = 0;
  /** Last.ACK.sent (RFC 7323 4.3). */
  acked = 0;
  /** Where the FIN lies, while `finAhead`. */
  finAt = 0;
  /** MSS we announced. */
  mss = 0;
  /** The largest segment seen lately: what "full-sized" means when counting for delayed ACKs. */
  segment = 0;
  /** Bytes that may wait here now; grows from `rcvBuf` to `rcvBufMax`. */
  buffer = 0;
  /** Acknowledgments due at once without data, one for each segment that asked (RFC 5681 4.2). */
  owed = 0;
  /** Bytes received since the last acknowledgment. */
  unacked = 0;
  /** Acknowledgments still sent without delay. */
  quick = 0;
  /** D-SACK to report next (RFC 2883). */
  repeated: Repeated | null = null;
  /** When the last segment arrived. */
  lastAt = NEVER;
  /** Buffer tuning: the current round trip, from the first data on. */
  round: Round | null = null;
  /** Bytes [user, nxt) and those beyond gaps, while there are any. */
  ring: Ring | null = null;
  /** The most it held since it was taken. */
  held = 0;
  /** Bytes beyond gaps, while there are any. */
  ahead: Reassembly | null = null;

  /** Rcv.Wind.Shift. */
  get scale(): number {
    return this.#marks >> SCALE_SHIFT;
  }
  set scale(shift: number) {
    this.#marks = (this.#marks & ((1 << SCALE_SHIFT) - 1)) | (shift << SCALE_SHIFT);
  }

  /** RCV.UP is meant. */
  get urgent(): boolean {
    return (this.#marks & URGENT) !== 0;
  }
  set urgent(is: boolean) {
    this.#marks = is ? this.#marks | URGENT : this.#marks & ~URGENT;
  }

  /** The peer's FIN has been taken: nothing follows RCV.NXT. */
  get fin(): boolean {
    return (this.#marks & WITH_FIN) !== 0;
  }
  set fin(is: boolean) {
    this.#marks = is ? this.#marks | WITH_FIN : this.#marks & ~WITH_FIN;
  }

  /** A FIN has come beyond a gap. */
  get finAhead(): boolean {
    return (this.#marks & FIN_AHEAD) !== 0;
  }
  set finAhead(is: boolean) {
    this.#marks = is ? this.#marks | FIN_AHEAD : this.#marks & ~FIN_AHEAD;
  }

  /** The application takes no more: new data is answered with RST (RFC 9293 3.6.1). */
  get deaf(): boolean {
    return (this.#marks & DEAF) !== 0;
  }
  set deaf(is: boolean) {
    this.#marks = is ? this.#marks | DEAF : this.#marks & ~DEAF;
  }

  /** An acknowledgment is due at once; data may carry it. */
  get ackNow(): boolean {
    return (this.#marks & ACK_NOW) !== 0;
  }
  set ackNow(is: boolean) {
    this.#marks = is ? this.#marks | ACK_NOW : this.#marks & ~ACK_NOW;
  }

  /** Our data follows the peer's closely: it can carry the acknowledgments. */
  get interactive(): boolean {
    return (this.#marks & INTERACTIVE) !== 0;
  }
  set interactive(is: boolean) {
    this.#marks = is ? this.#marks | INTERACTIVE : this.#marks & ~INTERACTIVE;
  }
}
