// Judgements of our own on what Wireshark's rules only guess: by checksums, timestamps, TTLs, what holes
// there were and what the other end's window was. Called for segments that some rule found, and for SYNs
// and RSTs: the rest has nothing to judge.
import { SEEN_TIMESTAMPS } from "../layout/columns";
import {
  IN_ACK,
  IN_FLAGS,
  IN_OPTIONS_SEEN,
  IN_PAYLOAD,
  IN_SEQ,
  IN_TIME,
  IN_TSVAL,
  IN_TTL,
} from "../layout/flow-columns";
import {
  FINDING_DUPLICATE_ACK,
  FINDING_KEEP_ALIVE,
  FINDING_KEEP_ALIVE_ACK,
  FINDING_ZERO_WINDOW_PROBE,
  JUDGED_DUPLICATE,
  JUDGED_HANDSHAKE_RETRY,
  JUDGED_KEEP_ALIVE,
  JUDGED_KEEP_ALIVE_ACK,
  JUDGED_NEEDLESS,
  JUDGED_RECOVERED,
  JUDGED_REORDERED,
  JUDGED_RESET_OTHER_TTL,
  JUDGED_RESET_OUT_OF_WINDOW,
  JUDGED_RETRANSMITTED,
  JUDGED_SIMULTANEOUS_OPEN,
  JUDGED_WINDOW_PROBE,
  JUDGED_WINDOW_PROBE_ACK,
} from "../layout/flow-findings";
import {
  R_FLAGS,
  R_ROUND_TRIP,
  RECORD_ROUND_TRIP_KNOWN,
  S_BASE,
  S_DUPLICATES,
  S_FLAGS,
  S_LAST_ACK,
  S_SACKED,
  S_SCALE,
  S_TTL,
  S_WINDOW,
  SIDE_WINDOW_SET,
} from "../layout/flow-record";
import {
  C_HOLE_TIME,
  C_HOLE_TSVAL,
  C_HOLES,
  COUNTED_DUPLICATES,
  COUNTED_PROBE_LAST,
  COUNTED_TSVAL,
  COUNTED_TTL_CHANGED,
  COUNTED_WINDOW_PROBE_LAST,
  HOLES,
  LETTER_SYN,
  N_FLAGS,
  N_LETTERS,
} from "../layout/flow-statistics";
import { ACK, FIN, RST, SYN } from "../layout/wire";
import { ge, gt, inWindow, le, lt } from "../seq";
import { sideOf } from "./conversation";
import { numbersOf } from "./history";
import { likeness, printOf } from "./likeness";
import { countsOf } from "./statistics";
import { hasTwin } from "./unacknowledged";

// The sender's side as it was before the segment.
let nextBefore: u32 = 0;
let ackBefore: u32 = 0;
let timeBefore: i64 = 0;
let likenessBefore: u32 = 0;

// Nothing is sent again sooner than half a round-trip time; where that is not known, or long, than this.
const DOUBLED_WITHIN: i64 = 3000000;
const DOUBLED_AT_MOST: i64 = 20000000;

/** What `judgeRow` needs to know of the sender's side before the analysis moves it on. */
// @ts-ignore: decorator
@inline
export function keepBefore(next: u32, ack: u32, time: i64, likeness: u32): void {
  nextBefore = next;
  ackBefore = ack;
  timeBefore = time;
  likenessBefore = likeness;
}

/** Judges row `i`, a segment of the end `direction` (0: client) of a conversation with these statistics. */
export function judgeRow(i: u32, record: u32, direction: u32, statistics: u32, findings: u32): u32 {
  const sender = sideOf(record, direction);
  const peer = sideOf(record, direction ^ 1);
  const flags = <u32>load<u16>(i << 1, IN_FLAGS);
  const length = load<u32>(i << 2, IN_PAYLOAD);
  if (flags & RST) return judgeReset(i, sender, peer, numbersOf(statistics, direction));
  if (findings & (FINDING_KEEP_ALIVE | FINDING_ZERO_WINDOW_PROBE)) {
    return judgeProbe(peer, length, findings);
  }
  if (length == 0 && !(flags & (SYN | FIN))) return judgeAck(i, record, sender, direction, statistics, findings);
  if (flags & SYN) return judgeSyn(i, record, sender, direction, statistics, flags);
  return judgeData(i, record, direction, statistics, length, flags);
}

