import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ROWS } from "../../assembly/layout/columns.ts";
import { ACK, SYN } from "../../assembly/layout/wire.ts";
import type { Segments } from "../../src/capture/segments.ts";
import { type Analysis, type FlowRecord, FlowTracker, NO_STREAM } from "../../src/flow/index.ts";
import { type Row, segmentsOf } from "./segments.ts";
import { random, Talk } from "./talk.ts";

const second = 1_000_000_000n;

/** A SYN of the `i`-th of many clients. */
function syn(i: number, time = BigInt(i) * 1000n): Row {
  const src = `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`;
  return {
    time,
    frame: i + 1,
    src,
    dst: "192.0.2.1",
    srcPort: 1024 + (i % 50000),
    dstPort: 80,
    seq: i,
    flags: SYN,
  };
}

function columns(analysis: Analysis) {
  return Object.fromEntries(
    Object.entries(analysis).map(([name, column]) => [name, name === "length" ? column : Array.from(column)]),
  );
}

describe("options", () => {
  test("need a source of randomness", () => {
    // @ts-expect-error: what a caller without types might do
    expect(() => new FlowTracker({})).toThrow(TypeError);
  });

  test.each([{ maxFlows: 0 }, { maxFlows: 2 ** 25 }, { idleTimeout: 0 }, { maxUnacknowledgedBytes: -1 }])(
    "%o is out of range",
    (options) => {
      expect(() => new FlowTracker({ random, ...options })).toThrow(RangeError);
    },
  );

  test("ask for as many random bytes as the hash's secret has", () => {
    const asked: number[] = [];
    new FlowTracker({ random: (bytes) => asked.push(bytes.length) });
    expect(asked).toEqual([112]);
  });
});

describe("batches", () => {
  const talk = new Talk().handshake();
  for (let i = 0; i < 40; i++) talk.client(30 + i, "A", `${1 + i * 100}:${101 + i * 100}`, 1);
  for (let i = 0; i < 20; i++) talk.server(60 + i, "A", 1, 1 + i * 200, { sack: [700_000, 700_100] });

  test("may be cut anywhere: what is said is the same", () => {
    const whole = columns(talk.said());
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(talk.rows.length), { maxLength: 5 }), (cuts) => {
        const tracker = new FlowTracker({ random });
        const bounds = [0, ...cuts.sort((a, b) => a - b), talk.rows.length];
        const parts = bounds
          .slice(1)
          .map((end, i) => columns(tracker.add(segmentsOf(talk.rows.slice(bounds[i], end)))));
        for (const name of Object.keys(whole)) {
          if (name === "length" || name === "duplicateAckFrame") continue;
          if (name === "ackedFrame" || name === "rtoFrame") continue; // frames are numbered in each part
          expect(parts.flatMap((part) => part[name])).toEqual(whole[name]);
        }
      }),
    );
  });

  test("of a table larger than a batch are followed whole, and the answer is owned", () => {
    const rows = Array.from({ length: 2 * ROWS + 10 }, (_, i) => syn(i % 5000, BigInt(i)));
    const tracker = new FlowTracker({ random });
    const said = tracker.add(segmentsOf(rows));
    expect(said.length).toBe(rows.length);
    expect(said.stream[ROWS + 5]).toBe((ROWS + 5) % 5000);
    expect(said.stream[2 * ROWS + 9]).toBe((2 * ROWS + 9) % 5000);
    tracker.add(segmentsOf([syn(1)]));
    expect(said.stream[0]).toBe(0);
  });

  test("of a table with more IPv6 addresses than a batch has keep each row's own", () => {
    const n = ROWS + 100;
    const rows = Array.from({ length: n }, (_, i): Row => {
      const end = (k: number) => `2001:db8::${(k % 300).toString(16)}`;
      return { ...syn(i), src: end(i), dst: "2001:db8::ffff", srcPort: 5000, seq: 7 };
    });
    const said = new FlowTracker({ random }).add(segmentsOf(rows));
    expect(Array.from(said.stream)).toEqual(rows.map((_, i) => i % 300));
  });

  test("of no rows are no trouble", () => {
    expect(new FlowTracker({ random }).add(segmentsOf([])).length).toBe(0);
  });

  test("are not kept: what is written to them afterwards changes nothing", () => {
    const tracker = new FlowTracker({ random });
    const first = segmentsOf(talk.rows.slice(0, 10));
    tracker.add(first);
    for (const column of Object.values(first)) {
      if (ArrayBuffer.isView(column)) new Uint8Array(column.buffer).fill(0xa5);
    }
    const rest = columns(tracker.add(segmentsOf(talk.rows.slice(10))));
    expect(rest.seq).toEqual(columns(talk.said()).seq.slice(10));
  });
});

