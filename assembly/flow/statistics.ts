// What is counted of a conversation. Its first segments are counted in its sides alone (slim): millions of
// attempts and scans come to no more. With the first thing worth counting it gets statistics.
import { SEEN_TIMESTAMPS } from "../layout/columns";
import {
  FLOW_SCRATCH,
  IN_CHECKSUM_STATUS,
  IN_FRAME,
  IN_FRAME_LENGTH,
  IN_OPTIONS_SEEN,
  IN_PAYLOAD,
  IN_TIME,
  IN_TSVAL,
  IN_TTL,
  OUT_SINCE_PREVIOUS,
  OUT_WINDOW,
} from "../layout/flow-columns";
import {
  FINDING_ACK_LOST_SEGMENT,
  JUDGED_DUPLICATE,
  JUDGED_KEEP_ALIVE,
  JUDGED_KEEP_ALIVE_ACK,
  JUDGED_NEEDLESS,
  JUDGED_RECOVERED,
  JUDGED_REORDERED,
  JUDGED_RETRANSMITTED,
  JUDGED_WINDOW_PROBE,
} from "../layout/flow-findings";
import {
  ENTRY_AGAIN,
  ENTRY_PHANTOM,
  R_CLIENT,
  R_FIRST,
  R_FLAGS,
  R_LAST,
  R_SERVER,
  R_STATISTICS,
  RECORD_COUNTED,
  S_BYTES,
  S_FLAGS,
  S_NEXT_TIME,
  S_PAYLOAD,
  S_SCALE,
  S_SLIM,
  S_TTL,
  S_WINDOW,
  SIDE_BYTES,
  SIDE_WINDOW_SET,
  SLIM_PACKETS,
} from "../layout/flow-record";
import {
  CLOSED_BY_CLIENT_FIN,
  CLOSED_BY_CLIENT_RST,
  COUNTED_DUPLICATES,
  COUNTED_FIN,
  COUNTED_PROBE_LAST,
  COUNTED_TSVAL,
  COUNTED_TTL_CHANGED,
  COUNTED_UNANSWERED,
  COUNTED_WINDOW_PROBE_LAST,
  C_ANSWERS,
  C_BYTES_HIGH,
  C_DUPLICATES,
  C_FINDINGS,
  C_FIRST_DATA,
  C_LARGEST,
  C_LAST_DATA,
  C_NEEDLESS,
  C_PAYLOAD_HIGH,
  C_PROBES,
  C_PROBES_UNANSWERED,
  C_PROBE_IDLE,
  C_PROBE_INTERVAL,
  C_PROBE_TIME,
  C_REORDERED,
  C_RETRANSMISSIONS,
  C_RETRANSMITTED_BYTES,
  C_RTT_COUNT,
  C_RTT_MAX,
  C_RTT_MEAN,
  C_RTT_MIN,
  C_RTT_SQUARES,
  C_WINDOW_PROBES,
  C_ZERO_WINDOWS,
  LETTER_BAD_CHECKSUM,
  LETTER_GAP,
  LETTER_RETRANSMISSION,
  LETTER_RST,
  LETTER_SYN_ACK,
  LETTER_ZERO_WINDOW,
  N_DATA_PACKETS,
  N_FLAGS,
  N_LETTERS,
  N_PACKETS,
  N_TSVAL,
  N_WINDOW_MAX,
  N_WINDOW_MIN,
  T_CLIENT,
  T_CLIENT_NUMBERS,
  T_CLOSED_BY,
  T_CLOSE_TIME,
  T_IDLE,
  T_IDLE_FRAME,
  T_LAST_FRAME,
  T_RESET_BY,
  T_SERVER,
  T_SERVER_NUMBERS,
  T_SIDE_BYTES,
  T_SYN_ACK_TIME,
} from "../layout/flow-statistics";
import { CHECKSUM_BAD } from "../layout/status";
import { ACK, FIN, RST, SYN } from "../layout/wire";
import { gt } from "../seq";
import { addLetters, addRepeated, addSlim, lettersOf, numbersOf, unpack } from "./history";
import { takeStatistics } from "./pool";
import { ackedBits, ackedFrame, ackedTime } from "./acked";

