import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addressBytes, formatAddress } from "../../src/wire/address.ts";
import {
  addressSum,
  checksum,
  checksumStatus,
  checksumVerdict,
  fillChecksum,
  pseudoHeader,
  pseudoHeaderSum,
  verifyChecksum,
  writeChecksum,
} from "../../src/wire/checksum.ts";
import { checksumOracle, fromHex, pseudoHeaderOracle, residue, toHex } from "./oracle.ts";

const V4 = {
  src: "192.0.2.1",
  dst: "198.51.100.2",
  bytes: [
    [192, 0, 2, 1],
    [198, 51, 100, 2],
  ],
};
const V6 = {
  src: "2001:db8::1",
  dst: "2001:db8::2",
  bytes: ["20010db8000000000000000000000001", "20010db8000000000000000000000002"].map((h) => [...fromHex(h)]),
};

function segment(payload: number): Uint8Array<ArrayBuffer> {
  const bytes = Uint8Array.from({ length: 20 + payload }, (_, i) => (i * 73 + 5) & 0xff);
  bytes.set([0x50, 0x10], 12);
  return bytes;
}

function rightChecksum(bytes: Uint8Array, side: typeof V4): number {
  const zeroed = bytes.slice();
  zeroed.fill(0, 16, 18);
  return checksumOracle([...pseudoHeaderOracle(side.bytes[0], side.bytes[1], bytes.length), ...zeroed]);
}

describe("the Internet checksum", () => {
  test("of the example in RFC 1071 3", () => {
    expect(checksum(fromHex("0001 f203 f4f5 f6f7"))).toBe(~0xddf2 & 0xffff);
  });

  test("of nothing is 0xffff, and of an odd byte counts that byte as the high half", () => {
    expect(checksum(new Uint8Array(0))).toBe(0xffff);
    expect(checksum(Uint8Array.of(0x12))).toBe(0xffff - 0x1200);
  });

  test("of anything agrees with BigInt", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000, size: "max" }), (bytes) => {
        expect(checksum(bytes)).toBe(checksumOracle(bytes));
      }),
    );
  });

  test("of pieces of any lengths, odd and empty ones too, is that of the whole", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200, size: "max" }), { maxLength: 12 }), (pieces) => {
        expect(checksum(pieces)).toBe(checksum(Uint8Array.from(pieces.flatMap((piece) => [...piece]))));
      }),
      { numRuns: 300 },
    );
  });

  test("goes on from an initial sum", () => {
    const bytes = segment(33);
    const initial = pseudoHeaderSum(V4, bytes.length);
    expect(checksum(bytes, initial)).toBe(checksum([pseudoHeader(V4, bytes.length), bytes]));
    expect(checksum([], 0x12345678)).toBe(~(0x1234 + 0x5678) & 0xffff);
  });
});

describe("the pseudo-header", () => {
  test("has 12 bytes for IPv4", () => {
    expect(toHex(pseudoHeader(V4, 0x1234))).toBe("c0000201" + "c6336402" + "00" + "06" + "1234");
  });

  test("has 40 bytes for IPv6, with a length of 32 bits", () => {
    expect(toHex(pseudoHeader(V6, 0x12345678))).toBe(
      "20010db8000000000000000000000001" + "20010db8000000000000000000000002" + "12345678" + "00000006",
    );
  });

  test("serves other protocols", () => {
    expect(pseudoHeader(V4, 8, 17)[9]).toBe(17);
    expect(pseudoHeader(V6, 8, 58)[39]).toBe(58);
    expect(pseudoHeaderSum(V6, 8, 58) - pseudoHeaderSum(V6, 8)).toBe(52);
  });

  test("sums to pseudoHeaderSum, whichever way the addresses are given", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 8, maxLength: 8 }),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.nat(0xffff),
        (four, sixteen, length) => {
          const v4 = { src: four.slice(0, 4), dst: four.slice(4) };
          const v6 = { src: sixteen.slice(0, 16), dst: sixteen.slice(16) };
          const numbers = {
            src: new DataView(four.buffer).getUint32(0),
            dst: new DataView(four.buffer).getUint32(4),
          };
          for (const pair of [v4, v6]) {
            expect(BigInt(pseudoHeaderSum(pair, length)) % 0xffffn).toBe(residue(pseudoHeader(pair, length)));
          }
          expect(pseudoHeaderSum(numbers, length)).toBe(pseudoHeaderSum(v4, length));
        },
      ),
    );
  });

  test("of IPv4 cannot hold a length above 65535, though its sum can", () => {
    expect(() => pseudoHeader(V4, 65536)).toThrow(RangeError);
    expect(() => pseudoHeader(V6, 2 ** 32)).toThrow(RangeError);
    expect(() => pseudoHeader(V6, -1)).toThrow(RangeError);
    expect(pseudoHeaderSum(V4, 0x20001)).toBe(pseudoHeaderSum(V4, 3));
  });

  test("needs two addresses of one family", () => {
    expect(() => pseudoHeader({ src: "10.0.0.1", dst: "::1" }, 20)).toThrow(TypeError);
    expect(() => addressSum(1, "::1")).toThrow(TypeError);
  });
});

