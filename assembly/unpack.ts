// A module of its own, of a few hundred bytes: base64 to bytes. The larger ones are inlined as base64, and where the
// platform has no decoder, a loop in JavaScript that nothing has warmed up takes longer for it than they take to compile.

/**
 * Turns `n` characters of base64 (RFC 4648 4), laid at address 0, into the bytes that they stand for, in place: padding
 * counts as characters do, and gives bytes of no meaning. 16 bytes from the end of the text on must exist.
 */
export function unpack(n: u32): void {
  let to: u32 = 0;
  // Not optimized yet when it runs, the code costs by the instruction: hence sixteen characters at a time.
  for (let at: u32 = 0; at < n; at += 16) {
    v128.store(to, bytes(values(v128.load(at))));
    to += 12;
  }
}

/** The six bits of each character. */
// @ts-ignore: decorator
@inline
function values(text: v128): v128 {
  // What is to be added is told by the upper half of the character, but for "/", which shares its own with "+".
  const row = i8x16.add(i8x16.shr_u(text, 4), i8x16.eq(text, i8x16.splat(47)));
  const add = i8x16.swizzle(i8x16(0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0), row);
  return v128.and(i8x16.add(text, add), i8x16.splat(63));
}

/** Four times three bytes, one behind the other, of four values of six bits each; four more without meaning. */
// @ts-ignore: decorator
@inline
function bytes(values: v128): v128 {
  // Two values in each 16-bit lane, the first below the second, then two such pairs in each 32-bit lane.
  const low = v128.and(values, i16x8.splat(0x00ff));
  const pairs = v128.or(i16x8.shl(low, 6), i16x8.shr_u(values, 8));
  const fours = v128.or(i32x4.shl(pairs, 12), i32x4.shr_u(pairs, 16));
  return i8x16.shuffle(fours, fours, 2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, 3, 7, 11, 15);
}