const T_BYTES: u32 = T_SERVER + T_SIDE_BYTES;

/** The statistics of a side. */
// @ts-ignore: decorator
@inline
export function countsOf(statistics: u32, direction: u32): u32 {
  return statistics + T_CLIENT + direction * T_SIDE_BYTES;
}

/** Segments counted without statistics. */
// @ts-ignore: decorator
@inline
export function slimSegments(record: u32): u32 {
  return slimIn(record + R_CLIENT) + slimIn(record + R_SERVER);
}

/** Whether either side of a slim conversation has sent data. */
export function slimData(record: u32): bool {
  return (load<u32>(record, R_CLIENT + S_PAYLOAD) | load<u32>(record, R_SERVER + S_PAYLOAD)) != 0;
}

// @ts-ignore: decorator
@inline
function slimIn(side: u32): u32 {
  return <u32>load<u8>(side, S_SLIM) & SLIM_PACKETS;
}

/** Whether the row acknowledged a segment with data that was sent once: a round trip to count. */
// @ts-ignore: decorator
@inline
export function isSample(): bool {
  return ackedFrame != 0 && !(ackedBits & (ENTRY_AGAIN | ENTRY_PHANTOM));
}

/** Gives a slim conversation statistics; 0 when memory is out. */
export function promote(record: u32): u32 {
  const statistics = takeStatistics(T_BYTES);
  if (statistics == 0) return 0;
  takeOver(record, statistics);
  store<u32>(record, statistics, R_STATISTICS);
  store<u8>(record, load<u8>(record, R_FLAGS) | RECORD_COUNTED, R_FLAGS);
  return statistics;
}

/** The statistics of any conversation; of a slim one in a place of their own, until the next such call. */
export function statisticsOf(record: u32): u32 {
  if (load<u8>(record, R_FLAGS) & RECORD_COUNTED) return load<u32>(record, R_STATISTICS);
  memory.fill(FLOW_SCRATCH, 0, T_BYTES);
  takeOver(record, FLOW_SCRATCH);
  return FLOW_SCRATCH;
}

/** What the sides of a slim conversation tell. */
function takeOver(record: u32, statistics: u32): void {
  const first = load<i64>(record, R_FIRST);
  store<i64>(statistics, load<i64>(record, R_LAST) - first, T_IDLE);
  for (let direction: u32 = 0; direction < 2; direction++) {
    const side = record + R_CLIENT + direction * SIDE_BYTES;
    takeOverSide(side, numbersOf(statistics, direction), countsOf(statistics, direction));
  }
  unpack(load<u32>(record, R_STATISTICS), statistics);
  const client = <u32>load<u16>(statistics + T_CLIENT_NUMBERS, N_LETTERS);
  const server = <u32>load<u16>(statistics + T_SERVER_NUMBERS, N_LETTERS);
  if ((client | server) & (1 << LETTER_RST)) {
    const by: u32 = client & (1 << LETTER_RST) ? 0 : 1;
    store<u8>(statistics, <u8>(CLOSED_BY_CLIENT_RST + by), T_CLOSED_BY);
    store<u8>(statistics, <u8>(1 + by), T_RESET_BY);
    store<i64>(statistics, load<i64>(record, R_LAST), T_CLOSE_TIME);
  }
  if (server & (1 << LETTER_SYN_ACK)) {
    const side = record + R_SERVER;
    if (slimIn(side) == 1) store<i64>(statistics, load<i64>(side, S_NEXT_TIME), T_SYN_ACK_TIME);
  }
}

