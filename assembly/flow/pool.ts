import {
  FLOW_CHUNK_BYTES,
  FLOW_CHUNK_KEYS,
  FLOW_CHUNK_RECORDS,
  FLOW_CHUNKS,
  FLOW_MAX_CHUNKS,
  FLOW_NONE,
  FLOW_POOLS,
} from "../layout/flow-columns";
import {
  ENTRY_BYTES,
  KEY_BYTES,
  R_STREAM,
  RECORD_BYTES,
  RING_CLASSES,
  RING_HEADER,
} from "../layout/flow-record";
import { reserve, reserveAligned } from "./memory";

// Pools of equal blocks: a list of free ones threaded through their first word, and a piece of memory
// that new ones are cut from. What is freed is used again first: it is still in the cache.

const FREE: u32 = 0;
const CUT: u32 = 4;
const END: u32 = 8;

const PAIRS: u32 = FLOW_POOLS;
const STATISTICS: u32 = FLOW_POOLS + 16;
const RINGS: u32 = FLOW_POOLS + 32;

const PIECE: u32 = 65536;

let chunks: u32 = 0;
let cutRecords: u32 = FLOW_CHUNK_RECORDS; // of the last chunk
let freeRecords: u32 = 0;
let ringBytes: u64 = 0;
let ringLimit: u64 = 0;

/** Bounds the memory that rings of unacknowledged segments may take together. */
export function limitRings(bytes: u64): void {
  ringLimit = bytes;
}

// @ts-ignore: decorator
@inline
function take(pool: u32, size: u32): u32 {
  const free = load<u32>(pool, FREE);
  if (free) {
    store<u32>(pool, load<u32>(free), FREE);
    return free;
  }
  return cut(pool, size);
}

function cut(pool: u32, size: u32): u32 {
  let at = load<u32>(pool, CUT);
  if (at + size > load<u32>(pool, END)) {
    const piece = max(PIECE, size);
    at = reserve(piece);
    if (at == 0) return 0;
    store<u32>(pool, at + piece, END);
  }
  store<u32>(pool, at + size, CUT);
  return at;
}

// @ts-ignore: decorator
@inline
function give(pool: u32, at: u32): void {
  store<u32>(at, load<u32>(pool, FREE));
  store<u32>(pool, at, FREE);
}

/** Room for two IPv6 addresses; 0 when memory is out. */
export function takePair(): u32 {
  return take(PAIRS, 32);
}

export function givePair(at: u32): void {
  give(PAIRS, at);
}

/** A cleared block of `size` bytes, always the same size; 0 when memory is out. */
export function takeStatistics(size: u32): u32 {
  const at = take(STATISTICS, size);
  if (at) memory.fill(at, 0, size);
  return at;
}

export function giveStatistics(at: u32): void {
  give(STATISTICS, at);
}

/** A ring with room for 2^sizeClass entries; 0 when there is none, or the limit is reached. */
export function takeRing(sizeClass: u32): u32 {
  if (sizeClass >= <u32>RING_CLASSES) return 0;
  const pool = RINGS + (sizeClass << 4);
  const size: u32 = RING_HEADER + (ENTRY_BYTES << sizeClass);
  if (load<u32>(pool, FREE) == 0) {
    if (ringBytes + size > ringLimit) return 0;
    ringBytes += size;
  }
  return take(pool, size);
}

export function giveRing(at: u32, sizeClass: u32): void {
  give(RINGS + (sizeClass << 4), at);
}

/** A cleared record; 0 when memory is out. */
export function takeRecord(): u32 {
  let at = freeRecords;
  if (at) {
    freeRecords = load<u32>(at);
  } else {
    if (cutRecords == FLOW_CHUNK_RECORDS) {
      if (chunks == FLOW_MAX_CHUNKS) return 0;
      const chunk = reserveAligned(FLOW_CHUNK_BYTES, FLOW_CHUNK_BYTES);
      if (chunk == 0) return 0;
      store<u32>(FLOW_CHUNKS + (chunks << 2), chunk);
      chunks++;
      cutRecords = 0;
    }
    at = load<u32>(FLOW_CHUNKS + ((chunks - 1) << 2)) + FLOW_CHUNK_KEYS + cutRecords * RECORD_BYTES;
    cutRecords++;
  }
  memory.fill(at, 0, RECORD_BYTES);
  return at;
}

export function giveRecord(at: u32): void {
  store<u32>(at, freeRecords);
  store<u32>(at, FLOW_NONE, R_STREAM);
  freeRecords = at;
}

/** Records ever cut, free ones included. */
// @ts-ignore: decorator
@inline
export function recordCount(): u32 {
  return chunks == 0 ? 0 : (chunks - 1) * FLOW_CHUNK_RECORDS + cutRecords;
}

/** Where the i-th of them lies. */
// @ts-ignore: decorator
@inline
export function recordAt(i: u32): u32 {
  const chunk = load<u32>(FLOW_CHUNKS + (i / FLOW_CHUNK_RECORDS) * 4);
  return chunk + FLOW_CHUNK_KEYS + (i % FLOW_CHUNK_RECORDS) * RECORD_BYTES;
}

/** The record of the conversation whose key lies at `key`. */
// @ts-ignore: decorator
@inline
export function recordOf(key: u32): u32 {
  const within = key & (FLOW_CHUNK_BYTES - 1);
  return key - within + FLOW_CHUNK_KEYS + (within / KEY_BYTES) * RECORD_BYTES;
}

/** Where the key of a record's conversation lies. */
export function keyOf(record: u32): u32 {
  const within = record & (FLOW_CHUNK_BYTES - 1);
  return record - within + ((within - FLOW_CHUNK_KEYS) / RECORD_BYTES) * KEY_BYTES;
}
