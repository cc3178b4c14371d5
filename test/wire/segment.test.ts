import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { verifyChecksum } from "../../src/wire/checksum.ts";
import { WireError } from "../../src/wire/errors.ts";
import {
  ACK,
  buildSegment,
  CommonOptions,
  FIN,
  headerStatus,
  malformation,
  newHeader,
  parseSegment,
  readHeader,
  SEEN_TIMESTAMPS,
  type Segment,
  SegmentView,
  SYN,
  writeHeader,
} from "../../src/wire/index.ts";
import { segmentVectors } from "../vectors/segments.ts";
import { headerBytes } from "./arbitraries.ts";
import { fromHex, headerOracle, toHex } from "./oracle.ts";

const NAMES = ["srcPort", "dstPort", "seq", "ack", "flags", "window", "checksum", "urgentPointer"] as const;

describe.each(segmentVectors)("$name", ({ hex, src, dst, fields, verdict }) => {
  test("is parsed", () => {
    const { dataOffset, ...rest } = parseSegment(fromHex(hex), { strict: true });
    expect(rest).toEqual(fields);
    expect(dataOffset).toBe((hex.length / 2 - (fields.payload?.length ?? 0)) / 4);
  });

  test("is built again to the same bytes", () => {
    expect(toHex(buildSegment(parseSegment(fromHex(hex))))).toBe(hex);
  });

  test("has the checksum it should", () => {
    expect(verifyChecksum(fromHex(hex), { src, dst })).toBe(verdict);
    expect(new SegmentView(fromHex(hex)).verifyChecksum({ src, dst })).toBe(verdict);
    if (verdict === "good") expect(toHex(buildSegment(fields as Segment, { src, dst }))).toBe(hex);
  });
});

test("all data offsets at every truncation give a header or the error the oracle gives", () => {
  const whole = Uint8Array.from({ length: 70 }, (_, i) => (i * 37 + 11) & 0xff);
  for (let offset = 0; offset < 16; offset++) {
    whole.set(new Uint8Array(40).fill(1), 20);
    whole[12] = (offset << 4) | 0xe;
    for (let length = 0; length <= 70; length++) {
      const bytes = whole.slice(0, length);
      const expected = headerOracle(offset, length);
      const status = headerStatus(bytes, 0, length);
      expect(status).toBe(expected.status);
      for (const parse of [(b: Uint8Array) => parseSegment(b), (b: Uint8Array) => new SegmentView(b)]) {
        if (expected.status === 0) {
          const segment = parse(bytes);
          expect(segment.dataOffset).toBe(offset);
          expect(segment.payload).toEqual(bytes.slice(4 * offset));
        } else {
          expect(() => parse(bytes)).toThrow(
            expect.objectContaining({
              name: "WireError",
              code: expected.code,
              status: expected.status,
              offset: expected.offset,
            }),
          );
        }
      }
    }
  }
});

test("bytes around the slice are neither read nor written, whatever the header says", () => {
  fc.assert(
    fc.property(headerBytes, fc.nat(12), fc.nat(12), (content, before, after) => {
      const read = [0x00, 0x5a, 0xff].map((canary) => {
        const bytes = new Uint8Array(before + content.length + after).fill(canary);
        bytes.set(content, before);
        const copy = bytes.slice();
        try {
          return describeView(new SegmentView(bytes, before, before + content.length));
        } catch (error) {
          if (!(error instanceof WireError)) throw error;
          return [error.code, error.offset];
        } finally {
          expect(bytes).toEqual(copy);
        }
      });
      expect(read[1]).toEqual(read[0]);
      expect(read[2]).toEqual(read[0]);
    }),
    { numRuns: 3000 },
  );
});

test("parse then build gives the same bytes for any header that has a data offset, malformed options included", () => {
  fc.assert(
    fc.property(headerBytes, (bytes) => {
      fc.pre(headerStatus(bytes, 0, bytes.length) === 0);
      expect(toHex(buildSegment(parseSegment(bytes)))).toBe(toHex(bytes));
    }),
    { numRuns: 5000 },
  );
});

test("parsing throws nothing but a WireError, for random bytes of any length", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 90, size: "max" }), fc.boolean(), (bytes, strict) => {
      try {
        parseSegment(bytes, { strict });
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
        expect((error as WireError).offset).toBeLessThanOrEqual(bytes.length);
      }
    }),
    { numRuns: 5000 },
  );
});

test("a malformed option is an error in strict mode and a part of the list without it", () => {
  const bytes = fromHex(`${"00".repeat(12)}6010${"00".repeat(6)}01030a00`);
  expect(() => parseSegment(bytes, { strict: true })).toThrow(
    expect.objectContaining({ code: "OPTION_PAST_END", offset: 21 }),
  );
  const segment = parseSegment(bytes);
  expect(malformation(segment)).toEqual({ code: "OPTION_PAST_END", offset: 21 });
  expect(segment.options).toHaveLength(2);
  expect(malformation(parseSegment(bytes.fill(1, 20)))).toBeUndefined();
});

