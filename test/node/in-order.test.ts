// A capture parsed in ranges by several parsers is the capture parsed by one, wherever it is cut.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  CaptureError,
  type CaptureInfo,
  type CaptureTotals,
  readCaptureSync,
} from "../../src/capture/index.ts";
import { readCaptureHead } from "../../src/node/parallel/capture-head.ts";
import { InOrder } from "../../src/node/parallel/in-order.ts";
import type { Failure, Report, Task, WorkerSetup } from "../../src/node/parallel/protocol.ts";
import { RangeWorker } from "../../src/node/parallel/range-worker.ts";
import type { RangePort } from "../../src/node/parallel/ranges.ts";
import {
  block,
  concat,
  enhancedPacket,
  interfaceBlock,
  option,
  pcap,
  pcapHeader,
  pcapng,
  pcapRecord,
  sectionHeader,
  tcpFrame,
  u16,
  u32,
} from "../capture/captures.ts";
import { rowTexts } from "../capture/rows.ts";
import { ethernet, ipv4, pattern, tcp4 } from "../codec/packets.ts";
import { corpus, readCapture } from "../corpus/shared.ts";

interface Reading {
  readonly rows: readonly string[];
  readonly frames: number;
  readonly info: CaptureInfo;
  readonly totals: CaptureTotals;
  readonly error: CaptureError | undefined;
}

function readByOne(bytes: Uint8Array): Reading {
  const reader = readCaptureSync(bytes, { name: "c" });
  const rows: string[] = [];
  let frames = 0;
  try {
    for (const batch of reader) {
      expect(batch.firstFrame).toBe(frames + 1);
      frames += batch.frames;
      rows.push(...rowTexts(batch).map((row) => `${row} section=${batch.section.offset}`));
    }
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
  }
  return { rows, frames, info: reader.info, totals: reader.totals, error: reader.error };
}

/** Workers without threads. Each report comes after as many turns as `delays` say. */
async function readByMany(
  bytes: Uint8Array,
  rangeSize: number,
  workers: number,
  delays: readonly number[] = [0],
): Promise<Reading & { resumed: number }> {
  const head = readCaptureHead(bytes);
  if (!head) throw new TypeError("cannot be taken to pieces");
  const setup: WorkerSetup = { path: "", name: "c", verifyChecksums: true, format: head.format };
  const ports = Array.from({ length: workers }, () => new Port(bytes, setup, delays));
  const whole = new InOrder({ head, name: "c", size: bytes.length, rangeSize }, ports);
  const rows: string[] = [];
  let frames = 0;
  try {
    for await (const batch of whole.batches()) {
      expect(batch.firstFrame).toBe(frames + 1);
      frames += batch.frames;
      expect(batch.totals.frames).toBe(frames);
      rows.push(...rowTexts(batch).map((row) => `${row} section=${batch.section.offset}`));
    }
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
  }
  const resumed = ports.reduce((sum, port) => sum + port.resumed, 0);
  return { rows, frames, info: whole.info, totals: whole.totals, error: whole.error, resumed };
}

class Port implements RangePort {
  resumed = 0;
  readonly #worker: RangeWorker;
  #listener: (report: Report | Failure) => void = () => {};
  #reported: Promise<void> = Promise.resolve();

  constructor(bytes: Uint8Array, setup: WorkerSetup, delays: readonly number[]) {
    let reports = 0;
    const read = (into: Uint8Array, offset: number): number => {
      const piece = bytes.subarray(offset, offset + into.length);
      into.set(piece);
      return piece.length;
    };
    this.#worker = new RangeWorker(setup, read, (report) => {
      const turns = delays[reports++ % delays.length];
      this.#reported = this.#reported.then(async () => {
        for (let i = 0; i < turns; i++) await null;
        this.#listener(report);
      });
    });
  }

  post(task: Task): void {
    if (task.do === "parse" && task.how === "resume") this.resumed++;
    this.#worker.take(task);
  }

  onReport(listener: (report: Report | Failure) => void): void {
    this.#listener = listener;
  }
}

