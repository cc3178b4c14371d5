// Damaged input: what is good is given, then one error that says where and why. Nothing hangs, nothing is allocated on the
// say-so of a length.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CaptureError, parseCapture, readCaptureSync } from "../../src/capture/index.ts";
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
  u64,
} from "./captures.ts";
import { read, readSync } from "./rows.ts";

const frame = tcpFrame();

function errorOf(bytes: Uint8Array): CaptureError | undefined {
  const { error } = readSync(bytes);
  if (error !== undefined) expect(error).toBeInstanceOf(CaptureError);
  return error as CaptureError | undefined;
}

describe("input cut anywhere", () => {
  const frames = Array.from({ length: 4 }, (_, i) => tcpFrame({ seq: i, payload: i }));
  const records = [24, ...frames.map((frame) => 16 + frame.length)];
  const blocks = [28, 20, ...frames.map((frame) => 32 + ((frame.length + 3) & ~3))];

  test.each([
    ["pcap", pcap(frames), records, 0],
    ["pcapng", pcapng(frames), blocks, 1],
  ])(
    "%s gives the packets before, and an error unless the cut is between records",
    async (_, bytes, lengths, headers) => {
      const starts = lengths.map((_, i) => lengths.slice(0, i).reduce((sum, length) => sum + length, 0));
      const whole = readSync(bytes).rows;
      for (let end = 1; end <= bytes.length; end++) {
        const part = bytes.subarray(0, end);
        const reading = readSync(part);
        if (end % 11 === 0) expect(await read(new Blob([part]))).toEqual(reading);
        const done = lengths.filter((length, i) => starts[i] + length <= end).length;
        expect(reading.rows).toEqual(whole.slice(0, Math.max(0, done - 1 - headers)));
        const boundary = done > 0 && (starts[done] === end || end === bytes.length);
        if (boundary) expect(reading.error).toBeUndefined();
        else if (end < 4) expect(reading.error).toMatchObject({ code: "not-a-capture", offset: 0 });
        else expect(reading.error).toMatchObject({ code: "cut-short", offset: starts[done] });
      }
    },
  );

  test("the message names file, place and reason", () => {
    const reader = readCaptureSync(pcap(frames).subarray(0, 100), { name: "trace.pcap" });
    expect(() => [...reader]).toThrow("trace.pcap: cut short: 6 of 16 bytes of a record, at byte 94");
    expect(reader.error).toMatchObject({
      name: "CaptureError",
      code: "cut-short",
      offset: 94,
      source: "trace.pcap",
    });
  });
});

describe("what is no capture", () => {
  test.each([
    ["nothing", [], /empty/],
    ["one byte", [0xd4], /neither pcap nor pcapng/],
    ["zeros", new Uint8Array(100), /neither pcap nor pcapng/],
    ["zstd", [0x28, 0xb5, 0x2f, 0xfd, 0, 0, 0, 0], /zstd.*decompress/],
    ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], /xz.*decompress/],
    ["bzip2", new TextEncoder().encode("BZh91AY&SY"), /bzip2/],
    ["lz4", [4, 0x22, 0x4d, 0x18, 0], /lz4/],
    ["zip", [0x50, 0x4b, 3, 4, 0], /zip/],
    ["snoop", new TextEncoder().encode("snoop\0\0\0\0\0\0\x02"), /snoop/],
  ])("is said to be none: %s", (_, bytes, message) => {
    const error = errorOf(concat(bytes));
    expect(error).toMatchObject({ code: "not-a-capture", offset: 0 });
    expect(error?.message).toMatch(message);
  });

  test("is a version that cannot be read", () => {
    expect(errorOf(pcapHeader({ major: 3 }))).toMatchObject({ code: "version", reason: "pcap version 3.4" });
    expect(errorOf(pcapHeader({ major: 543 }))?.reason).toBe("pcap version 543.4");
    const section = block(0x0a0d0d0a, concat(u32(0x1a2b3c4d), u16(2), u16(0), new Uint8Array(8)));
    expect(errorOf(section)).toMatchObject({ code: "version", reason: "pcapng version 2.0" });
  });
});

