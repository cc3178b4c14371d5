import { PCAPNG_OPT_COMMENT, PCAPNG_OPT_END } from "../../assembly/layout/capture.ts";
import { MAX_RECORD } from "../../assembly/layout/limits.ts";
import { ByteWriter } from "./byte-writer.ts";

/** Writes pcapng blocks and their options (draft-ietf-opsawg-pcapng 3.1, 3.5). */
export class BlockWriter {
  readonly out: ByteWriter;

  constructor(bigEndian: boolean) {
    this.out = new ByteWriter(bigEndian);
  }

  /**
   * Writes a block whose body `write` writes. Where that throws, nothing is written.
   * @throws {RangeError} when the block is larger than readers take
   */
  block(type: number, write: (blocks: this) => void): void {
    const start = this.out.length;
    try {
      this.out.u32(type);
      this.out.u32(0);
      write(this);
      this.out.pad(start);
      const length = this.out.length + 4 - start;
      if (length > MAX_RECORD) throw new RangeError(`a block of ${length} bytes is more than readers take`);
      this.out.u32(length);
      this.out.patch32(start + 4, length);
    } catch (error) {
      this.out.truncate(start);
      throw error;
    }
  }

  /** Bytes, and zeros to a multiple of four. */
  padded(bytes: ArrayLike<number>): void {
    const start = this.out.length;
    this.out.bytes(bytes);
    this.out.pad(start);
  }

  /**
   * An option of `length` bytes, which `write` writes.
   * @throws {RangeError} when its length does not fit 16 bits
   */
  option(code: number, length: number, write: (out: ByteWriter) => void): void {
    if (length > 0xffff) throw new RangeError(`option ${code}: ${length} bytes do not fit`);
    this.out.u16(code);
    this.out.u16(length);
    const start = this.out.length;
    write(this.out);
    this.out.pad(start);
  }

  /** A text option, unless there is no text. */
  text(code: number, text: string | undefined): void {
    if (text === undefined) return;
    const bytes = new TextEncoder().encode(text);
    this.option(code, bytes.length, (out) => out.bytes(bytes));
  }

  comments(comments: readonly string[] = []): void {
    for (const comment of comments) this.text(PCAPNG_OPT_COMMENT, comment);
  }

  endOfOptions(): void {
    this.out.u16(PCAPNG_OPT_END);
    this.out.u16(0);
  }
}
