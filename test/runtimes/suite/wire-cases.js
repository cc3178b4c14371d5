// Single segments: numbers, checksums, options.
import {
  checksum,
  fillChecksum,
  formatFlags,
  formatIPv6,
  parseOptions,
  seq,
  updateChecksum32,
  verifyChecksum,
} from "tcpwire/wire";
import { frames, generator, randomBytes } from "./vectors.js";

const edges = [0, 1, 0x7fffffff, 0x80000000, 0x80000001, 0xffffffff];

export const wireCases = {
  "sequence arithmetic": () => {
    const random = generator(1);
    const numbers = [...edges, ...Array.from({ length: 60 }, () => random.next())];
    return numbers.flatMap((a) => numbers.map((b) => [seq.lt(a, b), seq.add(a, b), seq.distance(a, b)]));
  },

  "checksums of every length up to 2000 bytes, and longer": () => {
    const bytes = randomBytes(generator(2), 200_000);
    const lengths = [...Array.from({ length: 2001 }, (_, n) => n), 4096, 65535, 65536, 199_999];
    return lengths.map((n) => [checksum(bytes.subarray(0, n)), checksum(bytes.subarray(1, 1 + n), n)]);
  },

  "checksums of discontiguous input": () => {
    const random = generator(3);
    return Array.from({ length: 200 }, () =>
      checksum(Array.from({ length: random.below(9) }, () => randomBytes(random, random.below(300)))),
    );
  },

  "checksums verified, filled and updated": () => {
    const random = generator(4);
    return Array.from({ length: 300 }, (_, i) => {
      const bytes = randomBytes(random, 20 + random.below(1500));
      const [src, dst] = [randomBytes(random, i % 2 ? 4 : 16), randomBytes(random, i % 2 ? 4 : 16)];
      const before = verifyChecksum(bytes, { src, dst });
      const sum = fillChecksum(bytes, { src, dst });
      return [before, sum, verifyChecksum(bytes, { src, dst }), updateChecksum32(sum, i, random.next())];
    });
  },

  "options, as they come and damaged": () => {
    const random = generator(5);
    return Array.from({ length: 2000 }, () => {
      const bytes = randomBytes(random, random.below(41));
      if (random.chance(2)) for (let i = 0; i < bytes.length; i++) bytes[i] &= 15;
      return attempt(() => parseOptions(bytes));
    });
  },

  "flags and addresses as text": () => {
    const random = generator(6);
    return Array.from({ length: 500 }, () => [
      formatFlags(random.below(4096)),
      formatIPv6(randomBytes(random, 16)),
    ]);
  },

  // That the inputs themselves are the same.
  "the vectors": () => frames(7, 300),
};

/** What comes back, or what is thrown. */
export function attempt(run) {
  try {
    return run();
  } catch (error) {
    return { name: error.name, code: error.code, offset: error.offset, message: error.message };
  }
}
