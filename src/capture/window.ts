import { MAX_RECORD, SLACK } from "../../assembly/layout/limits.ts";
import type { CodecMemory } from "../wasm/memory.ts";

/** Bytes of the window that input is read into; it grows for a record that is larger. */
export const WINDOW_SIZE = 1024 * 1024;

// The largest record, its header, and the block around it.
const MAX_WINDOW = MAX_RECORD + 64 * 1024;

/**
 * The stretch of the codec's memory that input passes through: it is read in behind `end`, parsed from
 * `start`, and what is left of an unfinished record moves to the front before more is read.
 */
export class Window {
  readonly #memory: CodecMemory;
  #base: number;
  #size = WINDOW_SIZE;
  /** The first byte not parsed yet. */
  start: number;
  /** Behind the last byte read. */
  end: number;
  /** Add it to an address in the window for the offset in the input. */
  fileBase: number;

  constructor(memory: CodecMemory) {
    this.#memory = memory;
    this.#base = memory.allocate(WINDOW_SIZE + SLACK);
    this.start = this.#base;
    this.end = this.#base;
    this.fileBase = -this.#base;
  }

  /** Bytes read and not parsed yet. */
  get left(): number {
    return this.end - this.start;
  }

  /** Where in the input parsing goes on. */
  get offset(): number {
    return this.start + this.fileBase;
  }

  /**
   * Where to read to. There is room for a byte at least: the window doubles when an unfinished record fills it,
   * so that a length that lies takes no more memory than twice the bytes that have come.
   */
  space(): Uint8Array<ArrayBuffer> {
    if (this.start > this.#base) this.#moveTo(this.#base);
    if (this.left === this.#size) this.#grow();
    return this.#memory.u8.subarray(this.end, this.#base + this.#size);
  }

  /** The bytes of the input from address `at` on. Borrowed. */
  view(at: number, length: number): Uint8Array<ArrayBuffer> {
    return this.#memory.u8.subarray(at, at + length);
  }

  #moveTo(base: number): void {
    this.#memory.u8.copyWithin(base, this.start, this.end);
    this.fileBase += this.start - base;
    this.end = base + this.left;
    this.start = base;
  }

  #grow(): void {
    this.#size = Math.min(2 * this.#size, MAX_WINDOW);
    const base = this.#memory.allocate(this.#size + SLACK);
    this.#moveTo(base);
    this.#base = base;
  }
}