test("a view reads what a parse reads", () => {
  fc.assert(
    fc.property(headerBytes, fc.nat(9), (content, before) => {
      fc.pre(headerStatus(content, 0, content.length) === 0);
      const bytes = new Uint8Array(before + content.length + 5);
      bytes.set(content, before);
      const view = new SegmentView(bytes, before, before + content.length);
      const segment = parseSegment(content);
      for (const name of NAMES) expect(view[name]).toBe(segment[name]);
      expect(view.payload).toEqual(segment.payload);
      expect(view.payloadLength).toBe(segment.payload.length);
      expect(view.headerLength + view.payloadLength).toBe(view.length);
      expect(view.payloadOffset).toBe(before + view.headerLength);
      expect(buildSegment(view.toSegment())).toEqual(content);
      const header = newHeader();
      readHeader(bytes, before, header);
      for (const name of [...NAMES, "dataOffset"] as const) expect(header[name]).toBe(segment[name]);
      const target = new Uint8Array(24).fill(0xcc);
      writeHeader(target, 2, header);
      expect(toHex(target)).toBe(`cccc${toHex(content.slice(0, 20))}cccc`);
    }),
    { numRuns: 1000 },
  );
});

test("a header record whose flags are too wide leaves the data offset alone", () => {
  const bytes = new Uint8Array(20);
  writeHeader(bytes, 0, { ...newHeader(), flags: 0xf012 });
  expect(toHex(bytes.subarray(12, 14))).toBe("5012");
});

describe("a view", () => {
  const syn = fromHex(segmentVectors[0].hex);
  const data = fromHex(segmentVectors[8].hex);

  test("moves to another segment, and stays where it is when that is none", () => {
    const view = new SegmentView(syn);
    view.reset(data);
    expect([view.srcPort, view.payloadLength]).toEqual([40000, 40]);
    expect(() => view.reset(data.subarray(0, 10))).toThrow(WireError);
    expect(() => view.reset(data, 0, 1000)).toThrow(RangeError);
    expect([view.srcPort, view.payloadLength]).toEqual([40000, 40]);
  });

  test("has accessors that cannot fail, though the borrowed bytes change under it", () => {
    const bytes = syn.slice();
    const view = new SegmentView(bytes);
    bytes.fill(0xff);
    expect(view.headerLength).toBe(40);
    expect(view.payload).toHaveLength(0);
    expect(view.options).toHaveLength(1);
    bytes.fill(0);
    expect(view.dataOffset).toBe(10);
    expect(view.options).toEqual([{ type: "eol", padding: new Uint8Array(19) }]);
  });

  test("counts SYN and FIN in the segment's length", () => {
    const length = (flags: number, payload: number) =>
      new SegmentView(buildSegment({ srcPort: 1, dstPort: 2, flags, payload: new Uint8Array(payload) }))
        .segmentLength;
    expect([length(SYN, 0), length(FIN | ACK, 10), length(ACK, 10), length(SYN | FIN, 0)]).toEqual([
      1, 11, 10, 2,
    ]);
  });

  test("finds an option by its type, the last of several", () => {
    expect(new SegmentView(syn).option("windowScale")).toEqual({ type: "windowScale", shift: 7 });
    expect(new SegmentView(syn).option("sack")).toBeUndefined();
    expect(new SegmentView(fromHex(segmentVectors[3].hex)).option("mss")).toBeUndefined();
  });

  test("reads the common options into an object of the caller's", () => {
    const into = new CommonOptions();
    expect(new SegmentView(data).readOptions(into)).toBe(into);
    expect(into).toMatchObject({ seen: SEEN_TIMESTAMPS, tsval: 2, tsecr: 5 });
  });

  test("tells whether all of some bits are set", () => {
    const view = new SegmentView(fromHex(segmentVectors[1].hex));
    expect([view.has(SYN), view.has(SYN | ACK), view.has(SYN | FIN)]).toEqual([true, true, false]);
  });

  test("refuses a range that is not in the bytes", () => {
    for (const [start, end] of [
      [-1, 20],
      [0, 41],
      [30, 20],
      [Number.NaN, 20],
    ]) {
      expect(() => new SegmentView(syn, start, end)).toThrow(RangeError);
    }
  });
});

test("a parsed segment keeps nothing of the bytes but its payload, which is a view of them", () => {
  const bytes = fromHex(segmentVectors[8].hex);
  const segment = parseSegment(bytes);
  const before = JSON.stringify({ ...segment, payload: 0 });
  bytes.fill(0xee);
  expect(JSON.stringify({ ...segment, payload: 0 })).toBe(before);
  expect(segment.payload.every((byte) => byte === 0xee)).toBe(true);
});

/** Everything a view has to say, for comparison. */
function describeView(view: SegmentView): unknown[] {
  return [
    ...NAMES.map((name) => view[name]),
    view.headerLength,
    view.payload.slice(),
    JSON.stringify(view.options, big),
  ];
}

function big(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}n` : value;
}
