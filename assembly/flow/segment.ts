// One segment: the conversation it belongs to, what is said of it, and what it leaves behind.
import {
  FLOW_NONE,
  IN_ACK,
  IN_FLAGS,
  IN_HEADER_LENGTH,
  IN_PAYLOAD,
  IN_SEQ,
  IN_STATUS,
  IN_TIME,
  IN_TTL,
  IN_WINDOW,
  OUT_ACK,
  OUT_ACK_RTT,
  OUT_ACKED_FRAME,
  OUT_BYTES_IN_FLIGHT,
  OUT_COMPLETENESS,
  OUT_DIRECTION,
  OUT_DUPLICATE_ACK_FRAME,
  OUT_DUPLICATE_ACK_NUM,
  OUT_FINDINGS,
  OUT_INITIAL_RTT,
  OUT_JUDGEMENTS,
  OUT_NEXT_SEQ,
  OUT_PEER_STATE,
  OUT_PUSH_BYTES,
  OUT_RTO,
  OUT_RTO_FRAME,
  OUT_SEQ,
  OUT_SINCE_PREVIOUS,
  OUT_SINCE_START,
  OUT_STATE,
  OUT_STREAM,
  OUT_WINDOW,
  OUT_WINDOW_SCALE,
} from "../layout/flow-columns";
import {
  COMPLETE_SYN,
  FINDING_REUSED_PORTS,
  FINDING_TFO_SYN,
  SCALE_UNKNOWN,
  STATE_UNSEEN,
} from "../layout/flow-findings";
import {
  LIKENESS_STRIDE,
  R_COMPLETENESS,
  R_FIRST,
  R_FLAGS,
  R_LAST,
  R_LIKENESS,
  R_ROUND_TRIP,
  R_STATISTICS,
  R_STREAM,
  RECORD_COUNTED,
  RECORD_DETACHED,
  RECORD_ROUND_TRIP_KNOWN,
  RECORD_TOLD,
  RECORD_TURNED,
  S_ACKABLE,
  S_BASE,
  S_FLAGS,
  S_LAST_ACK,
  S_LAST_TIME,
  S_NEXT,
  S_SACKED,
  S_SCALE,
  S_TTL,
  SIDE_BASE_SET,
  SIDE_HOLE,
  SLIM_SEGMENTS,
} from "../layout/flow-record";
import {
  COUNTED_FIN,
  COUNTED_PROBE_LAST,
  COUNTED_WINDOW_PROBE_LAST,
  N_FLAGS,
} from "../layout/flow-statistics";
import {
  SEGMENT_FIRST_FRAGMENT,
  SEGMENT_HEADER_TRUNCATED,
  SEGMENT_OFFSET_PAST_END,
} from "../layout/status";
import { ACK, FIN, RST, SYN, TCP_HEADER_MIN } from "../layout/wire";
import { ge } from "../seq";
import { nothingAcknowledged } from "./acked";
import { analyse, told } from "./analysis";
import { lookUp, open, sideOf } from "./conversation";
import { isDeparted, makePlace } from "./eviction";
import { numbersOf } from "./history";
import { judgeRow, keepBefore } from "./judgement";
import { foundAt, foundRecord, hashAt, isSame, keyAt, turnedAt } from "./keys";
import { leave } from "./leave";
import { likeness } from "./likeness";
import { advance } from "./states";
import { countRow, countSlim, isSample, promote, slimData, slimSegments } from "./statistics";
import { keepOne, rebase } from "./unacknowledged";

