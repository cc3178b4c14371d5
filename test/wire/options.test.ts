import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { segmentCode, WireError } from "../../src/wire/errors.ts";
import {
  buildOptions,
  CommonOptions,
  effectiveShift,
  experimentName,
  findOption,
  OptionCursor,
  optionKind,
  optionLength,
  optionName,
  parseOptions,
  type TcpOption,
  userTimeoutMs,
} from "../../src/wire/options/index.ts";
import { optionHexes } from "../runtimes/suite/options.js";
import { optionVectors } from "../vectors/options.ts";
import { optionBytes, tcpOptions } from "./arbitraries.ts";
import { fromHex, optionOracle, toHex } from "./oracle.ts";

test("the suite of the runtimes has every option", () => {
  expect(optionHexes).toEqual(optionVectors.map(({ hex }) => hex));
});

describe.each(optionVectors)("$name", ({ hex, option }) => {
  test("is read", () => {
    expect(parseOptions(fromHex(hex), 0, hex.length / 2, { strict: true })).toEqual([option]);
  });

  test("is written", () => {
    expect(toHex(buildOptions([option]))).toBe(hex);
    expect(optionLength(option)).toBe(hex.length / 2);
    expect(optionKind(option)).toBe(Number.parseInt(hex.slice(0, 2), 16));
  });

  test("is read from the middle of other bytes", () => {
    const bytes = fromHex(`ffee${hex}${"aa".repeat(9)}`);
    expect(parseOptions(bytes, 2, 2 + hex.length / 2)).toEqual([option]);
  });
});

test("the vectors cover every type of option and every MPTCP subtype", () => {
  const types = new Set(optionVectors.map(({ option }) => option.type));
  expect([...types].sort()).toEqual(
    (
      [
        "accEcn alternateChecksumData alternateChecksumRequest bubba cc ccEcho ccNew compressionFilter",
        "corruptionExperienced echo echoReply eno eol experiment fastOpen md5 mptcp mss nop partialOrderPermitted",
        "partialOrderProfile quickStart recordBoundary sack sackPermitted scps skeeter snack snap tcpAo",
        "timestamps trailerChecksum unknown userTimeout windowScale",
      ].join(" ") as string
    ).split(" "),
  );
  const subtypes = optionVectors.map(({ option }) => (option.type === "mptcp" ? option.subtype : ""));
  expect(new Set(subtypes).size - 1).toBe(10);
});

describe("parse then build", () => {
  test("gives the same bytes for anything, padding, duplicates and malformations included", () => {
    fc.assert(
      fc.property(optionBytes, (bytes) => {
        expect(toHex(buildOptions(parseOptions(bytes)))).toBe(toHex(bytes));
      }),
      { numRuns: 20_000 },
    );
  });

  test("gives the same bytes for random ones", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40, size: "max" }), (bytes) => {
        expect(toHex(buildOptions(parseOptions(bytes)))).toBe(toHex(bytes));
      }),
      { numRuns: 5000 },
    );
  });

  test("gives the same bytes for every MPTCP option of every length with every first byte", () => {
    const bytes = Uint8Array.from({ length: 40 }, (_, i) => (i * 59 + 17) & 0xff);
    for (let length = 3; length <= 40; length++) {
      for (let first = 0; first < 256; first++) {
        bytes.set([30, length, first], 0);
        const header = bytes.slice(0, length);
        const options = parseOptions(header);
        if (toHex(buildOptions(options)) !== toHex(header)) expect(options).toBe(toHex(header));
      }
    }
  });

  test("gives the same bytes for ENO contents of every first two bytes", () => {
    for (let first = 0; first < 256; first++) {
      for (let second = 0; second < 256; second++) {
        for (const length of [3, 4, 7]) {
          const bytes = Uint8Array.of(69, length, first, second, 0xa1, 3, 4).slice(0, length);
          const options = parseOptions(bytes);
          if (toHex(buildOptions(options)) !== toHex(bytes)) expect(options).toBe(toHex(bytes));
        }
      }
    }
  });
});

test("build then parse gives the same options", () => {
  fc.assert(
    fc.property(tcpOptions, (options) => {
      expect(parseOptions(buildOptions(options), undefined, undefined, { strict: true })).toEqual(options);
    }),
    { numRuns: 5000 },
  );
});

