import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ACK,
  addressSum,
  buildSegment,
  buildSegmentInto,
  layOut,
  type OptionSet,
  optionSetLength,
  parseOptions,
  parseSegment,
  type SegmentFields,
  SYN,
  verifyChecksum,
  writeOptionSet,
} from "../../src/wire/index.ts";
import { edgeNumber, tcpOptions, u8, u16 } from "./arbitraries.ts";
import { toHex } from "./oracle.ts";

const addresses = { src: "192.0.2.1", dst: "192.0.2.2" };
const bare = { srcPort: 1, dstPort: 2 };

const fields = fc.record({
  srcPort: u16,
  dstPort: u16,
  seq: edgeNumber,
  ack: edgeNumber,
  flags: fc.nat(0xfff),
  window: u16,
  urgentPointer: u16,
  checksum: u16,
  options: tcpOptions,
  payload: fc.uint8Array({ maxLength: 60, size: "max" }),
});

test("build then parse gives the same fields", () => {
  fc.assert(
    fc.property(fields, (given) => {
      const bytes = buildSegment(given);
      const { dataOffset, options, ...rest } = parseSegment(bytes, { strict: true });
      const { options: wanted, ...others } = given;
      expect(rest).toEqual(others);
      expect(bytes.length).toBe(4 * dataOffset + given.payload.length);
      // What fills the last word is the list's end.
      expect(options.slice(0, wanted.length).map((o) => o.type)).toEqual(wanted.map((o) => o.type));
      expect(options.slice(wanted.length).every((o) => o.type === "eol")).toBe(true);
      const last = wanted.at(-1);
      const exact = last?.type === "eol" ? wanted.length - 1 : wanted.length;
      expect(options.slice(0, exact)).toEqual(wanted.slice(0, exact));
    }),
    { numRuns: 2000 },
  );
});

test("fields left out are 0", () => {
  expect(toHex(buildSegment(bare))).toBe(`00010002${"00".repeat(8)}5000${"00".repeat(6)}`);
});

test("with addresses the checksum is right, whatever the field said", () => {
  fc.assert(
    fc.property(fields, fc.boolean(), (given, six) => {
      const pair = six ? { src: "2001:db8::1", dst: "::2" } : addresses;
      expect(verifyChecksum(buildSegment(given, pair), pair)).toBe("good");
    }),
  );
});

test("into a larger buffer it writes its bytes and no others", () => {
  fc.assert(
    fc.property(fields, fc.nat(20), fc.nat(20), (given, before, after) => {
      const bytes = buildSegment(given, addresses);
      const target = new Uint8Array(before + bytes.length + after).fill(0xcc);
      const sum = addressSum(addresses.src, addresses.dst);
      expect(buildSegmentInto(target, before, given, sum)).toBe(before + bytes.length);
      expect(toHex(target)).toBe("cc".repeat(before) + toHex(bytes) + "cc".repeat(after));
    }),
  );
});

test("where it does not fit nothing is written", () => {
  const target = new Uint8Array(30).fill(0xcc);
  for (const [offset, given] of [
    [11, bare],
    [-1, bare],
    [0.5, bare],
    [0, { ...bare, payload: new Uint8Array(11) }],
    [0, { ...bare, options: { mss: 1460, windowScale: 7, sackPermitted: true } }],
  ] as [number, SegmentFields][]) {
    expect(() => buildSegmentInto(target, offset, given)).toThrow(RangeError);
  }
  expect(target.every((byte) => byte === 0xcc)).toBe(true);
});

describe("an impossible field is refused by its name", () => {
  test.each([
    ["srcPort", { srcPort: 65536 }],
    ["dstPort", { dstPort: -1 }],
    ["dstPort", { dstPort: undefined as unknown as number }],
    ["seq", { seq: 2 ** 32 }],
    ["ack", { ack: 1.5 }],
    ["flags", { flags: 0x1000 }],
    ["window", { window: 65536 }],
    ["urgentPointer", { urgentPointer: Number.NaN }],
    ["checksum", { checksum: 0x10000 }],
    ["options.mss", { options: { mss: 65536 } }],
    ["options.windowScale", { options: { windowScale: 256 } }],
    ["options.timestamps.tsecr", { options: { timestamps: { tsval: 1, tsecr: -1 } } }],
    ["options.fastOpen", { options: { fastOpen: new Uint8Array(7) } }],
    ["options.userTimeout.value", { options: { userTimeout: { unit: "seconds", value: 40000 } } }],
    ["options.md5", { options: { md5: new Uint8Array(15) } }],
    ["options.sack.left", { options: { sack: [{ left: -1, right: 1 }] } }],
  ] as [string, Partial<SegmentFields>][])("%s", (name, wrong) => {
    expect(() => buildSegment({ ...bare, ...wrong })).toThrow(RangeError);
    expect(() => buildSegment({ ...bare, ...wrong })).toThrow(`${name}:`);
  });

  test("a payload that is no bytes", () => {
    const payload = "GET /" as unknown as Uint8Array;
    expect(() => buildSegment({ ...bare, payload })).toThrow(TypeError);
    const words = new Uint16Array(3) as unknown as Uint8Array;
    expect(() => buildSegment({ ...bare, payload: words })).toThrow("payload: expected bytes");
  });

  test("options above 40 bytes", () => {
    const block = { left: 1, right: 2 };
    const timestamps = { tsval: 1, tsecr: 2 };
    expect(() => buildSegment({ ...bare, options: { timestamps, sack: Array(4).fill(block) } })).toThrow(
      "48 bytes",
    );
    expect(buildSegment({ ...bare, options: { timestamps, sack: Array(3).fill(block) } })).toHaveLength(60);
    expect(buildSegment({ ...bare, options: { sack: Array(4).fill(block) } })).toHaveLength(56);
    expect(() => buildSegment({ ...bare, options: Array(41).fill({ type: "nop" }) })).toThrow("41 bytes");
    expect(() =>
      layOut({ timestamps, others: [{ type: "unknown", kind: 99, data: new Uint8Array(27) }] }),
    ).toThrow(RangeError);
  });

  test("addresses of two families", () => {
    expect(() => buildSegment(bare, { src: "10.0.0.1", dst: "::1" })).toThrow(TypeError);
  });
});

