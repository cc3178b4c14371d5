// What the codec is held against: the plainest way to each answer, without sharing a line with src/.

/**
 * The ones'-complement sum of RFC 1071: all bytes as one big number, modulo 2^16 - 1; 0 stands for both zeros.
 */
export function residue(bytes: ArrayLike<number>): bigint {
  let value = 0n;
  for (let i = 0; i < bytes.length; i++) value = ((value << 8n) | BigInt(bytes[i])) % 0xffffn;
  return bytes.length % 2 ? (value << 8n) % 0xffffn : value;
}

/** The checksum to store: the complement of the sum; a sum of nothing but zeros is plus zero. */
export function checksumOracle(bytes: ArrayLike<number>): number {
  if (Array.from(bytes).every((byte) => byte === 0)) return 0xffff;
  const sum = residue(bytes);
  return sum === 0n ? 0 : 0xffff - Number(sum);
}

/** The pseudo-header, written out (RFC 9293 3.1, RFC 8200 8.1). */
export function pseudoHeaderOracle(src: number[], dst: number[], length: number): number[] {
  return src.length === 4
    ? [...src, ...dst, 0, 6, length >> 8, length & 255]
    : [...src, ...dst, length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255, 0, 0, 0, 6];
}

export function fromHex(text: string): Uint8Array<ArrayBuffer> {
  const digits = text.replace(/[^0-9a-fA-F]/g, "");
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) =>
    Number.parseInt(digits.substr(2 * i, 2), 16),
  );
}

export function toHex(bytes: ArrayLike<number>): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * What is to be said of an option of this kind and length byte with `left` bytes before the end of the header:
 * its SEGMENT_* status (0 good, 4 length below 2, 5 past the end, 6 not this kind's) and how many bytes it takes.
 */
export function optionOracle(kind: number, length: number, left: number): [status: number, taken: number] {
  if (kind === 1) return [0, 1];
  if (kind === 0) return [0, left];
  if (left === 1) return [5, 1];
  if (length < 2) return [4, left];
  if (length > left) return [5, left];
  const only = LENGTHS[kind];
  return only === undefined || only.includes(length) ? [0, length] : [6, length];
}

const upTo255 = (first: number): number[] => Array.from({ length: 256 - first }, (_, i) => first + i);

/** The lengths that each document allows. */
const LENGTHS: Record<number, number[]> = {
  2: [4],
  3: [3],
  4: [2],
  5: [2, 10, 18, 26, 34, 42, 50, 58],
  6: [6],
  7: [6],
  8: [10],
  9: [2],
  10: [3],
  11: [6],
  12: [6],
  13: [6],
  14: [3],
  18: [3],
  19: [18],
  27: [8],
  28: [4],
  29: upTo255(4),
  30: upTo255(3),
  34: [2, 6, 8, 10, 12, 14, 16, 18],
  172: [2, 5, 8, 11],
  174: [2, 5, 8, 11],
  253: upTo255(4),
  254: upTo255(4),
};

/** What is to be said of a header with this data offset in `length` bytes, and at which byte. */
export function headerOracle(
  dataOffset: number,
  length: number,
): { status: number; code: string; offset: number } {
  if (length < 20) return { status: 1, code: "HEADER_TRUNCATED", offset: length };
  if (dataOffset < 5) return { status: 2, code: "OFFSET_SMALL", offset: 12 };
  if (dataOffset * 4 > length) return { status: 3, code: "OFFSET_PAST_END", offset: 12 };
  return { status: 0, code: "OK", offset: 0 };
}
