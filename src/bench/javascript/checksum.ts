/**
 * The unfolded sum of `length` bytes at `at` as little-endian 16-bit words (RFC 1071), below 2^46 up to
 * 64 KiB. Whole 32-bit loads added as doubles: the fastest of seven ways tried, at any alignment.
 */
export function sumWords(view: DataView, at: number, length: number): number {
  let sum = 0;
  let i = at;
  for (const end = at + (length & ~15); i < end; i += 16) {
    sum +=
      view.getUint32(i, true) +
      view.getUint32(i + 4, true) +
      view.getUint32(i + 8, true) +
      view.getUint32(i + 12, true);
  }
  for (const end = at + (length & ~3); i < end; i += 4) sum += view.getUint32(i, true);
  if (length & 2) {
    sum += view.getUint16(i, true);
    i += 2;
  }
  return length & 1 ? sum + view.getUint8(i) : sum;
}

/** Folds a sum below 2^47 to 16 bits, end-around carries included. */
export function fold(sum: number): number {
  const high = (sum / 0x10000) | 0;
  let folded = (high & 0xffff) + (high >>> 16) + (sum - high * 0x10000);
  folded = (folded & 0xffff) + (folded >>> 16);
  return (folded & 0xffff) + (folded >>> 16);
}

// A DataView costs as much to make as a hundred bytes to sum: one is kept for the buffer seen last.
let view: DataView = new DataView(new ArrayBuffer(0));

/** The Internet checksum of `bytes` (RFC 1071), as it stands in a header. */
export function checksum(bytes: Uint8Array): number {
  if (view.buffer !== bytes.buffer) view = new DataView(bytes.buffer);
  const sum = fold(sumWords(view, bytes.byteOffset, bytes.length));
  return ~((sum << 8) | (sum >>> 8)) & 0xffff;
}