function takeOverSide(side: u32, numbers: u32, counts: u32): void {
  const payload = load<u32>(side, S_PAYLOAD);
  store<u32>(numbers, slimIn(side), N_PACKETS);
  if (payload) {
    store<u32>(numbers, 1, N_DATA_PACKETS);
    store<u32>(counts, payload, C_LARGEST);
    store<i64>(counts, load<i64>(side, S_NEXT_TIME), C_FIRST_DATA);
    store<i64>(counts, load<i64>(side, S_NEXT_TIME), C_LAST_DATA);
  }
  const scale = <i32>load<i8>(side, S_SCALE);
  const heard = load<u16>(side, S_FLAGS) & SIDE_WINDOW_SET && scale <= 0;
  store<u32>(numbers, heard ? <u32>load<u16>(side, S_WINDOW) : -1, N_WINDOW_MIN);
  store<u32>(numbers, heard ? <u32>load<u16>(side, S_WINDOW) : 0, N_WINDOW_MAX);
}

/** Counts row `i` of a slim conversation; false when it has to get statistics for that. */
export function countSlim(i: u32, record: u32, direction: u32, sender: u32, flags: u32): bool {
  const payload = load<u32>(i << 2, IN_PAYLOAD);
  if (!addSlim(record, direction, lettersOf(flags, payload > 0) | checksumLetter(i))) return false;
  store<u8>(sender, load<u8>(sender, S_SLIM) + 1, S_SLIM);
  store<u32>(sender, load<u32>(sender, S_BYTES) + load<u32>(i << 2, IN_FRAME_LENGTH), S_BYTES);
  store<u32>(sender, load<u32>(sender, S_PAYLOAD) + payload, S_PAYLOAD);
  return true;
}

/** Counts row `i` of a conversation with statistics. */
// @ts-ignore: decorator
@inline
export function countRow(
  i: u32,
  statistics: u32,
  direction: u32,
  sender: u32,
  flags: u32,
  findings: u32,
  judgements: u32,
): void {
  const numbers = numbersOf(statistics, direction);
  const mine = countsOf(statistics, direction);
  const payload = load<u32>(i << 2, IN_PAYLOAD);
  const time = load<i64>(i << 3, IN_TIME);
  store<u32>(statistics, load<u32>(i << 2, IN_FRAME), T_LAST_FRAME);
  const silence = load<i64>(i << 3, OUT_SINCE_PREVIOUS);
  if (silence > load<i64>(statistics, T_IDLE)) {
    store<i64>(statistics, silence, T_IDLE);
    store<u32>(statistics, load<u32>(i << 2, IN_FRAME), T_IDLE_FRAME);
  }
  increment(numbers, N_PACKETS);
  if (addBytes(sender, S_BYTES, load<u32>(i << 2, IN_FRAME_LENGTH))) increment(mine, C_BYTES_HIGH);
  if (payload > 0) countData(sender, numbers, mine, payload, time);
  addLetters(statistics, direction, lettersOf(flags, payload > 0) | checksumLetter(i));
  if (!(flags & (SYN | RST))) countWindow(i, statistics, direction);
  if (isSample()) countRoundTrip(countsOf(statistics, direction ^ 1), <f64>(time - ackedTime));
  if (load<u8>(i, IN_OPTIONS_SEEN) & SEEN_TIMESTAMPS) countClock(i, numbers);
  if (load<u16>(numbersOf(statistics, direction ^ 1), N_FLAGS) & PROBED) hear(statistics, direction ^ 1);
  if (findings) countFindings(statistics, direction, findings);
  const last = load<u16>(numbers, N_FLAGS) & (COUNTED_PROBE_LAST | COUNTED_WINDOW_PROBE_LAST);
  if (judgements | last) countJudgements(i, statistics, direction, judgements, silence);
  if (load<u8>(i, IN_TTL) != load<u8>(sender, S_TTL) && !(flags & RST)) setFlag(numbers, COUNTED_TTL_CHANGED);
  if (flags & (SYN | FIN | RST)) countControl(statistics, direction, flags, time);
}

