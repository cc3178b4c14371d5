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