async function expectSame(bytes: Uint8Array, rangeSize: number, workers = 2, delays?: readonly number[]) {
  const { resumed, ...many } = await readByMany(bytes, rangeSize, workers, delays);
  const one = readByOne(bytes);
  // Frames behind the last batch have no batch to be counted in.
  expect({ ...many, frames: 0 }).toEqual({ ...one, frames: 0 });
  return resumed;
}

const frames = Array.from({ length: 40 }, (_, i) =>
  tcpFrame({ seq: i, payload: (i * 37) % 200, ipVersion: i % 5 === 0 ? 6 : 4, src: i % 7 }),
);

describe("every size of range", () => {
  test.each([
    ["pcap", pcap(frames)],
    ["pcap in the other byte order, in nanoseconds", pcap(frames, { bigEndian: true, magic: 0xa1b23c4d })],
    ["pcap of the longer record headers", pcap(frames, { magic: 0xa1b2cd34, recordHeader: 24 })],
    ["pcapng", pcapng(frames)],
    ["pcapng in the other byte order", pcapng(frames, { bigEndian: true })],
    ["a pcap cut short", pcap(frames).subarray(0, 3000)],
    ["a pcap with a record that is too long", concat(pcap(frames), pcapRecord(frames[0], { captured: 1e9 }))],
    [
      "a pcapng with damaged names and statistics",
      concat(pcapng(frames), block(4, concat(u16(1), u16(90))), enhancedPacket(frames[0]), block(5, [])),
    ],
    ["a pcapng with a packet of no interface", concat(pcapng(frames), enhancedPacket(frames[0], { id: 7 }))],
  ])(
    "%s",
    async (_, bytes) => {
      for (let size = 16; size < bytes.length + 16; size += size < 400 ? 12 : 333)
        await expectSame(bytes, size);
    },
    120_000,
  );
});

test("any cut of any capture, whatever arrives when", async () => {
  const packet = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("tcp"), n: fc.nat(3000) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("fragment"), n: fc.nat(24) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("decoy"), n: fc.nat(9) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("block"), n: fc.nat(7) }) },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(packet, { minLength: 3, maxLength: 120, size: "max" }),
      fc.boolean(),
      fc.integer({ min: 40, max: 5000 }),
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.nat(30), { minLength: 1, maxLength: 5 }),
      fc.nat(40),
      async (packets, blocks, rangeSize, workers, delays, cut) => {
        const capture = blocks ? blocksOf(packets) : recordsOf(packets);
        await expectSame(capture.subarray(0, capture.length - cut), rangeSize, workers, delays);
      },
    ),
    { numRuns: 300 },
  );
}, 120_000);

interface Packet {
  readonly kind: string;
  readonly n: number;
}

function recordsOf(packets: readonly Packet[]): Uint8Array {
  const records = packets
    .filter(({ kind }) => kind !== "block")
    .map((packet, i) => pcapRecord(frameOf(packet, decoyRecords), { fraction: i }));
  return concat(pcapHeader(), ...records, pcapRecord(frames[1]));
}

function blocksOf(packets: readonly Packet[]): Uint8Array {
  const start = concat(sectionHeader(), interfaceBlock(1), interfaceBlock(1, {}, option(9, [9])));
  const rest = packets.map((packet, i) => {
    if (packet.kind === "block") return OTHER_BLOCKS[packet.n];
    return enhancedPacket(frameOf(packet, decoyBlocks), { id: i % 2, ticks: BigInt(i) });
  });
  return concat(start, ...rest, enhancedPacket(frames[1]));
}

const OTHER_BLOCKS = [
  interfaceBlock(1, {}, option(2, "late")),
  concat(sectionHeader(), interfaceBlock(1, {}, option(9, [6])), interfaceBlock(1)),
  concat(
    sectionHeader({ bigEndian: true }),
    interfaceBlock(1, { bigEndian: true }),
    sectionHeader(),
    interfaceBlock(1),
    interfaceBlock(1),
  ),
  block(5, concat(u32(0), u32(0), u32(0), option(4, [1, 0, 0, 0, 0, 0, 0, 0]))),
  block(
    4,
    concat(u16(1), u16(10), [192, 0, 2, 1], new TextEncoder().encode("host.a"), [0, 0], u16(0), u16(0)),
  ),
  block(0xbad, [1, 2, 3, 4]),
  // Damage that no packet depends on: told at the end.
  block(5, u32(0)),
  block(10, concat(u32(1), u32(400))),
];

