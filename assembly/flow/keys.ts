// The keys of a group of rows: what tells conversations apart, their ends in an order that does not depend on
// the direction. They lie at FLOW_KEYS as those of conversations do (K_LOW to K_CONTEXT).
import {
  FLOW_FOUND,
  FLOW_GROUP,
  FLOW_HASHES,
  FLOW_KEYS,
  FLOW_NONE,
  FLOW_RECORDS,
  FLOW_TURNED,
  IN_ADDRESSES,
  IN_DST,
  IN_DST_PORT,
  IN_IP_VERSION,
  IN_SRC,
  IN_SRC_PORT,
  IN_TUNNEL,
  IN_VLAN,
} from "../layout/flow-columns";
import { K_CONTEXT, K_HIGH, K_LOW, K_PORTS } from "../layout/flow-record";
import { hash4, hash6, hashContext, hashFour } from "./hash";

/** In a context: the ends are IPv6 addresses, and K_LOW and K_HIGH say where they lie. */
export const IPV6: u32 = 1;

let separateVlans: bool = false;
let separateTunnels: bool = false;

/** Whether the same ends and ports in another VLAN or tunnel are another conversation. */
export function separate(vlans: bool, tunnels: bool): void {
  separateVlans = vlans;
  separateTunnels = tunnels;
}

/** Takes the keys of `count` rows from `i` on, at most FLOW_GROUP, and hashes them. */
export function takeKeys(i: u32, count: u32): void {
  if (isPlain(i)) takePlain(i);
  else for (let k: u32 = 0; k < count; k++) takeOne(i + k, k);
}

/** The hash of the group's `k`-th key. */
// @ts-ignore: decorator
@inline
export function hashAt(k: u32): u32 {
  return load<u32>(FLOW_HASHES + (k << 2));
}

/** Where that key lies. */
// @ts-ignore: decorator
@inline
export function keyAt(k: u32): u32 {
  return FLOW_KEYS + (k << 4);
}

/** Where a conversation's key lies that may be the same; the blank one's when there was none. */
// @ts-ignore: decorator
@inline
export function foundAt(k: u32): u32 {
  return load<u32>(FLOW_FOUND + (k << 2));
}

/** That conversation's record, once `touchRecords` has been there. */
// @ts-ignore: decorator
@inline
export function foundRecord(k: u32): u32 {
  return load<u32>(FLOW_RECORDS + (k << 2));
}

/** Whether the sender of the `k`-th row is its key's higher end. */
// @ts-ignore: decorator
@inline
export function turnedAt(k: u32): u32 {
  return load<u32>(FLOW_TURNED + (k << 2)) & 1;
}

/** Whether a conversation's key is that of a row. */
// @ts-ignore: decorator
@inline
export function isSame(known: u32, key: u32): bool {
  return !differs(known, key) || (load<u32>(key, K_CONTEXT) & IPV6 ? isSame6(known, key) : false);
}

/** Whether a key is another one, or of IPv6: the addresses of rows lie elsewhere than those of conversations. */
// @ts-ignore: decorator
@inline
export function differs(known: u32, key: u32): bool {
  return v128.any_true(v128.xor(v128.load(known), v128.load(key)));
}

function isSame6(known: u32, key: u32): bool {
  if (load<u32>(known, K_HIGH) == FLOW_NONE) return false; // the blank key: it has no addresses
  // Ports and context together.
  if (load<u64>(known, K_PORTS) != load<u64>(key, K_PORTS)) return false;
  const pair = load<u32>(known, K_LOW);
  const low = v128.xor(v128.load(pair), v128.load(load<u32>(key, K_LOW)));
  const high = v128.xor(v128.load(pair, 16), v128.load(load<u32>(key, K_HIGH)));
  return !v128.any_true(v128.or(low, high));
}

/** Whether the group at row `i` is IPv4 and nothing but ends and ports counts. Rows behind the last may say no. */
// @ts-ignore: decorator
@inline
function isPlain(i: u32): bool {
  if (separateVlans || separateTunnels) return false;
  const four = i8x16.splat(4);
  const low = i8x16.eq(v128.load(i, IN_IP_VERSION), four);
  const high = i8x16.eq(v128.load(i, IN_IP_VERSION + 16), four);
  return i8x16.all_true(v128.and(low, high));
}

