import { MAX_UNACKNOWLEDGED } from "../layout/flow-findings";
import {
  E_FRAME,
  E_NEXT,
  E_SENT,
  E_SEQ,
  E_TIME,
  ENTRY_AGAIN,
  ENTRY_GONE,
  ENTRY_PHANTOM,
  INDEXED_ABOVE,
  RING_HEADER,
  RING_HIGH,
  RING_LOW,
  RING_USED,
  S_BASE,
  S_COUNT,
  S_FLAGS,
  S_HEAD,
  S_LIST,
  S_NEXT,
  S_NEXT_FRAME,
  S_NEXT_TIME,
  SIDE_CLASS_SHIFT,
  SIDE_ONE,
  SIDE_PHANTOM,
  SIDE_UNORDERED,
  SIDE_UNSETTLED,
} from "../layout/flow-record";
import { gt } from "../seq";
import { found, nothingAcknowledged, tell } from "./acked";
import { giveRing, takeRing } from "./pool";
import { begin, entry, follows, measure, moveTo, setFlags, sift, sizeClass, widen, write } from "./ring";
import {
  acknowledgeIndexed,
  append,
  build,
  drop,
  indexOf,
  makeRoomBehind,
  rebaseIndexed,
  spanIndexed,
} from "./ring-index";
import { seqAt } from "./ring-tree";

// The segments of one direction that were seen and not yet acknowledged, oldest first, in a ring. As long
// as they are in sequence order and span less than 2^31, an ACK takes them from the front and the bytes in
// flight lie between front and back. After a retransmission or reordering (SIDE_UNORDERED) a short ring is
// gone through (ring.ts), but only for an ACK that can change it, and the extremes are kept in its header; a
// long one gets an index (ring-index.ts). A single segment that was the last to go further than any before
// needs no ring (SIDE_ONE): the side has its end, time and frame already. Most that ever wait, wait so.

// How many segments `hasTwin` looks back, and how many places at most.
const LOOK_BACK: i32 = 46;
const LOOK_BACK_PLACES: i32 = 200;

// @ts-ignore: decorator
@inline
function isOne(side: u32): bool {
  return sizeClass(side) == SIDE_ONE;
}

// @ts-ignore: decorator
@inline
function isIndexed(side: u32): bool {
  // With SIDE_ONE the list is a sequence number; that one is never out of order.
  return load<u16>(side, S_FLAGS) & SIDE_UNORDERED && indexOf(side) != 0;
}

/** When the oldest segment was seen; where none waits, the one that went furthest. */
export function oldestTime(side: u32): i64 {
  if (load<u16>(side, S_COUNT) == 0 || isOne(side)) return load<i64>(side, S_NEXT_TIME);
  return load<i64>(front(side), E_TIME);
}

/** Its frame. */
export function oldestFrame(side: u32): u32 {
  if (load<u16>(side, S_COUNT) == 0 || isOne(side)) return load<u32>(side, S_NEXT_FRAME);
  return load<u32>(front(side), E_FRAME);
}

function front(side: u32): u32 {
  return entry(load<u32>(side, S_LIST), (1 << sizeClass(side)) - 1, load<u16>(side, S_HEAD));
}

/**
 * Remembers a segment with its ENTRY_ bits and print (E_SENT). `settled` is the acknowledgment number
 * last held against the ring; `furthest` says that the caller is about to store the segment's end in S_NEXT,
 * and time and frame with it. Does nothing when MAX_UNACKNOWLEDGED are remembered already or memory is out.
 */
export function remember(
  side: u32,
  seq: u32,
  next: u32,
  frame: u32,
  bits: u32,
  time: i64,
  settled: u32,
  furthest: bool,
): bool {
  if (gt(settled, seq) || !gt(next, settled)) setFlags(side, SIDE_UNSETTLED, 0);
  const count = <u32>load<u16>(side, S_COUNT);
  if (count == 0 && furthest && !(bits & ENTRY_AGAIN)) {
    store<u32>(side, seq, S_LIST);
    store<u16>(side, <u16>(bits >> 16), S_HEAD);
    store<u16>(side, 1, S_COUNT);
    setFlags(side, (SIDE_ONE << SIDE_CLASS_SHIFT) | (bits & ENTRY_PHANTOM ? SIDE_PHANTOM : 0), SIDE_PHANTOM);
    return true;
  }
  if (!keepOne(side)) return false;
  if (count >= <u32>MAX_UNACKNOWLEDGED) return false;
  if (isIndexed(side)) {
    if (!makeRoomBehind(side)) return false;
    // Closing holes may have shown that none is needed any more.
    if (isIndexed(side)) {
      append(side, seq, next, frame, bits, time);
      return true;
    }
  }
  if (!makeRoom(side, count)) return false;
  const ring = load<u32>(side, S_LIST);
  const mask: u32 = (1 << sizeClass(side)) - 1;
  const head = <u32>load<u16>(side, S_HEAD);
  const at = entry(ring, mask, head + count);
  write(at, seq, next, frame, bits, time);
  store<u16>(side, count + 1, S_COUNT);
  if (load<u16>(side, S_FLAGS) & SIDE_UNORDERED) {
    if (count < <u32>INDEXED_ABOVE || !build(side)) widen(side, ring, seq, next);
  } else if (count > 0) {
    const back = entry(ring, mask, head + count - 1);
    const first = load<u32>(entry(ring, mask, head), E_SEQ);
    if (!follows(seq, next, load<u32>(back, E_NEXT), first)) loseOrder(side);
  }
  return true;
}

