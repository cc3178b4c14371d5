// One segment: the conversation it belongs to, what is said of it, and what it leaves behind.
import {
  FACT_FAST_OPEN_COOKIE,
  FACT_MPTCP,
  FLOW_BLANK_SIDE,
  FLOW_NONE,
  IN_ACK,
  IN_FACTS,
  IN_FLAGS,
  IN_HEADER_LENGTH,
  IN_OPTIONS_SEEN,
  IN_PAYLOAD,
  IN_SACK_COUNT,
  IN_SACK_EDGES,
  IN_SACK_START,
  IN_SEQ,
  IN_STATUS,
  IN_TIME,
  IN_WINDOW,
  IN_WINDOW_SCALE,
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
  OUT_NEXT_SEQ,
  OUT_PUSH_BYTES,
  OUT_RTO,
  OUT_RTO_FRAME,
  OUT_SEQ,
  OUT_SINCE_PREVIOUS,
  OUT_SINCE_START,
  OUT_STREAM,
  OUT_WINDOW,
  OUT_WINDOW_SCALE,
} from "../layout/flow-columns";
import { SEEN_SACK, SEEN_WINDOW_SCALE } from "../layout/columns";
import {
  COMPLETE_ACK,
  COMPLETE_DATA,
  COMPLETE_FIN,
  COMPLETE_RST,
  COMPLETE_SYN,
  COMPLETE_SYN_ACK,
  FINDING_REUSED_PORTS,
  FINDING_TFO_ACK,
  FINDING_TFO_SYN,
  SCALE_NONE,
  SCALE_UNKNOWN,
} from "../layout/flow-findings";
import {
  R_COMPLETENESS,
  R_FIRST,
  R_FLAGS,
  R_LAST,
  R_MPTCP,
  R_ROUND_TRIP,
  R_SIDES,
  R_STREAM,
  RECORD_MPTCP,
  RECORD_NO_SCALING,
  RECORD_ROUND_TRIP_KNOWN,
  RECORD_TURNED,
  S_ACKABLE,
  S_BASE,
  S_FLAGS,
  S_NEXT,
  S_SACKED,
  S_SCALE,
  SIDE_BASE_SET,
  SIDE_FIRST_ACK,
  SIDE_HOLE,
} from "../layout/flow-record";
import {
  SEGMENT_FIRST_FRAGMENT,
  SEGMENT_HEADER_TRUNCATED,
  SEGMENT_OFFSET_PAST_END,
} from "../layout/status";
import { ACK, FIN, RST, SYN, TCP_HEADER_MIN, WINDOW_SCALE_MAX } from "../layout/wire";
import { analyse, told } from "./analysis";
import { lookUp, open, sideOf, sideSeen, takeKey, turned } from "./conversation";
import { rebase } from "./unacknowledged";

// Blocks of a SACK option that count against the bytes in flight.
const SACK_BLOCKS: u32 = 3;

/** Follows row `i`, whose key has this hash. False when there is no memory for its conversation. */
export function follow(i: u32, hash: u32): bool {
  takeKey(i);
  const flags = <u32>load<u16>(i << 1, IN_FLAGS);
  const time = load<i64>(i << 3, IN_TIME);
  const seq = load<u32>(i << 2, IN_SEQ);
  let record = lookUp(hash);
  const fresh = record == 0;
  if (fresh) {
    record = open(i, hash, 0);
    if (record == 0) return false;
  }
  let direction = directionIn(record);
  let sender = sideOf(record, direction);
  if (sender == 0) return false;

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
      store<u32>(sender, load<u32>(sender, S_ACKABLE), S_NEXT);
      known = true;
    } else {
      record = open(i, hash, record);
      if (record == 0) return false;
      direction = directionIn(record);
      sender = sideOf(record, direction);
      if (sender == 0) return false;
      store<u8>(record, COMPLETE_SYN, R_COMPLETENESS);
      findings = FINDING_REUSED_PORTS;
    }
  }
  store<u32>(sender, 0, S_SACKED);
  store<u32>(i << 2, load<u32>(record, R_STREAM), OUT_STREAM);
  store<u8>(i, <u8>direction, OUT_DIRECTION);
  store<u8>(i, load<u8>(record, R_COMPLETENESS), OUT_COMPLETENESS);
  store<i64>(i << 3, time - load<i64>(record, R_FIRST), OUT_SINCE_START);
  store<i64>(i << 3, time - load<i64>(record, R_LAST), OUT_SINCE_PREVIOUS);
  store<i64>(record, time, R_LAST);

  const status = <u32>load<u8>(i, IN_STATUS);
  const judged = status == 0 || isJudged(status);
  if (judged) {
    findings |= judge(i, record, direction, sender, seq, flags);
    known = known || told || findings != 0;
  } else unjudged(i, seq);
  if (<u32>load<u8>(i, IN_HEADER_LENGTH) >= <u32>TCP_HEADER_MIN) {
    const first = fresh && !(findings & FINDING_REUSED_PORTS);
    findings |= leave(i, record, direction, sender, flags, time, first, judged);
  }
  store<u32>(i << 2, findings, OUT_FINDINGS);
  const roundTrip = known && load<u8>(record, R_FLAGS) & RECORD_ROUND_TRIP_KNOWN;
  store<i64>(i << 3, roundTrip ? load<i64>(record, R_ROUND_TRIP) : 0, OUT_INITIAL_RTT);
  return true;
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
  unjudged(i, load<u32>(i << 2, IN_SEQ));
}

