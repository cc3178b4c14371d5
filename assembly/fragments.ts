// IP fragments joined into datagrams, in bounded memory: MAX_DATAGRAMS at a time, the oldest gives way, and none waits
// longer than MAX_DATAGRAM_AGE. Which that is depends on the frames alone, not on how they are cut into batches:
// datagrams that are whole and wait for their batch to be taken have slots beside those.
//
// Where fragments overlap, a byte belongs to the fragment that starts first, and of two that start together
// to the one that came first, which is what Wireshark shows. So each unit of 8 bytes keeps the offset that
// its owner starts at. A datagram whose fragments disagree about its length is given up.
import { allocate } from "./arena";
import { count } from "./counters";
import { at, left, now, tags, tunnel } from "./cursor";
import { MAX_DATAGRAM_AGE, MAX_DATAGRAM_BYTES, MAX_DATAGRAMS, MAX_LAYERS, SLACK } from "./layout/limits";
import { COUNT_FRAGMENTS_DROPPED, COUNT_REASSEMBLED } from "./layout/state";
import { ipDestination, ipSource } from "./segment";

// A slot: what identifies the datagram, how far it is, then for each unit its owner's offset plus 1 in
// units, then the bytes.
const STATE_ = 0; // FREE, OPEN, JOINED in this frame, or HELD for rows of this batch
const AGE = 4;
const TOTAL = 8; // bytes, 0 until the last fragment came
const COVERED = 12; // units
const NEXT = 16; // protocol, from the first fragment
const EXTENT = 20; // units in use
const VERSION = 24;
const ID = 28;
const PROTOCOL_ = 32; // IPv4: part of the identity (RFC 791 3.2)
const TUNNEL_ = 36;
const TAGS = 40;
const SOURCE = 48;
const DESTINATION = 64;
const BEGUN = 80; // when its first fragment came
const OWNERS = 128;
const UNITS = 8192;
const BYTES = OWNERS + UNITS * 2;
const SLOT_BYTES: u32 = BYTES + UNITS * 8 + SLACK;

const PATIENCE: i64 = <i64>MAX_DATAGRAM_AGE * 1_000_000_000;

const FREE: u32 = 0;
const OPEN: u32 = 1;
const JOINED: u32 = 2;
const HELD: u32 = 3;

// Rows point into held datagrams until the batch is taken; this many end it. The frame that brought the last may
// join one a layer.
const MAX_HELD: u32 = MAX_DATAGRAMS / 2;
const MAX_SLOTS = MAX_DATAGRAMS + MAX_DATAGRAMS / 2 + MAX_LAYERS;

// Addresses of the slots, 0 for those never needed.
const SLOTS: u32 = <u32>memory.data(MAX_SLOTS * 4, 16);

let clock: u32 = 0;
let incomplete: u32 = 0;
let joined: u32 = 0;
let held: u32 = 0;
let inUse: u32 = 0;

/** Bytes of the datagram that `join` returned, and the protocol its first fragment named. */
export let joinedLength: u32 = 0;
export let joinedNext: u32 = 0;

/**
 * Adds the fragment under the cursor, `offset` bytes into its datagram. Returns the address of the whole
 * payload when that completes it, else 0.
 */
export function join(version: u32, id: u32, protocol: u32, offset: u32, more: bool): u32 {
  let length = left();
  // All but the last come in units of 8 (RFC 791 3.2).
  if (more) length &= ~7;
  if (!length || offset + length > <u32>MAX_DATAGRAM_BYTES) return 0;
  const slot = find(version, id, protocol) || open(version, id, protocol);
  if (!slot) return 0;
  const end = offset + length;
  const known = load<u32>(slot, TOTAL);
  const extent = load<u32>(slot, EXTENT);
  if (known ? end > known || (!more && end != known) : !more && extent << 3 >= end + 8) return drop(slot);
  if (!more) store<u32>(slot, end, TOTAL);
  if (!offset) store<u32>(slot, protocol, NEXT);
  place(slot, offset, length);
  const total = load<u32>(slot, TOTAL);
  if (!total || load<u32>(slot, COVERED) != (total + 7) >> 3) return 0;
  store<u32>(slot, JOINED, STATE_);
  incomplete--;
  joined++;
  count(COUNT_REASSEMBLED);
  joinedLength = total;
  joinedNext = load<u32>(slot, NEXT);
  return slot + BYTES;
}

/** Whether the batch should be taken before more frames are read. */
// @ts-ignore: decorator
@inline
export function heldEnough(): bool {
  return held >= MAX_HELD;
}

/** The frame is done: what it joined is kept for its row, if it has one. */
export function settle(keep: bool): void {
  if (!joined) return;
  move(JOINED, keep ? HELD : FREE);
  if (keep) held += joined;
  joined = 0;
}

/** The rows that pointed into joined datagrams are gone. */
export function release(): void {
  if (!held) return;
  move(HELD, FREE);
  held = 0;
}

