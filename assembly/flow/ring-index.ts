import {
  E_FRAME,
  E_NEXT,
  E_SENT,
  E_SEQ,
  E_TIME,
  ENTRY_GONE,
  ENTRY_STRAY,
  INDEX_CLASSES,
  LEAF_SHIFT,
  N_LAST,
  N_LOW,
  N_WAITING,
  NO_STRAY,
  NODE_BYTES,
  RING_HIGH,
  RING_INDEX,
  RING_LOW,
  RING_STRAY,
  RING_USED,
  S_BASE,
  S_COUNT,
  S_FLAGS,
  S_HEAD,
  S_LIST,
  SIDE_UNORDERED,
  UNINDEXED_FROM,
  X_ANCHOR,
  X_LEAVES,
  X_NODES,
} from "../layout/flow-record";
import { gt } from "../seq";
import { foundBeside } from "./acked";
import { giveRing, takeRing } from "./pool";
import { begin, look, measure, moveTo, noExtremes, setFlags, setRing, sizeClass, widen, write } from "./ring";
import {
  cut,
  held,
  insert,
  join,
  leafOf,
  node,
  place,
  seqAt,
  sumUp,
  take,
  takeEntry,
  taken,
  takeNothing,
} from "./ring-tree";

// A ring that is out of order and long has an index, so that no ACK, whoever made it up, costs a walk through all of
// it: a tree over its places, whose nodes know how many of their entries wait, the least sequence number, and the
// least and the greatest end. What an ACK takes is found from the root down; what it cuts is noted at the root, and
// goes down when somebody comes by. An entry that is taken leaves a hole. With more holes than entries they are closed,
// and the index goes where the rest is in order, or short. So each segment and each ACK costs O(log n), amortised.
//
// Ends compare rightly within 2^31. All in the index are that near: they lie above an anchor, the last ACK; what does
// not is a stray, and waits outside for the next ACK, which takes it or becomes the anchor that it lies above.

// @ts-ignore: decorator
@inline
export function indexOf(side: u32): u32 {
  return load<u32>(load<u32>(side, S_LIST), RING_INDEX);
}

/** Gives a ring its index. False when there is no memory for it: then nothing has changed. */
export function build(side: u32): bool {
  const size = sizeClass(side);
  const count = <u32>load<u16>(side, S_COUNT);
  const index = takeRing(size - INDEX_CLASSES);
  if (index == 0) return false;
  if (<u32>load<u16>(side, S_HEAD) + count > <u32>(1 << size)) {
    const straight = takeRing(size);
    if (straight == 0) {
      giveRing(index, size - INDEX_CLASSES);
      return false;
    }
    moveTo(side, straight, size);
  }
  const ring = load<u32>(side, S_LIST);
  const head = <u32>load<u16>(side, S_HEAD);
  const leaves: u32 = 1 << (size - LEAF_SHIFT);
  const anchor = load<u32>(place(ring, head), E_SEQ);
  memory.fill(index, 0, X_NODES + 2 * leaves * NODE_BYTES);
  store<u32>(index, anchor, X_ANCHOR);
  store<u32>(index, leaves, X_LEAVES);
  store<u32>(ring, index, RING_INDEX);
  store<u16>(ring, <u16>(head + count), RING_USED);
  setFlags(side, SIDE_UNORDERED, 0);
  noStrays(ring);
  look(head + count + 2 * leaves);
  for (let i: u32 = 0; i < head; i++) store<u32>(place(ring, i), ENTRY_GONE, E_SENT);
  for (let i = head; i < head + count; i++) {
    const at = place(ring, i);
    const seq = load<u32>(at, E_SEQ);
    const next = load<u32>(at, E_NEXT);
    if (gt(next, anchor)) join(node(index, leafOf(index, i)), 1, seq, next, next);
    else stray(side, ring, i, seq, next);
  }
  for (let i = leaves - 1; i > 0; i--) sumUp(index, i);
  return true;
}

/** Appends an entry with these fields, where there is room (`makeRoomBehind`). */
export function append(side: u32, seq: u32, next: u32, frame: u32, bits: u32, time: i64): void {
  const ring = load<u32>(side, S_LIST);
  const index = load<u32>(ring, RING_INDEX);
  const i = <u32>load<u16>(ring, RING_USED);
  write(place(ring, i), seq, next, frame, bits, time);
  store<u16>(side, load<u16>(side, S_COUNT) + 1, S_COUNT);
  if (gt(next, load<u32>(index, X_ANCHOR))) insert(ring, index, i, seq, next);
  else stray(side, ring, i, seq, next);
  store<u16>(ring, <u16>(i + 1), RING_USED);
}

/** Sees to it that one more fits. The ring may have lost its index then. False when memory is out. */
export function makeRoomBehind(side: u32): bool {
  const ring = load<u32>(side, S_LIST);
  const size = sizeClass(side);
  const used = <u32>load<u16>(ring, RING_USED);
  if (used < <u32>(1 << size)) return true;
  // A few holes are not worth the walk: it would come again soon.
  const isEnough = used - <u32>load<u16>(side, S_COUNT) >= used >> 3;
  const to = isEnough ? ring : takeRing(size + 1);
  if (to == 0) return false;
  closeHoles(side, to, isEnough ? size : size + 1);
  return true;
}

