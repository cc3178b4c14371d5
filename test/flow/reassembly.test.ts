import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { newWins, type OverlapPolicy, overlapPolicies } from "../../src/flow/reassembly/policy.ts";
import {
  type Conflict,
  type GapReason,
  StreamAssembler,
  type StreamLimits,
} from "../../src/flow/reassembly/stream.ts";

const text = (s: string) => new TextEncoder().encode(s);

function collect(limits: Partial<StreamLimits> = {}) {
  const out: string[] = [];
  const gaps: [number, number, GapReason][] = [];
  const conflicts: Conflict[] = [];
  let expected = 0;
  const stream = new StreamAssembler(
    { policy: "first", maxHeldBytes: 1 << 20, maxHeldSegments: 4096, history: 64, ...limits },
    {
      data(bytes, offset) {
        expect(offset).toBe(expected);
        expected += bytes.length;
        out.push(new TextDecoder("latin1").decode(bytes));
      },
      gap(offset, length, reason) {
        expect(offset).toBe(expected);
        expected += length;
        gaps.push([offset, length, reason]);
      },
      conflict: (c) => conflicts.push(c),
    },
  );
  const push = (seq: number, s: string) => stream.push(seq, text(s), s.length);
  return { stream, push, gaps, conflicts, text: () => out.join("") };
}

