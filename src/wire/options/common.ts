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
import { ALIGNED_TIMESTAMPS, checkRange, isWalkable, optionStatus } from "./cursor.ts";

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
 * fields are the columns of a capture: of an option that occurs twice the last counts, the blocks of two SACK
 * options follow one another, and `SEEN_OTHER` tells that the header says more than the fields do.
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

  /**
   * Reads the options in `bytes[start, end)`, replacing what the object held.
   *
   * @throws {RangeError} when the range is not in `bytes` or longer than 40
   */
  read(bytes: Uint8Array, start: number, end: number): this {
    checkRange(bytes, start, end);
    this.seen = 0;
    this.status = SEGMENT_OK;
    this.sackCount = 0;
    // What an established connection sends.
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
    // Each step takes a byte at least, and there are no more than 40.
    for (let at = start; at < end; ) {
      const kind = bytes[at];
      if (kind === OPT_EOL) break;
      if (kind === OPT_NOP) {
        at++;
        continue;
      }
      const status = optionStatus(bytes, at, end);
      if (status === SEGMENT_OK) take(this, kind, bytes, at);
      else reject(this, status);
      if (!isWalkable(status)) break;
      at += bytes[at + 1];
    }
    return this;
  }
}

function reject(common: CommonOptions, status: number): void {
  if (common.status === SEGMENT_OK) common.status = status;
  common.seen |= isWalkable(status) ? SEEN_MALFORMED | SEEN_OTHER : SEEN_MALFORMED;
}

function take(common: CommonOptions, kind: number, bytes: Uint8Array, at: number): void {
  switch (kind) {
    case OPT_TIMESTAMPS:
      common.seen |= common.seen & SEEN_TIMESTAMPS ? SEEN_OTHER : SEEN_TIMESTAMPS;
      common.tsval = get32(bytes, at + 2);
      common.tsecr = get32(bytes, at + 6);
      return;
    case OPT_SACK:
      common.seen |= SEEN_SACK;
      for (let block = at + 2; block < at + bytes[at + 1]; block += 8) {
        common.sackEdges[2 * common.sackCount] = get32(bytes, block);
        common.sackEdges[2 * common.sackCount + 1] = get32(bytes, block + 4);
        common.sackCount++;
      }
      return;
    case OPT_MSS:
      common.seen |= common.seen & SEEN_MSS ? SEEN_OTHER : SEEN_MSS;
      common.mss = get16(bytes, at + 2);
      return;
    case OPT_WINDOW_SCALE:
      common.seen |= common.seen & SEEN_WINDOW_SCALE ? SEEN_OTHER : SEEN_WINDOW_SCALE;
      common.windowScale = bytes[at + 2];
      return;
    case OPT_SACK_PERMITTED:
      common.seen |= SEEN_SACK_PERMITTED;
      return;
    default:
      common.seen |= SEEN_OTHER;
  }
}
