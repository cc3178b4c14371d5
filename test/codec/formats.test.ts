// What the codec makes of the capture formats themselves: times, interfaces, sections, damage.
import { describe, expect, test } from "vitest";
import { MAX_INTERFACES, MAX_RECORD } from "../../assembly/layout/limits.ts";
import {
  CAPTURE_BLOCK_CONTENT,
  CAPTURE_BLOCK_LENGTH,
  CAPTURE_CUT_SHORT,
  CAPTURE_NO_INTERFACE,
  CAPTURE_NOT_A_CAPTURE,
  CAPTURE_RECORD_TOO_LONG,
} from "../../assembly/layout/status.ts";
import { pcap, Section } from "./files.ts";
import { readRows } from "./harness.ts";
import { ethernet, ipv4, join, pattern, tcp4, u32, zeros } from "./packets.ts";

const frame = ethernet(ipv4(tcp4({ payload: pattern(3) })));
const numbered = (seq: number) => ({ bytes: ethernet(ipv4(tcp4({ seq }))) });

describe("times", () => {
  test("of pcap in micro- and nanoseconds, in both byte orders, to the end of 32 bits", () => {
    for (const bigEndian of [false, true]) {
      const micro = pcap([{ bytes: frame, time: 0xffffffffn * 1_000_000n + 999_999n }], { bigEndian });
      expect(readRows(micro).rows[0].time).toBe(0xffffffffn * 1_000_000_000n + 999_999_000n);
      const nano = pcap([{ bytes: frame, time: 1_700_000_000_123_456_789n }], {
        bigEndian,
        magic: 0xa1b23c4d,
      });
      expect(readRows(nano).rows[0].time).toBe(1_700_000_000_123_456_789n);
    }
  });

  // An independent way to the same number.
  const expected = (ticks: bigint, resolution: number, offset: bigint): bigint => {
    const exponent = BigInt(resolution & 0x7f);
    const perSecond = resolution & 0x80 ? 2n ** exponent : 10n ** exponent;
    return BigInt.asIntN(64, (ticks * 1_000_000_000n) / perSecond + offset * 1_000_000_000n);
  };
  const resolutions = [...Array(30).keys(), 63, 127, ...Array.from({ length: 128 }, (_, i) => 0x80 | i)];
  test("of pcapng in every resolution, exact to the nanosecond", () => {
    for (const resolution of resolutions) {
      for (const ticks of [0n, 1n, 999_999_999n, 0x123456789abcn, 0xfedcba9876543210n, 0xffffffffffffffffn]) {
        const section = new Section({ interfaces: [{ linkType: 1, resolution }] });
        const [row] = readRows(section.enhanced({ bytes: frame, time: ticks }).bytes).rows;
        // Beyond 64 bits of nanoseconds, the year 2262 and later, no answer is right.
        const time = expected(ticks, resolution, 0n);
        const exact =
          (ticks * 1_000_000_000n) /
          (resolution & 0x80 ? 2n ** BigInt(resolution & 0x7f) : 10n ** BigInt(resolution));
        if (exact < 2n ** 63n) expect(row.time, `${ticks} of ${resolution}`).toBe(time);
      }
    }
  });

  test("of pcapng with an offset, forwards and back before 1970", () => {
    for (const offset of [3600n, -1_800_000_000n]) {
      const section = new Section({ interfaces: [{ linkType: 1, offset }] });
      const [row] = readRows(section.enhanced({ bytes: frame, time: 1_700_000_000_000_001n }).bytes).rows;
      expect(row.time).toBe(1_700_000_000_000_001_000n + offset * 1_000_000_000n);
    }
  });

  test("earliest and latest cover frames out of order, and frames that are no TCP", () => {
    const other = { bytes: ethernet(zeros(46), 0x0806), time: 5n };
    const { earliest, latest } = readRows(
      pcap([20n, 10n, 90n, 30n].map((time) => ({ bytes: frame, time })).concat(other)),
    );
    expect([earliest, latest]).toEqual([5000n, 90000n]);
  });

  test("a simple packet block has none, and does not move the earliest", () => {
    const { rows, earliest } = readRows(
      new Section().enhanced({ bytes: frame, time: 77n }).simple({ bytes: frame }).bytes,
    );
    expect(rows.map(({ time }) => time)).toEqual([77000n, 0n]);
    expect(earliest).toBe(77000n);
  });
});

