// A batch: what is common to the loops over pcap records and pcapng blocks.
import { add } from "./counters";
import { release } from "./fragments";
import {
  FRAME,
  FRAME_CAPTURED,
  FRAME_LENGTH,
  FRAME_OFFSET,
  INTERFACE,
  MISSING,
  SACK_START,
  TIME,
  TUNNEL,
  VLAN,
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
import { CHECKSUM_GOOD, CHECKSUM_UNVERIFIED, STOP_BLOCK, STOP_ERROR, STOP_NEED_BYTES, STOP_ROWS_FULL } from "./layout/status";

/** Forgets all counts and times. */
export function resetCounters(): void {
  memory.fill(COUNTERS, 0, COUNTERS_END - COUNTERS);
  store<i64>(STATE_EARLIEST, i64.MAX_VALUE);
  store<i64>(STATE_LATEST, i64.MIN_VALUE);
}

/** Row 0 begins a batch: the pools are empty again and the rare columns zero. */
export function openBatch(): void {
  release();
  store<u32>(STATE_ADDRESSES, 0);
  store<u32>(STATE_SACK_BLOCKS, 0);
  const written = load<u32>(STATE_RARE);
  if (written) {
    const rows = load<u32>(STATE_ROWS);
    if (written & RARE_SACK_START) memory.fill(SACK_START, 0, rows << 2);
    if (written & RARE_MISSING) memory.fill(MISSING, 0, rows << 2);
    if (written & RARE_TUNNEL) memory.fill(TUNNEL, 0, rows << 2);
    if (written & RARE_VLAN) memory.fill(VLAN, 0, rows << 2);
    if (written & RARE_INTERFACE) memory.fill(INTERFACE, 0, rows << 1);
    store<u32>(STATE_RARE, 0);
  }
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

/** No time yet: later than any, so that the first frame of a loop goes through `noteTime`. */
export const NO_TIME: i64 = i64.MAX_VALUE;

/**
 * Takes a frame's time that is not at or after `latest`, the latest of this loop or NO_TIME, and returns the
 * latest there is now. Frames in order do not come here but for the first.
 */
// @ts-ignore: decorator
@inline
export function noteTime(time: i64, latest: i64): i64 {
  if (time < load<i64>(STATE_EARLIEST)) store<i64>(STATE_EARLIEST, time);
  return max(time, latest == NO_TIME ? load<i64>(STATE_LATEST) : latest);
}

/** Takes a frame whose length is not what was captured of it into the count of bytes. */
// @ts-ignore: decorator
@inline
export function countCut(captured: u32, length: u32): void {
  if (captured < length) add(COUNT_CUT, 1);
  add(COUNT_BYTES, <u64>length - <u64>captured);
}

/** Adds what a loop kept in locals; `straight` rows took the straight line, `straightIpv6` of them over IPv6. */
export function countLoop(
  frames: u32,
  captured: u64,
  latest: i64,
  straight: u32,
  straightIpv6: u32,
  verify: bool,
): void {
  add(COUNT_FRAMES, frames);
  add(COUNT_BYTES, captured);
  add(COUNT_CAPTURED, captured);
  add(COUNT_IPV4, straight - straightIpv6);
  add(COUNT_IPV6, straightIpv6);
  add(COUNT_TCP, straight);
  add(COUNT_CHECKSUM + ((verify ? CHECKSUM_GOOD : CHECKSUM_UNVERIFIED) << 3), straight);
  if (latest != NO_TIME) store<i64>(STATE_LATEST, latest);
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