function judgeReset(i: u32, sender: u32, peer: u32, numbers: u32): u32 {
  let judged: u32 = 0;
  const edge = load<u32>(peer, S_LAST_ACK);
  if (load<u16>(peer, S_FLAGS) & SIDE_WINDOW_SET && edge != 0) {
    const scale = <i32>load<i8>(peer, S_SCALE);
    const window = <u32>load<u16>(peer, S_WINDOW) << max(scale, 0);
    // In a window of nothing one number is still right; an unknown scale is no reason for suspicion.
    const wide = scale == -1 ? window << 14 : window;
    if (!inWindow(load<u32>(i << 2, IN_SEQ), edge, wide + 1)) judged = JUDGED_RESET_OUT_OF_WINDOW;
  }
  const usual = <u32>load<u8>(sender, S_TTL);
  const steady = nextBefore != 0 && !(load<u16>(numbers, N_FLAGS) & COUNTED_TTL_CHANGED);
  if (steady && usual != <u32>load<u8>(i, IN_TTL)) judged |= JUDGED_RESET_OTHER_TTL;
  return judged;
}

function judgeProbe(peer: u32, length: u32, findings: u32): u32 {
  const closed = load<u16>(peer, S_FLAGS) & SIDE_WINDOW_SET && load<u16>(peer, S_WINDOW) == 0;
  if (closed || findings & FINDING_ZERO_WINDOW_PROBE) return JUDGED_WINDOW_PROBE;
  // A byte that was not acknowledged yet is sent for its own sake.
  if (length == 0 || load<u32>(peer, S_LAST_ACK) == nextBefore) return JUDGED_KEEP_ALIVE;
  return JUDGED_RETRANSMITTED;
}

function judgeAck(i: u32, record: u32, sender: u32, direction: u32, statistics: u32, findings: u32): u32 {
  const last = load<u16>(numbersOf(statistics, direction ^ 1), N_FLAGS);
  if (last & COUNTED_WINDOW_PROBE_LAST) return JUDGED_WINDOW_PROBE_ACK;
  if (last & COUNTED_PROBE_LAST || findings & FINDING_KEEP_ALIVE_ACK) return JUDGED_KEEP_ALIVE_ACK;
  // Without data, equal acknowledgments may be meant; not where the capture doubles other segments.
  const likely = doubles(statistics) || otherTtl(i, sender);
  const doubled = findings & FINDING_DUPLICATE_ACK && likely && isDouble(i, record);
  return doubled ? JUDGED_DUPLICATE : 0;
}

function judgeSyn(i: u32, record: u32, sender: u32, direction: u32, statistics: u32, flags: u32): u32 {
  const sentSyn = <u32>load<u16>(numbersOf(statistics, direction), N_LETTERS) & (1 << LETTER_SYN);
  const peerSyn = <u32>load<u16>(numbersOf(statistics, direction ^ 1), N_LETTERS) & (1 << LETTER_SYN);
  const again = nextBefore != 0 && load<u32>(i << 2, IN_SEQ) == load<u32>(sender, S_BASE);
  if (peerSyn && (!(flags & ACK) || sentSyn)) return JUDGED_SIMULTANEOUS_OPEN;
  if (!again) return 0;
  return isDouble(i, record) ? JUDGED_DUPLICATE : JUDGED_HANDSHAKE_RETRY | JUDGED_RETRANSMITTED;
}

function judgeData(i: u32, record: u32, direction: u32, statistics: u32, length: u32, flags: u32): u32 {
  const sender = sideOf(record, direction);
  const peer = sideOf(record, direction ^ 1);
  const mine = countsOf(statistics, direction);
  const seq = load<u32>(i << 2, IN_SEQ);
  const end = seq + length + <u32>((flags & FIN) != 0);
  if (nextBefore == 0) return 0;
  if (gt(seq, nextBefore)) {
    openHole(i, mine, nextBefore, seq);
    return 0;
  }
  if (!lt(seq, nextBefore) || (length > 1 && seq == nextBefore - 1)) return 0;
  if (fillHole(mine, seq, end)) return judgeFill(i, record, numbersOf(statistics, direction), mine);
  const soon = isDouble(i, record) || hasTwin(sender, seq, end, printOf(i), soonest(i, record));
  if (soon && !(isAskedFor(seq, peer) && !doubles(statistics))) return JUDGED_DUPLICATE;
  const edge = load<u32>(peer, S_LAST_ACK);
  return edge != 0 && le(end, edge) ? JUDGED_RETRANSMITTED | JUDGED_NEEDLESS : JUDGED_RETRANSMITTED;
}

