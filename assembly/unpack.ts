// A module of its own, of a few hundred bytes: base64 to bytes. The others are inlined as base64, and where the platform
// has no decoder, a loop in JavaScript that nothing has warmed up takes longer for it than they take to compile.

/**
 * Turns `n` characters of base64 (RFC 4648 4), laid at address 0, into the bytes that they stand for, in place.
 * Characters outside the alphabet count as "/"; `n` is a multiple of four, padding included.
 */
export function unpack(n: u32): void {
  let to: u32 = 0;
  for (let at: u32 = 0; at < n; at += 4) {
    const bits = (six(at) << 18) | (six(at + 1) << 12) | (six(at + 2) << 6) | six(at + 3);
    store<u8>(to, <u8>(bits >> 16));
    store<u8>(to, <u8>(bits >> 8), 1);
    store<u8>(to, <u8>bits, 2);
    to += 3;
  }
}

// @ts-ignore: decorator
@inline
function six(at: u32): u32 {
  const c: u32 = load<u8>(at);
  if (c >= 97) return c - 71;
  if (c >= 65) return c - 65;
  if (c >= 48) return c + 4;
  return c == 43 ? 62 : 63;
}
