import { describe, expect, test } from "vitest";
import { ACK, FIN, RST } from "../../assembly/layout/wire.ts";
import {
  type Direction,
  Reassembler,
  type ReassemblyOptions,
} from "../../src/flow/reassembly/reassembler.ts";
import { segmentsOf } from "./segments.ts";

describe("many conversations", () => {
  /** A reassembler, and a way to give it a segment of 100 bytes, or fewer, of a conversation's client. */
  function many(options: ReassemblyOptions) {
    const told: string[] = [];
    const reassembler = new Reassembler(
      {
        data: (flow, direction, bytes, offset) => told.push(`${flow}.${direction} ${offset}+${bytes.length}`),
        gap: (flow, direction, offset, length, reason) =>
          told.push(`${flow}.${direction} ${offset}+${length} ${reason}`),
        end: (flow, reason) => told.push(`${flow} ${reason}`),
      },
      options,
    );
    const segment = (flow: number, seq: number, length = 100, flags = ACK, direction: Direction = 0) => {
      const ends = { src: "10.0.0.1", dst: "10.0.0.2", srcPort: 1, dstPort: 2 };
      const rows = segmentsOf([{ time: 0n, ...ends, seq, length, flags }]);
      const segments = { ...rows, holdsPayload: true, bytes: new Uint8Array(200) };
      reassembler.add(segments, { stream: Uint32Array.of(flow), direction: Uint8Array.of(direction) });
    };
    return { reassembler, segment, told };
  }

  test("of those that hold bytes the one idle longest makes room; who holds none is left alone", () => {
    const t = many({ maxTotalHeldBytes: 600 });
    for (let flow = 0; flow < 20; flow++) t.segment(flow, 1, 0);
    for (const flow of [2, 3]) t.segment(flow, 201); // 260 bytes each, as they are counted
    t.segment(2, 1, 10);
    expect(t.told).toEqual(["2.0 0+10"]);
    t.segment(4, 201);
    expect(t.told.slice(1)).toEqual(["3.0 0+200 end", "3.0 200+100", "3 limit"]);
    expect(t.reassembler.heldBytes).toBe(520);
  });

  test("as many make room as it takes", () => {
    const t = many({ maxTotalHeldBytes: 600 });
    for (const flow of [1, 2]) {
      t.segment(flow, 1, 0);
      t.segment(flow, 201);
    }
    t.segment(3, 1, 0);
    t.segment(3, 501, 1);
    t.segment(3, 201);
    t.segment(3, 401);
    expect(t.told.filter((line) => line.endsWith("limit"))).toEqual(["1 limit", "2 limit", "3 limit"]);
    expect(t.reassembler.heldBytes).toBe(0);
  });

  test("what comes of a conversation that was given up begins anew", () => {
    const t = many({ maxFlows: 2 });
    t.segment(1, 1);
    t.segment(2, 1);
    t.segment(1, 101);
    t.segment(3, 1);
    t.segment(2, 101);
    expect(t.told).toEqual([
      ...["1.0 0+100", "2.0 0+100", "1.0 100+100"],
      ...["2 limit", "3.0 0+100", "1 limit", "2.0 0+100"],
    ]);
  });

  test.each([
    ["both FINs", ["fin"], [FIN | ACK, FIN | ACK]],
    ["one FIN and the end of the input", ["end"], [FIN | ACK, ACK]],
    ["a RST and the end of the input", ["rst"], [ACK, RST]],
    ["a RST behind both FINs", ["fin"], [FIN | ACK, FIN | ACK, RST]],
  ] as const)("the end is told once: %s", (_, reasons, flags) => {
    const t = many({});
    for (const [i, bits] of flags.entries()) t.segment(7, 1, 0, bits, (i & 1) as Direction);
    t.reassembler.end();
    expect(t.told).toEqual(reasons.map((reason) => `7 ${reason}`));
  });
});
