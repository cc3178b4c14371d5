import { FLOW_BLANK } from "../layout/flow-columns";
import { R_LOW } from "../layout/flow-record";
import { giveBack, reserve } from "./memory";

// The hash table: slots of 8 bytes, the record's address below its hash, probed linearly, at most half of
// them taken. An address of 0 is an empty slot. It doubles at once: slots carry their hash, so that moving
// them reads nothing else, some 10 ns a conversation, each moved twice in all.

const FIRST_BITS: u32 = 10;

let slots: u32 = 0;
let mask: u32 = 0;
let taken: u32 = 0;

/** Slots, as an address, and their number minus one: for locals of a loop that adds nothing. */
// @ts-ignore: decorator
@inline
export function tableSlots(): u32 {
  return slots;
}

// @ts-ignore: decorator
@inline
export function tableMask(): u32 {
  return mask;
}

/**
 * The record in the first slot that a hash has; FLOW_BLANK when there is none. It may be another key's: it is whoever
 * asks that looks at the key, once the record lies in the cache.
 */
// @ts-ignore: decorator
@inline
export function firstOf(slots: u32, mask: u32, hash: u32): u32 {
  let j = hash & mask;
  while (true) {
    const slot = load<u64>(slots + (j << 3));
    const record = <u32>slot;
    // One branch: whether there is a conversation is hard to foresee, that the first slot tells is not.
    if (select<u32>(<u32>(slot >> 32) ^ hash, 0, record != 0) == 0) {
      return select<u32>(record, FLOW_BLANK, record != 0);
    }
    j = (j + 1) & mask;
  }
}

/** Makes an empty table; false when memory is out. */
export function openTable(): bool {
  v128.store(FLOW_BLANK, i8x16.splat(-1), R_LOW);
  slots = reserve(8 << FIRST_BITS);
  if (slots == 0) return false;
  mask = (1 << FIRST_BITS) - 1;
  memory.fill(slots, 0, 8 << FIRST_BITS);
  return true;
}

/** Adds a record that is not in the table; false when it is full and cannot grow. */
export function addSlot(hash: u32, record: u32): bool {
  if (taken >= (mask + 1) >> 1 && !double() && taken >= mask) return false;
  place(slots, mask, hash, record);
  taken++;
  return true;
}

/** Puts `record` in the place of `old`, which has the same hash. */
export function replaceSlot(hash: u32, old: u32, record: u32): void {
  store<u32>(find(hash, old), record);
}

/** Takes a record out. Those behind it move up, so that no probe finds a hole (Knuth 6.4, algorithm R). */
export function removeSlot(hash: u32, record: u32): void {
  let hole = find(hash, record);
  let at = hole;
  while (true) {
    at = slots + ((at - slots + 8) & ((mask << 3) | 7));
    if (load<u32>(at) == 0) break;
    const home = slots + ((load<u32>(at, 4) & mask) << 3);
    // It may move to the hole unless its home lies cyclically behind the hole.
    if (((at - home) & ((mask << 3) | 7)) >= ((at - hole) & ((mask << 3) | 7))) {
      store<u64>(hole, load<u64>(at));
      hole = at;
    }
  }
  store<u64>(hole, 0);
  taken--;
}

function find(hash: u32, record: u32): u32 {
  let j = hash & mask;
  while (load<u32>(slots + (j << 3)) != record) j = (j + 1) & mask;
  return slots + (j << 3);
}

function place(slots: u32, mask: u32, hash: u32, record: u32): void {
  let j = hash & mask;
  while (load<u32>(slots + (j << 3))) j = (j + 1) & mask;
  store<u64>(slots + (j << 3), ((<u64>hash) << 32) | <u64>record);
}

function double(): bool {
  const size = (mask + 1) << 3;
  if (size >= 0x40000000) return false;
  const larger = reserve(size << 1);
  if (larger == 0) return false;
  memory.fill(larger, 0, size << 1);
  const largerMask = (mask << 1) | 1;
  for (let at = slots, end = slots + size; at < end; at += 8) {
    if (load<u32>(at)) place(larger, largerMask, load<u32>(at, 4), load<u32>(at));
  }
  giveBack(slots, size);
  slots = larger;
  mask = largerMask;
  return true;
}
