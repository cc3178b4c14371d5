// The ones'-complement sum of RFC 1071, over little-endian lanes: the sum is byte-order independent
// (RFC 1071 2.B), so nothing is swapped until the end.

// 16 bytes of ones, then 16 of zeros: loading at MASK + 16 - n leaves n bytes of a tail.
const MASK: usize = memory.data<u8>([
  255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
]);

// A 64-bit lane takes two 32-bit halves a block. Adding whole lanes lets the high halves wrap, but the sum of
// the high halves alone, kept beside it, tells what the low ones came to: modulo 2^64 the lanes' sum is
// low + (high << 32). Three instructions a block, where masking both halves takes four and a multiply-add of
// 16-bit lanes, which needs their top bits flipped, is bound to fewer ports. Exact for any length below 4 GiB.

/** The two halves of each 64-bit lane, added up. */
// @ts-ignore: decorator
@inline
export function halves(v: v128): v128 {
  return exact(v, i64x2.shr_u(v, 32));
}

// @ts-ignore: decorator
@inline
function exact(lanes: v128, high: v128): v128 {
  return i64x2.add(i64x2.sub(lanes, i64x2.shl(high, 32)), high);
}

/** The sum of both 64-bit lanes. */
// @ts-ignore: decorator
@inline
export function across(v: v128): u64 {
  return i64x2.extract_lane(v, 0) + i64x2.extract_lane(v, 1);
}

/**
 * The unfolded sum of `n` bytes at `p` as little-endian words, an odd last byte padded with zero; below 2^63.
 * Reads up to 15 bytes past the end (their value does not count): buffers keep SLACK bytes behind them.
 */
// @ts-ignore: decorator
@inline
export function sumWords(p: u32, n: u32): u64 {
  return sumWordsOnto(i64x2.splat(0), p, n);
}

/** `sumWords` and what `onto` has in its lanes already. */
// @ts-ignore: decorator
@inline
export function sumWordsOnto(onto: v128, p: u32, n: u32): u64 {
  let a = i64x2.splat(0);
  let b = a;
  if (n >= 64) {
    let c = a;
    let d = a;
    let e = a;
    let f = a;
    do {
      const v = v128.load(p);
      const w = v128.load(p, 16);
      const x = v128.load(p, 32);
      const y = v128.load(p, 48);
      a = i64x2.add(a, v);
      b = i64x2.add(b, i64x2.shr_u(v, 32));
      c = i64x2.add(c, w);
      d = i64x2.add(d, i64x2.shr_u(w, 32));
      e = i64x2.add(e, x);
      f = i64x2.add(f, i64x2.shr_u(x, 32));
      c = i64x2.add(c, y);
      d = i64x2.add(d, i64x2.shr_u(y, 32));
      p += 64;
      n -= 64;
    } while (n >= 64);
    a = i64x2.add(i64x2.add(a, c), e);
    b = i64x2.add(i64x2.add(b, d), f);
  }
  if (n & 32) {
    const v = v128.load(p);
    const w = v128.load(p, 16);
    a = i64x2.add(a, i64x2.add(v, w));
    b = i64x2.add(b, i64x2.add(i64x2.shr_u(v, 32), i64x2.shr_u(w, 32)));
    p += 32;
  }
  if (n & 16) {
    const v = v128.load(p);
    a = i64x2.add(a, v);
    b = i64x2.add(b, i64x2.shr_u(v, 32));
    p += 16;
  }
  n &= 15;
  if (n) {
    const v = v128.and(v128.load(p), v128.load(MASK + 16 - n));
    a = i64x2.add(a, v);
    b = i64x2.add(b, i64x2.shr_u(v, 32));
  }
  return across(i64x2.add(onto, exact(a, b)));
}

/** Whether a sum folds to 0xffff, as that of a segment in order does: whether 65535 divides it. */
// @ts-ignore: decorator
@inline
export function isWhole(sum: u64): bool {
  // The inverse of 65535 modulo 2^64 takes its multiples, and only them, to the quotients below 2^64 / 65535.
  return sum * 0xfffefffefffeffff <= 0x0001000100010001;
}

/** Folds a sum of words to 16 bits, end-around carries included. */
// @ts-ignore: decorator
@inline
export function fold(sum: u64): u32 {
  sum = (sum >> 32) + (sum & 0xffffffff);
  sum = (sum >> 32) + (sum & 0xffffffff);
  let t = <u32>(sum >> 16) + <u32>(sum & 0xffff);
  t = (t >> 16) + (t & 0xffff);
  return t;
}

/** `sumWords` that is not inlined: for where a call costs less than its code. */
export function sumWordsCalled(p: u32, n: u32): u64 {
  return sumWords(p, n);
}

/** Copies `n` bytes from `src` to `dst` and returns their `sumWords`, reading them once. */
export function copyAndSumWords(dst: u32, src: u32, n: u32): u64 {
  let a = i64x2.splat(0);
  let b = a;
  let c = a;
  let d = a;
  while (n >= 64) {
    const v = v128.load(src);
    const w = v128.load(src, 16);
    const x = v128.load(src, 32);
    const y = v128.load(src, 48);
    v128.store(dst, v);
    v128.store(dst, w, 16);
    v128.store(dst, x, 32);
    v128.store(dst, y, 48);
    a = i64x2.add(a, v);
    b = i64x2.add(b, i64x2.shr_u(v, 32));
    c = i64x2.add(c, w);
    d = i64x2.add(d, i64x2.shr_u(w, 32));
    a = i64x2.add(a, x);
    b = i64x2.add(b, i64x2.shr_u(x, 32));
    c = i64x2.add(c, y);
    d = i64x2.add(d, i64x2.shr_u(y, 32));
    src += 64;
    dst += 64;
    n -= 64;
  }
  a = i64x2.add(a, c);
  b = i64x2.add(b, d);
  while (n >= 16) {
    const v = v128.load(src);
    v128.store(dst, v);
    a = i64x2.add(a, v);
    b = i64x2.add(b, i64x2.shr_u(v, 32));
    src += 16;
    dst += 16;
    n -= 16;
  }
  if (n) {
    const v = v128.and(v128.load(src), v128.load(MASK + 16 - n));
    a = i64x2.add(a, v);
    b = i64x2.add(b, i64x2.shr_u(v, 32));
    storeTail(dst, src, n);
  }
  return across(exact(a, b));
}

// The last 1 to 15 bytes, in pieces of halving size, so that nothing behind them is written.
function storeTail(dst: u32, src: u32, n: u32): void {
  if (n & 8) {
    store<u64>(dst, load<u64>(src));
    dst += 8;
    src += 8;
  }
  if (n & 4) {
    store<u32>(dst, load<u32>(src));
    dst += 4;
    src += 4;
  }
  if (n & 2) {
    store<u16>(dst, load<u16>(src));
    dst += 2;
    src += 2;
  }
  if (n & 1) store<u8>(dst, load<u8>(src));
}
