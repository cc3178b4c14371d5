import { MAX_OPTION_STEPS } from "../../../assembly/layout/limits.ts";
import {
  SEGMENT_OK,
  SEGMENT_OPTION_LENGTH_SMALL,
  SEGMENT_OPTION_LENGTH_WRONG,
  SEGMENT_OPTION_PAST_END,
} from "../../../assembly/layout/status.ts";
import {
  OPT_ACCECN_0,
  OPT_ACCECN_1,
  OPT_ALT_CHECKSUM_REQUEST,
  OPT_CC,
  OPT_CC_ECHO,
  OPT_CC_NEW,
  OPT_ECHO,
  OPT_ECHO_REPLY,
  OPT_EOL,
  OPT_EXPERIMENT_1,
  OPT_EXPERIMENT_2,
  OPT_FAST_OPEN,
  OPT_MD5,
  OPT_MPTCP,
  OPT_MSS,
  OPT_NOP,
  OPT_PARTIAL_ORDER_PERMITTED,
  OPT_PARTIAL_ORDER_PROFILE,
  OPT_QUICK_START,
  OPT_SACK,
  OPT_SACK_PERMITTED,
  OPT_TCP_AO,
  OPT_TIMESTAMPS,
  OPT_TRAILER_CHECKSUM,
  OPT_USER_TIMEOUT,
  OPT_WINDOW_SCALE,
} from "../../../assembly/layout/wire.ts";

/**
 * Walks the options of a header without allocation (RFC 9293 3.1). Reusable: `reset` starts over.
 *
 * @example
 * ```ts
 * import { OptionCursor } from "tcpwire/wire";
 *
 * const header = Uint8Array.of(1, 1, 3, 3, 7, 0); // NOP, NOP, window scale 7, end of list
 * const kinds: number[] = [];
 * const cursor = new OptionCursor();
 * for (cursor.reset(header, 0, 6); cursor.next(); ) kinds.push(cursor.kind);
 * kinds; // -> [ 1, 1, 3, 0 ]
 * ```
 */
export class OptionCursor {
  /** The option's kind. */
  kind = 0;
  /** Where its kind byte lies. */
  offset = 0;
  /**
   * Its bytes, kind and length byte included. An end of list takes all bytes up to the end of the header, and
   * so does an option whose own length cannot be believed.
   */
  length = 0;
  /** `SEGMENT_OK`, or the `SEGMENT_OPTION_*` that says what is wrong with it. */
  status = SEGMENT_OK;

  #bytes: Uint8Array = EMPTY;
  #end = 0;
  #steps = 0;

  /**
   * Sets the cursor before the first option in `bytes[start, end)`. Borrows `bytes` for the walk.
   *
   * @throws {RangeError} when the range is not in `bytes` or longer than the 40 bytes a header has for options
   */
  reset(bytes: Uint8Array, start: number, end: number): this {
    checkRange(bytes, start, end);
    this.#bytes = bytes;
    this.#end = end;
    this.#steps = MAX_OPTION_STEPS;
    this.offset = start;
    this.length = 0;
    return this;
  }

