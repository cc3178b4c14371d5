// A batch of rows through the tracker.
import { FLOW_FOUND, FLOW_GROUP, FLOW_RECORDS, IN_TIME } from "../layout/flow-columns";
import { R_FLAGS, R_STATISTICS, RECORD_COUNTED, RECORD_TOLD } from "../layout/flow-record";
import { C_FINDINGS, T_CLIENT, T_SERVER } from "../layout/flow-statistics";
import { lookUp } from "./conversation";
import { sweep } from "./eviction";
import { differs, foundAt, foundRecord, hashAt, keyAt, takeKeys } from "./keys";
import { follow, pass } from "./segment";
import { followStraight } from "./straight";
import { recordOf } from "./pool";
import { blankKey, firstOf, tableMask, tableSlots } from "./table";

/** Rows that found no memory, ever. */
export let untracked: u64 = 0;

// Slots that the nearest cache does not hold all.
const LARGE: u32 = 1 << 11;
// Slots that no cache near the core holds: up to here look-ups alone overlap by themselves.
const HUGE: u32 = 1 << 19;

// Keeps the loads that only bring lines into the cache from being taken for dead code.
let touched: u32 = 0;

/** Follows rows 0 to `n` - 1. */
export function runRows(n: u32): void {
  for (let i: u32 = 0; i < n; i += FLOW_GROUP) {
    const count = min<u32>(FLOW_GROUP, n - i);
    takeKeys(i, count);
    find(count);
    touchRecords(count);
    for (let k: u32 = 0; k < count; k++) {
      if (followStraight(i + k, k) || follow(i + k, k)) continue;
      pass(i + k);
      untracked++;
    }
  }
  if (n > 0) sweep(n, load<i64>(IN_TIME + ((n - 1) << 3)));
}

/** How many of rows 0 to `n` - 1 belong to a conversation in the table: the look-ups alone. */
export function countKnown(n: u32): u32 {
  const slots = tableSlots();
  const mask = tableMask();
  const blank = blankKey();
  const huge = mask >= HUGE;
  let known = n;
  for (let i: u32 = 0; i < n; i += FLOW_GROUP) {
    const count = min<u32>(FLOW_GROUP, n - i);
    takeKeys(i, count);
    if (huge) find(count);
    for (let k: u32 = 0; k < count; k++) {
      const found = huge ? foundAt(k) : firstOf(slots, mask, hashAt(k), blank);
      const other = differs(found, keyAt(k));
      known -= <u32>other;
      if (other & (found != blank)) known += <u32>(lookUp(keyAt(k), hashAt(k)) != 0);
    }
  }
  return known;
}

/** Looks a group's keys up. What is found is touched: so misses overlap instead of waiting for each other. */
// @ts-ignore: decorator
@inline
function find(count: u32): void {
  const slots = tableSlots();
  const mask = tableMask();
  const blank = blankKey();
  let sum: u32 = 0;
  if (mask >= LARGE) for (let k: u32 = 0; k < count; k++) sum += load<u32>(slots + ((hashAt(k) & mask) << 3));
  for (let k: u32 = 0; k < count; k++) {
    const key = firstOf(slots, mask, hashAt(k), blank);
    store<u32>(FLOW_FOUND + (k << 2), key);
    sum += load<u32>(key);
  }
  touched += sum;
}

/** Touches what following the group will read: records, then statistics. */
// @ts-ignore: decorator
@inline
function touchRecords(count: u32): void {
  let sum: u32 = 0;
  for (let k: u32 = 0; k < count; k++) {
    const record = recordOf(foundAt(k));
    store<u32>(FLOW_RECORDS + (k << 2), record);
    sum += load<u32>(record) + load<u32>(record, 64) + load<u32>(record, 128) + load<u32>(record, 192);
  }
  for (let k: u32 = 0; k < count; k++) {
    const record = foundRecord(k);
    const flags = <u32>load<u8>(record, R_FLAGS);
    if (!(flags & RECORD_COUNTED)) continue;
    const counts = load<u32>(record, R_STATISTICS);
    const part = counts + (flags & RECORD_TOLD ? C_FINDINGS : 0);
    sum += load<u32>(counts) + load<u32>(part, T_CLIENT) + load<u32>(part, T_SERVER);
  }
  touched += sum;
}