describe("malformed options", () => {
  // 256 kinds, every length byte that can matter, every number of bytes left in the header.
  test("of every kind, length and number of bytes left are found where they are, as the oracle finds them", () => {
    const lengths = [...Array(43).keys(), 128, 254, 255];
    const cursor = new OptionCursor();
    for (let kind = 0; kind < 256; kind++) {
      for (const length of lengths) {
        for (let left = 1; left <= 40; left++) {
          // Two runs that differ only outside of the slice: were a byte read there, they would differ.
          const seen = [0x00, 0xff].map((canary) => {
            const bytes = new Uint8Array(44).fill(canary);
            bytes.fill(1, 2, 2 + left);
            bytes[2] = kind;
            if (left > 1) bytes[3] = length;
            cursor.reset(bytes, 2, 2 + left);
            const first = cursor.next();
            const [option] = parseOptions(bytes, 2, 2 + left);
            const parsed = [optionLength(option), option.type === "malformed" ? option.code : "OK"];
            return [first, cursor.kind, cursor.offset, cursor.length, cursor.status, ...parsed].join();
          });
          const [status, taken] = optionOracle(kind, length, left);
          const expected = [true, kind, 2, taken, status, taken, segmentCode(status)].join();
          if (seen[0] !== expected || seen[1] !== expected) {
            expect({ kind, length, left, seen }).toEqual({ kind, length, left, seen: [expected, expected] });
          }
        }
      }
    }
  });

  test("are a WireError in strict mode, with the offset of the first of them", () => {
    fc.assert(
      fc.property(optionBytes, fc.nat(5), (content, before) => {
        const bytes = new Uint8Array(before + content.length);
        bytes.set(content, before);
        const options = parseOptions(bytes, before);
        const first = options.find((option) => option.type === "malformed");
        let caught: unknown;
        try {
          parseOptions(bytes, before, undefined, { strict: true });
        } catch (error) {
          caught = error;
        }
        if (first === undefined) {
          expect(caught).toBeUndefined();
        } else {
          expect(caught).toBeInstanceOf(WireError);
          expect(caught).toMatchObject({ code: first.code, offset: first.offset });
        }
      }),
      { numRuns: 3000 },
    );
  });

  test("with a length of 0 or 1 take the rest of the header with them", () => {
    expect(parseOptions(fromHex("0101fe00030307"))).toEqual([
      { type: "nop" },
      { type: "nop" },
      { type: "malformed", code: "OPTION_LENGTH_SMALL", offset: 2, bytes: fromHex("fe00030307") },
    ]);
  });

  test("that reach past the header, or lack their length byte, take the rest too", () => {
    expect(parseOptions(fromHex("0103040a"))).toEqual([
      { type: "nop" },
      { type: "malformed", code: "OPTION_PAST_END", offset: 1, bytes: fromHex("03040a") },
    ]);
    expect(parseOptions(fromHex("0102"))).toEqual([
      { type: "nop" },
      { type: "malformed", code: "OPTION_PAST_END", offset: 1, bytes: fromHex("02") },
    ]);
  });

  test("with a length their kind forbids take only themselves", () => {
    expect(parseOptions(fromHex("020305030307"))).toEqual([
      { type: "malformed", code: "OPTION_LENGTH_WRONG", offset: 0, bytes: fromHex("020305") },
      { type: "windowScale", shift: 7 },
    ]);
  });
});

test("forty no-operations are forty options", () => {
  expect(parseOptions(new Uint8Array(40).fill(1))).toHaveLength(40);
});

test("a range that is not in the bytes, or longer than a header has for options, is refused", () => {
  const bytes = new Uint8Array(60);
  for (const [start, end] of [
    [0, 41],
    [-1, 4],
    [8, 4],
    [50, 61],
    [Number.NaN, 4],
  ]) {
    expect(() => parseOptions(bytes, start, end)).toThrow(RangeError);
    expect(() => new CommonOptions().read(bytes, start, end)).toThrow(RangeError);
  }
});

test("nothing of the caller's bytes is kept", () => {
  for (const { hex, option } of optionVectors) {
    const bytes = fromHex(hex);
    const parsed = parseOptions(bytes);
    bytes.fill(0xee);
    expect(parsed).toEqual([option]);
  }
});

test("bytes of a subclass whose slices share memory, as Node's Buffer has it, are copied all the same", () => {
  class Sharing extends Uint8Array<ArrayBuffer> {
    override slice(start?: number, end?: number): Sharing {
      return this.subarray(start, end) as Sharing;
    }
  }
  const bytes = Sharing.from(fromHex("ee220401021d0501020a")).subarray(1) as Sharing;
  const options = parseOptions(bytes);
  expect(options).toEqual([
    { type: "malformed", code: "OPTION_LENGTH_WRONG", offset: 0, bytes: fromHex("22040102") },
    { type: "tcpAo", keyId: 1, rNextKeyId: 2, mac: fromHex("0a") },
  ]);
  bytes.fill(0);
  expect(toHex(buildOptions(options))).toBe("220401021d0501020a");
});