describe("damage in pcapng", () => {
  const head = concat(sectionHeader(), interfaceBlock(1), enhancedPacket(frame));
  const patched = (bytes: Uint8Array, at: number, value: number): Uint8Array => {
    const copy = bytes.slice();
    new DataView(copy.buffer).setUint32(at < 0 ? copy.length + at : at, value, true);
    return copy;
  };
  const packet = enhancedPacket(frame);

  test.each<[string, Uint8Array, string, RegExp?]>([
    ["a block length of 0", patched(packet, 4, 0), "block-length"],
    ["a block length of 8", patched(packet, 4, 8), "block-length"],
    ["a block length that is no multiple of four", patched(packet, 4, packet.length - 2), "block-length"],
    ["another length behind the block", patched(packet, -4, packet.length + 4), "block-length"],
    ["more captured bytes than the block holds", patched(packet, 20, 10_000), "block-content"],
    ["captured bytes beyond 2^31", patched(packet, 20, 0xfffffff0), "block-content"],
    ["a packet block too short for its fields", block(6, new Uint8Array(8)), "block-content"],
    ["an interface that was not described", patched(packet, 8, 1), "no-interface"],
    [
      "an option longer than its block",
      block(1, concat(u16(1), u16(0), u32(0), u16(2), u16(5000))),
      "block-content",
      /interface description block: option 2 of 5000 bytes where 0 are left/,
    ],
    [
      "an option too short for its kind",
      interfaceBlock(1, {}, option(14, [1, 2])),
      "block-content",
      /interface description/,
    ],
    ["an interface block without fields", block(1, []), "block-content", /interface description/],
    [
      "a section header without fields",
      block(0x0a0d0d0a, u32(0x1a2b3c4d)),
      "block-content",
      /section header/,
    ],
    ["a section header of no byte order", block(0x0a0d0d0a, new Uint8Array(16)), "block-content"],
    ["a block of 4 GiB", patched(packet, 4, 0xfffffffc), "record-too-long"],
  ])("%s is an error at that block, after the packets before it", (_, bad, code, reason) => {
    const { rows, error } = readSync(concat(head, bad, packet));
    expect(rows).toHaveLength(1);
    expect(error).toMatchObject({ code, offset: head.length });
    if (reason) expect((error as CaptureError).reason).toMatch(reason);
  });

  test("more interfaces than are kept track of are an error", () => {
    const { rows, error } = readSync(
      concat(head, ...Array.from({ length: 65_536 }, () => interfaceBlock(1)), packet),
    );
    expect(rows).toHaveLength(1);
    expect(error).toMatchObject({
      code: "block-content",
      reason: expect.stringContaining("more than 65536 interfaces"),
    });
  });
});

describe("damage that no packet depends on", () => {
  const damaged: [string, Uint8Array, string][] = [
    [
      "statistics without fields",
      block(5, []),
      "interface statistics block: 4 bytes expected where 0 are left",
    ],
    [
      "an option longer than its statistics",
      block(5, concat(u32(0), u32(0), u32(0), u16(4), u16(900))),
      "interface statistics block: option 4 of 900 bytes where 0 are left",
    ],
    [
      "a name record longer than its block",
      block(4, concat(u16(1), u16(400))),
      "name resolution block: 400 bytes expected where 0 are left",
    ],
    [
      "secrets longer than their block",
      block(10, concat(u32(1), u32(400))),
      "decryption secrets block: secrets of 400 bytes where 0 are left",
    ],
  ];
  const head = concat(sectionHeader(), interfaceBlock(1), enhancedPacket(frame));
  const packet = enhancedPacket(frame);

  test.each(damaged)("%s is an error once all packets have been given", async (_, bad, reason) => {
    const file = concat(head, bad, packet, packet);
    const expected = { code: "block-content", offset: head.length, reason };
    for (const { rows, error } of [readSync(file), await read(file)]) {
      expect(rows).toHaveLength(3);
      expect(error).toMatchObject(expected);
    }
    expect(parseCapture(file).error).toMatchObject(expected);
    const reader = readCaptureSync(file);
    for (const _ of reader) {
      expect(reader.error).toBeUndefined();
      break;
    }
  });

  test("of two that are damaged the first is told, unless reading ends at something worse", () => {
    const [first, , second] = damaged.map(([, bytes]) => bytes);
    expect(errorOf(concat(head, first, second, packet))).toMatchObject({
      offset: head.length,
      reason: damaged[0][2],
    });
    expect(errorOf(concat(head, first, packet.subarray(0, 40)))).toMatchObject({ code: "cut-short" });
  });
});

describe("oddities of pcapng that lose nothing", () => {
  test("options that only describe and have another length than their kind", () => {
    const odd = interfaceBlock(
      1,
      {},
      ...[4, 5, 6, 8, 13].map((code) => option(code, [1, 2, 3])),
      option(2, "eth0"),
    );
    const statistics = block(5, concat(u32(0), u32(0), u32(0), option(4, [9, 0, 0, 0]), option(5, u64(3n))));
    const table = parseCapture(
      concat(sectionHeader(), odd, enhancedPacket(frame), statistics, enhancedPacket(frame)),
    );
    expect(table.error).toBeUndefined();
    expect(table.length).toBe(2);
    expect(table.info?.sections[0].interfaces[0]).toMatchObject({
      name: "eth0",
      addresses: [],
      macAddress: undefined,
      speed: undefined,
      fcsLength: undefined,
      statistics: { received: undefined, dropped: 3 },
    });
  });

  test("three thousand interfaces, as merged captures have them", () => {
    const interfaces = Array.from({ length: 3000 }, (_, i) => interfaceBlock(i % 2 ? 1 : 101));
    const last = enhancedPacket(frame);
    new DataView(last.buffer).setUint32(8, 2999, true);
    const table = parseCapture(concat(sectionHeader(), ...interfaces, last));
    expect(table.error).toBeUndefined();
    expect([...table.interfaceId]).toEqual([2999]);
  });

  test("statistics again and again, of which the last are kept", () => {
    const received = (n: bigint) => block(5, concat(u32(0), u32(0), u32(0), option(4, u64(n))));
    const many = Array.from({ length: 20_000 }, (_, i) => received(BigInt(i)));
    const table = parseCapture(concat(sectionHeader(), interfaceBlock(1), enhancedPacket(frame), ...many));
    expect(table.error).toBeUndefined();
    expect(table.info?.truncated).toBe(false);
    expect(table.info?.sections[0].interfaces[0].statistics?.received).toBe(19_999);
  });
});

