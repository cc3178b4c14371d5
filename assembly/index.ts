// The codec's only exported surface. Addresses and lengths are bytes in this module's memory.
import { fold, sumWordsLong } from "./checksum";

export { allocate } from "./arena";

/**
 * The folded little-endian sum of `n` bytes at `p` plus `initial`, itself a sum below 2^32.
 * Summing pieces in turn needs every piece but the last to be of even length.
 */
export function checksumPart(p: u32, n: u32, initial: u32): u32 {
  return fold(sumWordsLong(p, n) + initial);
}
