import { describe, expect, test } from "vitest";
import { sharedRings } from "../../src/wasm/rings.ts";
import { parseSegment } from "../../src/wire/index.ts";
import { established } from "./fixtures.ts";
import { EPOCH, type World, world } from "./world.ts";

// Segments that a layer below cuts (segmentation offload).

const HEADER = 20;
const SACK = { offers: "mss 1000,sackOK" };

/** What `output` writes for a sink that takes up to `longest` bytes at once: `[first number, bytes of data, size]`. */
function output(t: World, longest: number, now = EPOCH): [seq: number, length: number, size: number][] {
  const { outbound, memory } = sharedRings();
  const sent: [number, number, number][] = [];
  t.endpoint.output(
    {
      longest,
      reserve: () => outbound.address,
      commit(at, length, _ecn, size) {
        const { seq, payload } = parseSegment(memory.u8.slice(at, at + length));
        sent.push([(seq - t.status.snd.iss) | 0, payload.length, size]);
      },
    },
    now,
  );
  return sent;
}

describe("segments that go at once", () => {
  test("are as many as cwnd, the window and the sink allow, each full; the rest goes by itself", () => {
    const t = world(established({ noDelay: true }));
    t.endpoint.send(new Uint8Array(3500), EPOCH);
    expect(output(t, 65_000)).toEqual([
      [1, 3000, 1000],
      [3001, 500, 0],
    ]);
    const narrow = world(established({ noDelay: true }, { win: 2600 }));
    narrow.endpoint.send(new Uint8Array(9000), EPOCH);
    expect(output(narrow, 65_000)).toEqual([[1, 2000, 1000]]);
    const slow = world(established({ noDelay: true }));
    slow.endpoint.send(new Uint8Array(60_000), EPOCH);
    expect(output(slow, HEADER + 4999)).toEqual([
      [1, 4000, 1000],
      [4001, 4000, 1000],
      [8001, 2000, 1000], // cwnd: ten segments
    ]);
  });

  test("are single ones for a sink that cuts none, while pacing, and while there are urgent data", () => {
    const single = [
      [1, 1000, 0],
      [1001, 1000, 0],
    ];
    const plain = world(established());
    plain.endpoint.send(new Uint8Array(2000), EPOCH);
    expect(output(plain, 0)).toEqual(single);
    const urgent = world(established());
    urgent.endpoint.send(new Uint8Array(2000), EPOCH, { urgent: true });
    expect(output(urgent, 65_000)).toEqual(single);
    const paced = world(established({ pacing: true }));
    paced.endpoint.send(new Uint8Array(2000), EPOCH);
    expect(output(paced, 65_000).every(([, length, size]) => length === 1000 && size === 0)).toBe(true);
  });

  test("leave what is reported once to a segment of its own: a D-SACK stands in no two (RFC 2883 4)", () => {
    const t = world(established({ noDelay: true }, SACK));
    t.endpoint.onSegment(t.encode("P. 1:101(100) ack 1 win 50000"), EPOCH);
    output(t, 65_000, EPOCH + 300); // its acknowledgment
    t.endpoint.send(new Uint8Array(5000), EPOCH + 300);
    // What has come once more, and 100 bytes that follow it.
    t.endpoint.onSegment(t.encode("P. 1:201(200) ack 1 win 50000"), EPOCH + 300);
    const [first, ...rest] = output(t, 65_000, EPOCH + 300);
    expect(first).toEqual([1, 1000 - 12, 0]); // NOP, NOP, SACK with one block
    expect(rest[0]).toEqual([1 + 988, 4000, 1000]);
  });

  test("are lost one by one: what SACK leaves out goes again, alone", () => {
    const t = world(established({}, SACK));
    t.endpoint.send(new Uint8Array(8000), EPOCH);
    expect(output(t, 65_000)).toEqual([[1, 8000, 1000]]);
    const later = EPOCH + 100;
    t.endpoint.onSegment(t.encode(". 1:1(0) ack 2001 win 50000 <nop,nop,sack 3001:5001 6001:8001>"), later);
    t.endpoint.onTimeout(later + 200); // the reordering window is over
    expect(output(t, 65_000, later + 200)).toEqual([
      [2001, 1000, 0],
      [5001, 1000, 0],
    ]);
  });

  test("do not go at once in recovery, where each acknowledgment says what may go", () => {
    const t = world(established({ noDelay: true }, SACK));
    t.endpoint.send(new Uint8Array(40_000), EPOCH);
    expect(output(t, 65_000)).toEqual([[1, 10_000, 1000]]);
    const later = EPOCH + 100;
    t.endpoint.onSegment(t.encode(". 1:1(0) ack 1 win 50000 <nop,nop,sack 1001:8001>"), later);
    expect(output(t, 65_000, later)).toEqual([
      [1, 1000, 0],
      [10_001, 1000, 0],
      [11_001, 1000, 0],
      [12_001, 1000, 0],
      [13_001, 1000, 0],
    ]);
  });
});
