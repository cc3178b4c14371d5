import { MAX_UNACKNOWLEDGED } from "../layout/flow-findings";
import {
  E_FRAME,
  E_NEXT,
  E_SENT,
  E_SEQ,
  E_TIME,
  ENTRY_AGAIN,
  ENTRY_BYTES,
  ENTRY_PHANTOM,
  RING_HEADER,
  RING_HIGH,
  RING_LOW,
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
import { ge, gt } from "../seq";
import { giveRing, takeRing } from "./pool";

// The segments of one direction that were seen and not yet acknowledged, oldest first, in a ring. As long
// as they are in sequence order and span less than 2^31, an ACK takes them from the front and the bytes in
// flight lie between front and back. After a retransmission or reordering (SIDE_UNORDERED) the ring is
// gone through, but only for an ACK that can change it, and the extremes are kept in the ring's header.
// A single segment that was the last to go further than any before needs no ring (SIDE_ONE): the side has
// its end, time and frame already. Most that ever wait, wait so.

/** The frame that the last `acknowledge` acknowledged exactly, 0 for none. */
export let ackedFrame: u32 = 0;
/** When that frame was seen. */
export let ackedTime: i64 = 0;
/**
 * Its ENTRY_ bits. ENTRY_AGAIN makes the time ambiguous (Karn, RFC 6298 3), and stands also where another segment that was
 * sent again or came late is acknowledged with it: the receiver waited for that one, so the time is not the way's.
 */
export let ackedBits: u32 = 0;

const LOOK_BACK: i32 = 48;

// @ts-ignore: decorator
@inline
function sizeClass(side: u32): u32 {
  return <u32>load<u16>(side, S_FLAGS) >> SIDE_CLASS_SHIFT;
}

// @ts-ignore: decorator
@inline
function entry(ring: u32, mask: u32, i: u32): u32 {
  return ring + RING_HEADER + (i & mask) * ENTRY_BYTES;
}

// @ts-ignore: decorator
@inline
function setFlags(side: u32, set: u32, clear: u32): void {
  store<u16>(side, (<u32>load<u16>(side, S_FLAGS) & ~clear) | set, S_FLAGS);
}

// @ts-ignore: decorator
@inline
function isOne(side: u32): bool {
  return sizeClass(side) == SIDE_ONE;
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
  if (count >= <u32>MAX_UNACKNOWLEDGED || !makeRoom(side, count)) return false;
  const ring = load<u32>(side, S_LIST);
  const mask: u32 = (1 << sizeClass(side)) - 1;
  const head = <u32>load<u16>(side, S_HEAD);
  const at = entry(ring, mask, head + count);
  store<u32>(at, seq, E_SEQ);
  store<u32>(at, next, E_NEXT);
  store<u32>(at, frame, E_FRAME);
  store<u32>(at, bits, E_SENT);
  store<i64>(at, time, E_TIME);
  store<u16>(side, count + 1, S_COUNT);
  if (load<u16>(side, S_FLAGS) & SIDE_UNORDERED) widen(side, ring, seq, next);
  else if (count > 0) {
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
  ackedFrame = 0;
  if (load<u16>(side, S_COUNT) == 0) return;
  acknowledgeSome(side, ack, again);
}

function acknowledgeSome(side: u32, ack: u32, again: bool): void {
  if (again && !(load<u16>(side, S_FLAGS) & SIDE_UNSETTLED)) return;
  if (isOne(side)) {
    acknowledgeOne(side, ack);
    return;
  }
  const ring = load<u32>(side, S_LIST);
  const mask: u32 = (1 << sizeClass(side)) - 1;
  let head = <u32>load<u16>(side, S_HEAD);
  let count = <u32>load<u16>(side, S_COUNT);
  const back = load<u32>(entry(ring, mask, head + count - 1), E_NEXT);
  const ordered = !(load<u16>(side, S_FLAGS) & SIDE_UNORDERED);
  // Where the front is above the number and the back is not, it lies half the number space away.
  if (!ordered || (gt(load<u32>(entry(ring, mask, head), E_NEXT), ack) && !gt(back, ack))) {
    sift(side, ack);
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
    ackedFrame = load<u32>(side, S_NEXT_FRAME);
    ackedTime = load<i64>(side, S_NEXT_TIME);
    ackedBits = load<u16>(side, S_FLAGS) & SIDE_PHANTOM ? ENTRY_PHANTOM : 0;
  }
  forget(side);
}

/** As if nothing was acknowledged, for a segment that is not held against the ring. */
export function nothingAcknowledged(): void {
  ackedFrame = 0;
}

/** The span from the lowest to the highest remembered sequence number, both relative to the base. */
export function spanInFlight(side: u32): u32 {
  const base = load<u32>(side, S_BASE);
  const ring = load<u32>(side, S_LIST);
  if (isOne(side)) return load<u32>(side, S_NEXT) - ring;
  if (load<u16>(side, S_FLAGS) & SIDE_UNORDERED) {
    return load<u32>(ring, RING_HIGH) - load<u32>(ring, RING_LOW);
  }
  const mask: u32 = (1 << sizeClass(side)) - 1;
  const head = <u32>load<u16>(side, S_HEAD);
  const count = <u32>load<u16>(side, S_COUNT);
  const low = load<u32>(entry(ring, mask, head), E_SEQ) - base;
  const high = load<u32>(entry(ring, mask, head + count - 1), E_NEXT) - base;
  if (high >= low) return high - low;
  // The relative numbers themselves have wrapped.
  loseOrder(side);
  return load<u32>(ring, RING_HIGH) - load<u32>(ring, RING_LOW);
}

/** The base has changed: what is kept relative to it is made anew. */
export function rebase(side: u32): void {
  if (load<u16>(side, S_COUNT) > 0 && !isOne(side)) loseOrder(side);
}

/** Gives the ring back. */
export function forget(side: u32): void {
  const ring = load<u32>(side, S_LIST);
  if (ring && !isOne(side)) giveRing(ring, sizeClass(side));
  store<u32>(side, 0, S_LIST);
  store<u32>(side, 0, S_HEAD); // and the count
  setFlags(side, 0, SIDE_UNORDERED | SIDE_UNSETTLED | SIDE_PHANTOM | (15 << SIDE_CLASS_SHIFT));
}

// @ts-ignore: decorator
@inline
function found(at: u32): void {
  // Of several that end there the oldest is told.
  if (ackedFrame) {
    ackedBits |= ENTRY_AGAIN;
    return;
  }
  ackedFrame = load<u32>(at, E_FRAME);
  ackedTime = load<i64>(at, E_TIME);
  ackedBits = load<u32>(at, E_SENT) & 0xffff;
}

/** Whether a segment keeps the order of a ring that begins at `first` and ends at `last`. */
// @ts-ignore: decorator
@inline
function follows(seq: u32, next: u32, last: u32, first: u32): bool {
  return ge(seq, last) && ge(seq, first) && ge(next, seq) && ge(next, first);
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

/** Goes through the whole ring, and sees whether what is left is in order again. */
function sift(side: u32, ack: u32): void {
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
  for (let i: u32 = 0; i < count; i++) {
    const at = entry(ring, mask, head + i);
    const next = load<u32>(at, E_NEXT);
    if (!gt(next, ack)) {
      held |= load<u32>(at, E_SENT) & ENTRY_AGAIN;
      if (next == ack) found(at);
      continue;
    }
    let seq = load<u32>(at, E_SEQ);
    if (gt(ack, seq)) seq = ack;
    const to = entry(ring, mask, head + kept);
    store<u32>(to, seq, E_SEQ);
    store<u32>(to, next, E_NEXT);
    store<u64>(to, load<u64>(at, E_FRAME), E_FRAME); // and E_SENT
    store<i64>(to, load<i64>(at, E_TIME), E_TIME);
    if (kept == 0) first = seq;
    else ordered = ordered && follows(seq, next, last, first);
    last = next;
    low = min(low, seq - base);
    high = max(high, next - base);
    kept++;
  }
  ackedBits |= held;
  store<u32>(ring, low, RING_LOW);
  store<u32>(ring, high, RING_HIGH);
  ordered = ordered && last - base >= first - base;
  setFlags(side, ordered ? 0 : SIDE_UNORDERED, ordered ? SIDE_UNORDERED : 0);
  settle(side, kept);
}

function loseOrder(side: u32): void {
  setFlags(side, SIDE_UNORDERED, 0);
  const ring = load<u32>(side, S_LIST);
  const mask: u32 = (1 << sizeClass(side)) - 1;
  const head = <u32>load<u16>(side, S_HEAD);
  const count = <u32>load<u16>(side, S_COUNT);
  store<u32>(ring, -1, RING_LOW);
  store<u32>(ring, 0, RING_HIGH);
  for (let i: u32 = 0; i < count; i++) {
    const at = entry(ring, mask, head + i);
    widen(side, ring, load<u32>(at, E_SEQ), load<u32>(at, E_NEXT));
  }
}

function widen(side: u32, ring: u32, seq: u32, next: u32): void {
  const base = load<u32>(side, S_BASE);
  store<u32>(ring, min(load<u32>(ring, RING_LOW), seq - base), RING_LOW);
  store<u32>(ring, max(load<u32>(ring, RING_HIGH), next - base), RING_HIGH);
}

/** A ring with a free place. */
function makeRoom(side: u32, count: u32): bool {
  const ring = load<u32>(side, S_LIST);
  if (ring == 0) {
    const fresh = takeRing(0);
    if (fresh == 0) return false;
    store<u32>(side, fresh, S_LIST);
    setFlags(side, 0, 15 << SIDE_CLASS_SHIFT);
    return true;
  }
  const had = sizeClass(side);
  if (count < <u32>(1 << had)) return true;
  const larger = takeRing(had + 1);
  if (larger == 0) return false;
  const mask: u32 = (1 << had) - 1;
  const head = <u32>load<u16>(side, S_HEAD);
  memory.copy(larger, ring, RING_HEADER);
  const front = (mask + 1 - (head & mask)) * ENTRY_BYTES;
  memory.copy(larger + RING_HEADER, entry(ring, mask, head), front);
  memory.copy(larger + RING_HEADER + front, ring + RING_HEADER, (head & mask) * ENTRY_BYTES);
  giveRing(ring, had);
  store<u32>(side, larger, S_LIST);
  store<u16>(side, 0, S_HEAD);
  setFlags(side, (had + 1) << SIDE_CLASS_SHIFT, 15 << SIDE_CLASS_SHIFT);
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
  const count = <i32>load<u16>(side, S_COUNT);
  for (let i = count - 2; i >= 0 && i > count - LOOK_BACK; i--) {
    const at = entry(ring, mask, head + i);
    if (load<i64>(at, E_TIME) < since) return false;
    const same = load<u32>(at, E_NEXT) == next && load<u32>(at, E_SENT) >> 16 == print;
    if (same && load<u32>(at, E_SEQ) == seq) return true;
  }
  return false;
}
