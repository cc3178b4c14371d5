import type { Segments } from "../../capture/segments.ts";
import { formatIPv4, formatIPv6 } from "../../wire/address.ts";

/** What two addresses said to each other. `a` is the one that was seen sending first. */
export interface AddressPair {
  readonly a: string;
  readonly b: string;
  readonly ipVersion: 4 | 6;
  /** TCP segments from `a` to `b`, and back. */
  readonly segments: readonly [number, number];
  /** Bytes on the wire, of whole frames, from `a` to `b`, and back. */
  readonly bytes: readonly [number, number];
}

/** Pairs that are counted at a time. */
const CAPACITY = 1 << 15;
const SLOTS = CAPACITY * 4;
/** 32-bit words of a key: two addresses of 16 bytes; IPv4 uses the first word of each. */
const WORDS = 8;

/**
 * Segments and bytes by pair of addresses, in bounded memory (5 MB): when there are more pairs than it
 * holds, the smaller half is forgotten and counted as such. A pair that makes up more than a few
 * hundred-thousandths of the traffic cannot get lost among smaller ones for long; where pairs have been
 * forgotten its figures are lower bounds.
 */
export class AddressPairs {
  /** Pairs forgotten to make room. */
  forgotten = 0;

  #count = 0;
  readonly #slots = new Uint16Array(SLOTS); // index + 1 of the pair, 0 for none
  readonly #keys = new Uint32Array(CAPACITY * WORDS);
  readonly #version = new Uint8Array(CAPACITY);
  // Of each pair: segments there and back, bytes there and back.
  readonly #figures = new Float64Array(CAPACITY * 4);
  readonly #key = new Uint32Array(WORDS);
  readonly #seed: number;

  /** @param seed decides where pairs lie in the table; a secret one keeps crafted addresses from colliding */
  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Counts the rows of a batch. */
  add(segments: Segments): void {
    const { length, ipVersion, src, dst, addresses, frameLength } = segments;
    const figures = this.#figures;
    const key = this.#key;
    for (let i = 0; i < length; i++) {
      const version = ipVersion[i];
      if (version === 6) {
        readIPv6(addresses, src[i] * 16, key, 0);
        readIPv6(addresses, dst[i] * 16, key, 4);
      } else {
        key.fill(0);
        key[0] = src[i];
        key[4] = dst[i];
      }
      const found = this.#find(version);
      const at = (found < 0 ? ~found : found) * 4 + (found < 0 ? 1 : 0);
      figures[at] += 1;
      figures[at + 2] += frameLength[i];
    }
  }

  /** Pairs that are counted, and `forgotten` ones besides. */
  get size(): number {
    return this.#count;
  }

  /** The busiest by bytes, at most `limit`. */
  top(limit: number): AddressPair[] {
    return this.#bySize()
      .slice(0, limit)
      .map((index) => {
        const ipVersion = this.#version[index] === 6 ? 6 : 4;
        const figures = this.#figures.subarray(index * 4, index * 4 + 4);
        return {
          a: this.#address(index, ipVersion, 0),
          b: this.#address(index, ipVersion, 4),
          ipVersion,
          segments: [figures[0], figures[1]],
          bytes: [figures[2], figures[3]],
        };
      });
  }

  /** The index of the pair in `#key`, or its complement where the pair is known the other way round. */
  #find(version: number): number {
    const key = this.#key;
    const keys = this.#keys;
    for (let slot = this.#slot(key, 0); ; slot = (slot + 1) & (SLOTS - 1)) {
      const index = this.#slots[slot] - 1;
      if (index < 0) return this.#insert(slot, version);
      if (this.#version[index] !== version) continue;
      const at = index * WORDS;
      if (sameWords(keys, at, key, 0) && sameWords(keys, at + 4, key, 4)) return index;
      if (sameWords(keys, at, key, 4) && sameWords(keys, at + 4, key, 0)) return ~index;
    }
  }

  #insert(slot: number, version: number): number {
    if (this.#count === CAPACITY) {
      this.#forgetHalf();
      return this.#find(version);
    }
    const index = this.#count++;
    this.#slots[slot] = index + 1;
    this.#keys.set(this.#key, index * WORDS);
    this.#version[index] = version;
    this.#figures.fill(0, index * 4, index * 4 + 4);
    return index;
  }

  /** Where the search for the key at `at` begins: the same for both directions. */
  #slot(keys: Uint32Array, at: number): number {
    return mix(this.#spread(keys, at) + this.#spread(keys, at + 4)) & (SLOTS - 1);
  }

  #spread(words: Uint32Array, at: number): number {
    let hash = this.#seed;
    for (let i = 0; i < 4; i++) hash = mix(hash ^ words[at + i]);
    return hash;
  }

  #forgetHalf(): void {
    const kept = this.#bySize()
      .slice(0, CAPACITY / 2)
      .sort((a, b) => a - b);
    this.forgotten += this.#count - kept.length;
    this.#slots.fill(0);
    for (const [to, from] of kept.entries()) {
      this.#keys.copyWithin(to * WORDS, from * WORDS, from * WORDS + WORDS);
      this.#figures.copyWithin(to * 4, from * 4, from * 4 + 4);
      this.#version[to] = this.#version[from];
      let slot = this.#slot(this.#keys, to * WORDS);
      while (this.#slots[slot] !== 0) slot = (slot + 1) & (SLOTS - 1);
      this.#slots[slot] = to + 1;
    }
    this.#count = kept.length;
  }

  /** Indices from the most bytes to the fewest, the earlier pair first where they are equal. */
  #bySize(): number[] {
    const figures = this.#figures;
    const bytes = (index: number) => figures[index * 4 + 2] + figures[index * 4 + 3];
    return Array.from({ length: this.#count }, (_, index) => index).sort(
      (a, b) => bytes(b) - bytes(a) || a - b,
    );
  }

  #address(index: number, ipVersion: 4 | 6, side: 0 | 4): string {
    const words = this.#keys.subarray(index * WORDS + side, index * WORDS + side + 4);
    if (ipVersion === 4) return formatIPv4(words[0]);
    const bytes = new Uint8Array(16);
    const view = new DataView(bytes.buffer);
    for (const [i, word] of words.entries()) view.setUint32(i * 4, word);
    return formatIPv6(bytes);
  }
}

function readIPv6(bytes: Uint8Array, at: number, key: Uint32Array, to: number): void {
  for (let word = 0; word < 4; word++) {
    const p = at + word * 4;
    key[to + word] = (bytes[p] << 24) | (bytes[p + 1] << 16) | (bytes[p + 2] << 8) | bytes[p + 3];
  }
}

function sameWords(a: Uint32Array, at: number, b: Uint32Array, from: number): boolean {
  return (
    a[at] === b[from] && a[at + 1] === b[from + 1] && a[at + 2] === b[from + 2] && a[at + 3] === b[from + 3]
  );
}

/** The finalizer of MurmurHash3. */
function mix(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
