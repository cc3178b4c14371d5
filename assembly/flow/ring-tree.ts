import {
  E_NEXT,
  E_SENT,
  E_SEQ,
  ENTRY_BYTES,
  ENTRY_GONE,
  ENTRY_STRAY,
  LEAF_SHIFT,
  N_CUT,
  N_FIRST,
  N_IS_CUT,
  N_LAST,
  N_LOW,
  N_WAITING,
  NODE_BYTES,
  RING_HEADER,
  RING_USED,
  X_LEAVES,
  X_NODES,
} from "../layout/flow-record";
import { gt } from "../seq";
import { found } from "./acked";
import { look } from "./ring";

// The tree of a ring's index (ring-index.ts): what its nodes know of the entries below them.

/** What the last `take` took, and the ENTRY_ bits of that. */
export let taken: u32 = 0;
export let held: u32 = 0;

// @ts-ignore: decorator
@inline
export function node(index: u32, i: u32): u32 {
  return index + X_NODES + i * NODE_BYTES;
}

// @ts-ignore: decorator
@inline
export function place(ring: u32, i: u32): u32 {
  return ring + RING_HEADER + i * ENTRY_BYTES;
}

/** The node of the leaf that a place belongs to. */
// @ts-ignore: decorator
@inline
export function leafOf(index: u32, i: u32): u32 {
  return load<u32>(index, X_LEAVES) + (i >> LEAF_SHIFT);
}

/** So many more wait below a node: from `low` on, and ending from `first` to `last`. */
export function join(at: u32, count: u32, low: u32, first: u32, last: u32): void {
  const waiting = load<u32>(at, N_WAITING);
  if (count == 0) return;
  store<u32>(at, waiting + count, N_WAITING);
  if (waiting == 0 || gt(load<u32>(at, N_LOW), low)) store<u32>(at, low, N_LOW);
  if (waiting == 0 || gt(load<u32>(at, N_FIRST), first)) store<u32>(at, first, N_FIRST);
  if (waiting == 0 || gt(last, load<u32>(at, N_LAST))) store<u32>(at, last, N_LAST);
}

/** What a node knows by its children. */
export function sumUp(index: u32, i: u32): void {
  const at = node(index, i);
  store<u32>(at, 0, N_WAITING);
  for (let child = 2 * i; child <= 2 * i + 1; child++) {
    const from = node(index, child);
    const low = load<u32>(from, N_LOW);
    join(at, load<u32>(from, N_WAITING), low, load<u32>(from, N_FIRST), load<u32>(from, N_LAST));
  }
}

/** Puts an entry into the tree: what the nodes above it are still to be held against is older than it. */
export function insert(ring: u32, index: u32, i: u32, seq: u32, next: u32): void {
  const leaf = leafOf(index, i);
  for (let bit = 31 - <i32>clz(leaf); bit >= 0; bit--) {
    look(1);
    pass(ring, index, leaf >> bit);
    join(node(index, leaf >> bit), 1, seq, next, next);
  }
}

/** Takes what ends at `ack` or below from the part of the tree below node `i`, the oldest first. */
export function take(ring: u32, index: u32, i: u32, ack: u32): void {
  look(1);
  const at = node(index, i);
  // All ends lie within 2^31: if any is taken, the first or the last of them is.
  if (load<u32>(at, N_WAITING) == 0) return;
  if (gt(load<u32>(at, N_FIRST), ack) && gt(load<u32>(at, N_LAST), ack)) return;
  pass(ring, index, i);
  if (i < load<u32>(index, X_LEAVES)) {
    take(ring, index, 2 * i, ack);
    take(ring, index, 2 * i + 1, ack);
    sumUp(index, i);
    return;
  }
  store<u32>(at, 0, N_WAITING);
  for (let p = startOf(index, i); p < endOf(ring, index, i); p++) {
    look(1);
    const each = place(ring, p);
    if (load<u32>(each, E_SENT) & (ENTRY_GONE | ENTRY_STRAY)) continue;
    const next = load<u32>(each, E_NEXT);
    if (gt(next, ack)) join(at, 1, load<u32>(each, E_SEQ), next, next);
    else takeEntry(each, ack);
  }
}

export function takeEntry(at: u32, ack: u32): void {
  const sent = load<u32>(at, E_SENT);
  held |= sent;
  taken++;
  if (load<u32>(at, E_NEXT) == ack) found(at);
  store<u32>(at, sent | ENTRY_GONE, E_SENT);
}

/** Nothing was taken yet. */
// @ts-ignore: decorator
@inline
export function takeNothing(): void {
  taken = 0;
  held = 0;
}

/** All below a node begin at `ack` at the lowest. */
export function cut(at: u32, ack: u32): void {
  if (load<u32>(at, N_WAITING) == 0 || !gt(ack, load<u32>(at, N_LOW))) return;
  store<u32>(at, ack, N_LOW);
  if (load<u32>(at, N_IS_CUT) && !gt(ack, load<u32>(at, N_CUT))) return;
  store<u32>(at, ack, N_CUT);
  store<u32>(at, 1, N_IS_CUT);
}

/** What is below a node is still to be held against a number: its children are to, or, of a leaf, its entries are now. */
function pass(ring: u32, index: u32, i: u32): void {
  const at = node(index, i);
  if (!load<u32>(at, N_IS_CUT)) return;
  store<u32>(at, 0, N_IS_CUT);
  const ack = load<u32>(at, N_CUT);
  if (i < load<u32>(index, X_LEAVES)) {
    cut(node(index, 2 * i), ack);
    cut(node(index, 2 * i + 1), ack);
    return;
  }
  for (let p = startOf(index, i); p < endOf(ring, index, i); p++) {
    look(1);
    const each = place(ring, p);
    const isBelow = !(load<u32>(each, E_SENT) & ENTRY_STRAY) && gt(ack, load<u32>(each, E_SEQ));
    if (isBelow) store<u32>(each, ack, E_SEQ);
  }
}

/** Where the entry at a place begins, whatever the nodes above it are still to be held against. */
export function seqAt(ring: u32, index: u32, i: u32): u32 {
  const at = place(ring, i);
  let seq = load<u32>(at, E_SEQ);
  if (load<u32>(at, E_SENT) & ENTRY_STRAY) return seq;
  for (let n = leafOf(index, i); n > 0; n >>= 1) {
    const above = node(index, n);
    if (load<u32>(above, N_IS_CUT) && gt(load<u32>(above, N_CUT), seq)) seq = load<u32>(above, N_CUT);
  }
  return seq;
}

// @ts-ignore: decorator
@inline
function startOf(index: u32, leaf: u32): u32 {
  return (leaf - load<u32>(index, X_LEAVES)) << LEAF_SHIFT;
}

// @ts-ignore: decorator
@inline
function endOf(ring: u32, index: u32, leaf: u32): u32 {
  return min(<u32>load<u16>(ring, RING_USED), startOf(index, leaf) + (1 << LEAF_SHIFT));
}
