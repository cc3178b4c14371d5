// From ends and ports to a conversation.
import {
  IN_ADDRESSES,
  IN_DST,
  IN_DST_PORT,
  IN_FLAGS,
  IN_FRAME,
  IN_IP_VERSION,
  IN_SRC,
  IN_SRC_PORT,
  IN_TIME,
  IN_TUNNEL,
  IN_VLAN,
} from "../layout/flow-columns";
import { SCALE_UNKNOWN } from "../layout/flow-findings";
import {
  R_CLIENT,
  R_CONTEXT,
  R_FIRST,
  R_FIRST_FRAME,
  R_FLAGS,
  R_HIGH,
  R_LAST,
  R_LOW,
  R_PORTS,
  R_STATISTICS,
  R_STREAM,
  RECORD_COUNTED,
  RECORD_DETACHED,
  RECORD_REUSED,
  RECORD_TURNED,
  S_SCALE,
  SIDE_BYTES,
} from "../layout/flow-record";
import { LETTER_FLIPPED } from "../layout/flow-statistics";
import { ACK, SYN } from "../layout/wire";
import { hash4, hash6 } from "./hash";
import { givePair, giveRecord, giveStatistics, takePair, takeRecord } from "./pool";
import { addSlot, removeSlot, replaceSlot, tableMask, tableSlots } from "./table";
import { forget } from "./unacknowledged";

// The key of the row at hand, its ends in an order that does not depend on the direction.
let low: u32 = 0;
let high: u32 = 0;
let ports: u32 = 0;
let context: u32 = 0;

const IPV6: u32 = 1; // in a context

let separateVlans: bool = false;
let separateTunnels: bool = false;

/** Conversations opened so far: the next one's stream number. */
export let streams: u32 = 0;
/** Conversations held now, detached ones included. */
export let held: u32 = 0;

/** Whether the same ends and ports in another VLAN or tunnel are another conversation. */
export function separate(vlans: bool, tunnels: bool): void {
  separateVlans = vlans;
  separateTunnels = tunnels;
}

/** Whether the sender of the row at hand is the key's higher end. */
export let turned: bool = false;

/** Takes the key of row `i`, for the functions below. */
// @ts-ignore: decorator
@inline
export function takeKey(i: u32): void {
  const src = load<u32>(i << 2, IN_SRC);
  const dst = load<u32>(i << 2, IN_DST);
  const srcPort = <u32>load<u16>(i << 1, IN_SRC_PORT);
  const dstPort = <u32>load<u16>(i << 1, IN_DST_PORT);
  context = separateVlans || separateTunnels ? contextOf(i) : 0;
  if (load<u8>(i, IN_IP_VERSION) == 6) {
    takeKey6(src, dst, srcPort, dstPort);
    return;
  }
  turned = src > dst || (src == dst && srcPort > dstPort);
  low = turned ? dst : src;
  high = turned ? src : dst;
  ports = turned ? (dstPort << 16) | srcPort : (srcPort << 16) | dstPort;
}

/** The hash of the key at hand. */
// @ts-ignore: decorator
@inline
export function hashKey(): u32 {
  return context & IPV6 ? hash6(low, high, ports, context) : hash4(low, high, ports, context);
}

function takeKey6(src: u32, dst: u32, srcPort: u32, dstPort: u32): void {
  const from: u32 = IN_ADDRESSES + (src << 4);
  const to: u32 = IN_ADDRESSES + (dst << 4);
  const order = compare(from, to);
  turned = order > 0 || (order == 0 && srcPort > dstPort);
  low = turned ? to : from;
  high = turned ? from : to;
  ports = turned ? (dstPort << 16) | srcPort : (srcPort << 16) | dstPort;
  context |= IPV6;
}

// Any order will do, so the bytes are not swapped.
function compare(a: u32, b: u32): i32 {
  const x = load<u64>(a);
  const y = load<u64>(b);
  if (x != y) return x < y ? -1 : 1;
  const v = load<u64>(a, 8);
  const w = load<u64>(b, 8);
  return v == w ? 0 : v < w ? -1 : 1;
}

/** VLAN identifiers without their priority bits, and the tunnel, as far as they separate. */
function contextOf(i: u32): u32 {
  let h: u32 = 0;
  if (separateVlans) h = (load<u32>(i << 2, IN_VLAN) & 0x0fff0fff) * 0x9e3779b1;
  if (separateTunnels) h = (h ^ load<u32>(i << 2, IN_TUNNEL)) * 0x85ebca77;
  return h & ~IPV6;
}