describe("pcapng", () => {
  test("sections of different byte order, each with interfaces of its own", () => {
    const first = new Section({ interfaces: [{ linkType: 1 }, { linkType: 101 }] });
    first
      .enhanced({ ...numbered(1), interfaceId: 0 })
      .enhanced({ bytes: numbered(2).bytes.slice(14), interfaceId: 1 });
    const second = new Section({ bigEndian: true, interfaces: [{ linkType: 101 }] });
    second.enhanced({ bytes: numbered(3).bytes.slice(14), interfaceId: 0 });
    const { rows, error } = readRows(join(first.bytes, second.bytes));
    expect(error).toBe(0);
    expect(rows.map(({ seq, interfaceId, frame }) => [seq, interfaceId, frame])).toEqual([
      [1, 0, 1],
      [2, 1, 2],
      [3, 0, 3],
    ]);
  });

  test("interfaces in turn, with a resolution each", () => {
    const section = new Section({ interfaces: [6, 9, 3].map((resolution) => ({ linkType: 1, resolution })) });
    for (let i = 0; i < 9; i++) section.enhanced({ ...numbered(i), interfaceId: i % 3, time: 1000n });
    expect(readRows(section.bytes).rows.map(({ time }) => time)).toEqual(
      Array.from({ length: 9 }, (_, i) => [1_000_000n, 1000n, 1_000_000_000n][i % 3]),
    );
  });

  test("the snapshot length of its interface cuts a simple packet block", () => {
    const section = new Section({ interfaces: [{ linkType: 1, snapLength: 40 }] });
    const [row] = readRows(section.simple({ bytes: frame.slice(0, 40), length: frame.length }).bytes).rows;
    expect([row.frameCaptured, row.frameLength]).toEqual([40, frame.length]);
  });

  test("unknown blocks, custom blocks and those without packets are passed over", () => {
    const section = new Section();
    for (const type of [4, 5, 9, 10, 0xbad, 0x40000bad, 0x80000001]) section.block(type, pattern(type & 63));
    expect(readRows(section.enhanced({ bytes: frame }).bytes).rows).toHaveLength(1);
  });

  test("more interfaces than are kept: packets of those are kept, of others an error", () => {
    const interfaces = Array.from({ length: MAX_INTERFACES + 1 }, () => ({ linkType: 1 }));
    const section = new Section({ interfaces });
    const kept = section.enhanced({ bytes: frame, interfaceId: MAX_INTERFACES - 1 }).bytes;
    expect(readRows(kept)).toMatchObject({ error: 0, rows: [{ interfaceId: MAX_INTERFACES - 1 }] });
    const beyond = section.enhanced({ bytes: frame, interfaceId: MAX_INTERFACES }).bytes;
    expect(readRows(beyond)).toMatchObject({ error: CAPTURE_NO_INTERFACE, errorOffset: kept.length });
  });
});