describe("building", () => {
  const refused: [string, TcpOption, string, typeof RangeError | typeof TypeError][] = [
    ["an MSS of 65536", { type: "mss", value: 65536 }, "mss.value", RangeError],
    ["a negative timestamp", { type: "timestamps", tsval: -1, tsecr: 0 }, "timestamps.tsval", RangeError],
    ["a shift that is no integer", { type: "windowScale", shift: 1.5 }, "windowScale.shift", RangeError],
    [
      "an edge above 32 bits",
      { type: "sack", blocks: [{ left: 0, right: 2 ** 32 }] },
      "sack.right",
      RangeError,
    ],
    ["a digest of 15 bytes", { type: "md5", digest: new Uint8Array(15) }, "md5.digest", RangeError],
    ["a cookie of 3 bytes", { type: "fastOpen", cookie: new Uint8Array(3) }, "fastOpen.cookie", RangeError],
    ["a cookie of 5 bytes", { type: "fastOpen", cookie: new Uint8Array(5) }, "fastOpen.cookie", RangeError],
    [
      "a timeout of 16 bits",
      { type: "userTimeout", unit: "seconds", value: 32768 },
      "userTimeout.value",
      RangeError,
    ],
    ["kind 256", { type: "unknown", kind: 256, data: new Uint8Array(0) }, "unknown.kind", RangeError],
    [
      "kind 1 with a length",
      { type: "unknown", kind: 1, data: new Uint8Array(0) },
      "unknown.kind",
      RangeError,
    ],
    [
      "an experiment of kind 252",
      { type: "experiment", kind: 252 as 253, exid: 1, data: new Uint8Array(0) },
      "experiment.kind",
      RangeError,
    ],
    ["a counter of 25 bits", { type: "accEcn", order: 0, ee0b: 2 ** 24 }, "accEcn.ee0b", RangeError],
    ["counters with a gap", { type: "accEcn", order: 0, ee1b: 1 }, "accEcn", TypeError],
    ["AccECN in order 2", { type: "accEcn", order: 2 as 0 }, "accEcn.order", RangeError],
    ["a TEP of 0x1f", { type: "eno", suboptions: [{ tep: 0x1f }] }, "eno.tep", RangeError],
    [
      "a suboption in the middle without data",
      { type: "eno", suboptions: [{ tep: 0x21, data: new Uint8Array(0) }, { global: 0 }] },
      "eno.suboption.data",
      RangeError,
    ],
    [
      "a receiver's key without the sender's",
      { type: "mptcp", subtype: "MP_CAPABLE", version: 1, flags: 0, receiverKey: 1n },
      "mptcp",
      TypeError,
    ],
    [
      "a key of 65 bits",
      { type: "mptcp", subtype: "MP_FASTCLOSE", receiverKey: 2n ** 64n },
      "mptcp.receiverKey",
      RangeError,
    ],
    [
      "an address that is none",
      { type: "mptcp", subtype: "ADD_ADDR", version: 1, echo: true, addressId: 1, address: "here" },
      "address",
      TypeError,
    ],
    [
      "reserved bits that belong to another field",
      { type: "mptcp", subtype: "MP_PRIO", backup: false, reserved: 1 },
      "mptcp.reserved",
      RangeError,
    ],
    ["a type that is none", { type: "nope" } as unknown as TcpOption, "nope", TypeError],
    [
      "an MPTCP subtype that is none",
      { type: "mptcp", subtype: "X" } as unknown as TcpOption,
      "subtype",
      TypeError,
    ],
    ["41 bytes", { type: "unknown", kind: 99, data: new Uint8Array(39) }, "41 bytes", RangeError],
  ];

  test.each(refused)("refuses %s and names it", (_, option, words, kind) => {
    expect(() => buildOptions([option])).toThrow(kind);
    expect(() => buildOptions([option])).toThrow(words);
  });

  test("refuses a list above 40 bytes", () => {
    const blocks = Array(4).fill({ left: 1, right: 2 });
    const timestamps: TcpOption = { type: "timestamps", tsval: 1, tsecr: 2 };
    expect(() => buildOptions([timestamps, { type: "sack", blocks }])).toThrow("44 bytes");
  });
});

test("a repeated option counts as it was sent last", () => {
  const options = parseOptions(fromHex("0204000102040002"));
  expect(options).toHaveLength(2);
  expect(findOption(options, "mss")).toEqual({ type: "mss", value: 2 });
  expect(findOption(options, "sack")).toBeUndefined();
});

test("a shift above 14 is used as 14", () => {
  expect([0, 14, 15, 255].map(effectiveShift)).toEqual([0, 14, 14, 14]);
});

test("a user timeout has its unit", () => {
  expect(userTimeoutMs({ type: "userTimeout", unit: "seconds", value: 30 })).toBe(30_000);
  expect(userTimeoutMs({ type: "userTimeout", unit: "minutes", value: 30 })).toBe(1_800_000);
});

test("kinds and experiments have names", () => {
  expect(optionName(8)).toBe("Timestamps");
  expect(optionName(25)).toBeUndefined();
  expect(experimentName(0xe2d4c3d9)).toContain("Shared Memory");
  expect(experimentName(0xe2d4)).toBeUndefined();
});