/** Four rows at a time. */
function takePlain(i: u32): void {
  for (let k: u32 = 0; k < <u32>FLOW_GROUP; k += 4) {
    const src = v128.load((i + k) << 2, IN_SRC);
    const dst = v128.load((i + k) << 2, IN_DST);
    const from = v128.load_ext<u16>((i + k) << 1, IN_SRC_PORT);
    const to = v128.load_ext<u16>((i + k) << 1, IN_DST_PORT);
    const tied = v128.and(i32x4.eq(src, dst), i32x4.gt_u(from, to));
    const turned = v128.or(i32x4.gt_u(src, dst), tied);
    const low = i32x4.min_u(src, dst);
    const high = i32x4.max_u(src, dst);
    const straight = v128.or(i32x4.shl(from, 16), to);
    const ports = v128.bitselect(v128.or(i32x4.shl(to, 16), from), straight, turned);
    v128.store(k << 2, hashFour(low, high, ports), FLOW_HASHES);
    v128.store(k << 2, turned, FLOW_TURNED);
    // From columns to rows, with a context of 0.
    const ends01 = v128.shuffle<u32>(low, high, 0, 4, 1, 5);
    const ends23 = v128.shuffle<u32>(low, high, 2, 6, 3, 7);
    const ports01 = i64x2.extend_low_i32x4_u(ports);
    const ports23 = i64x2.extend_high_i32x4_u(ports);
    v128.store(k << 4, v128.shuffle<u64>(ends01, ports01, 0, 2), FLOW_KEYS);
    v128.store(k << 4, v128.shuffle<u64>(ends01, ports01, 1, 3), FLOW_KEYS + 16);
    v128.store(k << 4, v128.shuffle<u64>(ends23, ports23, 0, 2), FLOW_KEYS + 32);
    v128.store(k << 4, v128.shuffle<u64>(ends23, ports23, 1, 3), FLOW_KEYS + 48);
  }
}

/** Row `i`, whatever it is, as the group's `k`-th. */
function takeOne(i: u32, k: u32): void {
  let low = load<u32>(i << 2, IN_SRC);
  let high = load<u32>(i << 2, IN_DST);
  const from = <u32>load<u16>(i << 1, IN_SRC_PORT);
  const to = <u32>load<u16>(i << 1, IN_DST_PORT);
  let context = separateVlans || separateTunnels ? contextOf(i) : 0;
  let turned = low > high;
  let same = low == high;
  if (load<u8>(i, IN_IP_VERSION) == 6) {
    context |= IPV6;
    low = IN_ADDRESSES + (low << 4);
    high = IN_ADDRESSES + (high << 4);
    const order = compare(low, high);
    turned = order > 0;
    same = order == 0;
  }
  if (same) turned = from > to;
  const key = keyAt(k);
  store<u32>(key, turned ? high : low, K_LOW);
  store<u32>(key, turned ? low : high, K_HIGH);
  store<u32>(key, turned ? (to << 16) | from : (from << 16) | to, K_PORTS);
  store<u32>(key, context, K_CONTEXT);
  store<u32>(FLOW_TURNED + (k << 2), <u32>turned);
  store<u32>(FLOW_HASHES + (k << 2), hashKey(key));
}

/** The hash of any key, a conversation's among them. */
export function hashKey(key: u32): u32 {
  const low = load<u32>(key, K_LOW);
  const high = load<u32>(key, K_HIGH);
  const ports = load<u32>(key, K_PORTS);
  const context = load<u32>(key, K_CONTEXT);
  return context & IPV6 ? hash6(low, high, ports, context) : hash4(low, high, ports, context);
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
  const vlans = separateVlans ? load<u32>(i << 2, IN_VLAN) & 0x0fff0fff : 0;
  const tunnel = separateTunnels ? load<u32>(i << 2, IN_TUNNEL) : 0;
  return hashContext(vlans, tunnel);
}
