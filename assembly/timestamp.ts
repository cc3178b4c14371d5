// pcapng timestamps in nanoseconds (draft-ietf-opsawg-pcapng 4.2, if_tsresol).

const BINARY: u32 = 0x80;
const SECOND: u64 = 1_000_000_000;

const MICROSECONDS: u32 = 6;
const NANOSECONDS: u32 = 9;

/** Whether this is one of the two resolutions that nearly all captures have. */
export function isCommon(tsresol: u32): bool {
  return tsresol == MICROSECONDS || tsresol == NANOSECONDS;
}

/** The nanoseconds of a tick of a common resolution. */
export function commonTick(tsresol: u32): u32 {
  return tsresol == MICROSECONDS ? 1000 : 1;
}

/**
 * `ticks` of the resolution `tsresol` (a power of ten, or of two with the top bit) in nanoseconds, rounded
 * down. No step overflows unless the result does.
 */
export function nanoseconds(ticks: u64, tsresol: u32): i64 {
  const exponent = tsresol & 0x7f;
  if (tsresol & BINARY) return binary(ticks, exponent);
  let scale: u64 = 1;
  if (exponent <= 9) {
    for (let e = exponent; e < 9; e++) scale *= 10;
    return <i64>(ticks * scale);
  }
  if (exponent > 9 + 19) return 0; // 10^20 does not fit 64 bits, nor could ticks reach it
  for (let e: u32 = 9; e < exponent; e++) scale *= 10;
  return <i64>(ticks / scale);
}

// The fraction times a second needs 94 bits: the high and the low word are multiplied one after the other.
function binary(ticks: u64, exponent: u32): i64 {
  const seconds = exponent < 64 ? ticks >> exponent : 0;
  const fraction = exponent < 64 ? ticks & ((<u64>1 << exponent) - 1) : ticks;
  if (exponent <= 32) return <i64>(seconds * SECOND + ((fraction * SECOND) >> exponent));
  const scaled = (fraction >> 32) * SECOND + (((fraction & 0xffffffff) * SECOND) >> 32);
  const rest = exponent - 32;
  return <i64>(seconds * SECOND + (rest < 64 ? scaled >> rest : 0));
}