describe("a set of options is laid out as Linux lays it", () => {
  const timestamps = { tsval: 0x01020304, tsecr: 0x05060708 };
  test.each<[string, OptionSet, string]>([
    [
      "a SYN: mss, sackOK, TS, nop, wscale",
      { windowScale: 7, timestamps, sackPermitted: true, mss: 1460 },
      "020405b4 0402080a 01020304 05060708 01030307",
    ],
    [
      "a SYN without timestamps: mss, nop, nop, sackOK, nop, wscale",
      { mss: 1460, sackPermitted: true, windowScale: 7 },
      "020405b4 01010402 01030307",
    ],
    ["data: nop, nop, TS", { timestamps }, "0101080a 01020304 05060708"],
    [
      "SACK: nop, nop, TS, nop, nop, sack",
      { timestamps, sack: [{ left: 1, right: 2 }] },
      "0101080a 01020304 05060708 0101050a 00000001 00000002",
    ],
    [
      "a cookie: cookie, nop, nop",
      { fastOpen: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) },
      "220a0102 03040506 07080101",
    ],
    ["a cookie that fills its words", { fastOpen: Uint8Array.of(1, 2, 3, 4, 5, 6) }, "22080102 03040506"],
    ["a question for a cookie", { mss: 536, fastOpen: new Uint8Array(0) }, "02040218 22020101"],
    ["MD5 before all else", { mss: 536, md5: new Uint8Array(16) }, `01011312 ${"00".repeat(16)} 02040218`],
    ["a user timeout", { userTimeout: { unit: "minutes", value: 5 } }, "1c048005"],
    [
      "others at the end, filled with zeros",
      { mss: 536, others: [{ type: "windowScale", shift: 1 }] },
      "02040218 03030100",
    ],
    ["nothing", {}, ""],
    ["what is given as absent", { sackPermitted: false, sack: [], mss: undefined }, ""],
  ])("%s", (_, set, hex) => {
    expect(toHex(layOut(set))).toBe(hex.replaceAll(" ", ""));
    expect(optionSetLength(set)).toBe(hex.replaceAll(" ", "").length / 2);
  });

  test("any set that fits says what was asked, in whole words and without malformation", () => {
    const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
      fc.option(value, { nil: undefined });
    const block = fc.record({ left: edgeNumber, right: edgeNumber });
    fc.assert(
      fc.property(
        fc.record({
          mss: maybe(u16),
          windowScale: maybe(u8),
          sackPermitted: maybe(fc.boolean()),
          timestamps: maybe(fc.record({ tsval: edgeNumber, tsecr: edgeNumber })),
          sack: maybe(fc.array(block, { maxLength: 4 })),
          fastOpen: maybe(fc.constantFrom(0, 4, 6, 8, 16).map((n) => new Uint8Array(n).fill(7))),
          userTimeout: maybe(
            fc.record({
              unit: fc.constantFrom("seconds" as const, "minutes" as const),
              value: fc.nat(0x7fff),
            }),
          ),
        }),
        (set) => {
          let length: number;
          try {
            length = optionSetLength(set);
          } catch {
            return;
          }
          const target = new Uint8Array(50).fill(0xcc);
          expect(writeOptionSet(target, 3, set)).toBe(3 + length);
          expect(length % 4).toBe(0);
          expect(toHex(target.subarray(3 + length))).toBe("cc".repeat(47 - length));
          const said = parseOptions(target, 3, 3 + length, { strict: true }).filter((o) => o.type !== "nop");
          const wanted = [
            ...(set.mss === undefined ? [] : [{ type: "mss", value: set.mss }]),
            ...(set.sackPermitted ? [{ type: "sackPermitted" }] : []),
            ...(set.timestamps === undefined ? [] : [{ type: "timestamps", ...set.timestamps }]),
            ...(set.windowScale === undefined ? [] : [{ type: "windowScale", shift: set.windowScale }]),
            ...(set.sack === undefined || set.sack.length === 0 ? [] : [{ type: "sack", blocks: set.sack }]),
            ...(set.fastOpen === undefined ? [] : [{ type: "fastOpen", cookie: set.fastOpen }]),
            ...(set.userTimeout === undefined ? [] : [{ type: "userTimeout", ...set.userTimeout }]),
          ];
          expect(said).toEqual(wanted);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

test("the caller's payload is copied and not changed", () => {
  const payload = Uint8Array.of(1, 2, 3);
  const bytes = buildSegment({ ...bare, flags: SYN | ACK, payload }, addresses);
  payload.fill(9);
  expect(toHex(bytes.subarray(20))).toBe("010203");
});
