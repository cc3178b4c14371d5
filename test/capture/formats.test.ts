// Every dialect of pcap and pcapng, from bytes made by hand.
import { describe, expect, test } from "vitest";
import { linkTypeName, parseCapture, readCaptureSync } from "../../src/capture/index.ts";
import {
  block,
  concat,
  enhancedPacket,
  interfaceBlock,
  MICRO,
  MODIFIED,
  NANO,
  type Order,
  option,
  pcap,
  pcapHeader,
  pcapRecord,
  sectionHeader,
  tcpFrame,
  u16,
  u32,
  u64,
} from "./captures.ts";

const SECOND = 1_000_000_000n;
const frame = tcpFrame({ payload: 33 });
const orders: [string, Order][] = [
  ["little endian", { bigEndian: false }],
  ["big endian", { bigEndian: true }],
];

describe.each(orders)("pcap, %s", (_, order) => {
  test.each([
    ["microseconds", MICRO, "pcap", 16, 1000n, 1e6],
    ["nanoseconds", NANO, "pcap", 16, 1n, 1e9],
    ["Kuznetzov's", MODIFIED, "pcap-modified", 24, 1000n, 1e6],
  ])("in %s", (_, magic, format, recordHeader, unit, ticksPerSecond) => {
    const options = { ...order, magic, recordHeader, snapLength: 4321 };
    const table = parseCapture(
      concat(
        pcapHeader(options),
        pcapRecord(frame, { ...options, seconds: 0, fraction: 7 }),
        pcapRecord(frame, { ...options, seconds: 0xffffffff, fraction: 999_999, length: 5000 }),
      ),
    );
    expect(table.error).toBeUndefined();
    expect([...table.time]).toEqual([7n * unit, 0xffffffffn * SECOND + 999_999n * unit]);
    expect([...table.frameLength]).toEqual([frame.length, 5000]);
    expect([...table.frameCaptured]).toEqual([frame.length, frame.length]);
    expect([...table.fileOffset]).toEqual([24 + recordHeader, 24 + 2 * recordHeader + frame.length]);
    expect(table.info).toMatchObject({ format, compression: undefined, truncated: false });
    expect(table.info?.sections).toMatchObject([
      {
        offset: 0,
        version: "2.4",
        bigEndian: order.bigEndian,
        interfaces: [{ id: 0, linkType: 1, snapLength: 4321, ticksPerSecond }],
      },
    ]);
  });

  // Version 2.3 exchanged the lengths; not all that called itself so did.
  test.each([
    ["2.2", { major: 2, minor: 2 }, true],
    ["2.3 that has them as 2.4", { major: 2, minor: 3 }, false],
    ["2.3 that has them as 2.2", { major: 2, minor: 3 }, true],
    ["543.0, of DG/UX", { major: 543, minor: 0 }, true],
    ["2.5", { major: 2, minor: 5 }, false],
  ])("with the lengths of a record in the order of version %s", (_, version, lengthFirst) => {
    const options = { ...order, ...version };
    const lengths = lengthFirst
      ? { captured: 5000, length: frame.length }
      : { captured: frame.length, length: 5000 };
    const cut = pcapRecord(frame, { ...options, ...lengths });
    const whole = pcapRecord(frame, options);
    const table = parseCapture(concat(pcapHeader(options), cut, whole, whole, cut, cut, whole));
    expect(table.error).toBeUndefined();
    const n = frame.length;
    expect([...table.frameLength]).toEqual([5000, n, n, 5000, 5000, n]);
    expect([...table.frameCaptured]).toEqual([n, n, n, n, n, n]);
    expect(table.info?.sections[0].version).toBe(`${version.major}.${version.minor}`);
  });

  test("with a frame check sequence announced beside the link type", () => {
    const linkType = 0x24000001; // two 16-bit words of it
    const table = parseCapture(
      concat(pcapHeader({ ...order, linkType }), pcapRecord(concat(frame, [1, 2, 3, 4]), order)),
    );
    expect(table.length).toBe(1);
    expect(table.payloadLength[0]).toBe(33);
    expect(table.info?.sections[0].interfaces[0]).toMatchObject({ linkType: 1, fcsLength: 4 });
  });

  test("without a packet", () => {
    const table = parseCapture(pcapHeader(order));
    expect(table).toMatchObject({ length: 0, error: undefined });
    expect(table.totals).toMatchObject({ frames: 0, earliest: undefined, latest: undefined });
  });
});