function move(from: u32, to: u32): void {
  for (let i: u32 = 0; i < inUse; i++) {
    const slot = load<u32>(SLOTS + (i << 2));
    if (load<u32>(slot, STATE_) == from) store<u32>(slot, to, STATE_);
  }
}

/** Forgets every datagram. The memory stays for the next ones. */
export function resetFragments(): void {
  for (let i: u32 = 0; i < inUse; i++) store<u32>(load<u32>(SLOTS + (i << 2)), FREE, STATE_);
  held = joined = incomplete = 0;
}

/** Datagrams of which fragments are missing: what of the capture so far bears on the frames to come. */
export function incompleteDatagrams(): u32 {
  return incomplete;
}

function find(version: u32, id: u32, protocol: u32): u32 {
  for (let i: u32 = 0; i < inUse; i++) {
    const slot = load<u32>(SLOTS + (i << 2));
    if (
      load<u32>(slot, ID) == id &&
      load<u32>(slot, STATE_) == OPEN &&
      load<u32>(slot, VERSION) == version &&
      (version == 6 || load<u32>(slot, PROTOCOL_) == protocol) &&
      load<u32>(slot, TUNNEL_) == tunnel &&
      load<u32>(slot, TAGS) == tags &&
      sameAddress(version, slot + SOURCE, ipSource) &&
      sameAddress(version, slot + DESTINATION, ipDestination)
    ) {
      return now - load<i64>(slot, BEGUN) > PATIENCE ? drop(slot) : slot;
    }
  }
  return 0;
}

function sameAddress(version: u32, a: u32, b: u32): bool {
  if (version == 4) return load<u32>(a) == load<u32>(b);
  return load<u64>(a) == load<u64>(b) && load<u64>(a, 8) == load<u64>(b, 8);
}

function open(version: u32, id: u32, protocol: u32): u32 {
  const slot = vacant();
  if (!slot) return 0;
  memory.fill(slot + OWNERS, 0, load<u32>(slot, EXTENT) << 1);
  incomplete++;
  store<u32>(slot, OPEN, STATE_);
  store<u32>(slot, clock++, AGE);
  store<i64>(slot, now, BEGUN);
  store<u32>(slot, 0, TOTAL);
  store<u32>(slot, 0, COVERED);
  store<u32>(slot, protocol, NEXT);
  store<u32>(slot, 0, EXTENT);
  store<u32>(slot, version, VERSION);
  store<u32>(slot, id, ID);
  store<u32>(slot, protocol, PROTOCOL_);
  store<u32>(slot, tunnel, TUNNEL_);
  store<u32>(slot, tags, TAGS);
  memory.copy(slot + SOURCE, ipSource, version == 4 ? 4 : 16);
  memory.copy(slot + DESTINATION, ipDestination, version == 4 ? 4 : 16);
  return slot;
}

// A free slot, a new one, or, where there are as many as may be, that of the oldest incomplete datagram.
function vacant(): u32 {
  let oldest: u32 = 0;
  let free: u32 = 0;
  for (let i: u32 = 0; i < inUse; i++) {
    const slot = load<u32>(SLOTS + (i << 2));
    const state = load<u32>(slot, STATE_);
    if (state == FREE) free = slot;
    if (state == OPEN && (!oldest || <i32>(load<u32>(slot, AGE) - load<u32>(oldest, AGE)) < 0)) oldest = slot;
  }
  if (incomplete < <u32>MAX_DATAGRAMS) {
    if (free) return free;
    const slot = inUse < <u32>MAX_SLOTS ? allocate(SLOT_BYTES) : 0;
    if (slot) {
      store<u32>(SLOTS + (inUse << 2), slot);
      inUse++;
      return slot;
    }
  }
  if (oldest) drop(oldest);
  return oldest;
}

function drop(slot: u32): u32 {
  store<u32>(slot, FREE, STATE_);
  incomplete--;
  count(COUNT_FRAGMENTS_DROPPED);
  return 0;
}

function place(slot: u32, offset: u32, length: u32): void {
  const first = offset >> 3;
  const last = (offset + length + 7) >> 3;
  const owner = first + 1;
  const owners = slot + OWNERS;
  let covered = load<u32>(slot, COVERED);
  let overlap = false;
  for (let unit = first; unit < last; unit++) {
    const before: u32 = load<u16>(owners + (unit << 1));
    if (before) overlap = true;
    else covered++;
  }
  const bytes = slot + BYTES + offset;
  if (!overlap) {
    for (let unit = first; unit < last; unit++) store<u16>(owners + (unit << 1), <u16>owner);
    memory.copy(bytes, at, length);
  } else {
    for (let unit = first; unit < last; unit++) {
      const before: u32 = load<u16>(owners + (unit << 1));
      if (before && before <= owner) continue;
      store<u16>(owners + (unit << 1), <u16>owner);
      const from = (unit - first) << 3;
      memory.copy(bytes + from, at + from, min<u32>(8, length - from));
    }
  }
  store<u32>(slot, covered, COVERED);
  if (last > load<u32>(slot, EXTENT)) store<u32>(slot, last, EXTENT);
}
