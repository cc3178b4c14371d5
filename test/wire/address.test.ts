import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addressBytes,
  addressFamily,
  formatAddress,
  formatIPv4,
  formatIPv6,
  parseIPv4,
  parseIPv6,
} from "../../src/wire/address.ts";

const hex = (bytes: Uint8Array): string => [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");

describe("IPv4", () => {
  test("dotted decimal is a number, the first octet highest", () => {
    expect(parseIPv4("192.0.2.1")).toBe(0xc0000201);
    expect(parseIPv4("255.255.255.255")).toBe(0xffffffff);
    expect(formatIPv4(0xc0000201)).toBe("192.0.2.1");
  });

  test("every number survives the text", () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 0xffffffff }), (n) => parseIPv4(formatIPv4(n)) === n));
  });

  test.each([
    "",
    "1",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.256",
    "01.2.3.4",
    "1.2.3.4 ",
    " 1.2.3.4",
    "1.2.3.-4",
    "0x7f.0.0.1",
    "1..2.3",
    "1.2.3.4\n",
    "１.2.3.4",
  ])("%j is refused", (text) => {
    expect(() => parseIPv4(text)).toThrow(TypeError);
    expect(addressFamily(text)).toBe(0);
  });
});

describe("IPv6", () => {
  // RFC 4291 2.2 and RFC 5952 2 and 4.
  test.each([
    ["ABCD:EF01:2345:6789:ABCD:EF01:2345:6789", "abcd:ef01:2345:6789:abcd:ef01:2345:6789"],
    ["2001:DB8:0:0:8:800:200C:417A", "2001:db8::8:800:200c:417a"],
    ["FF01:0:0:0:0:0:0:101", "ff01::101"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["0:0:0:0:0:0:0:0", "::"],
    ["::", "::"],
    ["2001:0db8::0001", "2001:db8::1"],
    ["2001:db8:0:0:0:0:2:1", "2001:db8::2:1"],
    ["2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"], // 4.2.2: a single group is not shortened
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"], // 4.2.3: the longest run
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"], // 4.2.3: the first of two
    ["1:2:3:4:5:6:7:0", "1:2:3:4:5:6:7:0"],
    ["1:2:3:4:5:6::", "1:2:3:4:5:6::"],
    ["::3:4:5:6:7:8", "::3:4:5:6:7:8"],
    ["0:0:0:0:0:FFFF:129.144.52.38", "::ffff:129.144.52.38"],
    ["::13.1.68.3", "::13.1.68.3"],
    ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
    ["::ffff:0:192.0.2.1", "::ffff:0:c000:201"],
    ["::5", "::5"],
    ["::ffff:0:0", "::ffff:0.0.0.0"],
  ])("%s is %s", (text, canonical) => {
    expect(formatIPv6(parseIPv6(text))).toBe(canonical);
    expect(formatAddress(text)).toBe(canonical);
    expect(hex(parseIPv6(canonical))).toBe(hex(parseIPv6(text)));
  });

  test("the bytes are in network order", () => {
    expect(hex(parseIPv6("2001:db8::ff00:42:8329"))).toBe("20010db8000000000000ff0000428329");
    expect(hex(parseIPv6("::ffff:192.0.2.1"))).toBe("00000000000000000000ffffc0000201");
  });

  test("any 16 bytes survive the text, read from any offset", () => {
    const group = fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 0xffff }));
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), fc.nat(9), (groups, offset) => {
        const bytes = new Uint8Array(offset + 16);
        for (const [i, g] of groups.entries()) bytes.set([g >> 8, g & 255], offset + 2 * i);
        const text = formatIPv6(bytes, offset);
        expect(hex(parseIPv6(text))).toBe(hex(bytes.subarray(offset)));
        expect(text).not.toMatch(/:::|[A-F]|(^|:)0[0-9a-f]/);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    "",
    ":",
    ":::",
    "1",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7::8",
    "::1::",
    "1::2::3",
    ":1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:",
    "12345::",
    "g::",
    "::1.2.3",
    "::1.2.3.256",
    "::1.2.3.4:5",
    "1.2.3.4::",
    "1:2:3:4:5:6:7:1.2.3.4",
    "fe80::1%eth0",
    "[::1]",
    " ::1",
    "::1/64",
    `${"0".repeat(50)}::`,
  ])("%j is refused", (text) => {
    expect(() => parseIPv6(text)).toThrow(TypeError);
    expect(addressFamily(text)).toBe(0);
  });

  test("fewer than 16 bytes have no text", () => {
    expect(() => formatIPv6(new Uint8Array(15))).toThrow(RangeError);
    expect(() => formatIPv6(new Uint8Array(16), 1)).toThrow(RangeError);
    expect(() => formatIPv6(new Uint8Array(16), -1)).toThrow(RangeError);
  });
});

describe("an address of any form", () => {
  test("becomes bytes", () => {
    expect(hex(addressBytes("10.0.0.1"))).toBe("0a000001");
    expect(hex(addressBytes(0x0a000001))).toBe("0a000001");
    expect(hex(addressBytes(Uint8Array.of(10, 0, 0, 1)))).toBe("0a000001");
    expect(addressBytes("::1")).toHaveLength(16);
  });

  test("is copied, so that later changes to the caller's bytes do not show", () => {
    const mine = Uint8Array.of(10, 0, 0, 1);
    const copy = addressBytes(mine);
    mine.fill(9);
    expect(hex(copy)).toBe("0a000001");
  });

  test("tells its family", () => {
    expect([addressFamily("10.0.0.1"), addressFamily("::1"), addressFamily("localhost")]).toEqual([4, 6, 0]);
  });

  test("is refused when it is none", () => {
    expect(() => addressBytes(-1)).toThrow(RangeError);
    expect(() => addressBytes(2 ** 32)).toThrow(RangeError);
    expect(() => addressBytes(1.5)).toThrow(RangeError);
    expect(() => addressBytes(new Uint8Array(5))).toThrow(TypeError);
    expect(() => addressBytes("localhost")).toThrow(TypeError);
    expect(() => addressBytes(undefined as unknown as string)).toThrow(TypeError);
  });
});
