import {
  SEEN_MALFORMED,
  SEEN_MSS,
  SEEN_OTHER,
  SEEN_SACK,
  SEEN_SACK_PERMITTED,
  SEEN_TIMESTAMPS,
  SEEN_WINDOW_SCALE,
} from "../../../assembly/layout/columns.ts";
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
  TIMESTAMPS_PADDED,
} from "../../../assembly/layout/wire.ts";
import * as column from "./columns.ts";

const PADDED_LENGTH = 12;

let blocks = 0;

/** A new batch: the pool of SACK blocks is empty. */
export function openOptions(): void {
  blocks = 0;
}

/** Options in [`at`, `end`) to the option columns of `row`; returns the first malformation (SEGMENT_*). */
export function readOptions(view: DataView, at: number, end: number, row: number): number {
  let seen = 0;
  let status: number = SEGMENT_OK;
  let tsval = 0;
  let tsecr = 0;
  let mss = 0;
  let shift = 0;
  const firstBlock = blocks;
  // Where they come first, as nearly always, nothing in their twelve bytes has to be guessed.
  if (end - at >= PADDED_LENGTH && view.getInt32(at) === TIMESTAMPS_PADDED) {
    seen = SEEN_TIMESTAMPS;
    tsval = view.getInt32(at + 4);
    tsecr = view.getInt32(at + 8);
    at += PADDED_LENGTH;
  }
  while (at < end) {
    const kind = view.getUint8(at);
    if (kind === OPT_EOL) break;
    if (kind === OPT_NOP) {
      at++;
      continue;
    }
    const length = at + 1 < end ? view.getUint8(at + 1) : 0;
    if (at + 1 >= end || length < 2 || at + length > end) {
      if (!status) {
        status = at + 1 < end && length < 2 ? SEGMENT_OPTION_LENGTH_SMALL : SEGMENT_OPTION_PAST_END;
      }
      break;
    }
    if (!lengthAllowed(kind, length)) {
      if (!status) status = SEGMENT_OPTION_LENGTH_WRONG;
      seen |= SEEN_OTHER;
    } else if (kind === OPT_TIMESTAMPS) {
      seen |= seen & SEEN_TIMESTAMPS ? SEEN_OTHER : SEEN_TIMESTAMPS;
      tsval = view.getInt32(at + 2);
      tsecr = view.getInt32(at + 6);
    } else if (kind === OPT_SACK) {
      seen |= SEEN_SACK;
      for (let i = at + 2; i < at + length; i += 8) {
        column.sackEdges[blocks << 1] = view.getInt32(i);
        column.sackEdges[(blocks << 1) + 1] = view.getInt32(i + 4);
        blocks++;
      }
    } else if (kind === OPT_MSS) {
      seen |= seen & SEEN_MSS ? SEEN_OTHER : SEEN_MSS;
      mss = view.getUint16(at + 2);
    } else if (kind === OPT_WINDOW_SCALE) {
      seen |= seen & SEEN_WINDOW_SCALE ? SEEN_OTHER : SEEN_WINDOW_SCALE;
      shift = view.getUint8(at + 2);
    } else if (kind === OPT_SACK_PERMITTED) seen |= SEEN_SACK_PERMITTED;
    else seen |= SEEN_OTHER;
    at += length;
  }
  if (status) seen |= SEEN_MALFORMED;
  column.tsval[row] = tsval;
  column.tsecr[row] = tsecr;
  column.mss[row] = mss;
  column.windowScale[row] = shift;
  column.optionsSeen[row] = seen;
  column.sackCount[row] = blocks - firstBlock;
  if (blocks !== firstBlock) column.setSackStart(row, firstBlock);
  return status;
}

function lengthAllowed(kind: number, length: number): boolean {
  switch (kind) {
    case OPT_MSS:
    case OPT_USER_TIMEOUT:
      return length === 4;
    case OPT_WINDOW_SCALE:
    case OPT_PARTIAL_ORDER_PROFILE:
    case OPT_ALT_CHECKSUM_REQUEST:
    case OPT_TRAILER_CHECKSUM:
      return length === 3;
    case OPT_SACK_PERMITTED:
    case OPT_PARTIAL_ORDER_PERMITTED:
      return length === 2;
    case OPT_SACK:
      return (length & 7) === 2;
    case OPT_ECHO:
    case OPT_ECHO_REPLY:
    case OPT_CC:
    case OPT_CC_NEW:
    case OPT_CC_ECHO:
      return length === 6;
    case OPT_TIMESTAMPS:
      return length === 10;
    case OPT_MD5:
      return length === 18;
    case OPT_QUICK_START:
      return length === 8;
    case OPT_TCP_AO:
    case OPT_EXPERIMENT_1:
    case OPT_EXPERIMENT_2:
      return length >= 4;
    case OPT_MPTCP:
      return length >= 3;
    case OPT_FAST_OPEN:
      return length === 2 || (length >= 6 && length <= 18 && !(length & 1));
    case OPT_ACCECN_0:
    case OPT_ACCECN_1:
      return length === 2 || length === 5 || length === 8 || length === 11;
    default:
      return true;
  }
}
