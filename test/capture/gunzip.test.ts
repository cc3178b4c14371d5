// gzip against zlib's: all that can be read is read, whatever the pieces, and damage is named.
import { constants, deflateRawSync, gunzipSync, gzipSync, type ZlibOptions } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CAPTURE_COMPRESSION, CAPTURE_CUT_SHORT } from "../../assembly/layout/status.ts";
import { crc32 } from "../../src/capture/gzip/crc32.ts";
import { GunzipSource, GzipError } from "../../src/capture/gzip/gunzip.ts";
import { concat, pcap, tcpFrame } from "./captures.ts";

interface Outcome {
  output: Uint8Array<ArrayBuffer>;
  error: GzipError | undefined;
  /** The most bytes that one read gave. */
  largest: number;
}

/** Takes `bytes` out of gzip, in pieces of `step` in and `room` out. */
function gunzip(bytes: Uint8Array, step = 65536, room = 1 << 20): Outcome {
  let at = 0;
  const source = new GunzipSource({
    read(into) {
      const n = Math.min(step, into.length, bytes.length - at);
      into.set(bytes.subarray(at, at + n));
      at += n;
      return n;
    },
  });
  const parts: Uint8Array[] = [];
  const into = new Uint8Array(room);
  let largest = 0;
  try {
    for (;;) {
      const n = source.read(into) as number;
      if (n === 0) return { output: concat(...parts), error: undefined, largest };
      largest = Math.max(largest, n);
      parts.push(into.slice(0, n));
    }
  } catch (error) {
    if (!(error instanceof GzipError)) throw error;
    return { output: concat(...parts), error, largest };
  }
}

const zip = (bytes: Uint8Array, options?: ZlibOptions): Uint8Array<ArrayBuffer> =>
  new Uint8Array(gzipSync(bytes, options));
const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

// A capture, noise, one byte over and over, text, and nothing: long matches, no matches, all block types.
const noise = Uint8Array.from({ length: 100_000 }, (_, i) => (Math.imul(i + 1, 2654435761) >>> 13) & 0xff);
const inputs: [string, Uint8Array][] = [
  ["a capture", pcap(Array.from({ length: 400 }, (_, i) => tcpFrame({ seq: i * 1000, payload: i })))],
  ["noise", noise],
  ["zeros", new Uint8Array(1_000_000)],
  ["text", new TextEncoder().encode("GET / HTTP/1.1\r\nHost: example.net\r\n\r\n".repeat(2000))],
  ["one byte", Uint8Array.of(7)],
  ["nothing", new Uint8Array(0)],
];

describe.each(inputs)("%s", (_, input) => {
  const strategies = { default: 0, filtered: 1, huffman: 2, rle: 3, fixed: 4 };
  const options = Object.entries(strategies).flatMap(([name, strategy]) =>
    [0, 1, 6, 9].map((level): [string, ZlibOptions] => [`${name}, level ${level}`, { strategy, level }]),
  );

  test.each(options)("comes out as it went in (%s)", (_, options) => {
    const { output, error } = gunzip(zip(input, options));
    expect(error).toBeUndefined();
    expect(same(output, input)).toBe(true);
  });

  test("comes out the same in pieces of any size", () => {
    const zipped = zip(input);
    for (const step of [1, 2, 3, 7, 64, 1000]) {
      for (const room of step === 1 ? [1 << 16] : [3, 32768]) {
        if (input.length > 200_000 && room === 3) continue;
        const { output, error } = gunzip(zipped, step, room);
        expect(error).toBeUndefined();
        expect(same(output, input)).toBe(true);
      }
    }
  });
});

