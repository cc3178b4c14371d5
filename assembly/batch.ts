// A batch: what is common to the loops over pcap records and pcapng blocks.
import { add } from "./counters";
import { release } from "./fragments";
import {
  CHECKSUM_STATUS,
  FRAME,
  FRAME_CAPTURED,
  FRAME_LENGTH,
  FRAME_OFFSET,
  HEADER_LENGTH,
  INTERFACE,
  IP_VERSION,
  MISSING,
  MSS,
  OPTIONS_SEEN,
  ROWS,
  SACK_COUNT,
  SACK_START,
  SEEN_TIMESTAMPS,
  STATUS,
  TIME,
  TUNNEL,
  VLAN,
  WINDOW_SCALE,
} from "./layout/columns";
import {
  COUNTERS,
  COUNTERS_END,
  COUNT_BYTES,
  COUNT_CAPTURED,
  COUNT_CHECKSUM,
  COUNT_CUT,
  COUNT_FRAMES,
  COUNT_IPV4,
  COUNT_IPV6,
  COUNT_TCP,
  RARE_INTERFACE,
  RARE_MISSING,
  RARE_SACK_START,
  RARE_TUNNEL,
  RARE_VLAN,
  STATE_ADDRESSES,
  STATE_CONSUMED,
  STATE_EARLIEST,
  STATE_ERROR_ADDRESS,
  STATE_ERROR_CODE,
  STATE_LATEST,
  STATE_NEEDED,
  STATE_RARE,
  STATE_ROWS,
  STATE_SACK_BLOCKS,
  STATE_STOP,
} from "./layout/state";
import {
  CHECKSUM_BAD,
  CHECKSUM_GOOD,
  CHECKSUM_PARTIAL,
  CHECKSUM_UNVERIFIED,
  SEGMENT_OK,
  STOP_BLOCK,
  STOP_ERROR,
  STOP_NEED_BYTES,
  STOP_ROWS_FULL,
} from "./layout/status";
import { WITH_TIMESTAMPS } from "./options";

// The first batch finds no usual value in any row.
store<u32>(STATE_ROWS, ROWS);

/** Forgets all counts and times. */
export function resetCounters(): void {
  memory.fill(COUNTERS, 0, COUNTERS_END - COUNTERS);
  store<i64>(STATE_EARLIEST, i64.MAX_VALUE);
  store<i64>(STATE_LATEST, i64.MIN_VALUE);
}

/** Row 0 begins a batch: the pools are empty again, the usual columns as usual and the rare ones zero. */
export function openBatch(): void {
  release();
  store<u32>(STATE_ADDRESSES, 0);
  store<u32>(STATE_SACK_BLOCKS, 0);
  const rows = load<u32>(STATE_ROWS);
  writeUsual(rows);
  const written = load<u32>(STATE_RARE);
  if (written) {
    if (written & RARE_SACK_START) memory.fill(SACK_START, 0, rows << 2);
    if (written & RARE_MISSING) memory.fill(MISSING, 0, rows << 2);
    if (written & RARE_TUNNEL) memory.fill(TUNNEL, 0, rows << 2);
    if (written & RARE_VLAN) memory.fill(VLAN, 0, rows << 2);
    if (written & RARE_INTERFACE) memory.fill(INTERFACE, 0, rows << 1);
    store<u32>(STATE_RARE, 0);
  }
}

// What `straight` leaves as it is in a row of IPv4 whose only option is that of PADDED_TIMESTAMPS and whose checksum
// is good: to fill these columns of a batch costs less than one store a row.
function writeUsual(rows: u32): void {
  memory.fill(MSS, 0, rows << 1);
  memory.fill(HEADER_LENGTH, <u8>WITH_TIMESTAMPS, rows);
  memory.fill(IP_VERSION, 4, rows);
  memory.fill(STATUS, <u8>SEGMENT_OK, rows);
  memory.fill(CHECKSUM_STATUS, <u8>CHECKSUM_GOOD, rows);
  memory.fill(WINDOW_SCALE, 0, rows);
  memory.fill(OPTIONS_SEEN, <u8>SEEN_TIMESTAMPS, rows);
  memory.fill(SACK_COUNT, 0, rows);
}

/** The columns that belong to the frame rather than to the segment. */
// @ts-ignore: decorator
@inline
export function writeFrame(row: u32, time: i64, frame: u32, f: u32, captured: u32, length: u32): void {
  const i4 = row << 2;
  store<i64>(row << 3, time, TIME);
  store<u32>(i4, frame, FRAME);
  store<u32>(i4, f, FRAME_OFFSET);
  store<u32>(i4, captured, FRAME_CAPTURED);
  store<u32>(i4, length, FRAME_LENGTH);
}