// @ts-ignore: decorator
@inline
function directionIn(record: u32): u32 {
  return <u32>turned ^ (load<u8>(record, R_FLAGS) & RECORD_TURNED);
}

/** A segment whose length is not known is not judged. */
function isJudged(status: u32): bool {
  return (
    status != SEGMENT_OFFSET_PAST_END &&
    status != SEGMENT_FIRST_FRAGMENT &&
    status != SEGMENT_HEADER_TRUNCATED
  );
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
  let peer = sideSeen(record, direction ^ 1);
  if (flags & ACK) {
    if (peer == FLOW_BLANK_SIDE) {
      const made = sideOf(record, direction ^ 1);
      if (made) peer = made;
    }
    if (peer != FLOW_BLANK_SIDE) {
      const theirs = load<u16>(peer, S_FLAGS);
      if (!(theirs & SIDE_BASE_SET)) store<u32>(peer, ack - 1, S_BASE);
      store<u16>(peer, (theirs & ~SIDE_HOLE) | SIDE_BASE_SET, S_FLAGS);
    }
  }
  const findings = analyse(i, record, sender, peer);
  const relative = seq - load<u32>(sender, S_BASE);
  store<u32>(i << 2, relative, OUT_SEQ);
  store<u32>(
    i << 2,
    relative + load<u32>(i << 2, IN_PAYLOAD) + <u32>((flags & (SYN | FIN)) != 0),
    OUT_NEXT_SEQ,
  );
  store<u32>(i << 2, flags & ACK ? ack - load<u32>(peer, S_BASE) : ack, OUT_ACK);
  const window = <u32>load<u16>(i << 1, IN_WINDOW);
  const scale = <i32>load<i8>(sender, S_SCALE);
  // The window of a SYN is never scaled (RFC 7323 2.2).
  store<u32>(i << 2, flags & SYN || scale < 0 ? window : window << scale, OUT_WINDOW);
  store<i8>(i, <i8>scale, OUT_WINDOW_SCALE);
  return findings;
}