  /** Moves to the next option, and tells whether there is one. */
  next(): boolean {
    const at = this.offset + this.length;
    const end = this.#end;
    if (at >= end || this.#steps-- === 0) {
      this.#bytes = EMPTY;
      return false;
    }
    const kind = this.#bytes[at];
    this.offset = at;
    this.kind = kind;
    this.status = SEGMENT_OK;
    if (kind === OPT_NOP) {
      this.length = 1;
    } else if (kind === OPT_EOL) {
      this.length = end - at;
    } else {
      this.status = optionStatus(this.#bytes, at, end);
      this.length = isWalkable(this.status) ? this.#bytes[at + 1] : end - at;
    }
    return true;
  }
}

const EMPTY = new Uint8Array(0);

/** The first word of 12 bytes with NOP, NOP, timestamps and no more (RFC 7323 appendix A). */
export const ALIGNED_TIMESTAMPS = ((OPT_NOP << 24) | (OPT_NOP << 16) | (OPT_TIMESTAMPS << 8) | 10) >>> 0;

/** What is to be said of the option at `at`, which is neither NOP nor end of list: a `SEGMENT_*` number. */
export function optionStatus(bytes: Uint8Array, at: number, end: number): number {
  if (at + 1 === end) return SEGMENT_OPTION_PAST_END;
  const length = bytes[at + 1];
  if (length < 2) return SEGMENT_OPTION_LENGTH_SMALL;
  if (at + length > end) return SEGMENT_OPTION_PAST_END;
  return lengthAllowed(bytes[at], length) ? SEGMENT_OK : SEGMENT_OPTION_LENGTH_WRONG;
}

/** Whether an option with this status has a length to step over it by. */
export function isWalkable(status: number): boolean {
  return status === SEGMENT_OK || status === SEGMENT_OPTION_LENGTH_WRONG;
}

/** @throws {RangeError} unless `bytes[start, end)` is in `bytes` and fits a header */
export function checkRange(bytes: Uint8Array, start: number, end: number): void {
  if (start >= 0 && start <= end && end <= bytes.length && end - start <= MAX_OPTION_STEPS) return;
  throw new RangeError(`options: bytes ${start} to ${end} of ${bytes.length} are no options`);
}

/**
 * Whether an option of this kind may have this length. Kinds whose length no RFC fixes may have any;
 * assembly/options.ts has the same rules.
 */
export function lengthAllowed(kind: number, length: number): boolean {
  const fixed = FIXED_LENGTHS[kind];
  return fixed === 0 ? variableLengthAllowed(kind, length) : length === fixed;
}

/** By kind: the one length it has, 0 where there may be several. */
const FIXED_LENGTHS = new Uint8Array(256);
FIXED_LENGTHS[OPT_MSS] = 4; // RFC 9293 3.2
FIXED_LENGTHS[OPT_WINDOW_SCALE] = 3; // RFC 7323 2.2
FIXED_LENGTHS[OPT_SACK_PERMITTED] = 2; // RFC 2018 2
FIXED_LENGTHS[OPT_ECHO] = 6; // RFC 1072
FIXED_LENGTHS[OPT_ECHO_REPLY] = 6;
FIXED_LENGTHS[OPT_TIMESTAMPS] = 10; // RFC 7323 3.2
FIXED_LENGTHS[OPT_PARTIAL_ORDER_PERMITTED] = 2; // RFC 1693
FIXED_LENGTHS[OPT_PARTIAL_ORDER_PROFILE] = 3;
FIXED_LENGTHS[OPT_CC] = 6; // RFC 1644
FIXED_LENGTHS[OPT_CC_NEW] = 6;
FIXED_LENGTHS[OPT_CC_ECHO] = 6;
FIXED_LENGTHS[OPT_ALT_CHECKSUM_REQUEST] = 3; // RFC 1146
FIXED_LENGTHS[OPT_TRAILER_CHECKSUM] = 3;
FIXED_LENGTHS[OPT_MD5] = 18; // RFC 2385 3
FIXED_LENGTHS[OPT_QUICK_START] = 8; // RFC 4782 4.1
FIXED_LENGTHS[OPT_USER_TIMEOUT] = 4; // RFC 5482 3

function variableLengthAllowed(kind: number, length: number): boolean {
  switch (kind) {
    case OPT_SACK: // RFC 2018 3
      return (length & 7) === 2;
    case OPT_TCP_AO: // RFC 5925 2.2
      return length >= 4;
    case OPT_MPTCP: // RFC 8684 3: the subtype
      return length >= 3;
    case OPT_FAST_OPEN: // RFC 7413 4.1.1
      return length === 2 || (length >= 6 && length <= 18 && (length & 1) === 0);
    case OPT_ACCECN_0: // RFC 9768 3.2.3
    case OPT_ACCECN_1:
      return length === 2 || length === 5 || length === 8 || length === 11;
    case OPT_EXPERIMENT_1: // RFC 6994 3: a 16-bit identifier at least
    case OPT_EXPERIMENT_2:
      return length >= 4;
    default:
      return true;
  }
}