describe("lengths that lie", () => {
  const SMALL = 6_000_000; // columns, pools and the window
  const memoryFor = (bytes: Uint8Array): number => {
    const reader = readCaptureSync(bytes);
    expect(() => [...reader]).toThrow(CaptureError);
    return reader.memorySize;
  };

  test("cost no memory: a record of 4 GiB, of 16 MiB that is not there", () => {
    for (const captured of [0xffffffff, 0x80000000, 16 * 1024 * 1024 + 1, 16 * 1024 * 1024, 10_000_000]) {
      expect(memoryFor(concat(pcapHeader(), pcapRecord(frame, { captured })))).toBeLessThan(SMALL);
      const lying = concat(u32(6), u32(captured & ~3), new Uint8Array(100));
      expect(memoryFor(concat(sectionHeader(), interfaceBlock(1), lying))).toBeLessThan(SMALL);
    }
  });

  test("cost twice the bytes that there are at most", () => {
    const there = 5_000_000;
    const record = pcapRecord(new Uint8Array(there), { captured: 16 * 1024 * 1024 });
    expect(memoryFor(concat(pcapHeader(), record))).toBeLessThan(SMALL + 4 * there);
  });

  test("are named", () => {
    const bytes = concat(pcap([frame]), pcapRecord(frame, { captured: 0x40000000 }));
    expect(errorOf(bytes)).toMatchObject({ code: "record-too-long", offset: 24 + 16 + frame.length });
  });
});

describe("what a capture says of itself", () => {
  test("is kept up to a bound, and what is behind it is still read", () => {
    const sections = Array.from({ length: 30_000 }, () => concat(sectionHeader(), interfaceBlock(1)));
    const table = parseCapture(concat(...sections, enhancedPacket(frame)));
    expect(table).toMatchObject({ length: 1, error: undefined });
    expect(table.info?.truncated).toBe(true);
    expect(table.info!.sections.length).toBeLessThan(20_000);
    expect(table.sectionOf(0)).toMatchObject({ version: "1.0" });
  });

  test("does not add up over a stream of comments and names", () => {
    const chatter = concat(
      interfaceBlock(1, {}, option(1, "x".repeat(60_000))),
      block(4, option(1, concat([1, 2, 3, 4], new TextEncoder().encode(`${"n".repeat(60_000)}\0`)))),
    );
    const reader = readCaptureSync(
      concat(sectionHeader(), ...Array.from({ length: 200 }, () => chatter), enhancedPacket(frame)),
    );
    for (const batch of reader) expect(batch.length).toBe(1);
    expect(reader.info.truncated).toBe(true);
    expect(JSON.stringify(reader.info).length).toBeLessThan(5_000_000);
  });
});

test("any damage ends in a CaptureError or in none, with no more rows than frames can give", () => {
  const frames = Array.from({ length: 30 }, (_, i) =>
    tcpFrame({ seq: i, payload: i, ipVersion: i % 2 ? 6 : 4 }),
  );
  const captures = [
    pcap(frames),
    pcap(frames, { bigEndian: true }),
    pcapng(frames),
    pcapng(frames, { bigEndian: true }),
  ];
  fc.assert(
    fc.property(
      fc.nat(captures.length - 1),
      fc.array(fc.tuple(fc.nat(3000), fc.nat(255)), { minLength: 1, maxLength: 30, size: "max" }),
      fc.nat(3000),
      (which, changes, end) => {
        const bytes = captures[which].slice(0, captures[which].length - (end % 200));
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        const reader = readCaptureSync([bytes]);
        let rows = 0;
        let error: unknown;
        try {
          for (const batch of reader) rows += batch.length;
        } catch (thrown) {
          error = thrown;
        }
        expect(error).toBe(reader.error);
        if (error !== undefined) expect(error).toBeInstanceOf(CaptureError);
        expect(rows).toBe(reader.totals.segments);
        expect(rows).toBeLessThan(bytes.length / 20);
        expect(reader.memorySize).toBeLessThan(8_000_000);
      },
    ),
    { numRuns: 500 },
  );
});