describe("conversations", () => {
  const streams = (rows: Row[], options = {}) =>
    Array.from(new FlowTracker({ random, ...options }).add(segmentsOf(rows)).stream);

  test("have both directions", () => {
    expect(streams(new Talk().handshake().rows)).toEqual([0, 0, 0]);
  });

  test("do not depend on the secret", () => {
    const rows = Array.from({ length: 3000 }, (_, i) => syn((i * 7919) % 1000));
    const other = (bytes: Uint8Array) => bytes.set(bytes.map((_, i) => i * 89 + 7));
    expect(streams(rows, { random: other })).toEqual(streams(rows));
  });

  test("begin anew with a SYN of another sequence number", () => {
    const reused = new Talk({ client: 77777 }).handshake().rows;
    expect(streams([...new Talk().handshake().rows, ...reused])).toEqual([0, 0, 0, 1, 1, 1]);
  });

  test("differ in VLANs and tunnels only where that is asked for; priority bits never count", () => {
    const row = (vlan: number, tunnel = 0): Row => ({ ...syn(1), vlan, tunnel });
    const rows = [row(5), row(6), row(5 | 0xe000), row(5, 9), row(5)];
    expect(streams(rows)).toEqual([0, 0, 0, 0, 0]);
    expect(streams(rows, { separateVlans: true })).toEqual([0, 1, 0, 0, 0]);
    expect(streams(rows, { separateTunnels: true })).toEqual([0, 0, 0, 1, 0]);
  });

  test("of equal addresses and ports at both ends are one", () => {
    const self: Row = { ...syn(1), src: "10.0.0.1", dst: "10.0.0.1", srcPort: 80, dstPort: 80 };
    expect(streams([self, { ...self, flags: ACK }])).toEqual([0, 0]);
  });

  test("of IPv4 and IPv6 are told apart", () => {
    expect(streams([...new Talk().handshake().rows, ...new Talk({ v6: true }).handshake().rows])).toEqual([
      0, 0, 0, 1, 1, 1,
    ]);
  });

  test("are as many as there are keys, however the table grows", () => {
    const keys = fc.array(
      fc.record({ a: fc.nat(40), b: fc.nat(3), p: fc.nat(50), q: fc.nat(2), turn: fc.boolean() }),
      {
        minLength: 1,
        maxLength: 3000,
        size: "max",
      },
    );
    fc.assert(
      fc.property(keys, (list) => {
        const known = new Map<string, number>();
        const rows: Row[] = [];
        const expected: number[] = [];
        for (const { a, b, p, q, turn } of list) {
          const ends: [string, number][] = [
            [`10.0.${a}.1`, 2000 + p],
            [`10.1.${b}.1`, 80 + q],
          ];
          const [from, to] = turn ? [ends[1], ends[0]] : ends;
          const key = ends.join();
          if (!known.has(key)) known.set(key, known.size);
          expected.push(known.get(key)!);
          rows.push({ ...syn(0), flags: ACK, src: from[0], srcPort: from[1], dst: to[0], dstPort: to[1] });
        }
        expect(streams(rows)).toEqual(expected);
      }),
      { numRuns: 20 },
    );
  });
});

