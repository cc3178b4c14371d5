import { expect, test } from "vitest";
import { collidingKeys, type KeyWords, toeplitz, xorFold } from "../../bench/linear-hash.ts";

// From Microsoft's "Verifying the RSS hash calculation": IPv4 with TCP. The words are source, destination, ports.
test.each<[string, KeyWords, number]>([
  ["66.9.149.187:2794 -> 161.142.100.80:1766", [0x420995bb, 0xa18e6450, (2794 << 16) | 1766], 0x51ccc178],
  ["199.92.111.2:14230 -> 65.69.140.83:4739", [0xc75c6f02, 0x41458c53, (14230 << 16) | 4739], 0xc626b0ea],
])("RSS's hash of %s is the published one", (_, words, hash) => {
  expect(toeplitz(words)).toBe(hash);
});

test.each([
  ["XOR", xorFold],
  ["Toeplitz", toeplitz],
] as const)("keys made to collide are different and have one hash (%s)", (_, hash) => {
  const keys = collidingKeys(hash, 5000);
  const texts = keys.map(({ src, dst, srcPort, dstPort }) => `${src} ${dst} ${srcPort} ${dstPort}`);
  expect(new Set(texts).size).toBe(5000);
  const hashes = keys.map(({ src, dst, srcPort, dstPort }) =>
    hash([src, dst, ((srcPort << 16) | dstPort) >>> 0]),
  );
  expect(new Set(hashes)).toEqual(new Set([0]));
});