describe.each(orders)("pcapng, %s", (_, order) => {
  const one = (...blocks: Uint8Array[]): Uint8Array =>
    concat(sectionHeader(order), interfaceBlock(1, order), ...blocks);

  test("with everything that a section and an interface can say", () => {
    const table = parseCapture(
      concat(
        sectionHeader(order, option(1, "first", order), option(2, "a box", order), option(3, "an OS", order), option(4, "a tool", order), option(1, "second", order), option(0, [], order), option(4, "behind the end", order)),
        block(
          1,
          concat(
            u16(1, order), u16(0), u32(777, order),
            option(2, "eth0", order),
            option(3, "the wire\0\0", order),
            option(4, [192, 0, 2, 1, 255, 255, 255, 0], order),
            option(4, [192, 0, 2, 2, 255, 0, 255, 0], order),
            option(5, [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 64], order),
            option(6, [2, 0, 0x5e, 0x10, 0, 0xff], order),
            option(8, u64(1_000_000_000n, order), order),
            option(9, [9], order),
            option(11, concat([0], new TextEncoder().encode("tcp")), order),
            option(12, "Linux", order),
            option(13, [4], order),
            option(14, u64(-2n, order), order),
            option(15, "a card", order),
            option(0x8001, "of somebody else's", order),
            option(1, "a comment: é", order),
          ),
          order,
        ),
        enhancedPacket(frame, { ...order, ticks: 3_000_000_005n }),
      ),
    ); // biome-ignore format: a table
    expect(table.error).toBeUndefined();
    expect([...table.time]).toEqual([1_000_000_005n]);
    expect(table.info?.sections).toEqual([
      {
        offset: 0,
        bigEndian: order.bigEndian,
        version: "1.0",
        hardware: "a box",
        os: "an OS",
        application: "a tool",
        comments: ["first", "second"],
        interfaces: [
          {
            id: 0,
            linkType: 1,
            snapLength: 777,
            ticksPerSecond: 1e9,
            timeOffset: -2,
            name: "eth0",
            description: "the wire",
            filter: "tcp",
            os: "Linux",
            hardware: "a card",
            macAddress: "02:00:5e:10:00:ff",
            addresses: ["192.0.2.1/24", "192.0.2.2/255.0.255.0", "2001:db8::1/64"],
            speed: 1e9,
            fcsLength: 4,
            comments: ["a comment: é"],
            statistics: undefined,
          },
        ],
      },
    ]);
  });

  test.each([
    [6, 1_234_567n, 1_234_567_000n],
    [0, 12n, 12n * SECOND],
    [3, 12_345n, 12_345_000_000n],
    [12, 1_234_567_890_123n, 1_234_567_890n],
    [0x80, 5n, 5n * SECOND],
    [0x8a, 1024n * 3n + 512n, 3_500_000_000n],
    [0xa0, (7n << 32n) | (1n << 31n), 7_500_000_000n],
  ])("with if_tsresol %i", (tsresol, ticks, time) => {
    const table = parseCapture(
      concat(
        sectionHeader(order),
        interfaceBlock(1, order, option(9, [tsresol], order)),
        enhancedPacket(frame, { ...order, ticks }),
      ),
    );
    expect([...table.time]).toEqual([time]);
  });

  test("with simple and obsolete packets, and blocks that nobody knows", () => {
    const simple = block(3, concat(u32(frame.length, order), frame), order);
    const obsolete = block(2, concat(u16(0, order), u16(3, order), u32(0, order), u32(9, order), u32(frame.length, order), u32(frame.length, order), frame), order); // biome-ignore format: a table
    const unknown = block(0x0bad, new Uint8Array(1000), order);
    const table = parseCapture(one(unknown, simple, unknown, obsolete, block(0x40000bad, [], order)));
    expect(table.error).toBeUndefined();
    expect([...table.time]).toEqual([0n, 9000n]);
    expect([...table.payloadLength]).toEqual([33, 33]);
    expect(table.totals?.frames).toBe(2);
  });

  test("with names, statistics and secrets", () => {
    const names = block(4, concat(option(1, concat([192, 0, 2, 1], new TextEncoder().encode("a.example\0b.example\0")), order), option(9, "?", order), option(2, concat([0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2], new TextEncoder().encode("c.example\0")), order), option(0, [], order)), order); // biome-ignore format: a table
    const stamp = (ticks: number): Uint8Array => concat(u32(0, order), u32(ticks, order));
    const statistics = block(5, concat(u32(0, order), stamp(5_000_000), option(2, stamp(1_000_000), order), option(3, stamp(4_000_000), order), option(4, u64(100n, order), order), option(5, u64(1n, order), order), option(6, u64(90n, order), order), option(7, u64(2n, order), order), option(8, u64(88n, order), order), option(1, "done", order)), order); // biome-ignore format: a table
    const ofNobody = block(5, concat(u32(7, order), stamp(1)), order);
    const secrets = block(10, concat(u32(0x544c534b, order), u32(5, order), [1, 2, 3, 4, 5]), order);
    const { info, error } = parseCapture(one(names, secrets, statistics, ofNobody));
    expect(error).toBeUndefined();
    expect(info?.names).toEqual([
      { address: "192.0.2.1", names: ["a.example", "b.example"] },
      { address: "2001:db8::2", names: ["c.example"] },
    ]);
    expect(info?.secrets).toEqual([{ type: 0x544c534b, length: 5 }]);
    expect(info?.sections[0].interfaces[0].statistics).toEqual({
      time: 5n * SECOND,
      start: 1n * SECOND,
      end: 4n * SECOND,
      received: 100,
      dropped: 1,
      accepted: 90,
      osDropped: 2,
      delivered: 88,
      comments: ["done"],
    });
  });

  test("with several interfaces, of which each has its clock and link type", () => {
    const table = parseCapture(
      concat(
        sectionHeader(order),
        interfaceBlock(1, order, option(9, [6], order)),
        interfaceBlock(101, order, option(9, [9], order)),
        enhancedPacket(frame, { ...order, id: 0, ticks: 1n }),
        enhancedPacket(frame.subarray(14), { ...order, id: 1, ticks: 1n }),
        interfaceBlock(1, order, option(9, [0], order)),
        enhancedPacket(frame, { ...order, id: 2, ticks: 1n }),
        enhancedPacket(frame, { ...order, id: 0, ticks: 2n }),
      ),
    );
    expect([...table.time]).toEqual([1000n, 1n, SECOND, 2000n]);
    expect([...table.interfaceId]).toEqual([0, 1, 2, 0]);
    expect([...table.frame]).toEqual([1, 2, 3, 4]);
  });
});

