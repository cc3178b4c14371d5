// Checks of what a caller asks to be built. Each names the field and what it may hold.

/** @throws {RangeError} unless `value` is an integer from 0 to `most`, which is below 2^32 */
export function unsigned(name: string, value: number, most: number): void {
  if (value >>> 0 === value && value <= most) return;
  throw new RangeError(`${name}: ${value} is not an integer from 0 to ${most}`);
}

/** @throws {RangeError} unless `value` is a bigint of 64 bits without sign */
export function unsigned64(name: string, value: bigint): void {
  if (typeof value !== "bigint" || value < 0n || value >> 64n !== 0n) {
    throw new RangeError(`${name}: ${value} is not an unsigned 64-bit bigint`);
  }
}

/** @throws {TypeError} unless `value` is bytes, {RangeError} unless there are `least` to `most` of them */
export function byteCount(name: string, value: Uint8Array, least: number, most = least): void {
  if (!(ArrayBuffer.isView(value) && value.BYTES_PER_ELEMENT === 1)) {
    throw new TypeError(`${name}: expected bytes`);
  }
  if (value.length < least || value.length > most) {
    const allowed = least === most ? `${least}` : `${least} to ${most}`;
    throw new RangeError(`${name}: ${value.length} bytes, not ${allowed}`);
  }
}
