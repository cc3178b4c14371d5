// The short way of most segments: data in order or acknowledgments of something new, in a conversation that is
// established, nothing of which any rule can find or judge. It comes to what segment.ts comes to, by the same parts, with
// all left out that cannot be: a test holds the two against each other.
import { SEEN_SACK, SEEN_WINDOW_SCALE } from "../layout/columns";
import {
  IN_ACK,
  IN_FACTS,
  IN_FLAGS,
  IN_FRAME,
  IN_HEADER_LENGTH,
  IN_OPTIONS_SEEN,
  IN_PAYLOAD,
  IN_SEQ,
  IN_STATUS,
  IN_TIME,
  IN_WINDOW,
  OUT_DUPLICATE_ACK_FRAME,
  OUT_DUPLICATE_ACK_NUM,
  OUT_FINDINGS,
  OUT_INITIAL_RTT,
  OUT_JUDGEMENTS,
  OUT_PEER_STATE,
  OUT_RTO,
  OUT_RTO_FRAME,
  OUT_STATE,
} from "../layout/flow-columns";
import { STATE_ESTABLISHED } from "../layout/flow-findings";
import {
  R_FLAGS,
  R_ROUND_TRIP,
  R_STATES,
  R_STATISTICS,
  RECORD_COUNTED,
  RECORD_DETACHED,
  RECORD_MPTCP,
  RECORD_ROUND_TRIP_KNOWN,
  RECORD_TOLD,
  RECORD_TURNED,
  S_ACKABLE,
  S_DUPLICATES,
  S_FLAGS,
  S_LAST_ACK,
  S_NEW_ACK_FRAME,
  S_NEXT,
  S_WINDOW,
  SIDE_BASE_SET,
  SIDE_FIRST_ACK,
  SIDE_HOLE,
  SIDE_LAST_KEEP_ALIVE,
  SIDE_LAST_PROBE,
  SIDE_WINDOW_SET,
} from "../layout/flow-record";
import { ACK, FIN, RST, SYN, TCP_HEADER_MIN } from "../layout/wire";
import { gt, le } from "../seq";
import { fillsWindow, moveOn, told } from "./analysis";
import { sideOf } from "./conversation";
import { foundAt, foundRecord, isSame, keyAt, turnedAt } from "./keys";
import { complete, learnRoundTrip } from "./leave";
import { describe, tellNumbers } from "./segment";
import { BOTH_ESTABLISHED } from "./states";
import { countRow } from "./statistics";

const SIDE_NUMBERS: u32 = SIDE_BASE_SET | SIDE_WINDOW_SET;
// After a probe, whatever it was judged to be, the peer's next segment may be an answer.
const SIDE_NEWS: u32 = SIDE_HOLE | SIDE_FIRST_ACK | SIDE_LAST_KEEP_ALIVE | SIDE_LAST_PROBE;

/** Follows row `i`, its group's `k`-th, if it can go the short way. Returns false, and has done nothing, if not. */
export function followStraight(i: u32, k: u32): bool {
  const record = foundRecord(k);
  if (!isSame(foundAt(k), keyAt(k)) || !isSettled(record) || !isPlain(i)) return false;
  const direction = turnedAt(k) ^ (load<u8>(record, R_FLAGS) & RECORD_TURNED);
  const sender = sideOf(record, direction);
  const peer = sideOf(record, direction ^ 1);
  if (!isExpected(i, sender, peer)) return false;

  const statistics = load<u32>(record, R_STATISTICS);
  const time = load<i64>(i << 3, IN_TIME);
  describe(i, record, direction, sender, time);
  if (load<u32>(i << 2, IN_ACK) != load<u32>(sender, S_LAST_ACK)) {
    store<u32>(sender, load<u32>(i << 2, IN_FRAME), S_NEW_ACK_FRAME);
    store<u32>(sender, 0, S_DUPLICATES);
  }
  moveOn(i, sender, peer, load<u16>(sender, S_FLAGS), 0, 0, false);
  tellNumbers(i, sender, peer, ACK);
  complete(i, record, ACK, false);
  learnRoundTrip(record, time);
  countRow(i, statistics, direction, sender, ACK, 0, 0);
  const flags = <u32>load<u8>(record, R_FLAGS);
  if (flags & RECORD_TOLD) store<u8>(record, <u8>(flags & ~RECORD_TOLD), R_FLAGS);
  const roundTrip = told && flags & RECORD_ROUND_TRIP_KNOWN;
  store<i64>(i << 3, roundTrip ? load<i64>(record, R_ROUND_TRIP) : 0, OUT_INITIAL_RTT);
  store<u32>(i << 2, 0, OUT_DUPLICATE_ACK_NUM);
  store<u32>(i << 2, 0, OUT_DUPLICATE_ACK_FRAME);
  store<i64>(i << 3, 0, OUT_RTO);
  store<u32>(i << 2, 0, OUT_RTO_FRAME);
  store<u32>(i << 2, 0, OUT_FINDINGS);
  store<u32>(i << 2, 0, OUT_JUDGEMENTS);
  store<u8>(i, STATE_ESTABLISHED, OUT_STATE);
  store<u8>(i, STATE_ESTABLISHED, OUT_PEER_STATE);
  return true;
}

/** Whether a conversation is in the table, has statistics, and both its ends are established. */
// @ts-ignore: decorator
@inline
function isSettled(record: u32): bool {
  const flags = <u32>load<u8>(record, R_FLAGS) & (RECORD_COUNTED | RECORD_DETACHED | RECORD_MPTCP);
  return flags == RECORD_COUNTED && <u32>load<u8>(record, R_STATES) == BOTH_ESTABLISHED;
}

/** Whether a row is whole and has no flags or options that make a difference. */
// @ts-ignore: decorator
@inline
function isPlain(i: u32): bool {
  return (
    (<u32>load<u16>(i << 1, IN_FLAGS) & (SYN | FIN | RST | ACK)) == ACK &&
    !(<u32>load<u8>(i, IN_STATUS) | (<u32>load<u8>(i, IN_OPTIONS_SEEN) & (SEEN_SACK | SEEN_WINDOW_SCALE))) &&
    load<u32>(i << 2, IN_FACTS) == 0 &&
    <u32>load<u8>(i, IN_HEADER_LENGTH) >= <u32>TCP_HEADER_MIN
  );
}

/** Whether a row continues what its sender sent and acknowledges what its peer did: no rule finds anything then. */
// @ts-ignore: decorator
@inline
function isExpected(i: u32, sender: u32, peer: u32): bool {
  const theirs = <u32>load<u16>(peer, S_FLAGS);
  const ours = <u32>load<u16>(sender, S_FLAGS);
  const set = ours & theirs & SIDE_NUMBERS;
  if (set != SIDE_NUMBERS || (ours | theirs) & SIDE_NEWS) return false;
  if (load<u16>(i << 1, IN_WINDOW) == 0 || load<u16>(peer, S_WINDOW) == 0) return false;
  const seq = load<u32>(i << 2, IN_SEQ);
  const ack = load<u32>(i << 2, IN_ACK);
  const next = load<u32>(sender, S_NEXT);
  const ackable = load<u32>(peer, S_ACKABLE);
  if (seq != next || next == 0 || (ackable != 0 && gt(ack, ackable))) return false;
  const length = load<u32>(i << 2, IN_PAYLOAD);
  if (length == 0) return ack != load<u32>(sender, S_LAST_ACK);
  const edge = load<u32>(peer, S_LAST_ACK);
  return !(edge != 0 && le(seq + length, edge)) && !fillsWindow(peer, theirs, seq + length);
}
