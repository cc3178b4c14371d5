// A batch of rows through the tracker.
import {
  FLOW_BLANK_SIDE,
  FLOW_DEPARTED,
  FLOW_DEPARTED_MAX,
  FLOW_GROUP,
  FLOW_HASHES,
  FLOW_NONE,
  IN_TIME,
} from "../layout/flow-columns";
import { R_FLAGS, R_LAST, R_SIDES, R_STREAM, RECORD_DEPARTED } from "../layout/flow-record";
import { detach, freeRecord, hashKey, held, takeKey } from "./conversation";
import { recordAt, recordCount } from "./pool";
import { follow, pass } from "./segment";
import { tableMask, tableSlots } from "./table";

// Records looked at to find one to give up, at least that many at a time.
const CANDIDATES: u32 = 16;

let limit: u32 = 0;
let idle: i64 = 0;
let hand: u32 = 0;

/** Conversations given up in the last `run`, for the tracker to take before `release`. */
export let departed: u32 = 0;
/** Rows that found no memory, ever. */
export let untracked: u64 = 0;

// Keeps the loads that only bring lines into the cache from being taken for dead code.
let touched: u32 = 0;

/** At most `flows` conversations at a time; those silent for more than `ns` are given up, 0 for never. */
export function setLimits(flows: u32, ns: i64): void {
  limit = flows;
  idle = ns;
}

/** Follows rows 0 to `n` - 1. */
export function runRows(n: u32): void {
  for (let i: u32 = 0; i < n; i += FLOW_GROUP) {
    const end = min(i + FLOW_GROUP, n);
    touch(i, end);
    for (let j = i; j < end; j++) {
      if (held >= limit) giveUpOne();
      if (follow(j, load<u32>(FLOW_HASHES + ((j - i) << 2)))) continue;
      pass(j);
      untracked++;
    }
  }
  if (n > 0 && idle > 0) sweep(n, load<i64>(IN_TIME + ((n - 1) << 3)));
}

/** Frees what the last `run` gave up. */
export function releaseDeparted(): void {
  for (let i: u32 = 0; i < departed; i++) freeRecord(load<u32>(FLOW_DEPARTED + (i << 2)));
  departed = 0;
}

/**
 * Hashes the keys of a group of rows and touches what their look-ups will read, slots, then records, then
 * sides: so the misses of a large table overlap instead of waiting for each other.
 */
// @ts-ignore: decorator
@inline
function touch(i: u32, end: u32): void {
  const slots = tableSlots();
  const mask = tableMask();
  for (let j = i, to: u32 = FLOW_HASHES; j < end; j++, to += 4) {
    takeKey(j);
    const hash = hashKey();
    store<u32>(to, hash);
    touched += load<u32>(slots + ((hash & mask) << 3));
  }
  for (let at: u32 = FLOW_HASHES, to = at + ((end - i) << 2); at < to; at += 4) {
    const record = load<u32>(slots + ((load<u32>(at) & mask) << 3));
    touched += load<u32>(record ? record : FLOW_BLANK_SIDE, R_STREAM);
  }
  for (let at: u32 = FLOW_HASHES, to = at + ((end - i) << 2); at < to; at += 4) {
    let record = load<u32>(slots + ((load<u32>(at) & mask) << 3));
    if (record == 0) record = FLOW_BLANK_SIDE;
    touched += load<u8>(load<u32>(record, R_SIDES)) + load<u8>(load<u32>(record, R_SIDES + 4));
  }
}

/** Gives up the conversation that was silent longest among the next few. */
function giveUpOne(): void {
  const count = recordCount();
  if (departed >= <u32>FLOW_DEPARTED_MAX) return;
  let found: u32 = 0;
  let since: i64 = 0;
  let seen: u32 = 0;
  for (let steps: u32 = 0; steps < count && seen < CANDIDATES; steps++) {
    const record = next(count);
    if (!isHeld(record)) continue;
    seen++;
    const last = load<i64>(record, R_LAST);
    if (found && last >= since) continue;
    found = record;
    since = last;
  }
  if (found) depart(found);
}

/** Looks at some records, a quarter as many as there were rows, and gives up those that are idle. */
function sweep(n: u32, now: i64): void {
  const count = recordCount();
  const steps = min(count, (n >> 2) + CANDIDATES);
  for (let i: u32 = 0; i < steps && departed < <u32>FLOW_DEPARTED_MAX; i++) {
    const record = next(count);
    if (!isHeld(record)) continue;
    if (now - load<i64>(record, R_LAST) > idle) depart(record);
  }
}

// @ts-ignore: decorator
@inline
function next(count: u32): u32 {
  if (hand >= count) hand = 0;
  return recordAt(hand++);
}

// @ts-ignore: decorator
@inline
function isHeld(record: u32): bool {
  return load<u32>(record, R_STREAM) != FLOW_NONE && !(load<u8>(record, R_FLAGS) & RECORD_DEPARTED);
}

function depart(record: u32): void {
  detach(record);
  store<u8>(record, load<u8>(record, R_FLAGS) | RECORD_DEPARTED, R_FLAGS);
  store<u32>(FLOW_DEPARTED + (departed << 2), record);
  departed++;
}
