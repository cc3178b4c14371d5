// Network byte order over little-endian memory.

// @ts-ignore: decorator
@inline
export function swap16(x: u32): u32 {
  return ((x & 0xff) << 8) | (x >> 8);
}

// @ts-ignore: decorator
@inline
export function load16(p: u32): u32 {
  return swap16(<u32>load<u16>(p));
}

// @ts-ignore: decorator
@inline
export function load32(p: u32): u32 {
  return bswap<u32>(load<u32>(p));
}

/** The four 32-bit words of `v` with their bytes reversed. */
// @ts-ignore: decorator
@inline
export function swapped32(v: v128): v128 {
  return i8x16.shuffle(v, v, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
}

// The four words of `v` in the order of this machine. A lane of 32 bits is stored as f32 in straight.ts, which keeps its
// bits: V8 takes an address with an offset there and not where it stores a lane.
// @ts-ignore: decorator
@inline
export function inOrder(v: v128): v128 {
  return i8x16.swizzle(v, i8x16(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12));
}
