// What the writers write is what the formats say, and is read back the same.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type CapturePacket,
  PcapngWriter,
  PcapWriter,
  parseCapture,
  readCaptureSync,
  type SegmentTable,
} from "../../src/capture/index.ts";
import { concat, MICRO, NANO, pcapHeader, pcapRecord, tcpFrame } from "./captures.ts";

const SECOND = 1_000_000_000n;
const T = 1_700_000_000n * SECOND;

const packets: CapturePacket[] = Array.from({ length: 50 }, (_, i) => ({
  time: T + BigInt(i) * 123_456_789n,
  bytes: tcpFrame({ seq: i, payload: i * 3, ipVersion: i % 2 ? 6 : 4 }),
}));

function times(table: SegmentTable): bigint[] {
  return [...table.time];
}

describe("PcapWriter", () => {
  test("writes what the format says, byte for byte", () => {
    for (const bigEndian of [false, true]) {
      for (const nanoseconds of [false, true]) {
        const writer = new PcapWriter({ bigEndian, nanoseconds, linkType: 101, snapLength: 96 });
        const frame = tcpFrame({ payload: 100 });
        writer.write({ time: 5n * SECOND + 123_456_789n, bytes: frame, length: 9000 });
        const options = { bigEndian, magic: nanoseconds ? NANO : MICRO, linkType: 101, snapLength: 96 };
        const fraction = nanoseconds ? 123_456_789 : 123_456;
        expect(writer.take()).toEqual(
          concat(
            pcapHeader(options),
            pcapRecord(frame.subarray(0, 96), { ...options, seconds: 5, fraction, length: 9000 }),
          ),
        );
      }
    }
  });

  test.each([true, false])("is read back the same (big endian: %s)", (bigEndian) => {
    const writer = new PcapWriter({ bigEndian });
    for (const packet of packets) writer.write(packet);
    const table = parseCapture(writer.take(), { payload: true });
    expect(table.error).toBeUndefined();
    expect(times(table)).toEqual(packets.map(({ time }) => time));
    expect([...table.payloadLength]).toEqual(packets.map((_, i) => i * 3));
    expect([...table.checksumStatus].every((verdict) => verdict === 1)).toBe(true);
  });

  test("has times from 1970 to 2106 and no others", () => {
    const writer = new PcapWriter();
    const bytes = tcpFrame();
    for (const time of [0n, 2n ** 32n * SECOND - 1n]) writer.write({ time, bytes });
    expect(times(parseCapture(writer.take()))).toEqual([0n, 2n ** 32n * SECOND - 1n]);
    for (const time of [-1n, 2n ** 32n * SECOND])
      expect(() => writer.write({ time, bytes })).toThrow(RangeError);
    expect(writer.pending).toBe(0);
  });

  test("refuses what cannot be written", () => {
    expect(() => new PcapWriter({ linkType: 65536 })).toThrow(RangeError);
    expect(() => new PcapWriter({ linkType: -1 })).toThrow(RangeError);
    expect(() => new PcapWriter({ snapLength: 0 })).toThrow(RangeError);
    refusesNoPacket(new PcapWriter());
  });
});

