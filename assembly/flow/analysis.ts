// Wireshark's judgement of one segment: the rules of its 4.0 releases, in its order, because a later rule
// looks at what an earlier one found. Where it guesses, so does this (assembly/flow/judgement.ts does not).
//
// "Sender" is the direction of the segment, "peer" the other. Numbers of 0 mean "none seen yet", as there:
// a sequence number that happens to be 0 is taken for none.
import {
  IN_ACK,
  IN_FLAGS,
  IN_FRAME,
  IN_PAYLOAD,
  IN_SEQ,
  IN_TIME,
  IN_WINDOW,
  OUT_ACK_RTT,
  OUT_ACKED_FRAME,
  OUT_BYTES_IN_FLIGHT,
  OUT_DUPLICATE_ACK_FRAME,
  OUT_DUPLICATE_ACK_NUM,
  OUT_PUSH_BYTES,
  OUT_RTO,
  OUT_RTO_FRAME,
} from "../layout/flow-columns";
import {
  FAST_RETRANSMISSION_WITHIN,
  FINDING_ACK_LOST_SEGMENT,
  FINDING_DUPLICATE_ACK,
  FINDING_FAST_RETRANSMISSION,
  FINDING_KEEP_ALIVE,
  FINDING_KEEP_ALIVE_ACK,
  FINDING_LOST_SEGMENT,
  FINDING_OUT_OF_ORDER,
  FINDING_RETRANSMISSION,
  FINDING_SPURIOUS_RETRANSMISSION,
  FINDING_WINDOW_FULL,
  FINDING_WINDOW_UPDATE,
  FINDING_ZERO_WINDOW,
  FINDING_ZERO_WINDOW_PROBE,
  FINDING_ZERO_WINDOW_PROBE_ACK,
  MAX_UNACKNOWLEDGED,
  OUT_OF_ORDER_WITHIN,
  SCALE_NONE,
  SCALE_UNKNOWN,
} from "../layout/flow-findings";
import {
  ENTRY_AGAIN,
  R_FLAGS,
  R_MPTCP,
  R_ROUND_TRIP,
  RECORD_MPTCP,
  RECORD_ROUND_TRIP_KNOWN,
  S_ACKABLE,
  S_COUNT,
  S_DUPLICATES,
  S_FLAGS,
  S_LAST_ACK,
  S_LAST_TIME,
  S_MPTCP,
  S_NEW_ACK_FRAME,
  S_NEXT,
  S_NEXT_FRAME,
  S_NEXT_TIME,
  S_PUSH,
  S_SACKED,
  S_SCALE,
  S_WINDOW,
  SIDE_FIRST_ACK,
  SIDE_HOLE,
  SIDE_LAST_KEEP_ALIVE,
  SIDE_LAST_PROBE,
  SIDE_PUSH_LAST,
  SIDE_WINDOW_SET,
} from "../layout/flow-record";
import { ACK, FIN, PSH, RST, SYN } from "../layout/wire";
import { gt, le, lt } from "../seq";
import { ackedFrame, ackedTime } from "./acked";
import { printOf } from "./likeness";
import {
  acknowledge,
  keepOne,
  oldestFrame,
  oldestTime,
  remember,
  spanInFlight,
} from "./unacknowledged";

// Bytes in flight above this are a mistake, not a window.
const INCREDIBLE: u32 = 2000000000;
// What is found of a segment whose numbers went before, or that comes late. A keep-alive's byte had been acknowledged.
const SENT_AGAIN: u32 = FINDING_RETRANSMISSION | FINDING_OUT_OF_ORDER | FINDING_KEEP_ALIVE;

/** Whether the last `analyse` told anything: then the initial round-trip time is told as well. */
export let told: bool = false;

/**
 * Judges row `i`, a segment of `sender`, and moves both sides on. Returns findings; the values go to their columns.
 */
