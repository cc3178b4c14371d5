// Numbers of the seeded generator: equal for equal seeds, and not to be told from random ones by simple means.
import { describe, expect, test } from "vitest";
import { Random } from "../../src/sim/index.ts";

/** Pearson's statistic against equal counts. */
function chiSquare(counts: readonly number[]): number {
  const mean = counts.reduce((a, b) => a + b, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
}

/** Within five standard deviations of what chance gives: 1 in 1.7 million fails, and no seed here is drawn anew. */
function isPlausible(statistic: number, degrees: number): boolean {
  return Math.abs(statistic - degrees) < 5 * Math.sqrt(2 * degrees);
}

test("equal seeds give equal numbers, others give others", () => {
  const numbers = (seed: number | string) => {
    const random = new Random(seed);
    return Array.from({ length: 100 }, () => random.u32());
  };
  expect(numbers(7)).toEqual(numbers(7));
  expect(numbers("7")).toEqual(numbers(7));
  const firsts = new Set(Array.from({ length: 20_000 }, (_, seed) => new Random(seed).u32()));
  // Of 20,000 numbers of 32 bits, 0.05 pairs are equal by chance.
  expect(firsts.size).toBeGreaterThan(19_997);
});

test("the first numbers are those of xoshiro128**", () => {
  // By the reference in plain BigInt: state 1, 2, 3, 4.
  let s = [1n, 2n, 3n, 4n];
  const mask = 0xffffffffn;
  const rotate = (x: bigint, k: bigint) => ((x << k) | (x >> (32n - k))) & mask;
  const reference = () => {
    const result = (rotate((s[1] * 5n) & mask, 7n) * 9n) & mask;
    const t = (s[1] << 9n) & mask;
    const c = s[2] ^ s[0];
    const d = s[3] ^ s[1];
    s = [s[0] ^ d, s[1] ^ c, c ^ t, rotate(d, 11n)];
    return Number(result);
  };
  const random = new Random(Int32Array.of(1, 2, 3, 4));
  for (let i = 0; i < 1000; i++) expect(random.u32()).toBe(reference());
});

test("the all-zero state is avoided", () => {
  const random = new Random(new Int32Array(4));
  expect(new Set(Array.from({ length: 100 }, () => random.u32())).size).toBeGreaterThan(95);
});

describe.each([1, 2, "a name"])("with seed %s", (seed) => {
  test("each bit is set half of the time, and tells nothing of the next number's", () => {
    const random = new Random(seed);
    const n = 40_000;
    const ones = new Array<number>(32).fill(0);
    const follows = new Array<number>(32).fill(0);
    let last = random.u32();
    for (let i = 0; i < n; i++) {
      const number = random.u32();
      for (let bit = 0; bit < 32; bit++) {
        ones[bit] += (number >>> bit) & 1;
        follows[bit] += ((number ^ last) >>> bit) & 1;
      }
      last = number;
    }
    for (const count of [...ones, ...follows])
      expect(Math.abs(count - n / 2)).toBeLessThan(5 * Math.sqrt(n / 4));
  });

  test("bytes, and pairs of neighbouring bytes, are equally likely", () => {
    const random = new Random(seed);
    const bytes = random.fill(new Uint8Array(1 << 19));
    const single = new Array<number>(256).fill(0);
    const pairs = new Array<number>(65536).fill(0);
    for (let i = 0; i < bytes.length; i++) single[bytes[i]]++;
    for (let i = 0; i + 1 < bytes.length; i += 2) pairs[(bytes[i] << 8) | bytes[i + 1]]++;
    expect(isPlausible(chiSquare(single), 255)).toBe(true);
    expect(isPlausible(chiSquare(pairs), 65535)).toBe(true);
  });

  test("below() and between() are even and stay within their bounds", () => {
    const random = new Random(seed);
    for (const count of [1, 2, 3, 7, 10, 100]) {
      const counts = new Array<number>(count).fill(0);
      for (let i = 0; i < 1000 * count; i++) counts[random.below(count)]++;
      expect(counts).toHaveLength(count);
      if (count > 1) expect(isPlausible(chiSquare(counts), count - 1)).toBe(true);
    }
    // The worst case for a remainder: numbers below 2^30 would come twice as often as the rest.
    const low = Array.from({ length: 30_000 }, () => random.below(3 * 2 ** 30)).filter((x) => x < 2 ** 30);
    expect(Math.abs(low.length - 10_000)).toBeLessThan(5 * Math.sqrt(10_000 * (2 / 3)));
    const drawn = new Set(Array.from({ length: 200 }, () => random.between(-1, 1)));
    expect([...drawn].sort()).toEqual([-1, 0, 1].sort());
  });

  test("float() lies in [0, 1), chance() keeps its probability", () => {
    const random = new Random(seed);
    const floats = Array.from({ length: 20_000 }, () => random.float());
    expect(Math.min(...floats)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...floats)).toBeLessThan(1);
    expect(Math.abs(floats.reduce((a, b) => a + b) / floats.length - 0.5)).toBeLessThan(
      5 * Math.sqrt(1 / 12 / 20_000),
    );
    const hits = Array.from({ length: 20_000 }, () => random.chance(0.03)).filter(Boolean).length;
    expect(Math.abs(hits - 600)).toBeLessThan(5 * Math.sqrt(600));
    expect([random.chance(0), random.chance(1)]).toEqual([false, true]);
  });
});

test("a fork depends on the seed and its name alone, and takes nothing from its parent", () => {
  const [parent, twin] = [new Random(3), new Random(3)];
  const early = parent.fork("loss").u32();
  for (let i = 0; i < 10; i++) expect(parent.u32()).toBe(twin.u32());
  expect(parent.fork("loss").u32()).toBe(early);
  expect(parent.fork("jitter").u32()).not.toBe(early);
  expect(new Random(4).fork("loss").u32()).not.toBe(early);
  expect(parent.fork("a").fork("b").u32()).not.toBe(parent.fork("b").fork("a").u32());
});
