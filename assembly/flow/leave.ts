// What a segment leaves behind once it is judged: completeness, round trip, and what its options settle.
import { SEEN_SACK, SEEN_SACK_PERMITTED, SEEN_TIMESTAMPS, SEEN_WINDOW_SCALE } from "../layout/columns";
import {
  FACT_FAST_OPEN_COOKIE,
  FACT_MPTCP,
  IN_FACTS,
  IN_MSS,
  IN_OPTIONS_SEEN,
  IN_PAYLOAD,
  IN_SACK_COUNT,
  IN_SACK_EDGES,
  IN_SACK_START,
  IN_STATUS,
  IN_WINDOW_SCALE,
  OUT_ACK,
} from "../layout/flow-columns";
import {
  COMPLETE_ACK,
  COMPLETE_DATA,
  COMPLETE_FIN,
  COMPLETE_RST,
  COMPLETE_SYN,
  COMPLETE_SYN_ACK,
  FINDING_TFO_ACK,
  FINDING_TFO_SYN,
  SCALE_NONE,
  SCALE_UNKNOWN,
} from "../layout/flow-findings";
import {
  R_COMPLETENESS,
  R_FLAGS,
  R_MPTCP,
  R_ROUND_TRIP,
  RECORD_MPTCP,
  RECORD_ROUND_TRIP_KNOWN,
  S_FLAGS,
  S_MSS,
  S_SACKED,
  S_SCALE,
  S_SLIM,
  SIDE_FIRST_ACK,
  OFFERED_SACK,
  OFFERED_SCALE,
  OFFERED_TIMESTAMPS,
} from "../layout/flow-record";
import { SEGMENT_HEADER_TRUNCATED } from "../layout/status";
import { ACK, FIN, RST, SYN, WINDOW_SCALE_MAX } from "../layout/wire";
import { sideOf } from "./conversation";

// Blocks of a SACK option that count against the bytes in flight.
const SACK_BLOCKS: u32 = 3;

/** Leaves it behind; returns the findings that the options make. */
// @ts-ignore: decorator
@inline
export function leave(
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
    learnRoundTrip(record, time);
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
    store<u8>(sender, load<u8>(sender, S_SLIM) | <u8>offers(seen), S_SLIM);
    store<u16>(sender, load<u16>(i << 1, IN_MSS), S_MSS);
    if (load<u8>(i, IN_STATUS) != SEGMENT_HEADER_TRUNCATED) settleScaling(record, direction, sender, flags);
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

/** What a SYN's options offer, as OFFERED_ bits. */
function offers(seen: u32): u32 {
  return (
    (seen & SEEN_WINDOW_SCALE ? OFFERED_SCALE : 0) |
    (seen & SEEN_SACK_PERMITTED ? OFFERED_SACK : 0) |
    (seen & SEEN_TIMESTAMPS ? OFFERED_TIMESTAMPS : 0)
  );
}

// @ts-ignore: decorator
@inline
export function complete(i: u32, record: u32, flags: u32, first: bool): void {
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

/** From the last SYN to the first ACK, unless that is known. A difference of nothing is none. */
// @ts-ignore: decorator
@inline
export function learnRoundTrip(record: u32, time: i64): void {
  if (load<u8>(record, R_FLAGS) & RECORD_ROUND_TRIP_KNOWN) return;
  const syn = load<i64>(record, R_ROUND_TRIP);
  if (syn == 0 || syn == time) return;
  store<i64>(record, time - syn, R_ROUND_TRIP);
  store<u8>(record, load<u8>(record, R_FLAGS) | RECORD_ROUND_TRIP_KNOWN, R_FLAGS);
}

/** Scaling is used when both SYNs offer it (RFC 7323 2.2); a SYN without the option settles it. */
function settleScaling(record: u32, direction: u32, sender: u32, flags: u32): void {
  const peer = sideOf(record, direction ^ 1);
  if (load<i8>(sender, S_SCALE) == SCALE_UNKNOWN) {
    store<i8>(sender, SCALE_NONE, S_SCALE);
    store<i8>(peer, SCALE_NONE, S_SCALE);
  } else if (flags & ACK && load<i8>(peer, S_SCALE) == SCALE_NONE) store<i8>(sender, SCALE_NONE, S_SCALE);
}

function sacked(i: u32): u32 {
  const blocks = min(<u32>load<u8>(i, IN_SACK_COUNT), SACK_BLOCKS);
  let at: u32 = IN_SACK_EDGES + (load<u32>(i << 2, IN_SACK_START) << 3);
  let sum: u32 = 0;
  for (const end = at + (blocks << 3); at < end; at += 8) sum += load<u32>(at, 4) - load<u32>(at);
  return sum;
}
