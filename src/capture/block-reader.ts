import { PCAPNG_OPT_COMMENT, PCAPNG_OPT_END } from "../../assembly/layout/capture.ts";

/** A pcapng block whose contents do not fit it. */
export class BlockError extends Error {
  override readonly name = "BlockError";
}

/**
 * Reads the body of one pcapng block from its start to its end, in the byte order of its section. Nothing
 * outside the body is read. Borrowed: it looks at WebAssembly memory and is of no use after the block.
 */
export class BlockReader {
  readonly #view: DataView;
  readonly #little: boolean;
  #at = 0;

  /** @param body what lies between the block's two total lengths */
  constructor(body: Uint8Array, bigEndian: boolean) {
    this.#view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    this.#little = !bigEndian;
  }

  /** Bytes not read yet. */
  get left(): number {
    return this.#view.byteLength - this.#at;
  }

  u16(): number {
    return this.#view.getUint16(this.#step(2), this.#little);
  }

  u32(): number {
    return this.#view.getUint32(this.#step(4), this.#little);
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#step(8), this.#little);
  }

  i64(): bigint {
    return this.#view.getBigInt64(this.#step(8), this.#little);
  }

  /** A time stamp: two 32-bit words, the high one first in either byte order. */
  ticks(): bigint {
    return (BigInt(this.u32()) << 32n) | BigInt(this.u32());
  }

  /** The next `length` bytes, a copy; the padding to four bytes behind them is stepped over. */
  bytes(length: number): Uint8Array<ArrayBuffer> {
    const copy = new Uint8Array(length);
    copy.set(this.#take(length));
    return copy;
  }

  byte(): number {
    return this.#view.getUint8(this.#step(1));
  }

  /** The next `length` bytes as UTF-8, without zeros at the end; steps over the padding too. */
  text(length: number): string {
    decoder ??= new TextDecoder();
    return decoder.decode(this.bytes(length)).replace(/\0+$/, "");
  }

  /** The next `length` bytes as a reader of their own; steps over the padding too. */
  part(length: number): BlockReader {
    return new BlockReader(this.#take(length), !this.#little);
  }

  /**
   * Calls `handle` for each option up to the end of the options or of the block (draft-ietf-opsawg-pcapng
   * 3.5). Comments go to `comments`.
   */
  options(comments: string[], handle: (code: number, value: BlockReader) => void): void {
    while (this.left >= 4) {
      const code = this.u16();
      const length = this.u16();
      if (code === PCAPNG_OPT_END) return;
      if (length > this.left)
        throw new BlockError(`option ${code} of ${length} bytes where ${this.left} are left`);
      const value = this.part(length);
      if (code === PCAPNG_OPT_COMMENT) comments.push(value.text(length));
      else handle(code, value);
    }
  }

  #take(length: number): Uint8Array {
    const at = this.#step(length);
    // The last padding may be missing from an option list without end; the block itself is aligned.
    this.#at = Math.min((this.#at + 3) & ~3, this.#view.byteLength);
    return new Uint8Array(this.#view.buffer, this.#view.byteOffset + at, length);
  }

  #step(length: number): number {
    if (length > this.left) throw new BlockError(`${length} bytes expected where ${this.left} are left`);
    const at = this.#at;
    this.#at += length;
    return at;
  }
}

let decoder: TextDecoder | undefined;