/**
 * Whether the peer told that what lies from `seq` on is missing: on a fast way a retransmission follows the
 * original within a millisecond, as alike as a segment captured twice.
 */
function isAskedFor(seq: u32, peer: u32): bool {
  return ge(seq, load<u32>(peer, S_LAST_ACK)) && (load<u32>(peer, S_DUPLICATES) >= 2 || load<u32>(peer, S_SACKED) != 0);
}

/** Whether the capture doubled segments of the conversation before. */
function doubles(statistics: u32): bool {
  const either = load<u16>(numbersOf(statistics, 0), N_FLAGS) | load<u16>(numbersOf(statistics, 1), N_FLAGS);
  return (either & COUNTED_DUPLICATES) != 0;
}

/** What was missing has come: late, or sent again? The sender's clock tells (RFC 7323 4), else ours. */
function judgeFill(i: u32, record: u32, numbers: u32, mine: u32): u32 {
  if (load<u8>(i, IN_OPTIONS_SEEN) & SEEN_TIMESTAMPS && load<u16>(numbers, N_FLAGS) & COUNTED_TSVAL) {
    const tsval = load<u32>(i << 2, IN_TSVAL);
    const shown = load<u32>(mine, C_HOLE_TSVAL);
    if (tsval != shown) return gt(tsval, shown) ? JUDGED_RECOVERED : JUDGED_REORDERED;
  }
  const time = load<i64>(i << 3, IN_TIME);
  const micros = <u32>(time / 1000) - load<u32>(mine, C_HOLE_TIME);
  // Captures merged from several queues run backwards: then what came late may bear a time before the hole's.
  const since = time < timeBefore ? <i64>(<i32>micros) : <i64>micros;
  return since * 1000 < doubledWithin(record) ? JUDGED_REORDERED : JUDGED_RECOVERED;
}

/** Whether the row repeats the sender's last segment too soon to have been sent again. */
function isDouble(i: u32, record: u32): bool {
  return (
    likeness(i) == likenessBefore &&
    load<u32>(i << 2, IN_ACK) == ackBefore &&
    timeBefore >= soonest(i, record)
  );
}

/** What was seen from then on is too young to have been sent again by row `i`. */
function soonest(i: u32, record: u32): i64 {
  return load<i64>(i << 3, IN_TIME) - doubledWithin(record);
}

function doubledWithin(record: u32): i64 {
  if (!(load<u8>(record, R_FLAGS) & RECORD_ROUND_TRIP_KNOWN)) return DOUBLED_WITHIN;
  return max(min(load<i64>(record, R_ROUND_TRIP) >> 1, DOUBLED_AT_MOST), 0);
}

function otherTtl(i: u32, sender: u32): bool {
  return load<u8>(i, IN_TTL) != load<u8>(sender, S_TTL);
}

/** Remembers what was skipped; of more holes than there is room for the oldest is forgotten. */
function openHole(i: u32, mine: u32, low: u32, high: u32): void {
  const at = mine + C_HOLES;
  memory.copy(at + 8, at, (HOLES - 1) * 8);
  store<u32>(at, low);
  store<u32>(at, high, 4);
  store<u32>(mine, load<u32>(i << 2, IN_TSVAL), C_HOLE_TSVAL);
  store<u32>(mine, <u32>(load<i64>(i << 3, IN_TIME) / 1000), C_HOLE_TIME);
}

/** Takes a segment out of the holes; false when it was in none. Of a hole cut in two the later part stays. */
function fillHole(mine: u32, seq: u32, end: u32): bool {
  let filled = false;
  for (let at: u32 = mine + C_HOLES, to = at + HOLES * 8; at < to; at += 8) {
    const low = load<u32>(at);
    const high = load<u32>(at, 4);
    if (low == high || ge(seq, high) || le(end, low)) continue;
    filled = true;
    if (ge(end, high)) store<u32>(at, gt(seq, low) ? seq : low, 4);
    else store<u32>(at, end);
  }
  return filled;
}
