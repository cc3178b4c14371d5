import type { Ring } from "../wasm/rings.ts";
import type { Flight } from "./flight.ts";
import type { MtuSearch } from "./mtu-search.ts";
import { NEVER } from "./timers.ts";

// Sequence numbers are kept as signed 32-bit integers (`| 0`): V8 stores those in place, where the upper
// half of the unsigned ones would cost an allocation each. wire/seq compares either form.

// Yes-or-no variables are bits of one number: as fields they would take eight bytes each. Each class has its own, and no
// base class, as code that met three shapes of object would be slower.
const WITH_FIN = 1;
const URGENT = 2;
const OVERDUE = 4;
const PROBED = 8;
const STARVED = 16;
// Above them lies the shift of windows.
const SCALE_SHIFT = 5;

/** What routers have told (RFC 1191, RFC 8201). */
export class ToldMtu {
  /** The path's MTU, less than the first link's; 0 while none is believed. */
  mtu = 0;
  /** One that contradicts what has got through; 0 for none. */
  doubtful = 0;
}

/** Send sequence variables (RFC 9293 3.3.1) and what the sender keeps beside them. */
export class SendVariables {
  #marks = 0;
  /** SND.UNA: oldest unacknowledged. */
  una = 0;
  /** SND.NXT: next to be sent for the first time. */
  nxt = 0;
  /** SND.WND: send window, in bytes from SND.UNA on. */
  wnd = 0;
  /** SND.UP: the byte after the last urgent one; means something while it is after SND.UNA. */
  up = 0;
  /** SND.WL1: SEG.SEQ of the last window update. */
  wl1 = 0;
  /** SND.WL2: SEG.ACK of the last window update. */
  wl2 = 0;
  /** ISS: initial send sequence number. */
  iss = 0;

  /** After the last byte that SEND has queued. SND.NXT runs up to it. */
  end = 0;
  /** Up to here a segment need not be full (everything queued without `more`). */
  pushed = 0;
  /** After the last segment sent that was not full (Nagle's algorithm, 3.7.4). */
  smallEnd = 0;
  /** MAX.SND.WND: the largest window the peer ever offered (RFC 9293 3.8.6.2.1, RFC 5961 5.2). */
  maxWnd = 0;
  /** The peer's MSS option, or its default (RFC 9293 3.7.1). */
  peerMss = 0;
  /** Eff.snd.MSS: data bytes in a full segment, the options of every segment already taken off. */
  mss = 0;
  /** With pacing: when the next segment may go; null while it is not in use. */
  paceAt: number | null = null;
  /** What routers have told of the path, once one has. */
  told: ToldMtu | null = null;
  /** The search for what the path takes, while there is one (RFC 4821). */
  search: MtuSearch | null = null;
  /** The largest packet that has arrived, as far as is known (RFC 5927 7.2: maxsizeacked). */
  proven = 0;
  /** When data was last sent (RFC 5681 4.1). */
  lastAt = NEVER;
  /** Bytes [una, end), while there are any. */
  ring: Ring | null = null;
  /** The most it held since it was taken. */
  held = 0;
  /** Segments [una, nxt), while there are any. */
  flight: Flight | null = null;

  /** Snd.Wind.Shift: the peer's windows count in units of 2^scale (RFC 7323 2.3). */
  get scale(): number {
    return this.#marks >> SCALE_SHIFT;
  }
  set scale(shift: number) {
    this.#marks = (this.#marks & ((1 << SCALE_SHIFT) - 1)) | (shift << SCALE_SHIFT);
  }

  /** CLOSE was called: a FIN follows at `end`. */
  get fin(): boolean {
    return (this.#marks & WITH_FIN) !== 0;
  }
  set fin(is: boolean) {
    this.#marks = is ? this.#marks | WITH_FIN : this.#marks & ~WITH_FIN;
  }

  /** The override timer ran out: the next segment may be of any size. */
  get overdue(): boolean {
    return (this.#marks & OVERDUE) !== 0;
  }
  set overdue(is: boolean) {
    this.#marks = is ? this.#marks | OVERDUE : this.#marks & ~OVERDUE;
  }

  /** SND.UP is meant. */
  get urgent(): boolean {
    return (this.#marks & URGENT) !== 0;
  }
  set urgent(is: boolean) {
    this.#marks = is ? this.#marks | URGENT : this.#marks & ~URGENT;
  }

  /** A byte (or FIN) at SND.NXT went out as a zero-window probe; SND.NXT has not moved. */
  get probed(): boolean {
    return (this.#marks & PROBED) !== 0;
  }
  set probed(is: boolean) {
    this.#marks = is ? this.#marks | PROBED : this.#marks & ~PROBED;
  }

  /** SEND took less than it was given; tell when there is room. */
  get starved(): boolean {
    return (this.#marks & STARVED) !== 0;
  }
  set starved(is: boolean) {
    this.#marks = is ? this.#marks | STARVED : this.#marks & ~STARVED;
  }
}