function unjudged(i: u32, seq: u32): void {
  store<u32>(i << 2, seq, OUT_SEQ);
  store<u32>(i << 2, load<u32>(i << 2, IN_ACK), OUT_ACK);
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

/** What a segment leaves behind once it is judged; returns the findings that its options make. */
// @ts-ignore: decorator
@inline
function leave(
  i: u32,
  record: u32,
  direction: u32,
  sender: u32,
  flags: u32,
  time: i64,
  first: bool,
  judged: bool,
): u32 {
  complete(i, record, flags, first);
  if (flags & ACK && !(flags & SYN)) {
    store<u16>(sender, load<u16>(sender, S_FLAGS) & ~SIDE_FIRST_ACK, S_FLAGS);
    if (!(load<u8>(record, R_FLAGS) & RECORD_ROUND_TRIP_KNOWN)) learnRoundTrip(record, time);
  }
  const seen = <u32>load<u8>(i, IN_OPTIONS_SEEN);
  if (seen & SEEN_SACK) store<u32>(sender, sacked(i), S_SACKED);
  const facts = load<u32>(i << 2, IN_FACTS);
  if (!(flags & SYN) && !facts && !(seen & SEEN_WINDOW_SCALE)) return 0;
  return leaveRare(i, record, direction, sender, flags, time, seen, facts, judged);
}

function leaveRare(
  i: u32,
  record: u32,
  direction: u32,
  sender: u32,
  flags: u32,
  time: i64,
  seen: u32,
  facts: u32,
  judged: bool,
): u32 {
  let findings: u32 = 0;
  if (seen & SEEN_WINDOW_SCALE) {
    store<i8>(sender, <i8>min(<u32>load<u8>(i, IN_WINDOW_SCALE), WINDOW_SCALE_MAX), S_SCALE);
  }
  if (flags & SYN) {
    store<u16>(sender, load<u16>(sender, S_FLAGS) | SIDE_FIRST_ACK, S_FLAGS);
    settleScaling(record, direction, sender, flags);
    if (!(flags & ACK)) {
      if (!(load<u8>(record, R_FLAGS) & RECORD_ROUND_TRIP_KNOWN)) store<i64>(record, time, R_ROUND_TRIP);
      if (facts & FACT_FAST_OPEN_COOKIE) findings = FINDING_TFO_SYN;
    } else if (judged && load<u32>(i << 2, OUT_ACK) > 1) findings = FINDING_TFO_ACK;
  }
  if (facts & FACT_MPTCP) {
    store<u8>(record, load<u8>(record, R_FLAGS) | RECORD_MPTCP, R_FLAGS);
  }
  if (load<u8>(record, R_FLAGS) & RECORD_MPTCP) {
    store<u8>(record, load<u8>(record, R_MPTCP) | <u8>facts, R_MPTCP);
  }
  return findings;
}

// @ts-ignore: decorator
@inline
function complete(i: u32, record: u32, flags: u32, first: bool): void {
  const data = load<u32>(i << 2, IN_PAYLOAD) > 0;
  let seen = <u32>load<u8>(record, R_COMPLETENESS);
  if (first) {
    if ((flags & (SYN | ACK)) == SYN) seen |= data ? COMPLETE_SYN | COMPLETE_DATA : COMPLETE_SYN;
  } else {
    if (flags & ACK) {
      if (flags & SYN) seen |= COMPLETE_SYN_ACK;
      else seen |= data ? COMPLETE_DATA : COMPLETE_ACK;
      if (flags & FIN) seen |= COMPLETE_FIN;
    }
    if (flags & RST) seen |= COMPLETE_RST;
  }
  store<u8>(record, <u8>seen, R_COMPLETENESS);
}

/** From the last SYN to the first ACK. A difference of nothing is none. */
function learnRoundTrip(record: u32, time: i64): void {
  const syn = load<i64>(record, R_ROUND_TRIP);
  if (syn == 0 || syn == time) return;
  store<i64>(record, time - syn, R_ROUND_TRIP);
  store<u8>(record, load<u8>(record, R_FLAGS) | RECORD_ROUND_TRIP_KNOWN, R_FLAGS);
}

/** Scaling is used when both SYNs offer it (RFC 7323 2.2); a SYN without the option settles it. */
function settleScaling(record: u32, direction: u32, sender: u32, flags: u32): void {
  const peer = load<u32>(record + ((direction ^ 1) << 2), R_SIDES);
  if (load<i8>(sender, S_SCALE) == SCALE_UNKNOWN) {
    store<i8>(sender, SCALE_NONE, S_SCALE);
    if (peer) store<i8>(peer, SCALE_NONE, S_SCALE);
    else store<u8>(record, load<u8>(record, R_FLAGS) | RECORD_NO_SCALING, R_FLAGS);
  } else if (flags & ACK) {
    const none = peer ? load<i8>(peer, S_SCALE) == SCALE_NONE : false;
    if (none) store<i8>(sender, SCALE_NONE, S_SCALE);
  }
}

function sacked(i: u32): u32 {
  const blocks = min(<u32>load<u8>(i, IN_SACK_COUNT), SACK_BLOCKS);
  let at: u32 = IN_SACK_EDGES + (load<u32>(i << 2, IN_SACK_START) << 3);
  let sum: u32 = 0;
  for (const end = at + (blocks << 3); at < end; at += 8) sum += load<u32>(at, 4) - load<u32>(at);
  return sum;
}