/** Follows row `i`, its group's `k`-th. False when there is no memory for its conversation. */
export function follow(i: u32, k: u32): bool {
  const status = <u32>load<u8>(i, IN_STATUS);
  if (status == SEGMENT_HEADER_TRUNCATED && load<u8>(i, IN_HEADER_LENGTH) == 0) {
    pass(i);
    return true;
  }
  const flags = <u32>load<u16>(i << 1, IN_FLAGS);
  const time = load<i64>(i << 3, IN_TIME);
  const seq = load<u32>(i << 2, IN_SEQ);
  let record = conversationOf(k);
  const fresh = record == 0;
  if (fresh) {
    makePlace();
    record = open(i, k, 0);
    if (record == 0) return false;
  }
  let direction = directionIn(record, k);
  let sender = sideOf(record, direction);

  let findings: u32 = 0;
  let known = false;
  if (flags & SYN && load<u16>(sender, S_FLAGS) & SIDE_BASE_SET) {
    const same = seq == load<u32>(sender, S_BASE);
    if (flags & ACK) {
      // Taken for the answer to a SYN that was not captured, but not for a new conversation.
      if (!same) {
        findings = FINDING_REUSED_PORTS;
        store<u32>(sender, seq, S_BASE);
        rebase(sender);
      }
    } else if (same) {
      // A RST may have had any sequence number (RFC 9293 3.5.2): what it moved is put back.
      keepOne(sender);
      store<u32>(sender, load<u32>(sender, S_ACKABLE), S_NEXT);
      known = true;
    } else {
      makePlace();
      record = open(i, k, isDeparted(record) ? 0 : record);
      if (record == 0) return false;
      direction = directionIn(record, k);
      sender = sideOf(record, direction);
      store<u8>(record, COMPLETE_SYN, R_COMPLETENESS);
      findings = FINDING_REUSED_PORTS;
    }
  }
  let statistics = load<u8>(record, R_FLAGS) & RECORD_COUNTED ? load<u32>(record, R_STATISTICS) : 0;
  if (statistics == 0 && slimSegments(record) >= <u32>SLIM_SEGMENTS) statistics = promote(record);
  keepBefore(
    load<u32>(sender, S_NEXT),
    load<u32>(sender, S_LAST_ACK),
    load<i64>(sender, S_LAST_TIME),
    load<u32>(record + direction * LIKENESS_STRIDE, R_LIKENESS),
  );
  describe(i, record, direction, sender, time);

  const judged = status == 0 || isJudged(status);
  if (judged) {
    findings |= judge(i, record, direction, sender, seq, flags);
    known = known || told || findings != 0;
  } else {
    store<u32>(i << 2, seq, OUT_SEQ);
    store<u32>(i << 2, load<u32>(i << 2, IN_ACK), OUT_ACK);
    unjudged(i);
  }
  if (<u32>load<u8>(i, IN_HEADER_LENGTH) >= <u32>TCP_HEADER_MIN) {
    const first = fresh && !(findings & FINDING_REUSED_PORTS);
    findings |= leave(i, record, direction, sender, flags, time, first, judged);
  }
  // Wireshark stops at the options that are missing, before it says what it thinks.
  if (status == SEGMENT_HEADER_TRUNCATED) {
    unjudged(i);
    findings = 0;
    known = false;
  }
  store<u32>(i << 2, findings, OUT_FINDINGS);
  const others = <u32>load<u8>(record, R_FLAGS) & ~RECORD_TOLD;
  store<u8>(record, <u8>(findings ? others | RECORD_TOLD : others), R_FLAGS);
  tally(i, record, direction, sender, statistics, flags, findings);
  const roundTrip = known && load<u8>(record, R_FLAGS) & RECORD_ROUND_TRIP_KNOWN;
  store<i64>(i << 3, roundTrip ? load<i64>(record, R_ROUND_TRIP) : 0, OUT_INITIAL_RTT);
  return true;
}

