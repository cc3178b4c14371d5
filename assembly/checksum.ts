// The ones'-complement sum of RFC 1071, over little-endian lanes: the sum is byte-order independent
// (RFC 1071 2.B), so nothing is swapped until the end.

// 16 bytes of ones, then 16 of zeros: loading at MASK + 16 - n leaves n bytes of a tail.
const MASK: usize = memory.data<u8>([
  255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
]);

// A block of 16 bytes moves a lane by at most 2^16, so that 2^13 blocks leave the sum of four lanes below 2^31.
const LONGEST_EXACT: u32 = 1 << 17;

// Constants of vectors are loaded: V8 would build each in several instructions where it is used.
const FLIP: usize = memory.data<u16>([
  0x8000, 0x8000, 0x8000, 0x8000, 0x8000, 0x8000, 0x8000, 0x8000,
]);
const ONES: usize = memory.data<u16>([1, 1, 1, 1, 1, 1, 1, 1]);

/**
 * The sums of pairs of 16-bit words, less the bias that `unbias` makes up for. The dot product of signed
 * lanes is the only widening multiply-add there is, so each unsigned lane x becomes x - 0x8000 by a flip
 * of its top bit.
 */
// @ts-ignore: decorator
@inline
export function pairs(v: v128): v128 {
  return pairsWith(v, v128.load(FLIP), v128.load(ONES));
}

// @ts-ignore: decorator
@inline
function pairsWith(v: v128, flip: v128, ones: v128): v128 {
  return i32x4.dot_i16x8_s(v128.xor(v, flip), ones);
}

/** The sum of the four lanes, which came from `blocks` blocks of 16 bytes through `pairs`. */
// @ts-ignore: decorator
@inline
export function unbias(v: v128, blocks: u32): u32 {
  v = i32x4.add(v, i8x16.shuffle(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  v = i32x4.add(v, i8x16.shuffle(v, v, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11));
  return i32x4.extract_lane(v, 0) + (blocks << 18);
}

/**
 * The unfolded sum of `n` bytes at `p` as little-endian 16-bit words, an odd last byte padded with zero.
 * Reads up to 15 bytes past the end (their value does not count): buffers keep SLACK bytes behind them.
 * Exact up to LONGEST_EXACT bytes.
 */
// @ts-ignore: decorator
@inline
export function sumWords(p: u32, n: u32): u64 {
  return <u64>sumWordsOnto(i32x4.splat(0), 0, p, n);
}

/** `sumWords` of `n` bytes at `p` and of `blocks` blocks of 16 bytes that are in `a`, through `pairs`. */
// @ts-ignore: decorator
@inline
export function sumWordsOnto(a: v128, blocks: u32, p: u32, n: u32): u32 {
  const flip = v128.load(FLIP);
  const ones = v128.load(ONES);
  blocks += (n + 15) >> 4;
  if (n >= 64) {
    let b = i32x4.splat(0);
    let c = b;
    let d = b;
    do {
      a = i32x4.add(a, pairsWith(v128.load(p), flip, ones));
      b = i32x4.add(b, pairsWith(v128.load(p, 16), flip, ones));
      c = i32x4.add(c, pairsWith(v128.load(p, 32), flip, ones));
      d = i32x4.add(d, pairsWith(v128.load(p, 48), flip, ones));
      p += 64;
      n -= 64;
    } while (n >= 64);
    a = i32x4.add(i32x4.add(a, b), i32x4.add(c, d));
  }
  if (n & 32) {
    a = i32x4.add(a, pairsWith(v128.load(p), flip, ones));
    a = i32x4.add(a, pairsWith(v128.load(p, 16), flip, ones));
    p += 32;
  }
  if (n & 16) {
    a = i32x4.add(a, pairsWith(v128.load(p), flip, ones));
    p += 16;
  }
  n &= 15;
  if (n) a = i32x4.add(a, pairsWith(v128.and(v128.load(p), v128.load(MASK + 16 - n)), flip, ones));
  return unbias(a, blocks);
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

/** `sumWords` for any length: in pieces that cannot overflow. */
export function sumWordsLong(p: u32, n: u32): u64 {
  let sum: u64 = 0;
  while (n > LONGEST_EXACT) {
    sum += sumWords(p, LONGEST_EXACT);
    p += LONGEST_EXACT;
    n -= LONGEST_EXACT;
  }
  return sum + sumWords(p, n);
}

/** Copies `n` bytes from `src` to `dst` and returns their `sumWordsLong`, reading them once. */
export function copyAndSumWords(dst: u32, src: u32, n: u32): u64 {
  let sum: u64 = 0;
  while (n > LONGEST_EXACT) {
    sum += copyAndSumPiece(dst, src, LONGEST_EXACT);
    dst += LONGEST_EXACT;
    src += LONGEST_EXACT;
    n -= LONGEST_EXACT;
  }
  return sum + copyAndSumPiece(dst, src, n);
}

function copyAndSumPiece(dst: u32, src: u32, n: u32): u64 {
  const flip = v128.load(FLIP);
  const ones = v128.load(ONES);
  const blocks = (n + 15) >> 4;
  let a = i32x4.splat(0);
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
    a = i32x4.add(a, pairsWith(v, flip, ones));
    b = i32x4.add(b, pairsWith(w, flip, ones));
    c = i32x4.add(c, pairsWith(x, flip, ones));
    d = i32x4.add(d, pairsWith(y, flip, ones));
    src += 64;
    dst += 64;
    n -= 64;
  }
  a = i32x4.add(i32x4.add(a, b), i32x4.add(c, d));
  while (n >= 16) {
    const v = v128.load(src);
    v128.store(dst, v);
    a = i32x4.add(a, pairsWith(v, flip, ones));
    src += 16;
    dst += 16;
    n -= 16;
  }
  if (n) {
    a = i32x4.add(a, pairsWith(v128.and(v128.load(src), v128.load(MASK + 16 - n)), flip, ones));
    storeTail(dst, src, n);
  }
  return <u64>unbias(a, blocks);
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