/**
 * To be called before S_NEXT changes for another reason than a segment remembered: what the side tells of a
 * single segment goes to a ring. False when there is no memory for one; then it is forgotten.
 */
export function keepOne(side: u32): bool {
  if (!isOne(side)) return true;
  const ring = takeRing(1);
  if (ring == 0) {
    forget(side);
    return false;
  }
  begin(ring);
  const at = ring + RING_HEADER;
  const phantom = load<u16>(side, S_FLAGS) & SIDE_PHANTOM ? ENTRY_PHANTOM : 0;
  store<u32>(at, load<u32>(side, S_LIST), E_SEQ);
  store<u32>(at, load<u32>(side, S_NEXT), E_NEXT);
  store<u32>(at, load<u32>(side, S_NEXT_FRAME), E_FRAME);
  store<u32>(at, phantom | (<u32>load<u16>(side, S_HEAD) << 16), E_SENT);
  store<i64>(at, load<i64>(side, S_NEXT_TIME), E_TIME);
  store<u32>(side, ring, S_LIST);
  store<u16>(side, 0, S_HEAD);
  setFlags(side, 1 << SIDE_CLASS_SHIFT, 15 << SIDE_CLASS_SHIFT);
  return true;
}

/**
 * Holds an acknowledgment number against the other direction's ring: what it covers goes, what it covers
 * in part keeps the rest. `again` says that the number is the same as the last time.
 */
// @ts-ignore: decorator
@inline
export function acknowledge(side: u32, ack: u32, again: bool): void {
  nothingAcknowledged();
  if (load<u16>(side, S_COUNT) == 0) return;
  acknowledgeSome(side, ack, again);
}

function acknowledgeSome(side: u32, ack: u32, again: bool): void {
  if (again && !(load<u16>(side, S_FLAGS) & SIDE_UNSETTLED)) return;
  if (isOne(side)) {
    acknowledgeOne(side, ack);
    return;
  }
  if (load<u16>(side, S_FLAGS) & SIDE_UNORDERED) {
    settle(side, isIndexed(side) ? acknowledgeIndexed(side, ack) : sift(side, ack));
    return;
  }
  const ring = load<u32>(side, S_LIST);
  const mask: u32 = (1 << sizeClass(side)) - 1;
  let head = <u32>load<u16>(side, S_HEAD);
  let count = <u32>load<u16>(side, S_COUNT);
  const oldest = entry(ring, mask, head);
  if (gt(load<u32>(oldest, E_NEXT), ack)) {
    // What is at the back and not above the number lies half the number space away.
    while (!gt(load<u32>(entry(ring, mask, head + count - 1), E_NEXT), ack)) count--;
    if (gt(ack, load<u32>(oldest, E_SEQ))) store<u32>(oldest, ack, E_SEQ);
    settle(side, count);
    return;
  }
  while (count > 0) {
    const at = entry(ring, mask, head);
    const next = load<u32>(at, E_NEXT);
    if (gt(next, ack)) {
      if (gt(ack, load<u32>(at, E_SEQ))) store<u32>(at, ack, E_SEQ);
      break;
    }
    if (next == ack) found(at);
    head++;
    count--;
  }
  store<u16>(side, head & mask, S_HEAD);
  settle(side, count);
}