describe("one direction of a conversation", () => {
  test("segments in order are handed on at once", () => {
    const t = collect();
    t.stream.start(1000);
    t.push(1000, "GET ");
    t.push(1004, "/");
    expect(t.text()).toBe("GET /");
    expect(t.stream.heldSegments).toBe(0);
  });

  test("a byte behind the FIN, as a keep-alive probe may bring it, is no part of the stream", () => {
    const t = collect();
    t.stream.start(1);
    t.push(1, "bye");
    t.stream.fin(4);
    t.push(4, "\0");
    expect(t.text()).toBe("bye");
    expect(t.stream.finished).toBe(true);
  });

  describe("whose SYN has still to follow", () => {
    test("holds what comes, and begins behind the SYN", () => {
      const t = collect();
      for (const [seq, data] of [
        [1010, "lo"],
        [1007, "hel"],
      ] as const) {
        t.stream.await(seq);
        t.push(seq, data);
      }
      expect(t.text()).toBe("");
      t.stream.start(1000);
      t.push(1000, "I say: ");
      expect([t.text(), t.gaps]).toEqual(["I say: hello", []]);
    });

    test("begins where the peer acknowledges, when the capture lacks the SYN", () => {
      const t = collect();
      t.stream.await(1003);
      t.push(1003, "lo");
      t.stream.acknowledged(1000);
      expect([t.text(), t.stream.isWaiting]).toEqual(["", false]);
      t.stream.acknowledged(1005);
      expect([t.text(), t.gaps]).toEqual(["lo", [[0, 3, "missing"]]]);
    });

    test("begins with the lowest number seen at the end, and numbers may wrap on the way there", () => {
      const t = collect();
      for (const [seq, data] of [
        [2, "b"],
        [2 ** 32 - 1, "a"],
      ] as const) {
        t.stream.await(seq);
        t.push(seq, data);
      }
      t.stream.fin(3);
      t.stream.end();
      expect([t.text(), t.gaps, t.stream.offset]).toEqual(["ab", [[1, 2, "end"]], 4]);
      expect(t.stream.finished).toBe(true);
    });

    test("begins when a limit is reached", () => {
      const t = collect({ maxHeldSegments: 2 });
      for (const seq of [30, 20, 10]) {
        t.stream.await(seq);
        t.push(seq, "0123456789");
      }
      expect([t.text().length, t.stream.offset, t.stream.heldBytes]).toEqual([30, 30, 0]);
    });

    test("forgets what was held when the SYN is another connection's, wherever its numbers lie", () => {
      for (const isn of [1000, 0x50000000, 0x90000000, 0xd0000000]) {
        const t = collect();
        t.stream.await(0);
        t.push(0, "stale");
        t.stream.start(isn);
        t.push(isn, "fresh");
        t.stream.fin(isn + 5);
        t.stream.end();
        expect([t.text(), t.gaps, t.stream.finished, t.stream.heldBytes]).toEqual(["fresh", [], true, 0]);
      }
    });

    test("is not thrown off by a number far below", () => {
      const t = collect();
      t.stream.await(2 ** 31);
      t.push(2 ** 31, "here");
      t.stream.await(2 ** 30 - 10);
      expect(t.stream.isWaiting).toBe(true);
      t.stream.start(2 ** 31);
      expect(t.text()).toBe("here");
    });

    test("takes nothing from before its beginning", () => {
      const t = collect();
      t.stream.await(5);
      t.push(5, "before");
      t.stream.start(9);
      t.push(11, "!");
      expect(t.text()).toBe("re!");
    });
  });

  test("a segment that came early waits for the one before it", () => {
    const t = collect();
    t.stream.start(1);
    t.push(4, "def");
    expect(t.text()).toBe("");
    t.push(1, "abc");
    expect(t.text()).toBe("abcdef");
    expect(t.stream.heldBytes).toBe(0);
  });

  test("a retransmission with new bytes behind the old ones gives only the new ones", () => {
    const t = collect();
    t.stream.start(1);
    t.push(1, "abc");
    t.push(2, "bcde");
    expect(t.text()).toBe("abcde");
    expect(t.conflicts).toEqual([]);
  });

  test("sequence numbers wrap at 2^32 in the middle of a segment", () => {
    const t = collect();
    t.stream.start(0xfffffffe);
    t.push(3, "fg");
    t.push(0xfffffffe, "abcde");
    expect(t.text()).toBe("abcdefg");
  });

  test("more than 4 GiB pass through, offsets counting on", () => {
    const t = collect({ history: 0 });
    const chunk = new Uint8Array(1 << 26);
    t.stream.start(5);
    let offset = 0;
    const stream = new StreamAssembler(
      { policy: "first", maxHeldBytes: 1, maxHeldSegments: 1, history: 0 },
      { data: (b, at) => void (offset = at + b.length), gap: () => {}, conflict: () => {} },
    );
    stream.start(5);
    for (let i = 0; i < 65; i++) stream.push((5 + i * chunk.length) >>> 0, chunk, chunk.length);
    expect(offset).toBe(65 * chunk.length);
  });

  test("bytes that the receiver acknowledged but the capture lacks are a gap", () => {
    const t = collect();
    t.stream.start(1);
    t.push(1, "ab");
    t.push(6, "fg");
    t.stream.acknowledged(4);
    expect(t.gaps).toEqual([]);
    t.stream.acknowledged(8);
    expect(t.gaps).toEqual([[2, 3, "missing"]]);
    expect(t.text()).toBe("abfg");
  });

  test("bytes cut by the snaplen are a gap behind the ones that were captured", () => {
    const t = collect();
    t.stream.start(1);
    t.stream.push(1, text("ab"), 6);
    t.push(7, "gh");
    t.stream.acknowledged(9);
    expect(t.gaps).toEqual([[2, 4, "missing"]]);
    expect(t.text()).toBe("abgh");
  });

  test("the end delivers what is held, with its gaps, up to the FIN", () => {
    const t = collect();
    t.stream.start(1);
    t.push(3, "c");
    t.stream.fin(6);
    t.stream.end();
    expect(t.gaps).toEqual([
      [0, 2, "end"],
      [3, 2, "end"],
    ]);
    expect(t.stream.finished).toBe(true);
  });

  test("too many held pieces give up the lowest hole and stay within the limit", () => {
    const t = collect({ maxHeldSegments: 2 });
    t.stream.start(0);
    t.push(2, "c");
    t.push(4, "e");
    t.push(6, "g");
    expect(t.gaps).toEqual([[0, 2, "limit"]]);
    expect(t.stream.heldSegments).toBe(2);
  });

  test("a retransmission of delivered bytes with other contents is a conflict and changes nothing", () => {
    const t = collect({ policy: "last" });
    t.stream.start(0);
    t.push(0, "attack");
    t.push(0, "attend");
    expect(t.text()).toBe("attack");
    expect(t.conflicts).toEqual([{ offset: 3, length: 3, kept: "held" }]);
  });

  test("input may be overwritten after the call", () => {
    const t = collect();
    t.stream.start(0);
    const bytes = text("b");
    t.stream.push(1, bytes, 1);
    bytes.fill(0);
    t.push(0, "a");
    expect(t.text()).toBe("ab");
  });
});

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
        fc.array(fc.tuple(fc.nat(399), fc.integer({ min: 1, max: 60 })), { maxLength: 60 }),
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

test("100,000 one-byte segments in reverse order: all delivered, memory under the limit all along", () => {
  const n = 100_000;
  const t = collect({ maxHeldSegments: n, maxHeldBytes: 32 << 20 });
  t.stream.start(0);
  let most = 0;
  for (let i = n - 1; i >= 0; i--) {
    t.stream.push(i, Uint8Array.of(i & 0x7f), 1);
    most = Math.max(most, t.stream.heldBytes);
  }
  expect(t.text().length).toBe(n);
  expect(most).toBeLessThanOrEqual(32 << 20);
});
