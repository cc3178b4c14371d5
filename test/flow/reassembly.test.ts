import { describe, expect, test } from "vitest";
import { StreamAssembler } from "../../src/flow/reassembly/stream.ts";
import { collect, text } from "./collect.ts";

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

  test("a FIN before what was delivered ends nothing, as it ends nothing for the receiver", () => {
    const t = collect();
    t.stream.start(1);
    t.push(1, "what");
    t.stream.fin(3);
    expect(t.stream.finished).toBe(false);
    t.push(5, " follows");
    t.stream.fin(13);
    expect(t.text()).toBe("what follows");
    expect(t.stream.finished).toBe(true);
  });

  test("of two FINs the first in the stream is the end, whichever came first", () => {
    for (const fins of [
      [5, 9],
      [9, 5],
    ]) {
      const t = collect();
      t.stream.start(1);
      for (const seq of fins) t.stream.fin(seq);
      t.push(1, "over and out");
      expect(t.text()).toBe("over");
      expect(t.stream.finished).toBe(true);
    }
  });

  test("what was held from behind the FIN is dropped when the FIN is reached", () => {
    const t = collect();
    t.stream.start(1);
    t.push(3, "cdef");
    t.push(20, "far behind");
    t.stream.fin(5);
    t.push(1, "ab");
    expect(t.text()).toBe("abcd");
    expect([t.stream.finished, t.stream.heldBytes, t.stream.heldSegments]).toEqual([true, 0, 0]);
  });

  test.each([
    ["an acknowledgment", (t: ReturnType<typeof collect>) => t.stream.acknowledged(100), "missing"],
    ["the end", (t: ReturnType<typeof collect>) => t.stream.end(), "end"],
  ] as const)("the gap that %s makes reaches to the FIN at most", (_, giveUp, reason) => {
    const t = collect();
    t.stream.start(1);
    t.push(20, "behind the FIN");
    t.stream.fin(11);
    giveUp(t);
    expect(t.gaps).toEqual([[0, 10, reason]]);
    expect(t.text()).toBe("");
    expect([t.stream.finished, t.stream.heldBytes]).toEqual([true, 0]);
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

    test("a FIN from before the beginning ends nothing", () => {
      const t = collect();
      t.stream.await(1005);
      t.push(1005, "behind");
      t.stream.fin(1001);
      t.stream.start(1003);
      t.push(1003, "in");
      expect(t.text()).toBe("inbehind");
      expect(t.stream.finished).toBe(false);
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
