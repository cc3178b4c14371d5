import { instantiateSum, type SumExports } from "./sum.ts";

/**
 * One codec instance and its memory. Every view taken before an allocation may be detached by it
 * (memory growth replaces the buffer), so `u8`, `dv`... are looked up here each time and never kept.
 */
export class CodecMemory<Exports extends SumExports = SumExports> {
  readonly exports: Exports;
  #buffer: ArrayBuffer;
  #u8: Uint8Array<ArrayBuffer>;
  #dv: DataView<ArrayBuffer>;

  constructor(exports: Exports) {
    this.exports = exports;
    this.#buffer = exports.memory.buffer;
    this.#u8 = new Uint8Array(this.#buffer);
    this.#dv = new DataView(this.#buffer);
  }

  /** What `u8` and `dv` are views of; kept, for asking a view costs a call. Borrowed as they are. */
  get buffer(): ArrayBuffer {
    if (this.#u8.length === 0) this.#look();
    return this.#buffer;
  }

  /** All of the memory as bytes. Borrowed: valid until the next allocation. */
  get u8(): Uint8Array<ArrayBuffer> {
    if (this.#u8.length === 0) this.#look();
    return this.#u8;
  }

  /** All of the memory for fields in network order. Borrowed as `u8` is. */
  get dv(): DataView<ArrayBuffer> {
    if (this.#u8.length === 0) this.#look();
    return this.#dv;
  }

  /**
   * Reserves bytes for as long as the instance lives, aligned to 64.
   * @throws {RangeError} when the memory cannot grow
   */
  allocate(bytes: number): number {
    const at = this.exports.allocate(bytes);
    if (at === 0) throw new RangeError(`out of WebAssembly memory: ${bytes} bytes more`);
    // A memory that threads share detaches nothing when it grows: the views would stay as short as they are.
    this.#look();
    return at >>> 0;
  }

  #look(): void {
    this.#buffer = this.exports.memory.buffer;
    this.#u8 = new Uint8Array(this.#buffer);
    this.#dv = new DataView(this.#buffer);
  }
}

let shared: CodecMemory | undefined;

/** The instance that single segments and endpoints share. Created on first use. */
export function sharedCodec(): CodecMemory {
  shared ??= new CodecMemory(instantiateSum());
  return shared;
}
