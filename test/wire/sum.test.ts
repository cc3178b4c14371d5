import fc from "fast-check";
import { expect, test } from "vitest";
import type { CodecMemory } from "../../src/wasm/memory.ts";
import { codecMemory, fold, sumBytes, sumInScript, sumInWasm, swap } from "../../src/wire/sum.ts";
import { residue } from "./oracle.ts";

const codec = codecMemory() as CodecMemory;

function pattern(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => (i * 167 + (i >> 8) * 13 + 91) & 0xff);
}

function expectAllWays(bytes: Uint8Array, start = 0, end = bytes.length): void {
  const expected = Number(residue(bytes.subarray(start, end)));
  for (const sum of [
    sumBytes(bytes, start, end),
    sumInScript(bytes, start, end),
    sumInWasm(codec, bytes, start, end),
  ]) {
    expect(sum).toBeGreaterThanOrEqual(0);
    expect(sum).toBeLessThanOrEqual(0xffff);
    expect(sum % 0xffff).toBe(expected);
  }
  expect(sumInScript(bytes, start, end)).toBe(sumInWasm(codec, bytes, start, end));
}

test("JavaScript, WebAssembly and BigInt agree for every length to 320, whole and from every small offset", () => {
  const bytes = pattern(400);
  for (let length = 0; length <= 320; length++) {
    expectAllWays(bytes.slice(0, length));
    for (const offset of [1, 2, 7, 16]) expectAllWays(bytes, offset, offset + length);
  }
});

test("they agree around the window that long input is taken in", () => {
  for (const length of [16383, 16384, 16385, 32767, 32768, 32769, 65535, 65536, 100001]) {
    expectAllWays(pattern(length));
    expectAllWays(pattern(length + 3), 3);
  }
});

test("a long run of 0xff, which carries in every addition, sums to minus zero", () => {
  const bytes = new Uint8Array(200_000).fill(0xff);
  for (const sum of [
    sumBytes(bytes, 0, 200_000),
    sumInScript(bytes, 0, 200_000),
    sumInWasm(codec, bytes, 0, 200_000),
  ]) {
    expect(sum).toBe(0xffff);
  }
});

test("zeros sum to plus zero, and nothing does too", () => {
  for (const length of [0, 1, 20, 1000]) {
    const bytes = new Uint8Array(length);
    expect([
      sumBytes(bytes, 0, length),
      sumInScript(bytes, 0, length),
      sumInWasm(codec, bytes, 0, length),
    ]).toEqual([0, 0, 0]);
  }
});

test("random bytes at random places agree, and bytes beyond the slice do not count", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 700, size: "max" }),
      fc.nat(40),
      fc.nat(40),
      (content, before, after) => {
        const bytes = new Uint8Array(before + content.length + after).fill(0xa5);
        bytes.set(content, before);
        expectAllWays(bytes, before, before + content.length);
        expect(sumBytes(bytes, before, before + content.length)).toBe(sumBytes(content, 0, content.length));
      },
    ),
    { numRuns: 300 },
  );
});

test.each([300, 5000])("%i bytes in the codec's memory have the same sum, to its very end", (length) => {
  const at = codec.allocate(length);
  const memory = codec.u8;
  const resident = memory.subarray(at, at + length);
  resident.set(pattern(length));
  expect(sumBytes(resident, 0, length)).toBe(sumInScript(resident, 0, length));
  expect(sumBytes(resident, 5, length - 4)).toBe(sumInScript(resident, 5, length - 4));
  for (const last of [0, 1, 15, 63, 64]) {
    const end = memory.length - last;
    const tail = memory.subarray(end - length, end);
    const old = tail.slice();
    tail.set(pattern(length));
    expect(sumInWasm(codec, tail, 0, length)).toBe(sumInScript(pattern(length), 0, length));
    expect(sumInWasm(codec, tail, 1, length)).toBe(sumInScript(pattern(length), 1, length));
    tail.set(old);
  }
});

test("the sum holds after the memory has grown", () => {
  const bytes = pattern(1460);
  const before = sumBytes(bytes, 0, 1460);
  const pages = codec.exports.memory.buffer.byteLength;
  codec.allocate(pages);
  expect(codec.exports.memory.buffer.byteLength).toBeGreaterThan(pages);
  expect(sumBytes(bytes, 0, 1460)).toBe(before);
});

test("the input is not changed and not kept", () => {
  const bytes = pattern(1000);
  const copy = bytes.slice();
  const sum = sumBytes(bytes, 0, 1000);
  expect(bytes).toEqual(copy);
  bytes.fill(0);
  expect(sumBytes(copy, 0, 1000)).toBe(sum);
});

test("fold adds the carries until none is left", () => {
  expect(fold(0xffff)).toBe(0xffff);
  expect(fold(0x10000)).toBe(1);
  expect(fold(0x1fffe)).toBe(0xffff);
  expect(fold(0xffffffff)).toBe(0xffff);
  expect(fold(0xfffeffff)).toBe(0xfffe);
  expect(fold(0xffff0001)).toBe(1);
});

test("swap exchanges the bytes of a word", () => {
  expect(swap(0x1234)).toBe(0x3412);
  expect(swap(0xff)).toBe(0xff00);
});