describe("members", () => {
  const parts = inputs.map(([, input]) => input);

  test("are read as one, however they are cut", () => {
    const zipped = concat(...parts.map((part) => zip(part)));
    for (const step of [13, 4096, 65536]) {
      const { output, error } = gunzip(zipped, step);
      expect(error).toBeUndefined();
      expect(same(output, concat(...parts))).toBe(true);
    }
  });

  test("that are small and many are all there", () => {
    const hello = new TextEncoder().encode("hello");
    const zipped = concat(...Array.from({ length: 1000 }, () => zip(hello)));
    for (const step of [1, 23, 24, 25, 26, 65536]) expect(gunzip(zipped, step).output.length).toBe(5000);
  });

  test("do not see each other's bytes: a match may not reach into the member before", () => {
    // A distance of 5 where the second member has but one byte: 'a', match (3, 5) in fixed codes.
    const reaching = rawMember(bits("1 10", fixed(97), "0000001", "00100", "0"));
    const { output, error } = gunzip(concat(zip(new TextEncoder().encode("hello")), reaching));
    expect(new TextDecoder().decode(output)).toBe("helloa");
    expect(error?.message).toMatch(/distance too far back/);
  });

  test("may be followed by zeros, as tapes pad, but by nothing else", () => {
    const zipped = zip(noise);
    expect(gunzip(concat(zipped, new Uint8Array(1000)), 77)).toMatchObject({ error: undefined });
    const { output, error } = gunzip(concat(zipped, [0, 0, 1]));
    expect(same(output, noise)).toBe(true);
    expect(error).toMatchObject({ status: CAPTURE_COMPRESSION });
    expect(gunzip(concat(zipped, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])).error?.status).toBe(
      CAPTURE_COMPRESSION,
    );
  });

  test.each([
    ["a byte", [7], "something else behind a member"],
    ["two bytes", [0x1f, 7], "something else behind a member"],
    ["the beginning of another", [0x1f, 0x8b, 8], "end early"],
  ])("are all there where %s follows, which is named", (_, more, reason) => {
    const { output, error } = gunzip(concat(zip(noise), more));
    expect(same(output, noise)).toBe(true);
    expect(error?.message).toContain(reason);
  });

  test("may have every field that a header can have (RFC 1952 2.3)", () => {
    const plain = zip(noise);
    for (let flags = 0; flags < 32; flags++) {
      const header = concat(
        plain.subarray(0, 3),
        [flags],
        plain.subarray(4, 10),
        flags & 4 ? [5, 0, 1, 0, 3, 0, 5] : [],
        flags & 8 ? new TextEncoder().encode("trace.pcap\0") : [],
        flags & 16 ? new TextEncoder().encode("a comment\0") : [],
        flags & 2 ? [0, 0] : [],
      );
      for (const step of [1, 1 << 16]) {
        const { output, error } = gunzip(concat(header, plain.subarray(10)), step);
        expect(error).toBeUndefined();
        expect(output.length).toBe(noise.length);
      }
    }
    const reserved = plain.slice();
    reserved[3] = 0x20;
    expect(gunzip(reserved).error).toMatchObject({ status: CAPTURE_COMPRESSION });
    const unknownMethod = plain.slice();
    unknownMethod[2] = 7;
    expect(gunzip(unknownMethod).error).toMatchObject({ status: CAPTURE_COMPRESSION });
  });
});