// @ts-ignore: decorator
@inline
function countData(sender: u32, numbers: u32, mine: u32, payload: u32, time: i64): void {
  if (addBytes(sender, S_PAYLOAD, payload)) increment(mine, C_PAYLOAD_HIGH);
  increment(numbers, N_DATA_PACKETS);
  if (payload > load<u32>(mine, C_LARGEST)) store<u32>(mine, payload, C_LARGEST);
  if (load<i64>(mine, C_FIRST_DATA) == 0) store<i64>(mine, time, C_FIRST_DATA);
  store<i64>(mine, time, C_LAST_DATA);
}

/** Adds to a side's count of bytes; whether it overflows. */
// @ts-ignore: decorator
@inline
function addBytes(side: u32, field: u32, bytes: u32): bool {
  const sum = load<u32>(side + field) + bytes;
  store<u32>(side + field, sum);
  return sum < bytes;
}

// @ts-ignore: decorator
@inline
function countWindow(i: u32, statistics: u32, direction: u32): void {
  const window = load<u32>(i << 2, OUT_WINDOW);
  const numbers = numbersOf(statistics, direction);
  if (window < load<u32>(numbers, N_WINDOW_MIN)) store<u32>(numbers, window, N_WINDOW_MIN);
  if (window > load<u32>(numbers, N_WINDOW_MAX)) store<u32>(numbers, window, N_WINDOW_MAX);
  if (window == 0) {
    const zeros = increment(countsOf(statistics, direction), C_ZERO_WINDOWS);
    addRepeated(statistics, direction, LETTER_ZERO_WINDOW, zeros);
  }
}

/** Welford's running mean and squares. */
function countRoundTrip(counts: u32, ns: f64): void {
  const n = increment(counts, C_RTT_COUNT);
  if (n == 1 || ns < load<f64>(counts, C_RTT_MIN)) store<f64>(counts, ns, C_RTT_MIN);
  if (n == 1 || ns > load<f64>(counts, C_RTT_MAX)) store<f64>(counts, ns, C_RTT_MAX);
  const off = ns - load<f64>(counts, C_RTT_MEAN);
  const mean = load<f64>(counts, C_RTT_MEAN) + off / <f64>n;
  store<f64>(counts, mean, C_RTT_MEAN);
  store<f64>(counts, load<f64>(counts, C_RTT_SQUARES) + off * (ns - mean), C_RTT_SQUARES);
}

// @ts-ignore: decorator
@inline
function countClock(i: u32, numbers: u32): void {
  const tsval = load<u32>(i << 2, IN_TSVAL);
  if (load<u16>(numbers, N_FLAGS) & COUNTED_TSVAL && !gt(tsval, load<u32>(numbers, N_TSVAL))) return;
  store<u32>(numbers, tsval, N_TSVAL);
  setFlag(numbers, COUNTED_TSVAL);
}

// Probes that wait for an answer.
const PROBED: u32 = COUNTED_UNANSWERED | COUNTED_PROBE_LAST | COUNTED_WINDOW_PROBE_LAST;

/** The probes of the end `direction` are answered: what its peer sends next is no answer any more. */
function hear(statistics: u32, direction: u32): void {
  const numbers = numbersOf(statistics, direction);
  store<u32>(countsOf(statistics, direction), 0, C_PROBES_UNANSWERED);
  store<u16>(numbers, <u32>load<u16>(numbers, N_FLAGS) & ~PROBED, N_FLAGS);
}

function countFindings(statistics: u32, direction: u32, findings: u32): void {
  // What the peer sent was not captured: a gap in its bytes.
  if (findings & FINDING_ACK_LOST_SEGMENT) addLetters(statistics, direction ^ 1, 1 << LETTER_GAP);
  const mine = countsOf(statistics, direction);
  for (; findings; findings &= findings - 1) increment(mine, C_FINDINGS + (ctz(findings) << 2));
}

