// Hashes of addresses and ports that everyone knows and that are linear over GF(2): keys with one and the same
// hash are found by elimination, any number of them, without trying.
import type { FlowKey } from "./flow-keys.ts";

/** Source, destination, and both ports in a word. */
export type KeyWords = readonly [src: number, dst: number, ports: number];

/** 32 bits; the hash of a XOR b is the hash of a XOR the hash of b. */
export type LinearHash = (words: KeyWords) => number;

export const xorFold: LinearHash = ([src, dst, ports]) => (src ^ dst ^ ports) >>> 0;

// The key of Microsoft's documentation of receive-side scaling, which most cards come up with.
const rssKey = [0x6d5a56da, 0x255b0ec2, 0x4167253d, 0x43a38fb0];

/** What network cards spread conversations by: RSS's hash of IPv4 addresses and ports. */
export const toeplitz: LinearHash = (words) => {
  let hash = 0;
  for (let bit = 0; bit < 96; bit++) {
    if (!bitOf(words, bit)) continue;
    const word = bit >> 5;
    const shift = bit & 31;
    const low = shift === 0 ? 0 : rssKey[word + 1] >>> (32 - shift);
    hash ^= (rssKey[word] << shift) | low;
  }
  return hash >>> 0;
};

/** `count` different keys, at most 2^32, that all have the hash 0. */
export function collidingKeys(hash: LinearHash, count: number): FlowKey[] {
  const kernel = kernelOf(hash);
  // Gray's order: each key differs from the one before by one vector of the kernel.
  let words: KeyWords = [0, 0, 0];
  return Array.from({ length: count }, (_, i) => {
    words = xor(words, kernel[31 - Math.clz32((i + 1) & -(i + 1))]);
    return { src: words[0], dst: words[1], srcPort: words[2] >>> 16, dstPort: words[2] & 0xffff };
  });
}

/** Independent keys with the hash 0; their sums are all that there are. */
function kernelOf(hash: LinearHash): KeyWords[] {
  const kernel: KeyWords[] = [];
  const pivots = new Map<number, { words: KeyWords; hash: number }>();
  for (let bit = 0; bit < 96; bit++) {
    let words = unit(bit);
    let value = hash(words);
    for (;;) {
      const top = Math.clz32(value);
      const pivot = pivots.get(top);
      if (value === 0) kernel.push(words);
      else if (!pivot) pivots.set(top, { words, hash: value });
      if (value === 0 || !pivot) break;
      words = xor(words, pivot.words);
      value = (value ^ pivot.hash) >>> 0;
    }
  }
  return kernel;
}

function bitOf(words: KeyWords, bit: number): boolean {
  return ((words[bit >> 5] >>> (31 - (bit & 31))) & 1) === 1;
}

function unit(bit: number): KeyWords {
  const word = (i: number) => (bit >> 5 === i ? (1 << (31 - (bit & 31))) >>> 0 : 0);
  return [word(0), word(1), word(2)];
}

function xor(a: KeyWords, b: KeyWords): KeyWords {
  return [(a[0] ^ b[0]) >>> 0, (a[1] ^ b[1]) >>> 0, (a[2] ^ b[2]) >>> 0];
}
