import {
  E_FRAME,
  E_NEXT,
  E_SENT,
  E_SEQ,
  E_TIME,
  ENTRY_BYTES,
  RING_HEADER,
  RING_HIGH,
  RING_INDEX,
  RING_LOW,
  S_BASE,
  S_COUNT,
  S_FLAGS,
  S_HEAD,
  S_LIST,
  SIDE_CLASS_SHIFT,
  SIDE_UNORDERED,
} from "../layout/flow-record";
import { ge, gt } from "../seq";
import { found, foundBeside } from "./acked";
import { giveRing } from "./pool";

// The ring of a side's unacknowledged segments as memory, and what is done to one that is out of order and has no
// index: it is gone through, and is never long (INDEXED_ABOVE) unless memory for an index was out.

/** Entries, and nodes of indexes, that were gone through so far to hold ACKs against rings: the work, for tests to bound. */
export let looked: u32 = 0;

// @ts-ignore: decorator
@inline
export function look(n: u32): void {
  looked += n;
}

// @ts-ignore: decorator
@inline
export function sizeClass(side: u32): u32 {
  return <u32>load<u16>(side, S_FLAGS) >> SIDE_CLASS_SHIFT;
}

// @ts-ignore: decorator
@inline
export function entry(ring: u32, mask: u32, i: u32): u32 {
  return ring + RING_HEADER + (i & mask) * ENTRY_BYTES;
}

// @ts-ignore: decorator
@inline
export function setFlags(side: u32, set: u32, clear: u32): void {
  store<u16>(side, (<u32>load<u16>(side, S_FLAGS) & ~clear) | set, S_FLAGS);
}

/** Whether a segment keeps the order of a ring that begins at `first` and ends at `last`. */
// @ts-ignore: decorator
@inline
export function follows(seq: u32, next: u32, last: u32, first: u32): bool {
  return ge(seq, last) && ge(seq, first) && ge(next, seq) && ge(next, first);
}

// @ts-ignore: decorator
@inline
export function widen(side: u32, ring: u32, seq: u32, next: u32): void {
  const base = load<u32>(side, S_BASE);
  store<u32>(ring, min(load<u32>(ring, RING_LOW), seq - base), RING_LOW);
  store<u32>(ring, max(load<u32>(ring, RING_HIGH), next - base), RING_HIGH);
}

// @ts-ignore: decorator
@inline
export function write(at: u32, seq: u32, next: u32, frame: u32, bits: u32, time: i64): void {
  store<u32>(at, seq, E_SEQ);
  store<u32>(at, next, E_NEXT);
  store<u32>(at, frame, E_FRAME);
  store<u32>(at, bits, E_SENT);
  store<i64>(at, time, E_TIME);
}

/** Extremes of nothing. */
export function noExtremes(ring: u32): void {
  store<u32>(ring, -1, RING_LOW);
  store<u32>(ring, 0, RING_HIGH);
}

/** Gives a side a ring whose entries begin at the first place. */
export function setRing(side: u32, ring: u32, ringClass: u32): void {
  store<u32>(side, ring, S_LIST);
  store<u16>(side, 0, S_HEAD);
  setFlags(side, ringClass << SIDE_CLASS_SHIFT, 15 << SIDE_CLASS_SHIFT);
}

/** A ring that was taken has no entries and no index. */
// @ts-ignore: decorator
@inline
export function begin(ring: u32): void {
  store<u32>(ring, 0, RING_INDEX);
}

/** Moves all entries, in order and from the first place on, to a ring of at least the same size, and gives back theirs. */
export function moveTo(side: u32, other: u32, otherClass: u32): void {
  const ring = load<u32>(side, S_LIST);
  const had = sizeClass(side);
  const mask: u32 = (1 << had) - 1;
  const head = <u32>load<u16>(side, S_HEAD);
  memory.copy(other, ring, RING_HEADER);
  const front = (mask + 1 - (head & mask)) * ENTRY_BYTES;
  memory.copy(other + RING_HEADER, entry(ring, mask, head), front);
  memory.copy(other + RING_HEADER + front, ring + RING_HEADER, (head & mask) * ENTRY_BYTES);
  giveRing(ring, had);
  setRing(side, other, otherClass);
}

/** Sees whether the entries are in order, and what their extremes are. */
export function measure(side: u32): void {
  go(side, false, 0);
}

/** Holds an acknowledgment number against the whole ring, and measures the rest. @returns how many entries are left */
export function sift(side: u32, ack: u32): u32 {
  return go(side, true, ack);
}

function go(side: u32, holds: bool, ack: u32): u32 {
  const ring = load<u32>(side, S_LIST);
  const base = load<u32>(side, S_BASE);
  const mask: u32 = (1 << sizeClass(side)) - 1;
  const head = <u32>load<u16>(side, S_HEAD);
  const count = <u32>load<u16>(side, S_COUNT);
  let kept: u32 = 0;
  let held: u32 = 0;
  let low: u32 = -1;
  let high: u32 = 0;
  let first: u32 = 0;
  let last: u32 = 0;
  let ordered = true;
  look(count);
  for (let i: u32 = 0; i < count; i++) {
    const at = entry(ring, mask, head + i);
    const next = load<u32>(at, E_NEXT);
    let seq = load<u32>(at, E_SEQ);
    if (holds) {
      if (!gt(next, ack)) {
        held |= load<u32>(at, E_SENT);
        if (next == ack) found(at);
        continue;
      }
      if (gt(ack, seq)) seq = ack;
      const to = entry(ring, mask, head + kept);
      store<u32>(to, seq, E_SEQ);
      store<u32>(to, next, E_NEXT);
      store<u64>(to, load<u64>(at, E_FRAME), E_FRAME); // and E_SENT
      store<i64>(to, load<i64>(at, E_TIME), E_TIME);
    }
    if (kept == 0) first = seq;
    else ordered = ordered && follows(seq, next, last, first);
    last = next;
    low = min(low, seq - base);
    high = max(high, next - base);
    kept++;
  }
  foundBeside(held);
  store<u32>(ring, low, RING_LOW);
  store<u32>(ring, high, RING_HIGH);
  // Relative numbers that wrap are out of order, too.
  ordered = ordered && last - base >= first - base;
  setFlags(side, ordered ? 0 : SIDE_UNORDERED, ordered ? SIDE_UNORDERED : 0);
  return kept;
}
