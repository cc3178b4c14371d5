// The ones'-complement sum of RFC 1071, over little-endian lanes: the sum is byte-order independent
// (RFC 1071 2.B), so nothing is swapped until the end.

// 16 bytes of ones, then 16 of zeros: loading at MASK + 16 - n leaves n bytes of a tail.
const MASK: usize = memory.data<u8>([
  255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
]);

// A block of 16 bytes moves a lane by at most 2^16, so 2^15 blocks fill it.
const LONGEST_EXACT: u32 = 1 << 19;

// The dot product of signed lanes is the only widening multiply-add there is, so each unsigned lane x
// becomes x - 0x8000 by a flip of its top bit; the bias of 8 lanes a block is added back at the end.
// @ts-ignore: decorator
@inline
function pairs(v: v128): v128 {
  return i32x4.dot_i16x8_s(v128.xor(v, i16x8.splat(-32768)), i16x8.splat(1));
}

// @ts-ignore: decorator
@inline
function total(v: v128): u64 {
  const wide = i64x2.add(i64x2.extend_low_i32x4_s(v), i64x2.extend_high_i32x4_s(v));
  return <u64>(i64x2.extract_lane(wide, 0) + i64x2.extract_lane(wide, 1));
}

/**
 * The unfolded sum of `n` bytes at `p` as little-endian 16-bit words, an odd last byte padded with zero.
 * Reads up to 15 bytes past the end (their value does not count): buffers keep SLACK bytes behind them.
 * Exact up to LONGEST_EXACT bytes, where a 32-bit lane could first overflow.
 */
// @ts-ignore: decorator
@inline
export function sumWords(p: u32, n: u32): u64 {
  const bias = <u64>((n + 15) >> 4) << 18;
  let a = i32x4.splat(0);
  if (n >= 64) {
    let b = a;
    let c = a;
    let d = a;
    do {
      a = i32x4.add(a, pairs(v128.load(p)));
      b = i32x4.add(b, pairs(v128.load(p, 16)));
      c = i32x4.add(c, pairs(v128.load(p, 32)));
      d = i32x4.add(d, pairs(v128.load(p, 48)));
      p += 64;
      n -= 64;
    } while (n >= 64);
    a = i32x4.add(i32x4.add(a, b), i32x4.add(c, d));
  }
  while (n >= 16) {
    a = i32x4.add(a, pairs(v128.load(p)));
    p += 16;
    n -= 16;
  }
  if (n) a = i32x4.add(a, pairs(v128.and(v128.load(p), v128.load(MASK + 16 - n))));
  return total(a) + bias;
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
  const bias = <u64>((n + 15) >> 4) << 18;
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
    a = i32x4.add(a, pairs(v));
    b = i32x4.add(b, pairs(w));
    c = i32x4.add(c, pairs(x));
    d = i32x4.add(d, pairs(y));
    src += 64;
    dst += 64;
    n -= 64;
  }
  a = i32x4.add(i32x4.add(a, b), i32x4.add(c, d));
  while (n >= 16) {
    const v = v128.load(src);
    v128.store(dst, v);
    a = i32x4.add(a, pairs(v));
    src += 16;
    dst += 16;
    n -= 16;
  }
  if (n) {
    a = i32x4.add(a, pairs(v128.and(v128.load(src), v128.load(MASK + 16 - n))));
    storeTail(dst, src, n);
  }
  return total(a) + bias;
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