/** What is told of any segment, and kept of it. */
// @ts-ignore: decorator
@inline
export function describe(i: u32, record: u32, direction: u32, sender: u32, time: i64): void {
  if (load<u8>(sender, S_TTL) == 0) store<u8>(sender, load<u8>(i, IN_TTL), S_TTL);
  store<u32>(record + direction * LIKENESS_STRIDE, likeness(i), R_LIKENESS);
  store<u32>(sender, 0, S_SACKED);
  store<u32>(i << 2, load<u32>(record, R_STREAM), OUT_STREAM);
  store<u8>(i, <u8>direction, OUT_DIRECTION);
  store<u8>(i, load<u8>(record, R_COMPLETENESS), OUT_COMPLETENESS);
  store<i64>(i << 3, time - load<i64>(record, R_FIRST), OUT_SINCE_START);
  store<i64>(i << 3, time - load<i64>(record, R_LAST), OUT_SINCE_PREVIOUS);
  store<i64>(record, time, R_LAST);
}

/** Judgements, states and counts. */
// @ts-ignore: decorator
@inline
function tally(
  i: u32,
  record: u32,
  direction: u32,
  sender: u32,
  statistics: u32,
  flags: u32,
  findings: u32,
): void {
  const peer = sideOf(record, direction ^ 1);
  if (statistics == 0 && isWorthCounting(i, record, direction, flags, findings)) statistics = promote(record);
  let judgements: u32 = 0;
  let closes = false;
  if (statistics) {
    const last = <u32>load<u16>(numbersOf(statistics, direction ^ 1), N_FLAGS);
    if (findings || flags & (SYN | RST) || last & (COUNTED_PROBE_LAST | COUNTED_WINDOW_PROBE_LAST)) {
      judgements = judgeRow(i, record, direction, statistics, findings);
    }
    closes = last & COUNTED_FIN && flags & ACK && ge(load<u32>(i << 2, IN_ACK), load<u32>(peer, S_NEXT));
    countRow(i, statistics, direction, sender, flags, findings, judgements);
  } else if (!countSlim(i, record, direction, sender, flags)) {
    statistics = promote(record);
    if (statistics) countRow(i, statistics, direction, sender, flags, findings, 0);
  }
  const states = advance(record, direction, flags, closes);
  store<u8>(i, <u8>(states & 15), OUT_STATE);
  store<u8>(i, <u8>(states >> 4), OUT_PEER_STATE);
  store<u32>(i << 2, judgements, OUT_JUDGEMENTS);
}

/** Whether a slim conversation gets statistics for row `i`. */
function isWorthCounting(i: u32, record: u32, direction: u32, flags: u32, findings: u32): bool {
  if (findings & ~(FINDING_REUSED_PORTS | FINDING_TFO_SYN) || flags & FIN || isSample()) return true;
  if (load<u32>(i << 2, IN_PAYLOAD) > 0 && slimData(record)) return true;
  // A SYN from the server, a SYN-ACK from the client: a simultaneous open, perhaps.
  return (flags & SYN) != 0 && (flags & ACK ? direction == 0 : direction == 1);
}

/** A row that belongs to no conversation that there is room for. */
export function pass(i: u32): void {
  store<u32>(i << 2, FLOW_NONE, OUT_STREAM);
  store<u8>(i, 0, OUT_DIRECTION);
  store<u8>(i, 0, OUT_COMPLETENESS);
  store<i64>(i << 3, 0, OUT_SINCE_START);
  store<i64>(i << 3, 0, OUT_SINCE_PREVIOUS);
  store<i64>(i << 3, 0, OUT_INITIAL_RTT);
  store<u32>(i << 2, 0, OUT_FINDINGS);
  store<u32>(i << 2, 0, OUT_JUDGEMENTS);
  store<u8>(i, STATE_UNSEEN, OUT_STATE);
  store<u8>(i, STATE_UNSEEN, OUT_PEER_STATE);
  store<u32>(i << 2, load<u32>(i << 2, IN_SEQ), OUT_SEQ);
  store<u32>(i << 2, load<u32>(i << 2, IN_ACK), OUT_ACK);
  unjudged(i);
}