describe("PcapngWriter", () => {
  test.each([true, false])(
    "is read back the same, with all it says of itself (big endian: %s)",
    (bigEndian) => {
      const section = {
        hardware: "Ω-box",
        os: "Linux 6.1",
        application: "tcpwire",
        comments: ["one", "two — ü"],
      };
      const wired = {
        linkType: 1,
        snapLength: 200,
        ticksPerSecond: 1e6,
        timeOffset: -3600,
        name: "eth0",
        description: "the wire",
        filter: "tcp port 80",
        os: "Linux",
        hardware: "a card",
        macAddress: "02:00:5e:10:00:01",
        addresses: ["192.0.2.1/24", "198.51.100.7/32", "2001:db8::1/64"],
        speed: 10_000_000_000,
        fcsLength: 4,
        comments: ["of the interface"],
      };
      const raw = { linkType: 101, ticksPerSecond: 2 ** 30, name: "tun0" };
      const writer = new PcapngWriter({ bigEndian, ...section, interfaces: [wired, raw] });
      const names = [
        { address: "192.0.2.1", names: ["here.example", "alias.example"] },
        { address: "2001:db8::2", names: ["there.example"] },
      ];
      writer.writeNames(names);
      writer.writeSecrets(0x544c534b, new TextEncoder().encode("CLIENT_RANDOM 00 11"));
      for (const packet of packets) writer.write(packet);
      const statistics = {
        time: T,
        start: T - SECOND,
        end: T + SECOND,
        received: 1000,
        dropped: 2 ** 40,
        accepted: 3,
        osDropped: 0,
        delivered: 5,
        comments: ["counted"],
      };
      writer.writeStatistics(0, statistics);
      const table = parseCapture(writer.take(), { payload: true });
      expect(table.error).toBeUndefined();
      expect(times(table)).toEqual(packets.map(({ time }) => (time / 1000n) * 1000n));
      expect(table.info?.names).toEqual(names);
      expect(table.info?.secrets).toEqual([{ type: 0x544c534b, length: 19 }]);
      expect(table.info?.sections).toHaveLength(1);
      expect(table.info?.sections[0]).toMatchObject({ ...section, bigEndian, version: "1.0", offset: 0 });
      const [first, second] = table.info!.sections[0].interfaces;
      expect(first).toEqual({ ...wired, id: 0, statistics });
      expect(second).toMatchObject({ ...raw, id: 1, statistics: undefined });
      // Longer frames were cut to the snapshot length of their interface.
      expect(Math.max(...table.frameCaptured)).toBe(200);
      expect(Math.max(...table.frameLength)).toBeGreaterThan(200);
    },
  );

  test.each([
    [1e9, 1n],
    [1e6, 1000n],
    [1e3, 1_000_000n],
    [1, SECOND],
    [1e12, 1n],
    [1e19, 1n],
    [2 ** 20, undefined],
    [2 ** 32, undefined],
  ])("keeps times to the resolution of %s ticks a second", (ticksPerSecond, unit) => {
    const writer = new PcapngWriter({ interfaces: [{ ticksPerSecond }] });
    const sample =
      ticksPerSecond > 1e10 ? packets.map((packet) => ({ ...packet, time: packet.time % SECOND })) : packets;
    for (const packet of sample) writer.write(packet);
    const table = parseCapture(writer.take());
    for (const [i, { time }] of sample.entries()) {
      if (unit !== undefined) expect(table.time[i]).toBe((time / unit) * unit);
      else expect(Math.abs(Number(table.time[i] - time))).toBeLessThanOrEqual(1e9 / ticksPerSecond + 1);
    }
  });

  test("tells interfaces and sections apart", () => {
    const writer = new PcapngWriter({ interfaces: [{ name: "a" }, { name: "b" }], application: "first" });
    for (const [i, packet] of packets.slice(0, 4).entries()) writer.write({ ...packet, interfaceId: i % 2 });
    writer.startSection({ application: "second" });
    expect(() => writer.write({ ...packets[0], interfaceId: 1 })).toThrow(RangeError);
    expect(writer.addInterface({ name: "c" })).toBe(0);
    writer.write(packets[0]);
    const table = parseCapture(writer.take());
    const interfaces = Array.from(table.interfaceId, (id, i) => table.sectionOf(i)?.interfaces[id].name);
    expect(interfaces).toEqual(["a", "b", "a", "b", "c"]);
  });

  test("brings an Ethernet of its own where none was described", () => {
    const writer = new PcapngWriter();
    writer.write(packets[0]);
    const table = parseCapture(writer.take());
    expect(table.info?.sections[0].interfaces).toMatchObject([{ linkType: 1, ticksPerSecond: 1e9 }]);
    expect(times(table)).toEqual([packets[0].time]);
  });

  test("writes an interface as it was read", () => {
    const writer = new PcapngWriter({
      interfaces: [{ name: "x", ticksPerSecond: 1e6, timeOffset: 7, comments: ["c"] }],
    });
    writer.write(packets[0]);
    const first = parseCapture(writer.take());
    const [section] = first.info!.sections;
    const again = new PcapngWriter({ ...section, interfaces: section.interfaces });
    again.write(packets[0]);
    expect(parseCapture(again.take()).info).toEqual(first.info);
  });

  test("refuses what cannot be written, and then has written nothing", () => {
    const writer = new PcapngWriter({ interfaces: [{ timeOffset: 100 }] });
    writer.take();
    const interfaces = [
      { ticksPerSecond: 60 },
      { ticksPerSecond: 0 },
      { linkType: 70000 },
      { snapLength: -1 },
      { timeOffset: 0.5 },
      { addresses: ["192.0.2.1/33"] },
      { addresses: ["nowhere"] },
      { macAddress: "02:00" },
      { name: "x".repeat(70_000) },
    ];
    for (const options of interfaces) expect(() => writer.addInterface(options)).toThrow();
    expect(() => writer.write({ ...packets[0], time: 99n * SECOND })).toThrow(RangeError);
    expect(() => writer.write({ ...packets[0], interfaceId: 9 })).toThrow(RangeError);
    expect(() => writer.write({ ...packets[0], comments: ["x".repeat(70_000)] })).toThrow(RangeError);
    expect(() => writer.writeNames([{ address: "nowhere", names: [] }])).toThrow(TypeError);
    expect(() => writer.writeStatistics(3, { time: T })).toThrow(RangeError);
    refusesNoPacket(writer);
    expect(writer.pending).toBe(0);
    // A description that was refused counts for nothing.
    expect(writer.addInterface()).toBe(1);
  });
});