function acknowledgeOne(side: u32, ack: u32): void {
  const next = load<u32>(side, S_NEXT);
  if (gt(next, ack)) {
    if (gt(ack, load<u32>(side, S_LIST))) store<u32>(side, ack, S_LIST);
    setFlags(side, 0, SIDE_UNSETTLED);
    return;
  }
  if (next == ack) {
    const bits: u32 = load<u16>(side, S_FLAGS) & SIDE_PHANTOM ? ENTRY_PHANTOM : 0;
    tell(load<u32>(side, S_NEXT_FRAME), load<i64>(side, S_NEXT_TIME), bits);
  }
  forget(side);
}

/** The span from the lowest to the highest remembered sequence number, both relative to the base. */
export function spanInFlight(side: u32): u32 {
  const base = load<u32>(side, S_BASE);
  const ring = load<u32>(side, S_LIST);
  if (isOne(side)) return load<u32>(side, S_NEXT) - ring;
  if (load<u16>(side, S_FLAGS) & SIDE_UNORDERED) return spanUnordered(side);
  const mask: u32 = (1 << sizeClass(side)) - 1;
  const head = <u32>load<u16>(side, S_HEAD);
  const count = <u32>load<u16>(side, S_COUNT);
  const low = load<u32>(entry(ring, mask, head), E_SEQ) - base;
  const high = load<u32>(entry(ring, mask, head + count - 1), E_NEXT) - base;
  if (high >= low) return high - low;
  // The relative numbers themselves have wrapped.
  loseOrder(side);
  return spanUnordered(side);
}

function spanUnordered(side: u32): u32 {
  if (isIndexed(side)) return spanIndexed(side);
  const ring = load<u32>(side, S_LIST);
  return load<u32>(ring, RING_HIGH) - load<u32>(ring, RING_LOW);
}

/** The base has changed: what is kept relative to it is made anew. */
export function rebase(side: u32): void {
  if (load<u16>(side, S_COUNT) == 0 || isOne(side)) return;
  if (isIndexed(side)) rebaseIndexed(side);
  else loseOrder(side);
}

/** Gives the ring back. */
export function forget(side: u32): void {
  const ring = load<u32>(side, S_LIST);
  if (ring && !isOne(side)) {
    drop(side);
    giveRing(ring, sizeClass(side));
  }
  store<u32>(side, 0, S_LIST);
  store<u32>(side, 0, S_HEAD); // and the count
  setFlags(side, 0, SIDE_UNORDERED | SIDE_UNSETTLED | SIDE_PHANTOM | (15 << SIDE_CLASS_SHIFT));
}

// @ts-ignore: decorator
@inline
function settle(side: u32, count: u32): void {
  if (count == 0) {
    forget(side);
    return;
  }
  store<u16>(side, count, S_COUNT);
  setFlags(side, 0, SIDE_UNSETTLED);
}

function loseOrder(side: u32): void {
  if (<u32>load<u16>(side, S_COUNT) <= <u32>INDEXED_ABOVE || !build(side)) measure(side);
}

/** A ring with a free place. */
function makeRoom(side: u32, count: u32): bool {
  const ring = load<u32>(side, S_LIST);
  if (ring == 0) {
    const fresh = takeRing(0);
    if (fresh == 0) return false;
    begin(fresh);
    store<u32>(side, fresh, S_LIST);
    setFlags(side, 0, 15 << SIDE_CLASS_SHIFT);
    return true;
  }
  const had = sizeClass(side);
  if (count < <u32>(1 << had)) return true;
  const larger = takeRing(had + 1);
  if (larger == 0) return false;
  moveTo(side, larger, had + 1);
  return true;
}

/**
 * Whether a segment of this range and print was seen at `since` or later, other than the newest one.
 * Looks back some dozens of segments.
 */
export function hasTwin(side: u32, seq: u32, next: u32, print: u32, since: i64): bool {
  const ring = load<u32>(side, S_LIST);
  const mask: u32 = (1 << sizeClass(side)) - 1;
  const head = <u32>load<u16>(side, S_HEAD);
  const index = isIndexed(side) ? indexOf(side) : 0;
  // With holes, where it has an index.
  const places: i32 = index ? load<u16>(ring, RING_USED) - head : load<u16>(side, S_COUNT);
  let left = LOOK_BACK;
  for (let i = places - 2; i >= max(0, places - LOOK_BACK_PLACES) && left > 0; i--) {
    const at = entry(ring, mask, head + i);
    if (load<u32>(at, E_SENT) & ENTRY_GONE) continue;
    left--;
    if (load<i64>(at, E_TIME) < since) return false;
    const same = load<u32>(at, E_NEXT) == next && load<u32>(at, E_SENT) >> 16 == print;
    if (same && (index ? seqAt(ring, index, head + i) : load<u32>(at, E_SEQ)) == seq) return true;
  }
  return false;
}
