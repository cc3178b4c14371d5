import fc from "fast-check";
import { expect, test } from "vitest";
import { addAddress, addWord, begin, digest, finish } from "../../src/tcp/siphash.ts";

const MASK = (1n << 64n) - 1n;

/** SipHash-2-4 as its paper has it, in 64-bit words, of a message of 32-bit words. */
function oracle(key: readonly number[], message: readonly number[]): bigint {
  const word = (low: number, high: number) => BigInt(low >>> 0) | (BigInt(high >>> 0) << 32n);
  const k0 = word(key[0], key[1]);
  const k1 = word(key[2], key[3]);
  const v = [
    k0 ^ 0x736f6d6570736575n,
    k1 ^ 0x646f72616e646f6dn,
    k0 ^ 0x6c7967656e657261n,
    k1 ^ 0x7465646279746573n,
  ];
  const turn = (x: bigint, bits: bigint) => ((x << bits) | (x >> (64n - bits))) & MASK;
  const half = (a: number, b: number, c: number, d: number, first: bigint, second: bigint) => {
    v[a] = (v[a] + v[b]) & MASK;
    v[c] = (v[c] + v[d]) & MASK;
    v[b] = turn(v[b], first) ^ v[a];
    v[d] = turn(v[d], second) ^ v[c];
    v[a] = turn(v[a], 32n);
  };
  const round = () => {
    half(0, 1, 2, 3, 13n, 16n);
    half(2, 1, 0, 3, 17n, 21n);
  };
  const blocks: bigint[] = [];
  for (let i = 0; i + 1 < message.length; i += 2) blocks.push(word(message[i], message[i + 1]));
  const left = message.length & 1 ? word(message[message.length - 1], 0) : 0n;
  blocks.push(left | (BigInt((4 * message.length) & 0xff) << 56n));
  for (const block of blocks) {
    v[3] ^= block;
    round();
    round();
    v[0] ^= block;
  }
  v[2] ^= 0xffn;
  for (let i = 0; i < 4; i++) round();
  return v[0] ^ v[1] ^ v[2] ^ v[3];
}

function ours(key: readonly number[], message: readonly number[]): bigint {
  begin(Int32Array.from(key));
  for (const word of message) addWord(word);
  finish();
  return (BigInt(digest.high >>> 0) << 32n) | BigInt(digest.low >>> 0);
}

test("gives the values of the reference implementation", () => {
  const key = [0x03020100, 0x07060504, 0x0b0a0908, 0x0f0e0d0c];
  expect(ours(key, [])).toBe(0x726fdb47dd0e0e31n);
  expect(ours(key, [0x03020100])).toBe(0xcf2794e0277187b7n);
  expect(ours(key, [0x03020100, 0x07060504])).toBe(0x93f5f5799a932462n);
});

test("any key and message give what 64-bit arithmetic gives", () => {
  const word = fc.oneof(fc.integer(), fc.constantFrom(0, -1, 1, 0x7fffffff, -0x80000000));
  const key = fc.array(word, { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(key, fc.array(word, { maxLength: 16, size: "max" }), (k, m) => ours(k, m) === oracle(k, m)),
  );
});

test("an address is the same words in each of its forms; what is too long is refused", () => {
  const of = (address: string | number | Uint8Array) => {
    begin(Int32Array.of(1, 2, 3, 4));
    addAddress(address);
    finish();
    return `${digest.high} ${digest.low}`;
  };
  expect(of("192.0.2.1")).toBe(of(0xc0000201));
  expect(of(Uint8Array.of(192, 0, 2, 1))).toBe(of(0xc0000201));
  expect(of("2001:db8::1")).not.toBe(of("2001:db8::2"));
  expect(() => ours([1, 2, 3, 4], new Array(17).fill(0))).toThrow(RangeError);
});