// @ts-ignore: decorator
@inline
export function analyse(i: u32, record: u32, sender: u32, peer: u32): u32 {
  const i4 = i << 2;
  const i8 = i << 3;
  const seq = load<u32>(i4, IN_SEQ);
  const ack = load<u32>(i4, IN_ACK);
  const length = load<u32>(i4, IN_PAYLOAD);
  const flags = <u32>load<u16>(i << 1, IN_FLAGS);
  const window = <u32>load<u16>(i << 1, IN_WINDOW);
  const time = load<i64>(i8, IN_TIME);

  const plain = (flags & (SYN | FIN | RST)) == 0;
  const phantom = <u32>((flags & (SYN | FIN)) != 0); // the sequence number of a SYN or FIN
  const next = load<u32>(sender, S_NEXT);
  const lastAck = load<u32>(sender, S_LAST_ACK);
  let mine = <u32>load<u16>(sender, S_FLAGS);
  const theirs = <u32>load<u16>(peer, S_FLAGS);
  const sameWindow = (mine & SIDE_WINDOW_SET) != 0 && window == <u32>load<u16>(sender, S_WINDOW);
  // Nothing new: no data, where it is expected, acknowledging what was acknowledged.
  const repeats = length == 0 && plain && seq == next && ack == lastAck;
  let findings: u32 = 0;
  let duplicates: u32 = 0;

  if (length == 1 && seq == next && (theirs & SIDE_WINDOW_SET) != 0 && load<u16>(peer, S_WINDOW) == 0) {
    findings = FINDING_ZERO_WINDOW_PROBE;
  } else {
    if (window == 0 && plain) findings = FINDING_ZERO_WINDOW;
    if (next != 0 && gt(seq, next) && !(flags & RST)) {
      findings |= FINDING_LOST_SEGMENT;
      mine |= SIDE_HOLE;
    }
    if (length <= 1 && plain && seq == next - 1) findings |= FINDING_KEEP_ALIVE;
    if (length > 0 && plain && fillsWindow(peer, theirs, seq + length)) findings |= FINDING_WINDOW_FULL;
    if (repeats) {
      if (window != 0 && !sameWindow) findings |= FINDING_WINDOW_UPDATE;
      else if (window != 0 && theirs & SIDE_LAST_KEEP_ALIVE) findings |= FINDING_KEEP_ALIVE_ACK;
      else if (window == 0 && sameWindow && theirs & SIDE_LAST_PROBE) findings |= FINDING_ZERO_WINDOW_PROBE_ACK;
      else if (window != 0 && !(toldByMptcp(record, sender))) {
        // From the mark of a told loss it counts on from 1.
        duplicates = load<u32>(sender, S_DUPLICATES) + 1;
        if (duplicates == 0) duplicates = 1;
        store<u32>(sender, duplicates, S_DUPLICATES);
        findings |= FINDING_DUPLICATE_ACK;
      }
    }
  }
  store<u32>(i4, duplicates, OUT_DUPLICATE_ACK_NUM);
  store<u32>(i4, duplicates ? load<u32>(sender, S_NEW_ACK_FRAME) : 0, OUT_DUPLICATE_ACK_FRAME);

  if (ack != lastAck) {
    store<u32>(sender, load<u32>(i4, IN_FRAME), S_NEW_ACK_FRAME);
    store<u32>(sender, 0, S_DUPLICATES);
  }

  let values = false;
  const ackable = load<u32>(peer, S_ACKABLE);
  if (ackable != 0 && flags & ACK && gt(ack, ackable)) {
    values = true;
    // What was skipped is told once: up to what was sent since, or until the peer acknowledges anew.
    if (lt(ackable, load<u32>(peer, S_NEXT))) {
      store<u32>(peer, load<u32>(peer, S_NEXT), S_ACKABLE);
      findings |= FINDING_ACK_LOST_SEGMENT;
    } else {
      if (load<u32>(peer, S_DUPLICATES) == 0) findings |= FINDING_ACK_LOST_SEGMENT;
      store<u32>(peer, -1, S_DUPLICATES);
    }
  }

  store<i64>(i8, 0, OUT_RTO);
  store<u32>(i4, 0, OUT_RTO_FRAME);
  if ((length > 0 || phantom) && !(findings & FINDING_KEEP_ALIVE)) {
    const again = resent(record, sender, peer, seq, length, phantom, time);
    findings |= again;
    if (again == FINDING_RETRANSMISSION) tellTimeout(i, sender, time);
  }

  moveOn(i, sender, peer, mine, phantom, findings, values);
  if (load<u8>(record, R_FLAGS) & RECORD_MPTCP) store<u8>(sender, load<u8>(record, R_MPTCP), S_MPTCP);
  return findings;
}

