import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { newWins, type OverlapPolicy, overlapPolicies } from "../../src/flow/reassembly/policy.ts";
import { collect } from "./collect.ts";

describe("overlap policies", () => {
  // Held segment [10, 20); the new one as named. Which bytes of the overlap are new?
  const situations: [string, number, number][] = [
    ["begins before, ends inside", 5, 15],
    ["begins before, ends with it", 5, 20],
    ["begins before, ends behind", 5, 25],
    ["begins with it, ends inside", 10, 15],
    ["the same bounds", 10, 20],
    ["begins with it, ends behind", 10, 25],
    ["begins inside, ends inside", 12, 15],
    ["begins inside, ends with it", 12, 20],
    ["begins inside, ends behind", 12, 25],
  ];
  const expected: Record<OverlapPolicy, string> = {
    first: "---------",
    last: "+++++++++",
    bsd: "+++------",
    windows: "+++------",
    linux: "+++--+---",
    solaris: "-++-++--+",
  };
  for (const policy of overlapPolicies) {
    test(`${policy}: the nine ways two segments can overlap`, () => {
      const row = situations.map(([, start, end]) => (newWins(policy, start, end, 10, 20) ? "+" : "-"));
      expect(row.join("")).toBe(expected[policy]);
    });
  }

  test("every order of up to four overlapping segments gives what a byte-by-byte model gives", () => {
    const segment = fc.record({
      start: fc.integer({ min: 1, max: 12 }),
      length: fc.integer({ min: 1, max: 8 }),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...overlapPolicies),
        fc.array(segment, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(0, 0x7ffffff8, 0xfffffff8),
        (policy, segments, isn) => {
          const t = collect({ policy });
          t.stream.start(isn);
          const owner: ({ start: number; end: number; mark: string } | undefined)[] = [];
          segments.forEach(({ start, length }, i) => {
            const mark = String.fromCharCode(65 + i);
            const end = start + length;
            t.push((isn + start) >>> 0, mark.repeat(length));
            for (let at = start; at < end; at++) {
              const o = owner[at];
              if (!o || newWins(policy, start, end, o.start, o.end)) owner[at] = { start, end, mark };
            }
          });
          t.push(isn, "0");
          t.stream.end();
          const model: string[] = ["0"];
          for (let at = 1; at < owner.length; at++) if (owner[at]) model.push(owner[at]!.mark);
          expect(t.text()).toBe(model.join(""));
        },
      ),
      { numRuns: 3000 },
    );
  });

  test("segments with the same bytes never conflict, whatever the order, and all bytes arrive", () => {
    const source = Array.from({ length: 400 }, (_, i) => String.fromCharCode(32 + (i % 90))).join("");
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(399), fc.integer({ min: 1, max: 60 })), { maxLength: 60, size: "max" }),
        fc.constantFrom(...overlapPolicies),
        fc.constantFrom(1, 0xffffff00),
        (cuts, policy, isn) => {
          const t = collect({ policy });
          t.stream.start(isn);
          for (const [at, n] of cuts) t.push((isn + at) >>> 0, source.slice(at, at + n));
          t.push(isn, source);
          expect(t.text()).toBe(source);
          expect(t.conflicts).toEqual([]);
          expect(t.stream.heldBytes).toBe(0);
        },
      ),
    );
  });
});
