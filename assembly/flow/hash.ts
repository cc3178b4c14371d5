import { FLOW_KEY } from "../layout/flow-columns";

// A keyed multiply-add hash: h = (k0 + k1 x1 + ... + kn xn) mod 2^64, of which the high word is kept
// (Dietzfelbinger 1996; vector hashing in Thorup, "High Speed Hashing for Integers and Strings"). For random keys any two
// different inputs collide with probability 2^-32, whatever the inputs are: someone who writes a capture
// knows the inputs but not the key, and gets no answer to learn it from, so cannot make collisions more
// likely than chance does. SipHash would also hold against someone who watches the timings of a running
// instance, at five times the cost. The bijection at the end keeps that probability and only breaks up
// runs: multiply-add maps arithmetic progressions to such, which linear probing does not like.

// @ts-ignore: decorator
@inline
function key(i: u32): u64 {
  return load<u64>(FLOW_KEY + (i << 3));
}

// @ts-ignore: decorator
@inline
function finish(sum: u64): u32 {
  let h = <u32>(sum >> 32);
  h ^= h >> 16;
  h *= 0x7feb352d;
  return h ^ (h >> 15);
}

/** The hash of a pair of IPv4 ends, of their ports and of a context. */
// @ts-ignore: decorator
@inline
export function hash4(low: u32, high: u32, ports: u32, context: u32): u32 {
  return finish(
    key(0) + key(1) * <u64>low + key(2) * <u64>high + key(3) * <u64>ports + key(4) * <u64>context,
  );
}

/** The hashes of four such keys without a context, lane by lane. */
// @ts-ignore: decorator
@inline
export function hashFour(low: v128, high: v128, ports: v128): v128 {
  const a = lowerWord(1);
  const b = lowerWord(2);
  const c = lowerWord(3);
  let first = v128.load64_splat(FLOW_KEY);
  let last = first;
  first = i64x2.add(first, i64x2.extmul_low_i32x4_u(low, a));
  last = i64x2.add(last, i64x2.extmul_high_i32x4_u(low, a));
  first = i64x2.add(first, i64x2.extmul_low_i32x4_u(high, b));
  last = i64x2.add(last, i64x2.extmul_high_i32x4_u(high, b));
  first = i64x2.add(first, i64x2.extmul_low_i32x4_u(ports, c));
  last = i64x2.add(last, i64x2.extmul_high_i32x4_u(ports, c));
  // What the keys' upper words add, they add to the sum's.
  const d = i32x4.add(i32x4.mul(low, upperWord(1)), i32x4.mul(high, upperWord(2)));
  const e = i32x4.add(d, i32x4.mul(ports, upperWord(3)));
  let h = i32x4.add(e, v128.shuffle<u32>(first, last, 1, 3, 5, 7));
  h = v128.xor(h, i32x4.shr_u(h, 16));
  h = i32x4.mul(h, i32x4.splat(0x7feb352d));
  return v128.xor(h, i32x4.shr_u(h, 15));
}

/** A context of VLANs and a tunnel, the lowest bit clear, 0 for neither; two different ones are the same once in 2^31. */
export function hashContext(vlans: u32, tunnel: u32): u32 {
  return <u32>((key(12) * <u64>vlans + key(13) * <u64>tunnel) >> 32) & ~1;
}

// @ts-ignore: decorator
@inline
function lowerWord(i: u32): v128 {
  return v128.load32_splat(FLOW_KEY + (i << 3));
}

// @ts-ignore: decorator
@inline
function upperWord(i: u32): v128 {
  return v128.load32_splat(FLOW_KEY + (i << 3) + 4);
}

/** The hash of two 16-byte addresses at `low` and `high`, of their ports and of a context. */
export function hash6(low: u32, high: u32, ports: u32, context: u32): u32 {
  let sum = key(0) + key(3) * <u64>ports + key(4) * <u64>context;
  // Two words to a product: (k + x)(k' + x') is as good a term as k x + k' x'.
  sum += (key(5) + load<u32>(low)) * (key(6) + load<u32>(low, 4));
  sum += (key(7) + load<u32>(low, 8)) * (key(8) + load<u32>(low, 12));
  sum += (key(9) + load<u32>(high)) * (key(10) + load<u32>(high, 4));
  sum += (key(11) + load<u32>(high, 8)) * (key(1) + load<u32>(high, 12));
  return finish(sum);
}
