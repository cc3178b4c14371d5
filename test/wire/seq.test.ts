import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as seq from "../../src/wire/seq.ts";
import { edgeNumber } from "./arbitraries.ts";

// RFC 9293 3.4 in BigInt: a is before b when the walk from a up to b is shorter than half the circle.
const SPACE = 1n << 32n;
const HALF = 1n << 31n;
const up = (from: number, to: number): bigint => (((BigInt(to) - BigInt(from)) % SPACE) + SPACE) % SPACE;

test("before and after agree with the length of the walk between two numbers", () => {
  fc.assert(
    fc.property(edgeNumber, edgeNumber, (a, b) => {
      fc.pre(up(a, b) !== HALF);
      const before = up(a, b) > 0n && up(a, b) < HALF;
      const after = up(b, a) > 0n && up(b, a) < HALF;
      expect(seq.lt(a, b)).toBe(before);
      expect(seq.gt(a, b)).toBe(after);
      expect(seq.le(a, b)).toBe(before || a === b);
      expect(seq.ge(a, b)).toBe(after || a === b);
      expect(seq.max(a, b)).toBe(before ? b : a);
      expect(seq.min(a, b)).toBe(before ? a : b);
    }),
    { numRuns: 2000 },
  );
});

test("numbers exactly half the space apart are each before the other and neither is after", () => {
  for (const a of [0, 1, 0x7fffffff, 0x80000000, 0xffffffff]) {
    const b = seq.add(a, 2 ** 31);
    for (const [x, y] of [
      [a, b],
      [b, a],
    ]) {
      expect([seq.lt(x, y), seq.le(x, y), seq.gt(x, y), seq.ge(x, y)]).toEqual([true, true, false, false]);
      expect(seq.distance(x, y)).toBe(-(2 ** 31));
      expect([seq.max(x, y), seq.min(x, y)]).toEqual([y, x]);
    }
  }
});

test("a number and the one a step later, across the wrap and across the sign bit", () => {
  for (const a of [0xffffffff, 0x7fffffff, 0, 0x80000000]) {
    const b = seq.add(a, 1);
    expect(seq.lt(a, b)).toBe(true);
    expect(seq.lt(b, a)).toBe(false);
    expect(seq.distance(a, b)).toBe(1);
    expect(seq.distance(b, a)).toBe(-1);
    expect(seq.add(b, -1)).toBe(a);
  }
});

test("add, distance and relative are one another's inverse", () => {
  fc.assert(
    fc.property(edgeNumber, edgeNumber, (a, b) => {
      expect(seq.add(a, seq.distance(a, b))).toBe(b);
      expect(seq.add(a, seq.relative(b, a))).toBe(b);
      expect(seq.relative(b, a)).toBe(Number(up(a, b)));
    }),
    { numRuns: 1000 },
  );
});

describe("a window", () => {
  test("holds its first number and the one before its end, across the wrap", () => {
    const start = 0xfffffff0;
    expect(seq.inWindow(start, start, 32)).toBe(true);
    expect(seq.inWindow(15, start, 32)).toBe(true);
    expect(seq.inWindow(16, start, 32)).toBe(false);
    expect(seq.inWindow(start - 1, start, 32)).toBe(false);
  });

  test("of size 0 holds nothing", () => {
    expect(seq.inWindow(7, 7, 0)).toBe(false);
  });

  test("holds exactly what a walk of its size meets", () => {
    fc.assert(
      fc.property(edgeNumber, edgeNumber, edgeNumber, (x, start, size) => {
        expect(seq.inWindow(x, start, size)).toBe(up(start, x) < BigInt(size));
      }),
      { numRuns: 1000 },
    );
  });
});

test("between includes both ends and counts upwards from the low one", () => {
  expect(seq.between(10, 10, 20)).toBe(true);
  expect(seq.between(10, 20, 20)).toBe(true);
  expect(seq.between(10, 21, 20)).toBe(false);
  expect(seq.between(0xfffffff0, 0, 16)).toBe(true);
  expect(seq.between(0xfffffff0, 17, 16)).toBe(false);
  fc.assert(
    fc.property(edgeNumber, edgeNumber, edgeNumber, (low, x, high) => {
      expect(seq.between(low, x, high)).toBe(up(low, x) <= up(low, high));
    }),
    { numRuns: 1000 },
  );
});

test("results are unsigned whatever the sign or size of the argument", () => {
  expect(seq.add(-1, 0)).toBe(0xffffffff);
  expect(seq.max(-1, -2)).toBe(0xffffffff);
  expect(seq.min(-1, -2)).toBe(0xfffffffe);
  expect(seq.add(2 ** 32 + 5, 2 ** 33)).toBe(5);
});
