import {
  SEEN_MALFORMED,
  SEEN_MSS,
  SEEN_OTHER,
  SEEN_SACK,
  SEEN_SACK_PERMITTED,
  SEEN_TIMESTAMPS,
  SEEN_WINDOW_SCALE,
} from "../../../assembly/layout/columns.ts";
import { SEGMENT_OK } from "../../../assembly/layout/status.ts";
import {
  OPT_EOL,
  OPT_MSS,
  OPT_NOP,
  OPT_SACK,
  OPT_SACK_PERMITTED,
  OPT_TIMESTAMPS,
  OPT_WINDOW_SCALE,
} from "../../../assembly/layout/wire.ts";
import { get16, get32 } from "../bytes.ts";
import { OptionCursor } from "./cursor.ts";

export {
  SEEN_MALFORMED,
  SEEN_MSS,
  SEEN_OTHER,
  SEEN_SACK,
  SEEN_SACK_PERMITTED,
  SEEN_TIMESTAMPS,
  SEEN_WINDOW_SCALE,
};

/**
 * The options that nearly every segment has, read without allocation into an object that is used again. The
 * fields are the columns of a capture; of an option that occurs twice the last counts, and the blocks of two
 * SACK options follow one another.
 */
export class CommonOptions {
  /** `SEEN_*` bits: which of the others mean something. */
  seen = 0;
  /** `SEGMENT_OK`, or the first malformation. */
  status = SEGMENT_OK;
  mss = 0;
  /** The shift as on the wire. */
  windowScale = 0;
  tsval = 0;
  tsecr = 0;
  /** Blocks in `sackEdges`. */
  sackCount = 0;
  /** Left and right edges in turn, room for the 4 blocks that a header can hold. */
  readonly sackEdges = new Uint32Array(8);

  readonly #cursor = new OptionCursor();

  /**
   * Reads the options in `bytes[start, end)`, replacing what the object held.
   *
   * @throws {RangeError} when the range is not in `bytes` or longer than 40
   */
  read(bytes: Uint8Array, start: number, end: number): this {
    this.seen = 0;
    this.status = SEGMENT_OK;
    this.sackCount = 0;
    // What an established connection sends (RFC 7323 appendix A): NOP, NOP, timestamps and no more.
    if (end - start === 12 && get32(bytes, start) === ALIGNED_TIMESTAMPS) {
      this.seen = SEEN_TIMESTAMPS;
      this.mss = 0;
      this.windowScale = 0;
      this.tsval = get32(bytes, start + 4);
      this.tsecr = get32(bytes, start + 8);
      return this;
    }
    this.mss = 0;
    this.windowScale = 0;
    this.tsval = 0;
    this.tsecr = 0;
    const cursor = this.#cursor;
    for (cursor.reset(bytes, start, end); cursor.next(); ) this.#take(bytes, cursor);
    return this;
  }

  #take(bytes: Uint8Array, { kind, offset, length, status }: OptionCursor): void {
    if (status !== SEGMENT_OK) {
      if (this.status === SEGMENT_OK) this.status = status;
      this.seen |= SEEN_MALFORMED;
      return;
    }
    switch (kind) {
      case OPT_NOP:
      case OPT_EOL:
        return;
      case OPT_TIMESTAMPS:
        this.seen |= SEEN_TIMESTAMPS;
        this.tsval = get32(bytes, offset + 2);
        this.tsecr = get32(bytes, offset + 6);
        return;
      case OPT_SACK:
        this.seen |= SEEN_SACK;
        for (let at = offset + 2; at < offset + length; at += 8) {
          this.sackEdges[2 * this.sackCount] = get32(bytes, at);
          this.sackEdges[2 * this.sackCount + 1] = get32(bytes, at + 4);
          this.sackCount++;
        }
        return;
      case OPT_MSS:
        this.seen |= SEEN_MSS;
        this.mss = get16(bytes, offset + 2);
        return;
      case OPT_WINDOW_SCALE:
        this.seen |= SEEN_WINDOW_SCALE;
        this.windowScale = bytes[offset + 2];
        return;
      case OPT_SACK_PERMITTED:
        this.seen |= SEEN_SACK_PERMITTED;
        return;
      default:
        this.seen |= SEEN_OTHER;
    }
  }
}

const ALIGNED_TIMESTAMPS = ((OPT_NOP << 24) | (OPT_NOP << 16) | (OPT_TIMESTAMPS << 8) | 10) >>> 0;
