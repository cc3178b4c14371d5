// Conversations are given up to keep within bounds: when one more would be too many, and when they were
// silent for too long.
import { FLOW_DEPARTED, FLOW_DEPARTED_MAX, FLOW_NONE } from "../layout/flow-columns";
import { R_FLAGS, R_LAST, R_STREAM, RECORD_DEPARTED } from "../layout/flow-record";
import { detach, freeRecord, held } from "./conversation";
import { recordAt, recordCount } from "./pool";

// Records looked at to find the one that was silent longest. A hand goes round over all of them.
const CANDIDATES: u32 = 16;

let limit: u32 = 0;
let idle: i64 = 0;
let hand: u32 = 0;

/** Conversations given up since the last `releaseDeparted`, their records at FLOW_DEPARTED. */
export let departed: u32 = 0;

/** At most `flows` conversations at a time; those silent for more than `ns` are given up, 0 for never. */
export function setLimits(flows: u32, ns: i64): void {
  limit = flows;
  idle = ns;
}

/** Sees to it that one more conversation may be opened. */
// @ts-ignore: decorator
@inline
export function makePlace(): void {
  if (held >= limit) giveUpOne();
}

export function isDeparted(record: u32): bool {
  return (load<u8>(record, R_FLAGS) & RECORD_DEPARTED) != 0;
}

/** After `n` rows, the last at `now`: looks at a quarter as many records, and gives up those that are idle. */
export function sweep(n: u32, now: i64): void {
  if (idle == 0) return;
  const count = recordCount();
  const steps = min(count, (n >> 2) + CANDIDATES);
  for (let i: u32 = 0; i < steps && departed < <u32>FLOW_DEPARTED_MAX; i++) {
    const record = next(count);
    if (isHeld(record) && now - load<i64>(record, R_LAST) > idle) depart(record);
  }
}

/** Frees what was given up. */
export function releaseDeparted(): void {
  for (let i: u32 = 0; i < departed; i++) freeRecord(load<u32>(FLOW_DEPARTED + (i << 2)));
  departed = 0;
}

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

// @ts-ignore: decorator
@inline
function next(count: u32): u32 {
  if (hand >= count) hand = 0;
  return recordAt(hand++);
}

// @ts-ignore: decorator
@inline
function isHeld(record: u32): bool {
  return load<u32>(record, R_STREAM) != FLOW_NONE && !isDeparted(record);
}

function depart(record: u32): void {
  detach(record);
  store<u8>(record, load<u8>(record, R_FLAGS) | RECORD_DEPARTED, R_FLAGS);
  store<u32>(FLOW_DEPARTED + (departed << 2), record);
  departed++;
}
