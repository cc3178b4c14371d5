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
