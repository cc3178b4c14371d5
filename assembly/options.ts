// TCP options (RFC 9293 3.1) into the columns of a row.
import { load16, load32, swapped32 } from "./bytes";
import {
  MSS,
  OPTIONS_SEEN,
  SACK_COUNT,
  SACK_EDGES,
  SACK_START,
  SEEN_MALFORMED,
  SEEN_MSS,
  SEEN_OTHER,
  SEEN_SACK,
  SEEN_SACK_PERMITTED,
  SEEN_TIMESTAMPS,
  SEEN_WINDOW_SCALE,
  TSECR,
  TSVAL,
  WINDOW_SCALE,
} from "./layout/columns";
import { RARE_SACK_START, STATE_RARE, STATE_SACK_BLOCKS } from "./layout/state";
import {
  SEGMENT_OK,
  SEGMENT_OPTION_LENGTH_SMALL,
  SEGMENT_OPTION_LENGTH_WRONG,
  SEGMENT_OPTION_PAST_END,
} from "./layout/status";
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
  TCP_OPTIONS,
} from "./layout/wire";

/** NOP, NOP, Timestamps, 10: how nearly all stacks lay that option out. */
export const PADDED_TIMESTAMPS: u32 = 0x0a080101;
/** The length of a header with these and nothing else. */
export const WITH_TIMESTAMPS: u32 = TCP_OPTIONS + 12;

/**
 * Reads the options in [`p`, `end`) into the option columns of `row` and returns the first malformation
 * (SEGMENT_*). Of an option that occurs twice the last counts, as in Linux, and SEEN_OTHER tells that the
 * header says more than the columns. Each step takes at least one byte, so 40 are the most.
 */
// @ts-ignore: decorator
@inline
export function options(row: u32, p: u32, end: u32): u32 {
  let seen: u32 = 0;
  let status: u32 = SEGMENT_OK;
  let tsval: u32 = 0;
  let tsecr: u32 = 0;
  let mss: u32 = 0;
  let shift: u32 = 0;
  let blocks: u32 = 0;
  // Whatever else there is, timestamps mostly come first, as RFC 7323 appendix A has them.
  if (p + 12 <= end && load<u32>(p) == PADDED_TIMESTAMPS) {
    seen = SEEN_TIMESTAMPS;
    tsval = load32(p + 4);
    tsecr = load32(p + 8);
    p += 12;
  }
  while (p < end) {
    const kind: u32 = load<u8>(p);
    if (kind == OPT_EOL) break;
    if (kind == OPT_NOP) {
      p++;
      continue;
    }
    if (p + 1 >= end) {
      if (!status) status = SEGMENT_OPTION_PAST_END;
      break;
    }
    const length: u32 = load<u8>(p, 1);
    if (length < 2) {
      if (!status) status = SEGMENT_OPTION_LENGTH_SMALL;
      break;
    }
    if (p + length > end) {
      if (!status) status = SEGMENT_OPTION_PAST_END;
      break;
    }
    // The kinds with columns, most frequent first; what has the wrong length falls through.
    if (kind == OPT_SACK && (length & 7) == 2) {
      seen |= SEEN_SACK;
      blocks = readBlocks(row, p + 2, (length - 2) >> 3, blocks);
    } else if (kind == OPT_TIMESTAMPS && length == 10) {
      seen |= seen & SEEN_TIMESTAMPS ? SEEN_OTHER : SEEN_TIMESTAMPS;
      tsval = load32(p + 2);
      tsecr = load32(p + 6);
    } else if (kind == OPT_MSS && length == 4) {
      seen |= seen & SEEN_MSS ? SEEN_OTHER : SEEN_MSS;
      mss = load16(p + 2);
    } else if (kind == OPT_WINDOW_SCALE && length == 3) {
      seen |= seen & SEEN_WINDOW_SCALE ? SEEN_OTHER : SEEN_WINDOW_SCALE;
      shift = load<u8>(p, 2);
    } else if (kind == OPT_SACK_PERMITTED && length == 2) {
      seen |= SEEN_SACK_PERMITTED;
    } else {
      seen |= SEEN_OTHER;
      if (!status && !lengthAllowed(kind, length)) status = SEGMENT_OPTION_LENGTH_WRONG;
    }
    p += length;
  }
  if (status) seen |= SEEN_MALFORMED;
  store<u32>(row << 2, tsval, TSVAL);
  store<u32>(row << 2, tsecr, TSECR);
  store<u16>(row << 1, <u16>mss, MSS);
  store<u8>(row, <u8>shift, WINDOW_SCALE);
  store<u8>(row, <u8>seen, OPTIONS_SEEN);
  store<u8>(row, <u8>blocks, SACK_COUNT);
  return status;
}

/** `options`, out of line. */
export function readOptions(row: u32, p: u32, end: u32): u32 {
  return options(row, p, end);
}

// The blocks of a second SACK option follow those of the first: 40 bytes hold no more than four in all.
// @ts-ignore: decorator
@inline
function readBlocks(row: u32, p: u32, blocks: u32, before: u32): u32 {
  let block = load<u32>(STATE_SACK_BLOCKS);
  if (blocks && !before) {
    store<u32>(row << 2, block, SACK_START);
    store<u32>(STATE_RARE, load<u32>(STATE_RARE) | RARE_SACK_START);
  }
  for (const end = block + blocks; block < end; block++) {
    v128.store64_lane(block << 3, swapped32(v128.load64_zero(p)), 0, SACK_EDGES);
    p += 8;
  }
  store<u32>(STATE_SACK_BLOCKS, block);
  return before + blocks;
}

/** Whether `length` is one of those that an RFC fixes for `kind`; any other kind may have any. */
// @ts-ignore: decorator
@inline
function lengthAllowed(kind: u32, length: u32): bool {
  switch (kind) {
    case OPT_MSS:
    case OPT_USER_TIMEOUT: // RFC 5482 3
      return length == 4;
    case OPT_WINDOW_SCALE: // RFC 7323 2.2
    case OPT_PARTIAL_ORDER_PROFILE: // RFC 1693
    case OPT_ALT_CHECKSUM_REQUEST: // RFC 1146
    case OPT_TRAILER_CHECKSUM:
      return length == 3;
    case OPT_SACK_PERMITTED: // RFC 2018 2
    case OPT_PARTIAL_ORDER_PERMITTED:
      return length == 2;
    case OPT_SACK: // RFC 2018 3
      return (length & 7) == 2;
    case OPT_ECHO: // RFC 1072
    case OPT_ECHO_REPLY:
    case OPT_CC: // RFC 1644
    case OPT_CC_NEW:
    case OPT_CC_ECHO:
      return length == 6;
    case OPT_TIMESTAMPS: // RFC 7323 3.2
      return length == 10;
    case OPT_MD5: // RFC 2385 3
      return length == 18;
    case OPT_QUICK_START: // RFC 4782 4.1
      return length == 8;
    case OPT_TCP_AO: // RFC 5925 2.2
      return length >= 4;
    case OPT_MPTCP: // RFC 8684 3: the subtype
      return length >= 3;
    case OPT_FAST_OPEN: // RFC 7413 4.1.1
      return length == 2 || (length >= 6 && length <= 18 && !(length & 1));
    case OPT_ACCECN_0: // RFC 9768 3.2.3
    case OPT_ACCECN_1:
      return length == 2 || length == 5 || length == 8 || length == 11;
    case OPT_EXPERIMENT_1: // RFC 6994 3: a 16-bit identifier at least
    case OPT_EXPERIMENT_2:
      return length >= 4;
    default:
      return true;
  }
}