/** The conversation of the key at hand; 0 when there is none. */
// @ts-ignore: decorator
@inline
export function lookUp(hash: u32): u32 {
  const slots = tableSlots();
  const mask = tableMask();
  let j = hash & mask;
  while (true) {
    const slot = load<u64>(slots + (j << 3));
    const record = <u32>slot;
    if (record == 0) return 0;
    if (<u32>(slot >> 32) == hash && isKey(record)) return record;
    j = (j + 1) & mask;
  }
}

// @ts-ignore: decorator
@inline
function isKey(record: u32): bool {
  if (load<u32>(record, R_PORTS) != ports || load<u32>(record, R_CONTEXT) != context) return false;
  if (context & IPV6) return isPair(load<u32>(record, R_LOW));
  return load<u32>(record, R_LOW) == low && load<u32>(record, R_HIGH) == high;
}

function isPair(pair: u32): bool {
  const a = v128.xor(v128.load(pair), v128.load(low));
  const b = v128.xor(v128.load(pair, 16), v128.load(high));
  return !v128.any_true(v128.or(a, b));
}

/**
 * Opens a conversation for row `i`, whose key is at hand; in the place of `old`, where that is not 0.
 * Returns 0 when memory or the table is full.
 */
export function open(i: u32, hash: u32, old: u32): u32 {
  const record = takeRecord();
  if (record == 0) return 0;
  if (!storeKey(record)) {
    giveRecord(record);
    return 0;
  }
  if (old) {
    replaceSlot(hash, old, record);
    store<u8>(old, load<u8>(old, R_FLAGS) | (RECORD_DETACHED | RECORD_REUSED), R_FLAGS);
  } else if (!addSlot(hash, record)) {
    freeRecord(record);
    return 0;
  }
  held++;
  store<u32>(record, streams++, R_STREAM);
  store<u32>(record, load<u32>(i << 2, IN_FRAME), R_FIRST_FRAME);
  store<i64>(record, load<i64>(i << 3, IN_TIME), R_FIRST);
  store<i64>(record, load<i64>(i << 3, IN_TIME), R_LAST);
  store<i8>(sideOf(record, 0), SCALE_UNKNOWN, S_SCALE);
  store<i8>(sideOf(record, 1), SCALE_UNKNOWN, S_SCALE);
  const flipped = fromServer(i);
  if (turned != flipped) store<u8>(record, RECORD_TURNED, R_FLAGS);
  if (flipped) store<u32>(record, LETTER_FLIPPED, R_STATISTICS);
  return record;
}

/**
 * Whether the first segment seen comes from the server: a SYN-ACK does, a SYN does not. Of others the end
 * with a well-known port is the server, or else the one that did not speak first.
 */
function fromServer(i: u32): bool {
  const flags = <u32>load<u16>(i << 1, IN_FLAGS);
  if (flags & SYN) return (flags & ACK) != 0;
  return load<u16>(i << 1, IN_SRC_PORT) < 1024 && load<u16>(i << 1, IN_DST_PORT) >= 1024;
}

function storeKey(record: u32): bool {
  store<u32>(record, ports, R_PORTS);
  store<u32>(record, context, R_CONTEXT);
  if (!(context & IPV6)) {
    store<u32>(record, low, R_LOW);
    store<u32>(record, high, R_HIGH);
    return true;
  }
  const pair = takePair();
  if (pair == 0) return false;
  v128.store(pair, v128.load(low));
  v128.store(pair, v128.load(high), 16);
  store<u32>(record, pair, R_LOW);
  return true;
}

/** The side of a direction. */
// @ts-ignore: decorator
@inline
export function sideOf(record: u32, direction: u32): u32 {
  return record + R_CLIENT + direction * SIDE_BYTES;
}

/** Takes a conversation out of the table; `release` frees it later. */
export function detach(record: u32): void {
  held--;
  if (load<u8>(record, R_FLAGS) & RECORD_DETACHED) return;
  const a = load<u32>(record, R_LOW);
  const p = load<u32>(record, R_PORTS);
  const c = load<u32>(record, R_CONTEXT);
  removeSlot(c & IPV6 ? hash6(a, a + 16, p, c) : hash4(a, load<u32>(record, R_HIGH), p, c), record);
  store<u8>(record, load<u8>(record, R_FLAGS) | RECORD_DETACHED, R_FLAGS);
}

/** Frees a detached conversation with all that belongs to it. */
export function freeRecord(record: u32): void {
  forget(sideOf(record, 0));
  forget(sideOf(record, 1));
  if (load<u8>(record, R_FLAGS) & RECORD_COUNTED) giveStatistics(load<u32>(record, R_STATISTICS));
  if (load<u32>(record, R_CONTEXT) & IPV6) givePair(load<u32>(record, R_LOW));
  giveRecord(record);
}