describe.each([
  ["IPv4", V4],
  ["IPv6", V6],
])("verifying over %s", (_, side) => {
  // An odd payload, so that the last byte is padded.
  test("judges each of the 65,536 values of the field as BigInt does", () => {
    const bytes = segment(13);
    const right = rightChecksum(bytes, side);
    const pseudo = pseudoHeaderOracle(side.bytes[0], side.bytes[1], bytes.length);
    const pseudoSum = 0xffff - checksumOracle(pseudo);
    const zeroed = bytes.slice();
    zeroed.fill(0, 16, 18);
    const rest = residue([...pseudo, ...zeroed]);
    const sum = addressSum(side.src, side.dst);
    for (let stored = 0; stored <= 0xffff; stored++) {
      bytes[16] = stored >> 8;
      bytes[17] = stored;
      const good = (rest + BigInt(stored)) % 0xffffn === 0n;
      const expected = good ? "good" : stored === pseudoSum ? "partial" : "bad";
      const verdict = checksumVerdict(checksumStatus(bytes, 0, bytes.length, sum));
      if (verdict !== expected) expect([stored, verdict]).toEqual([stored, expected]);
    }
    bytes.set([right >> 8, right & 255], 16);
    expect(verifyChecksum(bytes, side)).toBe("good");
  });

  test("accepts both zeros where the checksum is zero", () => {
    const bytes = segment(40);
    bytes.fill(0, 16, 18);
    // Putting the checksum into the payload brings the sum of everything to minus zero.
    bytes.fill(0, 30, 32);
    const right = rightChecksum(bytes, side);
    bytes.set([right >> 8, right & 255], 30);
    expect(fillChecksum(bytes, side)).toBe(0x0000);
    expect(verifyChecksum(bytes, side)).toBe("good");
    bytes.set([0xff, 0xff], 16);
    expect(verifyChecksum(bytes, side)).toBe("good");
  });

  test("every length from a bare header on is filled and verified, and any one wrong bit is found", () => {
    for (let payload = 0; payload < 200; payload++) {
      const bytes = segment(payload);
      expect(fillChecksum(bytes, side)).toBe(rightChecksum(bytes, side));
      expect(verifyChecksum(bytes, side)).toBe("good");
      bytes[payload % bytes.length] ^= 1 << (payload & 7);
      expect(verifyChecksum(bytes, side)).not.toBe("good");
    }
  });

  test("the sum of the pseudo-header alone is what offload leaves", () => {
    const bytes = segment(500);
    const sum = pseudoHeaderSum(side, bytes.length);
    bytes.set([sum >> 8, sum & 255], 16);
    expect(verifyChecksum(bytes, side)).toBe("partial");
  });

  test("pieces give the same verdicts, wherever the header is cut", () => {
    const bytes = segment(101);
    fillChecksum(bytes, side);
    const partial = bytes.slice();
    const sum = pseudoHeaderSum(side, bytes.length);
    partial.set([sum >> 8, sum & 255], 16);
    const bad = bytes.slice();
    bad[120] ^= 1;
    for (let cut = 0; cut <= bytes.length; cut++) {
      for (const whole of [bytes, partial, bad]) {
        const pieces = [whole.subarray(0, cut), whole.subarray(cut, cut + 1), whole.subarray(cut + 1)];
        expect(verifyChecksum(pieces, side)).toBe(verifyChecksum(whole, side));
      }
    }
  });

  test("a segment cut short cannot be verified, one followed by padding can", () => {
    const bytes = segment(50);
    fillChecksum(bytes, side);
    const padded = Uint8Array.from([...bytes, 1, 2, 3]);
    for (const given of [(b: Uint8Array) => b, (b: Uint8Array) => [b.subarray(0, 17), b.subarray(17)]]) {
      expect(verifyChecksum(given(bytes.subarray(0, 60)), { ...side, length: 70 })).toBe("unverifiable");
      expect(verifyChecksum(given(padded), { ...side, length: 70 })).toBe("good");
      expect(verifyChecksum(given(padded), side)).toBe("bad");
    }
  });

  test("fewer than 20 bytes hold no checksum to verify or fill", () => {
    expect(verifyChecksum(new Uint8Array(19), side)).toBe("unverifiable");
    expect(verifyChecksum([], side)).toBe("unverifiable");
    expect(() => fillChecksum(new Uint8Array(19), side)).toThrow(RangeError);
  });
});

test("addresses have the same sum as texts and as bytes, however many there are and however often", () => {
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 200; i++) {
      const dst = i % 2 === 0 ? "10.255.0.1" : "::ffff:10.255.0.1";
      const src = i % 2 === 0 ? `192.0.2.${i}` : `2001:DB8::${round === 0 ? "0" : ""}${i.toString(16)}`;
      for (const text of [src, formatAddress(src)]) {
        expect(addressSum(text, dst)).toBe(addressSum(addressBytes(src), addressBytes(dst)));
      }
    }
  }
  expect(() => addressSum("2001:db8::1", "10.0.0.1")).toThrow("one is IPv4 and the other IPv6");
  expect(() => addressSum("2001:db8::1", "2001:db8::g")).toThrow(TypeError);
});

test("a jumbogram's length counts with 32 bits", () => {
  const bytes = segment(100_000);
  expect(fillChecksum(bytes, V6)).toBe(rightChecksum(bytes, V6));
  expect(verifyChecksum(bytes, V6)).toBe("good");
});

test("a segment inside a larger buffer is filled and verified in place, its neighbours untouched", () => {
  const addresses = addressSum(V4.src, V4.dst);
  for (const payload of [0, 1, 200, 1460]) {
    const buffer = new Uint8Array(payload + 60).fill(0xee);
    buffer.set(segment(payload), 19);
    const end = 19 + 20 + payload;
    expect(writeChecksum(buffer, 19, end, addresses)).toBe(rightChecksum(buffer.slice(19, end), V4));
    expect(checksumVerdict(checksumStatus(buffer, 19, end, addresses))).toBe("good");
    expect(buffer.subarray(0, 19).every((byte) => byte === 0xee)).toBe(true);
    expect(buffer.subarray(end).every((byte) => byte === 0xee)).toBe(true);
  }
});

test("a number that is no status counts as unverifiable", () => {
  expect(checksumVerdict(99)).toBe("unverifiable");
});