describe.each(orders)("what is noted beside a packet, %s", (_, order) => {
  const first = (file: Uint8Array): unknown => {
    const [batch] = readCaptureSync(file);
    return batch.notes(0);
  };
  const none = { comments: [], direction: undefined, dropped: undefined };
  const odd = tcpFrame({ payload: 3 });
  const packet = (type: number, ...options: Uint8Array[]): Uint8Array => {
    const id = type === 6 ? u32(0, order) : concat(u16(0, order), u16(0, order));
    const lengths = concat(u32(odd.length, order), u32(odd.length, order));
    return block(
      type,
      concat(id, u64(0n, order), lengths, odd, new Uint8Array(-odd.length & 3), ...options),
      order,
    );
  };
  const file = (...blocks: Uint8Array[]): Uint8Array =>
    concat(sectionHeader(order), interfaceBlock(1, order), ...blocks);

  test("is there to be asked for", () => {
    const options = [
      option(1, "one", order),
      option(2, u32(2, order), order),
      option(1, "two", order),
      option(4, u64(9n, order), order),
    ];
    const noted = { comments: ["one", "two"], direction: "outbound", dropped: 9 };
    expect(first(file(packet(6, ...options)))).toEqual(noted);
    expect(first(file(packet(6, option(2, u32(1, order), order))))).toEqual({
      ...none,
      direction: "inbound",
    });
    expect(first(file(packet(2, option(1, "old", order))))).toEqual({ ...none, comments: ["old"] });
    expect(first(file(packet(6)))).toEqual(none);
  });

  test("is nothing in a simple packet, in pcap, and where the options make no sense", () => {
    const simple = block(3, concat(u32(odd.length, order), odd), order);
    const [batch] = readCaptureSync(file(packet(6, option(1, "another's", order)), simple));
    expect(batch.notes(1)).toEqual(none);
    expect(first(file(simple))).toEqual(none);
    expect(first(pcap([odd], order))).toEqual(none);
    const broken = concat(option(1, "good", order), u16(1, order), u16(5000, order));
    expect(first(file(packet(6, broken)))).toEqual({ ...none, comments: ["good"] });
  });

  test("is asked of a row", () => {
    const [batch] = readCaptureSync(file(packet(6)));
    expect(() => batch.notes(1)).toThrow(RangeError);
  });
});

test("sections of either byte order follow each other, each with its own interfaces", () => {
  const section = (bigEndian: boolean, tsresol: number): Uint8Array =>
    concat(
      sectionHeader({ bigEndian }),
      interfaceBlock(1, { bigEndian }, option(9, [tsresol], { bigEndian })),
      enhancedPacket(frame, { bigEndian, ticks: 5n }),
    );
  const table = parseCapture(
    concat(section(false, 6), section(true, 9), section(true, 3), section(false, 0)),
  );
  expect(table.error).toBeUndefined();
  expect([...table.time]).toEqual([5000n, 5n, 5_000_000n, 5n * SECOND]);
  expect(table.info?.sections.map(({ bigEndian }) => bigEndian)).toEqual([false, true, true, false]);
  const length = section(false, 6).length;
  expect(table.info?.sections.map(({ offset }) => offset)).toEqual([0, length, 2 * length, 3 * length]);
});

test("records and blocks larger than the window are read, and those behind them", () => {
  const large = concat(frame, new Uint8Array(3_000_000));
  for (const file of [
    pcap([frame, large, frame]),
    concat(
      sectionHeader(),
      interfaceBlock(1),
      enhancedPacket(frame),
      block(0xbad, new Uint8Array(5_000_000)),
      enhancedPacket(large),
      enhancedPacket(frame),
    ),
  ]) {
    const table = parseCapture(file);
    expect(table.error).toBeUndefined();
    expect([...table.frameCaptured]).toEqual([frame.length, large.length, frame.length]);
  }
});

test("frames of a link type that is not taken apart are counted", () => {
  const table = parseCapture(pcap([frame, frame], { linkType: 147 }));
  expect(table).toMatchObject({ length: 0, error: undefined });
  expect(table.totals).toMatchObject({ frames: 2, bytes: 2 * frame.length });
  expect(linkTypeName(table.info!.sections[0].interfaces[0].linkType)).toBe("USER0");
  expect(linkTypeName(60_000)).toBe("60000");
});