describe("damage ends the reading at the damaged block, with all before it read", () => {
  const good = () => new Section().enhanced(numbered(1)).enhanced(numbered(2));
  const at = good().bytes.length;
  const block = (type: number, total: number, body: Uint8Array, trailer = total) => {
    const little = (n: number) => u32(n).reverse();
    return join(little(type), little(total), body, little(trailer));
  };
  const packet = (id: number, captured: number) =>
    join(u32(id).reverse(), zeros(8), u32(captured).reverse(), u32(captured).reverse(), zeros(8));
  test.each([
    ["a length of 8", CAPTURE_BLOCK_LENGTH, block(6, 8, pattern(0))],
    ["a length of 0", CAPTURE_BLOCK_LENGTH, block(6, 0, pattern(4))],
    ["a length that is no multiple of 4", CAPTURE_BLOCK_LENGTH, block(6, 41, pattern(40))],
    ["two lengths that differ", CAPTURE_BLOCK_LENGTH, block(0xbad, 16, pattern(4), 20)],
    ["a length of 17 MB", CAPTURE_RECORD_TOO_LONG, block(0xbad, 17 << 20, pattern(4))],
    ["a length of 4 GB", CAPTURE_RECORD_TOO_LONG, block(6, 0xfffffffc, pattern(4))],
    ["a packet block without room for a packet", CAPTURE_BLOCK_CONTENT, block(6, 28, pattern(16))],
    ["a packet longer than its block", CAPTURE_BLOCK_CONTENT, block(6, 40, packet(0, 9))],
    ["a packet of 4 GB in its block", CAPTURE_BLOCK_CONTENT, block(6, 40, packet(0, 0xffffffff))],
    ["an interface that was never described", CAPTURE_NO_INTERFACE, block(6, 40, packet(1, 8))],
    ["a section of no byte order", CAPTURE_BLOCK_CONTENT, block(0x0a0d0d0a, 28, pattern(16))],
    ["a block that is not all there", CAPTURE_CUT_SHORT, block(6, 400, pattern(8))],
  ])("%s", (_, error, bytes) => {
    const { rows, ...end } = readRows(good().raw(bytes).bytes);
    expect(rows.map(({ seq }) => seq)).toEqual([1, 2]);
    expect(end).toMatchObject({ error, errorOffset: at });
  });

  test("a pcap record that claims more than any link delivers", () => {
    const record = join(zeros(8), u32(MAX_RECORD + 1).reverse(), u32(60).reverse(), zeros(60));
    const whole = pcap([numbered(1), numbered(2)]);
    const { rows, ...end } = readRows(join(whole, record));
    expect(rows).toHaveLength(2);
    expect(end).toMatchObject({ error: CAPTURE_RECORD_TOO_LONG, errorOffset: whole.length });
  });

  test("a pcap record of the longest believed length that is not all there", () => {
    const record = join(zeros(8), u32(MAX_RECORD).reverse(), u32(60).reverse(), zeros(60));
    const whole = pcap([numbered(1)]);
    expect(readRows(join(whole, record))).toMatchObject({
      error: CAPTURE_CUT_SHORT,
      errorOffset: whole.length,
    });
  });

  test("bytes that are no capture", () => {
    expect(readRows(pattern(100)).error).toBe(CAPTURE_NOT_A_CAPTURE);
  });
});

test("batches beyond the first number their frames on, and find the pools and rare columns empty", () => {
  const frames = Array.from({ length: 20_000 }, (_, i) =>
    i % 1000 === 5
      ? { bytes: ethernet(ipv4(tcp4({ seq: i, options: [5, 10, ...u32(i), ...u32(i + 1)] }))) }
      : { bytes: ethernet(ipv4(tcp4({ seq: i }))), length: i % 1000 === 7 ? 100 : undefined },
  );
  const { rows, counters } = readRows(pcap(frames));
  expect(rows.map(({ seq }) => seq)).toEqual(frames.map((_, i) => i));
  expect(rows.every(({ frame }, i) => frame === i + 1)).toBe(true);
  expect(rows.filter(({ sack }) => sack.length > 0).map(({ sack }) => sack[0])).toEqual(
    Array.from({ length: 20 }, (_, i) => i * 1000 + 5),
  );
  expect(counters).toMatchObject({ COUNT_FRAMES: 20_000, COUNT_TCP: 20_000, COUNT_CUT: 20 });
});