function refusesNoPacket(writer: PcapWriter | PcapngWriter): void {
  const before = writer.pending;
  const bytes = tcpFrame();
  expect(() => writer.write({ time: T, bytes: [1, 2, 3] as never })).toThrow(TypeError);
  expect(() => writer.write({ time: 5 as never, bytes })).toThrow(TypeError);
  expect(() => writer.write({ time: T } as never)).toThrow(TypeError);
  expect(() => writer.write({ time: T, bytes, length: 3 })).toThrow(RangeError);
  expect(() => writer.write({ time: T, bytes, length: 2 ** 32 })).toThrow(RangeError);
  expect(() => writer.write({ time: T, bytes: new Uint8Array(1 << 24) })).toThrow(RangeError);
  expect(writer.pending).toBe(before);
}

describe.each([
  ["PcapWriter", () => new PcapWriter()],
  ["PcapngWriter", () => new PcapngWriter()],
])("%s", (_, make) => {
  test("keeps no view of what it is given, nor of what it has given", () => {
    const clean = make();
    const scribbled = make();
    const parts: Uint8Array[] = [];
    for (const packet of packets) {
      clean.write(packet);
      const bytes = packet.bytes.slice();
      scribbled.write({ ...packet, bytes });
      bytes.fill(0xee);
      const taken = scribbled.take();
      parts.push(taken.slice());
      taken.fill(0xdd);
    }
    expect(concat(...parts)).toEqual(clean.take());
    expect(clean.pending).toBe(0);
  });

  test("is a stream of packets in and chunks out", async () => {
    const many = Array.from({ length: 1000 }, (_, i) => ({
      time: T + BigInt(i),
      bytes: tcpFrame({ payload: 500 }),
    }));
    const direct = make();
    for (const packet of many) direct.write(packet);
    const source = new ReadableStream<CapturePacket>({
      start(controller) {
        for (const packet of many) controller.enqueue(packet);
        controller.close();
      },
    });
    const chunks: Uint8Array[] = [];
    const reader = source.pipeThrough(new TransformStream(make())).getReader();
    for (let step = await reader.read(); !step.done; step = await reader.read()) chunks.push(step.value);
    expect(concat(...chunks)).toEqual(direct.take());
    expect(chunks.length).toBeGreaterThan(5);
    expect(Math.max(...chunks.map((chunk) => chunk.length))).toBeLessThan(66_000);
  });

  test("grows wherever its room ends: in a number, in a packet, in padding", () => {
    for (let first = 98_000; first < 98_320; first++) {
      const writer = make();
      const given = [first, 1, 2, 3].map((length) => ({
        time: T,
        bytes: new Uint8Array(length).fill(length),
      }));
      for (const packet of given) writer.write(packet);
      const reader = readCaptureSync(writer.take());
      for (const _ of reader);
      expect(reader.totals).toMatchObject({ frames: 4, captured: first + 6 });
    }
  });

  test("written packets come back whatever they are", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            time: fc.bigInt({ min: 0n, max: 2n ** 32n * SECOND - 1n }),
            bytes: fc.uint8Array({ maxLength: 200, size: "max" }),
          }),
          { maxLength: 20, size: "max" },
        ),
        (some) => {
          const writer = make();
          for (const packet of some) writer.write(packet);
          const reader = readCaptureSync(writer.take());
          for (const _ of reader);
          expect(reader.error).toBeUndefined();
          expect(reader.totals.frames).toBe(some.length);
          expect(reader.totals.captured).toBe(some.reduce((sum, { bytes }) => sum + bytes.length, 0));
        },
      ),
    );
  });
});