/** The same for a frame of a run, captured whole: what `numberRun` adds is left out. */
// @ts-ignore: decorator
@inline
export function writeWhole(row: u32, time: i64, f: u32, captured: u32): void {
  store<i64>(row << 3, time, TIME);
  store<u32>(row << 2, f, FRAME_OFFSET);
  store<u32>(row << 2, captured, FRAME_CAPTURED);
}

/** Numbers the frames of a run, rows [`first`, `end`), from the last one counted on, and gives each its length. */
export function numberRun(first: u32, end: u32): void {
  const frame = <u32>load<u64>(COUNT_FRAMES) + 1;
  let numbers = i32x4.add(i32x4.splat(frame), i32x4(0, 1, 2, 3));
  // What is written behind the last row, three at most, is written again with that row, or lies in the stagger.
  for (let i = first << 2; i < end << 2; i += 16) {
    v128.store(i, numbers, FRAME);
    v128.store(i, v128.load(i, FRAME_CAPTURED), FRAME_LENGTH);
    numbers = i32x4.add(numbers, i32x4.splat(4));
  }
}

/** Counts one frame. */
export function countFrame(captured: u32, length: u32): void {
  add(COUNT_FRAMES, 1);
  add(COUNT_BYTES, length);
  add(COUNT_CAPTURED, captured);
  if (captured < length) add(COUNT_CUT, 1);
}

/** Notes the time of a frame. */
export function noteTime(time: i64): void {
  noteEarlier(time);
  if (time > load<i64>(STATE_LATEST)) store<i64>(STATE_LATEST, time);
}

/** Notes a time before the latest; a run keeps the latest itself. */
// @ts-ignore: decorator
@inline
export function noteEarlier(time: i64): void {
  if (time < load<i64>(STATE_EARLIEST)) store<i64>(STATE_EARLIEST, time);
}

/** Counts a run of straight frames that were captured whole, `bytes` in all. */
export function countRun(frames: u32, bytes: u64, ipv6: u32, verified: bool, failed: u64): void {
  add(COUNT_FRAMES, frames);
  add(COUNT_BYTES, bytes);
  add(COUNT_CAPTURED, bytes);
  add(COUNT_IPV4, frames - ipv6);
  add(COUNT_IPV6, ipv6);
  add(COUNT_TCP, frames);
  add(COUNT_CHECKSUM + ((verified ? CHECKSUM_GOOD : CHECKSUM_UNVERIFIED) << 3), frames - failed);
}

/** Verdicts so far that `straight` counts. */
export function failures(): u64 {
  return load<u64>(COUNT_CHECKSUM + (CHECKSUM_BAD << 3)) + load<u64>(COUNT_CHECKSUM + (CHECKSUM_PARTIAL << 3));
}

// Without checksums only headers are read, and where packets are large those are too far apart for the
// processor to see them coming: touching all of what comes next, a cache line at a time, keeps memory busy.
export const AHEAD: u32 = 8192;
export const CACHE_LINE: u32 = 64;
const LARGE: u64 = 512;

/** Whether the frames so far were so large, on average, that touching ahead pays. */
export function framesAreLarge(): bool {
  return load<u64>(COUNT_CAPTURED) > load<u64>(COUNT_FRAMES) * LARGE;
}

// The ways a call ends. Each leaves `p`, where the next record starts, and returns the rows there are.

export function stopForBytes(p: u32, needed: u32, row: u32): u32 {
  store<u32>(STATE_NEEDED, needed);
  return stop(STOP_NEED_BYTES, p, row);
}

export function stopForRows(p: u32, row: u32): u32 {
  return stop(STOP_ROWS_FULL, p, row);
}

export function stopAtBlock(p: u32, row: u32): u32 {
  return stop(STOP_BLOCK, p, row);
}

export function stopWithError(code: u32, p: u32, row: u32): u32 {
  store<u32>(STATE_ERROR_CODE, code);
  store<u32>(STATE_ERROR_ADDRESS, p);
  return stop(STOP_ERROR, p, row);
}

function stop(why: u32, p: u32, row: u32): u32 {
  store<u32>(STATE_STOP, why);
  store<u32>(STATE_CONSUMED, p);
  store<u32>(STATE_ROWS, row);
  return row;
}