// What a payload would hold to be taken for records.
const decoyRecords = concat(...[1, 2, 3, 4, 5, 6].map((i) => pcapRecord(tcpFrame({ seq: 666 + i }))));
const decoyBlocks = concat(...[1, 2, 3, 4, 5, 6].map((i) => enhancedPacket(tcpFrame({ seq: 666 + i }))));

function frameOf({ kind, n }: Packet, decoy: Uint8Array): Uint8Array {
  switch (kind) {
    case "fragment": {
      const whole = tcp4({ seq: n >> 1, payload: pattern(100) });
      const [bytes, place] = n % 2 === 0 ? [whole.slice(0, 64), 0x2000] : [whole.slice(64), 8];
      return ethernet(ipv4(bytes, { id: n >> 1, fragment: place }));
    }
    case "decoy":
      // Blocks have to lie at multiples of four.
      return ethernet(ipv4(tcp4({ seq: n, payload: concat(new Uint8Array(2), decoy) })));
    default:
      return tcpFrame({ seq: n, payload: n, ipVersion: n % 3 === 0 ? 6 : 4 });
  }
}

describe("guesses", () => {
  test("hold in an ordinary capture: each range is parsed once", async () => {
    expect(await expectSame(pcap(frames), 700)).toBe(0);
    expect(await expectSame(pcapng(frames), 700)).toBe(0);
  });

  test.each([2, 3])("hold in version 2.%i, where the length on the wire may come first", async (minor) => {
    const records = frames.map((frame) => pcapRecord(frame, { captured: 5000 }));
    expect(await expectSame(concat(pcapHeader({ minor }), ...records), 700)).toBe(0);
  });

  test("that a payload misleads are found out, and cost a second look", async () => {
    const misled = ethernet(ipv4(tcp4({ payload: decoyRecords })));
    expect(await expectSame(pcap([...frames.slice(0, 6), misled, ...frames]), 200)).toBeGreaterThan(0);
  });

  test("are given up where every payload misleads", async () => {
    const misled = ethernet(ipv4(tcp4({ payload: decoyRecords })));
    const capture = pcap(Array.from({ length: 60 }, () => misled));
    // Cuts that move through the records slowly: each lies before some of the decoys.
    expect(await expectSame(capture, 16 + misled.length + 4)).toBe(12);
  });

  test("of interfaces that come late are found out", async () => {
    const late = concat(
      pcapng(frames),
      interfaceBlock(1),
      ...frames.map((f) => enhancedPacket(f, { id: 1 })),
    );
    expect(await expectSame(late, 700)).toBeGreaterThan(0);
  });

  test("are right again behind fragments whose datagram never comes together", async () => {
    const lonely = frameOf({ kind: "fragment", n: 2 }, decoyRecords);
    const capture = pcap([...frames.slice(0, 5), lonely, ...frames, ...frames, lonely, ...frames]);
    // The range with the second fragment alone.
    expect(await expectSame(capture, 1000)).toBe(1);
  });
});

if (corpus === undefined && process.env.CI === undefined) {
  console.log("skipped: real captures in ranges: no folder shared/ beside the repository (TCPWIRE_SHARED)");
}
test.runIf(corpus !== undefined || process.env.CI !== undefined)(
  "real captures",
  async () => {
    const captures = (corpus ?? [])
      .map(readCapture)
      .filter((bytes) => bytes.length < 1e6 && readCaptureHead(bytes));
    expect(captures.length).toBeGreaterThan(20);
    for (const bytes of captures) {
      for (const share of [3.1, 17.3])
        await expectSame(bytes, Math.max(64, Math.ceil(bytes.length / share)), 3);
    }
  },
  120_000,
);
