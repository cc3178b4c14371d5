import { FLOW_NONE } from "../layout/flow-columns";
import { R_STREAM } from "../layout/flow-record";
import { giveBack, reserve } from "./memory";
import { keyOf, takeRecord } from "./pool";

// The hash table: slots of 8 bytes, the address of a conversation's key below its hash, probed linearly, at most half of
// them taken. An address of 0 is an empty slot. It doubles at once: slots carry their hash, so that moving
// them reads nothing else, some 10 ns a conversation, each moved twice in all.

const FIRST_BITS: u32 = 10;

let slots: u32 = 0;
let mask: u32 = 0;
let taken: u32 = 0;

// The key of a conversation that is none, for reading only: no row has it. Its record is empty.
let blank: u32 = 0;

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

// @ts-ignore: decorator
@inline
export function blankKey(): u32 {
  return blank;
}

/**
 * The key in the first slot that a hash has; `blank` when there is none. It may be another one: it is whoever asks that
 * looks at it, once it lies in the cache.
 */
// @ts-ignore: decorator
@inline
export function firstOf(slots: u32, mask: u32, hash: u32, blank: u32): u32 {
  let j = hash & mask;
  while (true) {
    const slot = load<u64>(slots + (j << 3));
    const key = <u32>slot;
    // One branch: whether there is a conversation is hard to foresee, that the first slot tells is not.
    if (select<u32>(<u32>(slot >> 32) ^ hash, 0, key != 0) == 0) {
      return select<u32>(key, blank, key != 0);
    }
    j = (j + 1) & mask;
  }
}

/** Makes an empty table; false when memory is out. */
export function openTable(): bool {
  if (!makeBlank()) return false;
  slots = reserve(8 << FIRST_BITS);
  if (slots == 0) return false;
  mask = (1 << FIRST_BITS) - 1;
  memory.fill(slots, 0, 8 << FIRST_BITS);
  return true;
}

function makeBlank(): bool {
  const record = takeRecord();
  if (record == 0) return false;
  store<u32>(record, FLOW_NONE, R_STREAM);
  blank = keyOf(record);
  v128.store(blank, i8x16.splat(-1));
  return true;
}

/** Adds a key that is not in the table; false when it is full and cannot grow. */
export function addSlot(hash: u32, key: u32): bool {
  if (taken >= (mask + 1) >> 1 && !double() && taken >= mask) return false;
  place(slots, mask, hash, key);
  taken++;
  return true;
}

/** Puts `key` in the place of `old`, which has the same hash. */
export function replaceSlot(hash: u32, old: u32, key: u32): void {
  store<u32>(find(hash, old), key);
}

/** Takes a key out. Those behind it move up, so that no probe finds a hole (Knuth 6.4, algorithm R). */
export function removeSlot(hash: u32, key: u32): void {
  let hole = find(hash, key);
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

function find(hash: u32, key: u32): u32 {
  let j = hash & mask;
  while (load<u32>(slots + (j << 3)) != key) j = (j + 1) & mask;
  return slots + (j << 3);
}

function place(slots: u32, mask: u32, hash: u32, key: u32): void {
  let j = hash & mask;
  while (load<u32>(slots + (j << 3))) j = (j + 1) & mask;
  store<u64>(slots + (j << 3), ((<u64>hash) << 32) | <u64>key);
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