/** Holds an acknowledgment number against the ring. @returns how many entries are left */
export function acknowledgeIndexed(side: u32, ack: u32): u32 {
  const ring = load<u32>(side, S_LIST);
  const index = load<u32>(ring, RING_INDEX);
  const used = <u32>load<u16>(ring, RING_USED);
  takeNothing();
  take(ring, index, 1, ack);
  cut(node(index, 1), ack);
  for (let i = <u32>load<u16>(ring, RING_STRAY); i < used; i++) settleStray(ring, index, i, ack);
  noStrays(ring);
  store<u32>(index, ack, X_ANCHOR);
  foundBeside(held);
  const count = <u32>load<u16>(side, S_COUNT) - taken;
  if (count == 0) return 0;
  store<u16>(side, count, S_COUNT);
  let head = <u32>load<u16>(side, S_HEAD);
  for (; load<u32>(place(ring, head), E_SENT) & ENTRY_GONE; head++) look(1);
  store<u16>(side, head, S_HEAD);
  if (count <= <u32>UNINDEXED_FROM || used > 2 * count) closeHoles(side, ring, sizeClass(side));
  return count;
}

/**
 * The span from the lowest to the highest number, relative to the base. Where relative numbers wrap within the ring,
 * it is the distance of the two: that of a plain walk would be of no use.
 */
export function spanIndexed(side: u32): u32 {
  const ring = load<u32>(side, S_LIST);
  const root = node(load<u32>(ring, RING_INDEX), 1);
  const base = load<u32>(side, S_BASE);
  const strayLow = load<u32>(ring, RING_LOW);
  const strayHigh = load<u32>(ring, RING_HIGH);
  if (load<u32>(root, N_WAITING) == 0) return strayHigh - strayLow;
  const low = load<u32>(root, N_LOW) - base;
  const high = load<u32>(root, N_LAST) - base;
  return high < low ? high - low : max(high, strayHigh) - min(low, strayLow);
}

/** The base has changed, of which the extremes of strays know: they no longer count, until an ACK settles them. */
export function rebaseIndexed(side: u32): void {
  noExtremes(load<u32>(side, S_LIST));
}

/** Gives the index back, if there is one. */
export function drop(side: u32): void {
  const index = indexOf(side);
  if (index) giveRing(index, sizeClass(side) - INDEX_CLASSES);
}

function noStrays(ring: u32): void {
  noExtremes(ring);
  store<u16>(ring, NO_STRAY, RING_STRAY);
}

function stray(side: u32, ring: u32, i: u32, seq: u32, next: u32): void {
  const at = place(ring, i);
  store<u32>(at, load<u32>(at, E_SENT) | ENTRY_STRAY, E_SENT);
  if (i < <u32>load<u16>(ring, RING_STRAY)) store<u16>(ring, i, RING_STRAY);
  widen(side, ring, seq, next);
}

function settleStray(ring: u32, index: u32, i: u32, ack: u32): void {
  look(1);
  const at = place(ring, i);
  if (!(load<u32>(at, E_SENT) & ENTRY_STRAY)) return;
  const next = load<u32>(at, E_NEXT);
  if (!gt(next, ack)) {
    takeEntry(at, ack);
    return;
  }
  let seq = load<u32>(at, E_SEQ);
  if (gt(ack, seq)) seq = ack;
  insert(ring, index, i, seq, next);
  store<u32>(at, seq, E_SEQ);
  store<u32>(at, load<u32>(at, E_SENT) & ~ENTRY_STRAY, E_SENT);
}

/** Moves what waits to the first places of a ring, which may be the same. It has an index again only where it needs one. */
function closeHoles(side: u32, to: u32, toClass: u32): void {
  const ring = load<u32>(side, S_LIST);
  const size = sizeClass(side);
  const index = load<u32>(ring, RING_INDEX);
  const used = <u32>load<u16>(ring, RING_USED);
  let count: u32 = 0;
  look(used);
  for (let i = <u32>load<u16>(side, S_HEAD); i < used; i++) {
    const at = place(ring, i);
    const sent = load<u32>(at, E_SENT);
    if (sent & ENTRY_GONE) continue;
    const seq = seqAt(ring, index, i);
    const copy = place(to, count++);
    write(copy, seq, load<u32>(at, E_NEXT), load<u32>(at, E_FRAME), sent & ~ENTRY_STRAY, load<i64>(at, E_TIME));
  }
  giveRing(index, size - INDEX_CLASSES);
  if (to != ring) giveRing(ring, size);
  setRing(side, to, toClass);
  begin(to);
  measure(side);
  if (count > <u32>UNINDEXED_FROM && load<u16>(side, S_FLAGS) & SIDE_UNORDERED) build(side);
}