/**
 * From here on the segment counts as seen, with these findings and these flags of its side: moves both sides on. What
 * its acknowledgment and its data tell goes to its columns; `values` is whether there were any already.
 */
// @ts-ignore: decorator
@inline
export function moveOn(
  i: u32,
  sender: u32,
  peer: u32,
  mine: u32,
  phantom: u32,
  findings: u32,
  values: bool,
): void {
  const i4 = i << 2;
  const i8 = i << 3;
  const seq = load<u32>(i4, IN_SEQ);
  const ack = load<u32>(i4, IN_ACK);
  const length = load<u32>(i4, IN_PAYLOAD);
  const frame = load<u32>(i4, IN_FRAME);
  const time = load<i64>(i8, IN_TIME);
  const next = load<u32>(sender, S_NEXT);
  const lastAck = load<u32>(sender, S_LAST_ACK);
  const probe = findings & FINDING_ZERO_WINDOW_PROBE;
  let end = seq + length;
  mine = (mine & ~(SIDE_LAST_KEEP_ALIVE | SIDE_LAST_PROBE)) | SIDE_WINDOW_SET;
  if (findings & FINDING_KEEP_ALIVE) mine |= SIDE_LAST_KEEP_ALIVE;
  if (probe) mine |= SIDE_LAST_PROBE;
  store<u16>(sender, <u16>mine, S_FLAGS);
  const carries = (length > 0 || phantom) && <u32>load<u16>(sender, S_COUNT) < <u32>MAX_UNACKNOWLEDGED;
  if (carries) end += phantom;
  const furthest = !probe && (next == 0 || gt(end, next));
  if (carries) {
    const again = findings & SENT_AGAIN ? ENTRY_AGAIN : 0;
    const bits = again | (phantom << 1) | (printOf(i) << 16);
    remember(sender, seq, end, frame, bits, time, load<u32>(peer, S_LAST_ACK), furthest);
  } else if (furthest) keepOne(sender);
  if (furthest) {
    store<u32>(sender, end, S_NEXT);
    store<u32>(sender, frame, S_NEXT_FRAME);
    store<i64>(sender, time, S_NEXT_TIME);
  }
  if (!probe) {
    const highest = furthest ? end : next;
    const reached = load<u32>(sender, S_ACKABLE);
    if (reached == 0 || seq == reached) store<u32>(sender, highest, S_ACKABLE);
  }
  store<u16>(sender, load<u16>(i << 1, IN_WINDOW), S_WINDOW);
  store<u32>(sender, ack, S_LAST_ACK);
  store<i64>(sender, time, S_LAST_TIME);

  acknowledge(peer, ack, ack == lastAck);
  store<u32>(i4, ackedFrame, OUT_ACKED_FRAME);
  store<i64>(i8, ackedFrame ? time - ackedTime : 0, OUT_ACK_RTT);

  let inFlight: u32 = 0;
  let pushed: u32 = 0;
  if (length > 0 && !(mine & SIDE_HOLE) && load<u16>(sender, S_COUNT) > 0) {
    values = true;
    const span = spanInFlight(sender) - load<u32>(peer, S_SACKED);
    if (span != 0 && span < INCREDIBLE) inFlight = span - phantom;
    pushed = (mine & SIDE_PUSH_LAST ? 0 : load<u32>(sender, S_PUSH)) + length;
    store<u32>(sender, pushed, S_PUSH);
    // Loaded anew: the ring keeps flags of its own there.
    const kept = <u32>load<u16>(sender, S_FLAGS) & ~SIDE_PUSH_LAST;
    store<u16>(sender, <u16>(load<u16>(i << 1, IN_FLAGS) & PSH ? kept | SIDE_PUSH_LAST : kept), S_FLAGS);
  }
  store<u32>(i4, inFlight, OUT_BYTES_IN_FLIGHT);
  store<u32>(i4, inFlight ? pushed : 0, OUT_PUSH_BYTES);
  told = values || ackedFrame != 0 || findings != 0;
}

