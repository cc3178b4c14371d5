// Network byte order by indexing: a DataView or a subarray costs more than the fields it would read.

export function get16(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 8) | bytes[at + 1];
}

export function get24(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2];
}

export function get32(bytes: Uint8Array, at: number): number {
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
}

export function get64(bytes: Uint8Array, at: number): bigint {
  return (BigInt(get32(bytes, at)) << 32n) | BigInt(get32(bytes, at + 4));
}

export function put16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

export function put24(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 16;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value;
}

export function put32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

export function put64(bytes: Uint8Array, at: number, value: bigint): void {
  put32(bytes, at, Number(value >> 32n));
  put32(bytes, at + 4, Number(value & 0xffffffffn));
}

/** Copies `source` to `target` at `at` and returns where it ends. */
export function put(target: Uint8Array, at: number, source: ArrayLike<number>): number {
  for (let i = 0; i < source.length; i++) target[at + i] = source[i];
  return at + source.length;
}

/** A copy of `bytes[start, end)`; `slice` would keep the subclass, and Node's Buffer shares its memory. */
export function copy(bytes: Uint8Array, start: number, end: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(end - start);
  for (let i = start; i < end; i++) out[i - start] = bytes[i];
  return out;
}

/** A copy, of Node's `Buffer` too, whose `slice` makes none. */
export function copyOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}