describe("the busiest conversations", () => {
  test("are those with the most bytes in both directions, light or busy, the earlier of equals first", () => {
    const tracker = new FlowTracker({ random });
    const rows = Array.from({ length: 6000 }, (_, k) => {
      const i = (k * 7919) % 600;
      return { ...syn(i, BigInt(k)), flags: ACK, frame: k + 1, frameLength: 60 + ((i * 31) % 97) * (k % 3) };
    });
    tracker.add(segmentsOf([...rows, syn(601, 7000n), { ...syn(602, 7001n), frameLength: 1 << 20 }]));
    const size = ({ client, server }: FlowRecord) => client.bytes + server.bytes;
    const all = [...tracker.flows()].sort((a, b) => size(b) - size(a) || a.stream - b.stream);
    for (const limit of [0, 1, 20, 1000]) expect(tracker.busiest(limit)).toEqual(all.slice(0, limit));
    expect(tracker.busiest(1)[0].client.bytes).toBe(1 << 20);
  });

  test("are records like the others, of which some can be asked for by their numbers", () => {
    const tracker = new FlowTracker({ random });
    tracker.add(segmentsOf([syn(0), syn(1), syn(2)]));
    expect([...tracker.flows((stream) => stream !== 1)].map(({ stream }) => stream)).toEqual([0, 2]);
  });
});