/** RFC 8684 4: acknowledgments repeated to carry a new MPTCP option are no duplicates. */
// @ts-ignore: decorator
@inline
function toldByMptcp(record: u32, sender: u32): bool {
  return load<u8>(record, R_FLAGS) & RECORD_MPTCP && load<u8>(record, R_MPTCP) != load<u8>(sender, S_MPTCP);
}

// @ts-ignore: decorator
@inline
export function fillsWindow(peer: u32, theirs: u32, end: u32): bool {
  const scale = <i32>load<i8>(peer, S_SCALE);
  if (scale == SCALE_UNKNOWN) return false;
  const shift = theirs & SIDE_FIRST_ACK || scale == SCALE_NONE ? 0 : scale;
  const window: u32 = theirs & SIDE_WINDOW_SET ? <u32>load<u16>(peer, S_WINDOW) : 0xffffffff;
  return end == load<u32>(peer, S_LAST_ACK) + (window << shift);
}

/**
 * What a segment with data, SYN or FIN is, when its sequence number was passed before: a retransmission of
 * some kind, or out of order; 0 for neither.
 */
// @ts-ignore: decorator
@inline
function resent(
  record: u32,
  sender: u32,
  peer: u32,
  seq: u32,
  length: u32,
  phantom: u32,
  time: i64,
): u32 {
  const next = load<u32>(sender, S_NEXT);
  // From one before the next number it may be new data after a probe that was not counted.
  const passed = next != 0 && lt(seq, next) && !(length > 1 && seq == next - 1);
  const peerAck = load<u32>(peer, S_LAST_ACK);
  if (length > 0 && peerAck != 0 && le(seq + length, peerAck)) {
    return FINDING_SPURIOUS_RETRANSMISSION | FINDING_RETRANSMISSION;
  }
  if (!passed) return 0;
  // Times that run backwards are taken for very long ones.
  const sinceAck = <u64>(time - load<i64>(peer, S_LAST_TIME));
  // The mark of a told loss counts as many duplicates.
  if (load<u32>(peer, S_DUPLICATES) >= 2 && peerAck == seq && sinceAck < <u64>FAST_RETRANSMISSION_WITHIN) {
    return FINDING_FAST_RETRANSMISSION | FINDING_RETRANSMISSION;
  }
  const known = load<u8>(record, R_FLAGS) & RECORD_ROUND_TRIP_KNOWN;
  const within: u64 = known ? load<u64>(record, R_ROUND_TRIP) : OUT_OF_ORDER_WITHIN;
  if (<u64>(time - load<i64>(sender, S_NEXT_TIME)) < within && next != seq + length + phantom) {
    return FINDING_OUT_OF_ORDER;
  }
  return FINDING_RETRANSMISSION;
}

/** Tells the time since the oldest segment that waits for an ACK, or else since the furthest one. */
function tellTimeout(i: u32, sender: u32, time: i64): void {
  const since = time - oldestTime(sender);
  if (since == 0) return;
  store<i64>(i << 3, since, OUT_RTO);
  store<u32>(i << 2, oldestFrame(sender), OUT_RTO_FRAME);
}