/** What was found for the key before, unless it is another's, or has left the table since. */
// @ts-ignore: decorator
@inline
function conversationOf(k: u32): u32 {
  const record = foundRecord(k);
  const stands = isSame(foundAt(k), keyAt(k)) && !(load<u8>(record, R_FLAGS) & RECORD_DETACHED);
  return stands ? record : lookUp(keyAt(k), hashAt(k));
}

// @ts-ignore: decorator
@inline
function directionIn(record: u32, k: u32): u32 {
  return turnedAt(k) ^ (load<u8>(record, R_FLAGS) & RECORD_TURNED);
}

/** A segment whose length is not known is not judged. */
function isJudged(status: u32): bool {
  return status != SEGMENT_OFFSET_PAST_END && status != SEGMENT_FIRST_FRAGMENT;
}

// @ts-ignore: decorator
@inline
function judge(i: u32, record: u32, direction: u32, sender: u32, seq: u32, flags: u32): u32 {
  const ack = load<u32>(i << 2, IN_ACK);
  const mine = load<u16>(sender, S_FLAGS);
  if (!(mine & SIDE_BASE_SET)) {
    // Where the SYN was not seen, relative numbers begin at 1.
    store<u32>(sender, flags & SYN ? seq : seq - 1, S_BASE);
    store<u16>(sender, mine | SIDE_BASE_SET, S_FLAGS);
  }
  const peer = sideOf(record, direction ^ 1);
  if (flags & ACK) {
    const theirs = load<u16>(peer, S_FLAGS);
    if (!(theirs & SIDE_BASE_SET)) store<u32>(peer, ack - 1, S_BASE);
    store<u16>(peer, (theirs & ~SIDE_HOLE) | SIDE_BASE_SET, S_FLAGS);
  }
  const findings = analyse(i, record, sender, peer);
  tellNumbers(i, sender, peer, flags);
  return findings;
}

/** Relative numbers and the scaled window. */
// @ts-ignore: decorator
@inline
export function tellNumbers(i: u32, sender: u32, peer: u32, flags: u32): void {
  const ack = load<u32>(i << 2, IN_ACK);
  const relative = load<u32>(i << 2, IN_SEQ) - load<u32>(sender, S_BASE);
  const end = relative + load<u32>(i << 2, IN_PAYLOAD) + <u32>((flags & (SYN | FIN)) != 0);
  store<u32>(i << 2, relative, OUT_SEQ);
  store<u32>(i << 2, end, OUT_NEXT_SEQ);
  store<u32>(i << 2, flags & ACK ? ack - load<u32>(peer, S_BASE) : ack, OUT_ACK);
  const window = <u32>load<u16>(i << 1, IN_WINDOW);
  const scale = <i32>load<i8>(sender, S_SCALE);
  // The window of a SYN is never scaled (RFC 7323 2.2).
  store<u32>(i << 2, flags & SYN || scale < 0 ? window : window << scale, OUT_WINDOW);
  store<i8>(i, <i8>scale, OUT_WINDOW_SCALE);
}

function unjudged(i: u32): void {
  nothingAcknowledged();
  store<u32>(i << 2, 0, OUT_NEXT_SEQ);
  store<u32>(i << 2, load<u16>(i << 1, IN_WINDOW), OUT_WINDOW);
  store<i8>(i, SCALE_UNKNOWN, OUT_WINDOW_SCALE);
  store<u32>(i << 2, 0, OUT_DUPLICATE_ACK_NUM);
  store<u32>(i << 2, 0, OUT_DUPLICATE_ACK_FRAME);
  store<u32>(i << 2, 0, OUT_ACKED_FRAME);
  store<u32>(i << 2, 0, OUT_BYTES_IN_FLIGHT);
  store<u32>(i << 2, 0, OUT_PUSH_BYTES);
  store<u32>(i << 2, 0, OUT_RTO_FRAME);
  store<i64>(i << 3, 0, OUT_ACK_RTT);
  store<i64>(i << 3, 0, OUT_RTO);
}
