// A batch of rows through the tracker.
import { FLOW_BLANK, FLOW_GROUP, FLOW_HASHES, IN_TIME } from "../layout/flow-columns";
import { R_FLAGS, R_STATISTICS, RECORD_COUNTED } from "../layout/flow-record";
import { T_CLIENT, T_SERVER } from "../layout/flow-statistics";
import { hashKey, lookUp, takeKey } from "./conversation";
import { sweep } from "./eviction";
import { follow, pass } from "./segment";
import { tableMask, tableSlots } from "./table";

/** Rows that found no memory, ever. */
export let untracked: u64 = 0;

// Keeps the loads that only bring lines into the cache from being taken for dead code.
let touched: u32 = 0;

/** Follows rows 0 to `n` - 1. */
export function runRows(n: u32): void {
  for (let i: u32 = 0; i < n; i += FLOW_GROUP) {
    const end = min(i + FLOW_GROUP, n);
    touch(i, end);
    for (let j = i; j < end; j++) {
      if (follow(j, load<u32>(FLOW_HASHES + ((j - i) << 2)))) continue;
      pass(j);
      untracked++;
    }
  }
  if (n > 0) sweep(n, load<i64>(IN_TIME + ((n - 1) << 3)));
}

/** How many of rows 0 to `n` - 1 belong to a conversation in the table: the look-ups alone. */
export function countKnown(n: u32): u32 {
  let known: u32 = 0;
  for (let i: u32 = 0; i < n; i++) {
    takeKey(i);
    known += <u32>(lookUp(hashKey()) != 0);
  }
  return known;
}

/**
 * Hashes the keys of a group of rows and touches what their look-ups will read, slots, then records, then
 * statistics: so the misses of a large table overlap instead of waiting for each other.
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
    const record = recordIn(slots, mask, at);
    touched += load<u32>(record) + load<u32>(record, 64) + load<u32>(record, 128) + load<u32>(record, 192);
  }
  for (let at: u32 = FLOW_HASHES, to = at + ((end - i) << 2); at < to; at += 4) {
    const record = recordIn(slots, mask, at);
    if (!(load<u8>(record, R_FLAGS) & RECORD_COUNTED)) continue;
    const counts = load<u32>(record, R_STATISTICS);
    touched += load<u32>(counts) + load<u32>(counts, T_CLIENT) + load<u32>(counts, T_SERVER);
  }
}

// @ts-ignore: decorator
@inline
function recordIn(slots: u32, mask: u32, at: u32): u32 {
  const record = load<u32>(slots + ((load<u32>(at) & mask) << 3));
  return record ? record : FLOW_BLANK;
}
