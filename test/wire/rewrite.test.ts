import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checksum, fillChecksum, verifyChecksum } from "../../src/wire/checksum.ts";
import {
  rewriteSegment,
  updateChecksum,
  updateChecksum32,
  updateChecksumAddress,
} from "../../src/wire/rewrite.ts";
import { edgeNumber, u16 } from "./arbitraries.ts";

describe("updating a checksum", () => {
  test("gives the example of RFC 1624 4, where RFC 1141 went wrong", () => {
    expect(updateChecksum(0xdd2f, 0x5555, 0x3285)).toBe(0x0000);
  });

  test("gives what a computation over everything gives, for every word and both zeros", () => {
    const corner = fc.oneof(u16, fc.constantFrom(0, 1, 0x7fff, 0x8000, 0xfffe, 0xffff));
    fc.assert(
      fc.property(fc.array(corner, { minLength: 2, maxLength: 6 }), fc.nat(5), corner, (words, index, to) => {
        const at = index % words.length;
        const bytes = (list: number[]): Uint8Array => Uint8Array.from(list.flatMap((w) => [w >> 8, w & 255]));
        const changed = words.map((word, i) => (i === at ? to : word));
        fc.pre(words.some((w) => w !== 0) && changed.some((w) => w !== 0));
        expect(updateChecksum(checksum(bytes(words)), words[at], to)).toBe(checksum(bytes(changed)));
      }),
      { numRuns: 3000 },
    );
  });

  test("never loses the difference to a wrong checksum", () => {
    fc.assert(
      fc.property(u16, u16, u16, (wrong, from, to) => {
        const there = updateChecksum(wrong, from, to);
        expect(updateChecksum(there, to, from) % 0xffff).toBe(wrong % 0xffff);
      }),
    );
  });

  test("keeps a field of minus zero equal to zero", () => {
    for (const word of [0, 1, 0xffff]) expect(updateChecksum(0xffff, word, word) % 0xffff).toBe(0);
    expect(updateChecksum(0xffff, 0xffff, 0)).toBe(0);
  });
});

const inside = { src: "10.0.0.7", dst: "192.0.2.80" };

function segment(): Uint8Array<ArrayBuffer> {
  const bytes = Uint8Array.from({ length: 20 + 37 }, (_, i) => (i * 31 + 7) & 0xff);
  bytes.set([0x50, 0x18], 12);
  fillChecksum(bytes, inside);
  return bytes;
}

describe("rewriting a segment", () => {
  test("gives the bytes that filling in a fresh checksum gives, for any fields", () => {
    const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
      fc.option(value, { nil: undefined });
    fc.assert(
      fc.property(
        fc.record({
          srcPort: maybe(u16),
          dstPort: maybe(u16),
          seq: maybe(edgeNumber),
          ack: maybe(edgeNumber),
          flags: maybe(fc.nat(0xfff)),
          window: maybe(u16),
          urgentPointer: maybe(u16),
        }),
        (changes) => {
          const bytes = segment();
          const old = bytes.slice();
          const value = rewriteSegment(bytes, changes);
          expect((bytes[16] << 8) | bytes[17]).toBe(value);
          const fresh = bytes.slice();
          fillChecksum(fresh, inside);
          expect(bytes).toEqual(fresh);
          const view = new DataView(bytes.buffer);
          const before = new DataView(old.buffer);
          expect(view.getUint16(0)).toBe(changes.srcPort ?? before.getUint16(0));
          expect(view.getUint16(2)).toBe(changes.dstPort ?? before.getUint16(2));
          expect(view.getUint32(4)).toBe(changes.seq ?? before.getUint32(4));
          expect(view.getUint32(8)).toBe(changes.ack ?? before.getUint32(8));
          expect(view.getUint16(12)).toBe(changes.flags === undefined ? 0x5018 : 0x5000 | changes.flags);
          expect(view.getUint16(14)).toBe(changes.window ?? before.getUint16(14));
          expect(view.getUint16(18)).toBe(changes.urgentPointer ?? before.getUint16(18));
          expect(bytes.subarray(20)).toEqual(old.subarray(20));
        },
      ),
    );
  });

  test("follows an address that changes outside of it", () => {
    const bytes = segment();
    rewriteSegment(bytes, { srcPort: 61001, src: { from: inside.src, to: "203.0.113.9" } });
    expect(verifyChecksum(bytes, { src: "203.0.113.9", dst: inside.dst })).toBe("good");
    rewriteSegment(bytes, { dst: { from: inside.dst, to: 0x01020304 } });
    expect(verifyChecksum(bytes, { src: "203.0.113.9", dst: "1.2.3.4" })).toBe("good");
  });

  test("follows a translation from IPv4 to IPv6", () => {
    const bytes = segment();
    rewriteSegment(bytes, {
      src: { from: inside.src, to: "2001:db8::7" },
      dst: { from: inside.dst, to: "64:ff9b::192.0.2.80" },
    });
    expect(verifyChecksum(bytes, { src: "2001:db8::7", dst: "64:ff9b::c000:250" })).toBe("good");
  });

  test("leaves a bad checksum bad", () => {
    const bytes = segment();
    bytes[17] ^= 4;
    rewriteSegment(bytes, { dstPort: 8080 });
    expect(verifyChecksum(bytes, inside)).toBe("bad");
  });

  test("refuses what does not fit, names the field, and changes nothing", () => {
    const bytes = segment();
    const old = bytes.slice();
    expect(() => rewriteSegment(bytes, { seq: 1, srcPort: 65536 })).toThrow("srcPort: 65536");
    expect(() => rewriteSegment(bytes, { seq: -1 })).toThrow(RangeError);
    expect(() => rewriteSegment(bytes, { flags: 0x1000 })).toThrow(RangeError);
    expect(() => rewriteSegment(bytes, { seq: 1, src: { from: "10.0.0.7", to: "nowhere" } })).toThrow(
      TypeError,
    );
    expect(() => rewriteSegment(bytes.subarray(0, 19), { seq: 1 })).toThrow(RangeError);
    expect(bytes).toEqual(old);
  });
});

test("32-bit fields and addresses are words, one after another", () => {
  const bytes = segment();
  const sum = (bytes[16] << 8) | bytes[17];
  const seq = new DataView(bytes.buffer).getUint32(4);
  expect(updateChecksum32(sum, seq, 0xfffe0001)).toBe(
    updateChecksum(updateChecksum(sum, seq >>> 16, 0xfffe), seq & 0xffff, 1),
  );
  expect(updateChecksumAddress(sum, "10.0.0.7", "10.0.0.8")).toBe(
    updateChecksum32(sum, 0x0a000007, 0x0a000008),
  );
});