describe("bounds", () => {
  test("of conversations are kept: the record of each that is given up is delivered, and none twice", () => {
    const evicted: FlowRecord[] = [];
    const tracker = new FlowTracker({ random, maxFlows: 100, onEvicted: (record) => evicted.push(record) });
    for (let i = 0; i < 10; i++) {
      tracker.add(segmentsOf(Array.from({ length: 100 }, (_, k) => syn(i * 100 + k))));
      expect(tracker.heldCount).toBeLessThanOrEqual(100);
    }
    expect(tracker.streamCount).toBe(1000);
    expect(tracker.evictedCount).toBe(900);
    const all = [...evicted, ...tracker.flows()].map(({ stream }) => stream);
    expect(all.sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(evicted.every((record) => record.evicted && record.history === "S")).toBe(true);
  });

  test("of conversations are kept: who wants the records of some is asked first, and no others are made", () => {
    const asked: [number, number][] = [];
    const evicted: number[] = [];
    const tracker = new FlowTracker({
      random,
      maxFlows: 1,
      onEvicted: ({ stream, client }) => evicted.push(stream, client.bytes),
      wantsEvicted: (stream, bytes) => asked.push([stream, bytes]) > 0 && stream % 2 === 1,
    });
    tracker.add(segmentsOf([0, 1, 2, 3].map((i) => ({ ...syn(i), frameLength: 60 + i }))));
    expect(asked).toEqual([0, 1, 2].map((i) => [i, 60 + i]));
    expect(evicted).toEqual([1, 61]);
  });

  test("of one conversation hold even where its ports are used again", () => {
    const evicted: FlowRecord[] = [];
    const tracker = new FlowTracker({ random, maxFlows: 1, onEvicted: (record) => evicted.push(record) });
    const again = Array.from({ length: 20 }, (_, i): Row => ({ ...syn(0), seq: i }));
    expect(Array.from(tracker.add(segmentsOf(again)).stream)).toEqual(again.map((_, i) => i));
    expect(evicted.map(({ stream }) => stream)).toEqual(again.slice(1).map((_, i) => i));
    expect(tracker.flow(19)).toMatchObject({ stream: 19, reused: false, evicted: false });
  });

  test("of silence are kept, and a conversation that speaks stays", () => {
    const evicted: number[] = [];
    const tracker = new FlowTracker({
      random,
      idleTimeout: 60_000,
      onEvicted: ({ stream }) => evicted.push(stream),
    });
    tracker.add(segmentsOf([syn(0, 0n), syn(1, 0n)]));
    for (let minute = 1n; minute <= 3n; minute++) tracker.add(segmentsOf([syn(1, minute * 59n * second)]));
    expect(evicted).toEqual([0]);
    expect(tracker.add(segmentsOf([syn(0, 180n * second)])).stream[0]).toBe(2);
  });

  test("of memory hold: what was given up is used again", () => {
    const tracker = new FlowTracker({ random, maxFlows: 200 });
    const batch = (from: number): Segments =>
      segmentsOf(
        Array.from({ length: 4000 }, (_, k) => ({
          ...syn(from + (k >> 2)),
          flags: ACK,
          length: 9,
          seq: k * 9,
        })),
      );
    for (let i = 0; i < 10; i++) tracker.add(batch(i * 200));
    const after = tracker.memoryBytes;
    for (let i = 10; i < 40; i++) tracker.add(batch(i * 200));
    expect(tracker.memoryBytes).toBe(after);
    expect(tracker.heldCount).toBe(200);
  });

  test("of what waits for an ACK leave the rest as it is, and a segment that waits alone", () => {
    const talk = new Talk().handshake().client(30, "A", "1:101", 1).server(50, "A", 1, 101);
    talk.client(60, "A", "101:201", 1).client(60, "A", "201:301", 1).server(80, "A", 1, 301);
    const follow = (options = {}) => new FlowTracker({ random, ...options }).add(segmentsOf(talk.rows));
    const [with_, without] = [follow(), follow({ maxUnacknowledgedBytes: 0 })];
    expect(Array.from(without.seq)).toEqual(Array.from(with_.seq));
    expect(Array.from(with_.ackedFrame)).toEqual([0, 1, 2, 0, 4, 0, 0, 7]);
    expect(Array.from(without.ackedFrame)).toEqual([0, 1, 2, 0, 4, 0, 0, 0]);
    expect(Array.from(with_.bytesInFlight)).toEqual([0, 0, 0, 100, 0, 100, 200, 0]);
    expect(Array.from(without.bytesInFlight)).toEqual([0, 0, 0, 100, 0, 100, 0, 0]);
  });
});

test("segments of known conversations are counted, in either direction, and nothing is followed", () => {
  const tracker = new FlowTracker({ random });
  const { rows } = new Talk().handshake();
  tracker.add(segmentsOf(rows.slice(0, 1)));
  expect(tracker.countKnown(segmentsOf([...rows, syn(9)]))).toBe(3);
  expect(tracker.streamCount).toBe(1);
  expect(tracker.flow(0)?.server.packets).toBe(0);
});

test("a million conversations take less than 250 MB", () => {
  const tracker = new FlowTracker({ random });
  const segments = segmentsOf(Array.from({ length: ROWS }, (_, i) => syn(i)));
  const [src, seq, time] = [segments.src, segments.seq, segments.time];
  for (let at = 0; at < 1_000_000; at += ROWS) {
    for (let i = 0; i < ROWS; i++) {
      src[i] = 0x0a000000 + at + i;
      seq[i] = at + i;
      time[i] = BigInt(at + i);
    }
    tracker.add(segments);
  }
  expect(tracker.heldCount).toBeGreaterThan(1_000_000);
  expect(tracker.memoryBytes).toBeLessThan(250_000_000);
});

test("a conversation is found by its number", () => {
  const tracker = new FlowTracker({ random });
  tracker.add(segmentsOf([syn(0), syn(1), syn(2)]));
  expect(tracker.flow(1)?.client.address).toBe("10.0.0.1");
  expect(tracker.flow(3)).toBeUndefined();
  expect(tracker.flow(NO_STREAM)).toBeUndefined();
});

test("a header of which not even the flags were captured belongs to no conversation", () => {
  const segments = segmentsOf([syn(0)]);
  segments.headerLength[0] = 0;
  segments.status[0] = 1;
  expect(new FlowTracker({ random }).add(segments).stream[0]).toBe(NO_STREAM);
});
