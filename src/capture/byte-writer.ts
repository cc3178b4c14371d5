/** Bytes that grow at their end, with numbers in either byte order. */
export class ByteWriter {
  readonly #little: boolean;
  #bytes = new Uint8Array(INITIAL_SIZE);
  #view = new DataView(this.#bytes.buffer);
  #end = 0;

  constructor(bigEndian: boolean) {
    this.#little = !bigEndian;
  }

  /** Bytes written since the last `take`. */
  get length(): number {
    return this.#end;
  }

  /** The bytes written since the last time, which are the caller's. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.#bytes.slice(0, this.#end);
    this.#end = 0;
    return taken;
  }

  u16(value: number): void {
    const at = this.#grow(2);
    this.#view.setUint16(at, value, this.#little);
  }

  u32(value: number): void {
    const at = this.#grow(4);
    this.#view.setUint32(at, value, this.#little);
  }

  u64(value: bigint): void {
    const at = this.#grow(8);
    this.#view.setBigUint64(at, value, this.#little);
  }

  /** 64 bits as two words, the high one first in either byte order, as pcapng writes time stamps. */
  highLow(value: bigint): void {
    const at = this.#grow(8);
    this.#view.setBigUint64(at, value, false);
    const high = this.#view.getUint32(at);
    const low = this.#view.getUint32(at + 4);
    this.#view.setUint32(at, high, this.#little);
    this.#view.setUint32(at + 4, low, this.#little);
  }

  /** A copy of `bytes`. */
  bytes(bytes: ArrayLike<number>): void {
    const at = this.#grow(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** Zeros up to the next multiple of four bytes from `start` on. */
  pad(start: number): void {
    const at = this.#grow((start - this.#end) & 3);
    this.#bytes.fill(0, at, this.#end);
  }

  /** Writes a 32-bit number over what is at `at`. */
  patch32(at: number, value: number): void {
    this.#view.setUint32(at, value, this.#little);
  }

  /** Takes back what was written from `at` on. */
  truncate(at: number): void {
    this.#end = at;
  }

  // It may replace the view: call it before the view is looked at.
  #grow(count: number): number {
    const at = this.#end;
    if (at + count > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(at + count, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, at));
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    this.#end = at + count;
    return at;
  }
}

const INITIAL_SIZE = 96 * 1024;
