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
    if (!(start >= 0 && start <= end && end <= bytes.length && end - start <= MAX_OPTION_STEPS)) {
      throw new RangeError(`options: bytes ${start} to ${end} of ${bytes.length} are no options`);
    }
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
    } else if (at + 1 === end) {
      this.length = 1;
      this.status = SEGMENT_OPTION_PAST_END;
    } else {
      const length = this.#bytes[at + 1];
      this.status = optionStatus(kind, length, end - at);
      const walkable = this.status === SEGMENT_OK || this.status === SEGMENT_OPTION_LENGTH_WRONG;
      this.length = walkable ? length : end - at;
    }
    return true;
  }
}

const EMPTY = new Uint8Array(0);

/** What is to be said of an option with this length byte, `rest` bytes before the end of the header. */
function optionStatus(kind: number, length: number, rest: number): number {
  if (length < 2) return SEGMENT_OPTION_LENGTH_SMALL;
  if (length > rest) return SEGMENT_OPTION_PAST_END;
  return lengthAllowed(kind, length) ? SEGMENT_OK : SEGMENT_OPTION_LENGTH_WRONG;
}

/**
 * Whether an option of this kind may have this length. Kinds whose length no RFC fixes may have any;
 * assembly/options.ts has the same rules.
 */
export function lengthAllowed(kind: number, length: number): boolean {
  switch (kind) {
    case OPT_MSS: // RFC 9293 3.2
    case OPT_USER_TIMEOUT: // RFC 5482 3
      return length === 4;
    case OPT_WINDOW_SCALE: // RFC 7323 2.2
    case OPT_PARTIAL_ORDER_PROFILE: // RFC 1693
    case OPT_ALT_CHECKSUM_REQUEST: // RFC 1146
    case OPT_TRAILER_CHECKSUM:
      return length === 3;
    case OPT_SACK_PERMITTED: // RFC 2018 2
    case OPT_PARTIAL_ORDER_PERMITTED: // RFC 1693
      return length === 2;
    case OPT_SACK: // RFC 2018 3
      return (length & 7) === 2;
    case OPT_ECHO: // RFC 1072
    case OPT_ECHO_REPLY:
    case OPT_CC: // RFC 1644
    case OPT_CC_NEW:
    case OPT_CC_ECHO:
      return length === 6;
    case OPT_TIMESTAMPS: // RFC 7323 3.2
      return length === 10;
    case OPT_MD5: // RFC 2385 3
      return length === 18;
    case OPT_QUICK_START: // RFC 4782 4.1
      return length === 8;
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
