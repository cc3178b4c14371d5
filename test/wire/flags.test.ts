import { describe, expect, test } from "vitest";
import * as flags from "../../src/wire/flags.ts";

const { ACK, AE, CWR, ECE, FIN, PSH, RST, SYN, URG } = flags;

test("the bits lie where RFC 9293 3.1 puts them", () => {
  // Bit 0 of the 16-bit word is its highest: data offset 0-3, reserved 4-6, AE 7, CWR 8 ... FIN 15.
  const order = [AE, CWR, ECE, URG, ACK, PSH, RST, SYN, FIN];
  expect(order).toEqual(order.map((_, i) => 1 << (15 - (7 + i))));
  expect(flags.RESERVED_MASK).toBe(0x0e00);
});

describe("as tcpdump prints them", () => {
  test.each([
    [SYN, "[S]"],
    [SYN | ACK, "[S.]"],
    [ACK, "[.]"],
    [PSH | ACK, "[P.]"],
    [FIN | ACK, "[F.]"],
    [FIN | PSH | ACK, "[FP.]"],
    [RST, "[R]"],
    [RST | ACK, "[R.]"],
    [SYN | ECE | CWR, "[SEW]"],
    [SYN | ECE | CWR | AE, "[SEWe]"],
    [URG | ACK, "[.U]"],
    [0, "[none]"],
  ])("%i is %s", (bits, text) => {
    expect(flags.formatFlags(bits)).toBe(text);
    expect(flags.parseFlags(text)).toBe(bits);
  });
});

describe("as Wireshark lists them", () => {
  test.each([
    [SYN | ACK, "SYN, ACK"],
    [FIN | PSH | ACK, "FIN, PSH, ACK"],
    [SYN | ECE | CWR | AE, "SYN, ECE, CWR, AE"],
    [0, "<None>"],
  ])("%i is %s", (bits, text) => {
    expect(flags.describeFlags(bits)).toBe(text);
    expect(flags.parseFlags(text)).toBe(bits);
  });
});

test("every combination survives both texts", () => {
  for (let bits = 0; bits < 512; bits++) {
    expect(flags.parseFlags(flags.formatFlags(bits))).toBe(bits);
    expect(flags.parseFlags(flags.describeFlags(bits))).toBe(bits);
  }
});

test("names are read in either case and with any separator", () => {
  expect(flags.parseFlags("syn|ack")).toBe(SYN | ACK);
  expect(flags.parseFlags("Syn ACK")).toBe(SYN | ACK);
  expect(flags.parseFlags("")).toBe(0);
});

test("a text that names no bit is refused", () => {
  expect(() => flags.parseFlags("SIN")).toThrow(TypeError);
  expect(() => flags.parseFlags("[Q.]")).toThrow('"Q."');
});

test("reserved bits have no names of their own", () => {
  expect(flags.describeFlags(0x800 | SYN)).toBe("SYN, Reserved");
  expect(flags.formatFlags(0xe00)).toBe("[none]");
  expect(flags.flagNames(0xe00 | SYN)).toEqual(["SYN"]);
});

describe("the ACE field (RFC 9768)", () => {
  test("reads AE, CWR and ECE as one number, AE highest", () => {
    expect(flags.aceField(AE)).toBe(4);
    expect(flags.aceField(CWR)).toBe(2);
    expect(flags.aceField(ECE)).toBe(1);
  });

  test("is set modulo 8 and leaves the other bits alone", () => {
    for (let count = 0; count < 20; count++) {
      for (const before of [0, ACK, 0xfff]) {
        const bits = flags.withAce(before, count);
        expect(flags.aceField(bits)).toBe(count % 8);
        expect(bits & ~(AE | CWR | ECE)).toBe(before & ~(AE | CWR | ECE));
      }
    }
  });

  test("tells a SYN's offer", () => {
    expect(flags.ecnOffer(SYN | AE | CWR | ECE)).toBe("accurate");
    expect(flags.ecnOffer(SYN | CWR | ECE)).toBe("classic");
    expect(flags.ecnOffer(SYN)).toBe("none");
    // RFC 9768 3.1.3
    for (const other of [ECE, CWR, AE, AE | ECE, AE | CWR]) {
      expect(flags.ecnOffer(SYN | other)).toBe("accurate");
    }
  });

  // Table 2, the column "SYN/ACK B->A", AE CWR ECE.
  test.each([
    [CWR, { ecn: "accurate", arrived: "not-ect" }],
    [CWR | ECE, { ecn: "accurate", arrived: "ect1" }],
    [AE, { ecn: "accurate", arrived: "ect0" }],
    [AE | CWR, { ecn: "accurate", arrived: "ce" }],
    [AE | ECE, { ecn: "reserved" }],
    [ECE, { ecn: "classic" }],
    [0, { ecn: "none" }],
    [AE | CWR | ECE, { ecn: "broken" }],
  ])("tells what a SYN-ACK with bits %i answers", (bits, answer) => {
    expect(flags.ecnAnswer(SYN | ACK | bits)).toEqual(answer);
  });
});

test("SYN and FIN take up a sequence number each", () => {
  expect(flags.controlLength(ACK)).toBe(0);
  expect(flags.controlLength(SYN)).toBe(1);
  expect(flags.controlLength(FIN | ACK)).toBe(1);
  expect(flags.controlLength(SYN | FIN)).toBe(2);
});