describe("damage", () => {
  const input = inputs[0][1].subarray(0, 20_000);
  const zipped = zip(input);

  test("is no reason to keep back what came before: cut anywhere, all that is decodable is given", () => {
    let before = 0;
    for (let end = 2; end < zipped.length; end += end < 200 ? 1 : 37) {
      const { output, error } = gunzip(zipped.subarray(0, end), 500);
      expect(error?.status).toBe(CAPTURE_CUT_SHORT);
      expect(same(output, input.subarray(0, output.length))).toBe(true);
      expect(output.length).toBeGreaterThanOrEqual(before);
      before = output.length;
    }
    expect(gunzip(zipped.subarray(0, zipped.length - 8)).output.length).toBe(input.length);
  });

  test("of the checksum or the length is noticed, after all bytes", () => {
    for (let i = 1; i <= 8; i++) {
      const damaged = zipped.slice();
      damaged[damaged.length - i] ^= 0x10;
      const { output, error } = gunzip(damaged);
      expect(same(output, input)).toBe(true);
      expect(error?.message).toMatch(i <= 4 ? /wrong length/ : /wrong checksum/);
    }
  });

  test("of any bit is noticed as zlib notices it, unless the bytes are right all the same", () => {
    const small = zip(input.subarray(0, 700));
    for (let bit = 10 * 8; bit < small.length * 8; bit++) {
      const damaged = small.slice();
      damaged[bit >> 3] ^= 1 << (bit & 7);
      const { error, output } = gunzip(damaged, 100);
      const theirs = zlibOutput(damaged);
      if (theirs === undefined) expect(error).toBeInstanceOf(GzipError);
      else expect(same(theirs, input.subarray(0, 700)) && same(output, theirs)).toBe(true);
    }
  });

  test("of any kind ends in an error of ours or in the right bytes", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(zipped.length - 1), fc.nat(255)), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 5000 }),
        (changes, step) => {
          const damaged = zipped.slice();
          for (const [at, byte] of changes) if (at >= 10) damaged[at] = byte;
          const { output, error } = gunzip(damaged, step);
          if (error === undefined) expect(same(output, input)).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("noise behind a header ends, whatever the noise", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000, size: "max" }), (bytes) => {
        const member = concat([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0], bytes);
        const ours = gunzip(member, 100);
        const theirs = zlibOutput(member);
        if (theirs === undefined) expect(ours.error).toBeInstanceOf(GzipError);
        else expect(same(ours.output, theirs)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

test("a bomb streams: no read gives more than was asked for, nor is more held than a piece", () => {
  const bomb = zip(new Uint8Array(50_000_000), { level: 9 });
  const { largest, error, output } = gunzip(bomb, 65536, 1 << 20);
  expect(error).toBeUndefined();
  expect(output.length).toBe(50_000_000);
  expect(largest).toBeLessThanOrEqual(128 * 1024);
});

test("what is not gzip comes through untouched, down to nothing and a single byte", () => {
  for (const bytes of [new Uint8Array(0), Uint8Array.of(0x1f), Uint8Array.of(0x8b, 0x1f), noise]) {
    for (const step of [1, 65536]) expect(same(gunzip(bytes, step).output, bytes)).toBe(true);
  }
});

test("crc32 continues over pieces and agrees with the known value of 123456789", () => {
  const bytes = new TextEncoder().encode("123456789");
  expect(crc32(bytes, 0, 9, 0)).toBe(0xcbf43926);
  for (let cut = 0; cut <= 9; cut++) expect(crc32(bytes, cut, 9, crc32(bytes, 0, cut, 0))).toBe(0xcbf43926);
  expect(crc32(noise, 0, noise.length, 0)).toBe(
    new DataView(zip(noise).buffer).getUint32(zip(noise).length - 8, true),
  );
});

test("zlib's own raw streams of every window size decode", () => {
  for (let windowBits = 9; windowBits <= 15; windowBits++) {
    for (const memLevel of [1, 9]) {
      const raw = deflateRawSync(noise, { windowBits, memLevel, strategy: constants.Z_DEFAULT_STRATEGY });
      const trailer = new DataView(new ArrayBuffer(8));
      trailer.setUint32(0, crc32(noise, 0, noise.length, 0), true);
      trailer.setUint32(4, noise.length, true);
      const { output, error } = gunzip(concat(HEADER, raw, new Uint8Array(trailer.buffer)));
      expect(error).toBeUndefined();
      expect(same(output, noise)).toBe(true);
    }
  }
});

const HEADER = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

function zlibOutput(member: Uint8Array): Uint8Array | undefined {
  try {
    return gunzipSync(member);
  } catch {
    return undefined;
  }
}

function rawMember(body: Uint8Array): Uint8Array {
  return concat(HEADER, body, new Uint8Array(64));
}

/** Bits in the order they are written; Huffman codes most significant bit first (RFC 1951 3.1.1). */
function bits(...groups: string[]): Uint8Array {
  const all = groups.join("").replaceAll(" ", "");
  const bytes = new Uint8Array(Math.ceil(all.length / 8));
  for (const [i, bit] of [...all].entries()) bytes[i >> 3] |= Number(bit) << (i & 7);
  return bytes;
}

/** The fixed code of a literal below 144 (RFC 1951 3.2.6). */
function fixed(literal: number): string {
  return (0x30 + literal).toString(2).padStart(8, "0");
}
