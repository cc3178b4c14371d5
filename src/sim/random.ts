/**
 * A seeded generator of random numbers, the same in every runtime: xoshiro128** of Blackman and Vigna, which passes
 * BigCrush and has a period of 2^128 - 1. Not for secrets: whoever sees a few numbers knows the rest.
 *
 * Only integer arithmetic and exact divisions are used: `Math.log` and its kin differ between engines in the last bit,
 * and a simulation would with them.
 *
 * @example
 * ```ts
 * import { Random } from "tcpwire/sim";
 *
 * const random = new Random(7);
 * const dice = () => random.between(1, 6);
 * [dice(), dice(), dice()].every((eyes) => eyes >= 1 && eyes <= 6); // -> true
 * ```
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;
  readonly #seed: Int32Array;

  /** @param seed any number or text, or four words; equal seeds give equal numbers */
  constructor(seed: number | string | Int32Array) {
    this.#seed = typeof seed === "object" ? seed.slice(0, 4) : hash(new Int32Array(4), String(seed));
    [this.#a, this.#b, this.#c, this.#d] = this.#seed;
    // The one state that never leaves itself.
    if ((this.#a | this.#b | this.#c | this.#d) === 0) this.#d = 1;
  }

  /** An integer from 0 to 2^32 - 1. */
  u32(): number {
    const fives = Math.imul(this.#b, 5);
    const result = Math.imul((fives << 7) | (fives >>> 25), 9);
    const t = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= t;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result >>> 0;
  }

  /** A number from 0 up to, but not including, 1, with 53 random bits. */
  float(): number {
    return ((this.u32() >>> 5) * 0x4000000 + (this.u32() >>> 6)) / 0x20000000000000;
  }

  /** An integer from 0 to `count` - 1, all equally likely. `count` is 1 to 2^32. */
  below(count: number): number {
    // What would come a little more often than the rest is drawn again.
    for (;;) {
      const drawn = this.u32();
      const result = drawn % count;
      if (drawn - result <= 0x100000000 - count) return result;
    }
  }

  /** An integer from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  /** True with the given probability, 0 to 1 (in steps of 2^-32). */
  chance(probability: number): boolean {
    return this.u32() < probability * 0x100000000;
  }

  /** Fills `bytes` with random ones and returns them. */
  fill(bytes: Uint8Array): Uint8Array {
    for (let i = 0; i < bytes.length; i += 4) {
      const word = this.u32();
      const end = Math.min(4, bytes.length - i);
      for (let k = 0; k < end; k++) bytes[i + k] = word >>> (k * 8);
    }
    return bytes;
  }

  /**
   * Another generator, made of this one's seed and a name: it neither takes from this one's numbers nor depends on how
   * many were taken. What each part of a simulation draws is its own, so that a change in one does not move the others.
   */
  fork(name: string): Random {
    return new Random(hash(this.#seed, name));
  }
}

/** Four words that depend on all of `text` and on four words before. Mixing steps are MurmurHash3's. */
function hash(before: Int32Array, text: string): Int32Array {
  const words = before.slice();
  const mix = (value: number) => {
    for (let lane = 0; lane < 4; lane++) {
      let k = Math.imul(value + Math.imul(lane, 0x9e3779b9), 0xcc9e2d51);
      k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
      const h = words[lane] ^ k;
      words[lane] = (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
    }
  };
  mix(text.length);
  for (let i = 0; i < text.length; i++) mix(text.charCodeAt(i));
  return words.map((h) => {
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return h ^ (h >>> 16);
  });
}
