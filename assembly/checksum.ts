// The ones'-complement sum of RFC 1071, over little-endian lanes: the sum is byte-order independent
// (RFC 1071 2.B), so nothing is swapped until the end.

// 32 bytes of ones, then 32 of zeros: what lies at MASK + 32 - n leaves n bytes of a tail of up to 32.
const MASK: usize = memory.data<u64>([-1, -1, -1, -1, 0, 0, 0, 0]);

// Whole 64-bit lanes are added, modulo 2^64. What is lost are carries, and of those only the number matters, for
// modulo 65535 each is worth 1. It takes few bits of each lane to know it: the rounded mean of eight blocks, by
// a tree of seven averages of 16-bit lanes, whose top lane errs by so little that its sum times eight tells how
// often the lanes' sum has passed 2^64. Two instructions and an eighth a block, where counting the high halves
// beside the lanes takes three, and a multiply-add of 16-bit lanes with their top bits flipped three as well.
//
// In units of 2^48, a lane's top bits are cut by less than 1 a block, and each level of averages rounds up by at
// most half, which makes 3/2 a block: with N blocks the estimate is off by more than -N and at most 3N/2. Where it
// starts from MOST_BLOCKS, it is too large by 0 to 5/2 MOST_BLOCKS, which is less than a carry, 2^16.

const MOST_BLOCKS = 1 << 14;

/** How many bytes `sumWords` takes at most. */
export const SUM_MOST: u32 = MOST_BLOCKS * 16;

// MOST_BLOCKS, once in each lane, as an eighth. Loaded, because V8 builds a constant vector in four instructions.
const ALLOWANCE: usize = memory.data<u64>([MOST_BLOCKS / 8, MOST_BLOCKS / 8]);

// Shorter input, and what is left of a longer one: lanes and, beside them, their high halves. Adding whole lanes lets
// the high halves wrap, but their sum alone tells what the low ones came to: low + (high << 32) modulo 2^64.

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
 * A sum, below 2^63 and congruent modulo 65535 to that of `n` bytes at `p` as little-endian words, an odd last byte
 * padded with zero; 0 for zeros alone. At most SUM_MOST bytes.
 * Reads up to 31 bytes past the end (their value does not count): buffers keep SLACK bytes behind them.
 */
// @ts-ignore: decorator
@inline
export function sumWords(p: u32, n: u32): u64 {
  return sumWordsOnto(i64x2.splat(0), i64x2.splat(0), p, n);
}

/** `sumWords` and what is there already: the sums of whole lanes in `a`, of their high halves in `b`. */
// @ts-ignore: decorator
@inline
export function sumWordsOnto(a: v128, b: v128, p: u32, n: u32): u64 {
  // Nothing is left of bare acknowledgments, whose headers are summed where they are read.
  if (!n) return across(exact(a, b));
  if (n <= 32) {
    // Options and short payloads: to guess how long they are would cost more.
    const v = v128.and(v128.load(p), v128.load(MASK + 32 - n));
    const w = v128.and(v128.load(p, 16), v128.load(MASK + 48 - n));
    a = i64x2.add(a, i64x2.add(v, w));
    b = i64x2.add(b, i64x2.add(i64x2.shr_u(v, 32), i64x2.shr_u(w, 32)));
    return across(exact(a, b));
  }
  if (n >= 128) {
    // One sum of lanes: with more, V8 runs out of registers where this is inlined.
    let c = i64x2.splat(0);
    let top = v128.load(ALLOWANCE);
    const stop = p + (n & ~127);
    do {
      const s = v128.load(p);
      const t = v128.load(p, 16);
      const u = v128.load(p, 32);
      const v = v128.load(p, 48);
      const w = v128.load(p, 64);
      const x = v128.load(p, 80);
      const y = v128.load(p, 96);
      const z = v128.load(p, 112);
      c = i64x2.add(c, i64x2.add(i64x2.add(s, t), i64x2.add(u, v)));
      c = i64x2.add(c, i64x2.add(i64x2.add(w, x), i64x2.add(y, z)));
      const first = i16x8.avgr_u(i16x8.avgr_u(s, t), i16x8.avgr_u(u, v));
      const second = i16x8.avgr_u(i16x8.avgr_u(w, x), i16x8.avgr_u(y, z));
      top = i64x2.add(top, i64x2.shr_u(i16x8.avgr_u(first, second), 48));
      p += 128;
    } while (p != stop);
    n &= 127;
    a = i64x2.add(a, i64x2.add(halves(c), carries(c, top)));
  }
  if (n & 64) {
    const v = v128.load(p);
    const w = v128.load(p, 16);
    const x = v128.load(p, 32);
    const y = v128.load(p, 48);
    a = i64x2.add(a, i64x2.add(i64x2.add(v, w), i64x2.add(x, y)));
    const low = i64x2.add(i64x2.shr_u(v, 32), i64x2.shr_u(w, 32));
    b = i64x2.add(b, i64x2.add(low, i64x2.add(i64x2.shr_u(x, 32), i64x2.shr_u(y, 32))));
    p += 64;
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
    const v = v128.and(v128.load(p), v128.load(MASK + 32 - n));
    a = i64x2.add(a, v);
    b = i64x2.add(b, i64x2.shr_u(v, 32));
  }
  return across(exact(a, b));
}

/** How often each lane of `sum` has passed 2^64, by an eighth of its top bits' sum with ALLOWANCE. */
// @ts-ignore: decorator
@inline
function carries(sum: v128, top: v128): v128 {
  return i64x2.shr_u(i64x2.sub(i64x2.shl(top, 3), i64x2.shr_u(sum, 48)), 16);
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

/**
 * The folded little-endian sum of `n` bytes at `p` plus `initial`, itself a sum below 2^32.
 * Summing pieces in turn needs every piece but the last to be of even length.
 */
export function checksumPart(p: u32, n: u32, initial: u32): u32 {
  return fold(sumWordsCalled(p, n) + initial);
}

/**
 * Copies `n` bytes from `src` to `dst` and returns what `checksumPart` would for them, in one pass. The
 * ranges must not overlap. Writes nothing behind `dst + n`; reads up to 15 bytes behind `src + n`.
 */
export function copyAndSum(dst: u32, src: u32, n: u32, initial: u32): u32 {
  return fold(copyAndSumWords(dst, src, n) + initial);
}

/** `sumWords` of any number of bytes, and not inlined: for where a call costs less than its code. */
export function sumWordsCalled(p: u32, n: u32): u64 {
  let sum: u64 = 0;
  do {
    const piece = min(n, SUM_MOST);
    sum += sumWords(p, piece);
    p += piece;
    n -= piece;
  } while (n);
  return sum;
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
    const v = v128.and(v128.load(src), v128.load(MASK + 32 - n));
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