function countJudgements(i: u32, statistics: u32, direction: u32, judgements: u32, silence: i64): void {
  const numbers = numbersOf(statistics, direction);
  const mine = countsOf(statistics, direction);
  if (judgements & (JUDGED_RETRANSMITTED | JUDGED_RECOVERED)) {
    const times = increment(mine, C_RETRANSMISSIONS);
    const bytes = load<u64>(mine, C_RETRANSMITTED_BYTES) + load<u32>(i << 2, IN_PAYLOAD);
    store<u64>(mine, bytes, C_RETRANSMITTED_BYTES);
    addRepeated(statistics, direction, LETTER_RETRANSMISSION, times);
  }
  if (judgements & JUDGED_REORDERED) increment(mine, C_REORDERED);
  if (judgements & JUDGED_DUPLICATE) increment(mine, C_DUPLICATES);
  if (judgements & JUDGED_NEEDLESS) increment(mine, C_NEEDLESS);
  if (judgements & JUDGED_KEEP_ALIVE_ACK) increment(mine, C_ANSWERS);
  if (judgements & JUDGED_WINDOW_PROBE) increment(mine, C_WINDOW_PROBES);
  if (judgements & JUDGED_KEEP_ALIVE) countProbe(i, statistics, mine, silence);
  let flags = <u32>load<u16>(numbers, N_FLAGS) & ~(COUNTED_PROBE_LAST | COUNTED_WINDOW_PROBE_LAST);
  if (judgements & JUDGED_DUPLICATE) flags |= COUNTED_DUPLICATES;
  if (judgements & JUDGED_KEEP_ALIVE) flags |= COUNTED_PROBE_LAST | COUNTED_UNANSWERED;
  if (judgements & JUDGED_WINDOW_PROBE) flags |= COUNTED_WINDOW_PROBE_LAST;
  store<u16>(numbers, <u16>flags, N_FLAGS);
}

/**
 * A probe after an unanswered one tells the interval. Others tell how long the end waits for: since its
 * last probe, when no data came in between, or else since anything was seen.
 */
function countProbe(i: u32, statistics: u32, mine: u32, silence: i64): void {
  const time = load<i64>(i << 3, IN_TIME);
  const before = load<i64>(mine, C_PROBE_TIME);
  if (increment(mine, C_PROBES_UNANSWERED) > 1) store<i64>(mine, time - before, C_PROBE_INTERVAL);
  else {
    const data = max(load<i64>(statistics + T_CLIENT, C_LAST_DATA), load<i64>(statistics + T_SERVER, C_LAST_DATA));
    store<i64>(mine, before != 0 && data < before ? time - before : silence, C_PROBE_IDLE);
  }
  increment(mine, C_PROBES);
  store<i64>(mine, time, C_PROBE_TIME);
}

function countControl(statistics: u32, direction: u32, flags: u32, time: i64): void {
  if ((flags & (SYN | ACK)) == (SYN | ACK) && load<i64>(statistics, T_SYN_ACK_TIME) == 0) {
    store<i64>(statistics, time, T_SYN_ACK_TIME);
  }
  if (flags & FIN) setFlag(numbersOf(statistics, direction), COUNTED_FIN);
  if (flags & RST && load<u8>(statistics, T_RESET_BY) == 0) store<u8>(statistics, <u8>(1 + direction), T_RESET_BY);
  if (flags & (FIN | RST) && load<u8>(statistics, T_CLOSED_BY) == 0) {
    const by = (flags & RST ? CLOSED_BY_CLIENT_RST : CLOSED_BY_CLIENT_FIN) + direction;
    store<u8>(statistics, <u8>by, T_CLOSED_BY);
    store<i64>(statistics, time, T_CLOSE_TIME);
  }
}

// @ts-ignore: decorator
@inline
function checksumLetter(i: u32): u32 {
  return load<u8>(i, IN_CHECKSUM_STATUS) == CHECKSUM_BAD ? 1 << LETTER_BAD_CHECKSUM : 0;
}

// @ts-ignore: decorator
@inline
function increment(counts: u32, field: u32): u32 {
  const n = load<u32>(counts + field) + 1;
  store<u32>(counts + field, n);
  return n;
}

// @ts-ignore: decorator
@inline
function setFlag(numbers: u32, flag: u32): void {
  store<u16>(numbers, <u16>(<u32>load<u16>(numbers, N_FLAGS) | flag), N_FLAGS);
}
