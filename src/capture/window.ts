import { MAX_RECORD, SLACK } from "../../assembly/layout/limits.ts";
import type { CodecMemory } from "../wasm/memory.ts";

/** Bytes of input that are read at a time; more for a record that is larger. */
export const WINDOW_SIZE = 1024 * 1024;

/**
 * Room for an unfinished record before what is read. So the place that is read to stays the same, a multiple of
 * a cache line, and the offset in the input a multiple of a page: from a file, the kernel copies between places
 * that are not aligned alike at half the speed.
 */
const HEADROOM = 128 * 1024;
const CACHE_LINE = 64;
const PAGE = 4096;

// The largest record, its header, and the block around it.
const MAX_SIZE = MAX_RECORD + 64 * 1024;

/**
 * The stretch of the codec's memory that input passes through: it is read in behind `end`, parsed from
 * `start`, and what is left of an unfinished record moves before the next that is read.
 */
export class Window {
  readonly #memory: CodecMemory;
  #size = HEADROOM + WINDOW_SIZE;
  #base: number;
  /** The first byte not parsed yet. */
  start = 0;
  /** Behind the last byte read. */
  end = 0;
  /** Add it to an address in the window for the offset in the input. */
  fileBase = 0;
  /** Where `start` was when room was last made, and where that room ends. */
  #settled = 0;
  #limit = 0;

  constructor(memory: CodecMemory) {
    this.#memory = memory;
    this.#base = memory.allocate(this.#size + SLACK);
    this.clear();
  }

  /** Bytes read and not parsed yet. */
  get left(): number {
    return this.end - this.start;
  }

  /** Where in the input parsing goes on. */
  get offset(): number {
    return this.start + this.fileBase;
  }

  /** Makes it the start of an input. */
  clear(): void {
    this.start = this.end = this.#base;
    this.fileBase = -this.#base;
    this.#settled = this.#limit = 0;
  }

  /**
   * Where to read to. There is room for a byte at least: the window doubles when an unfinished record fills it,
   * so that a length that lies takes no more memory than twice the bytes that have come.
   */
  space(): Uint8Array<ArrayBuffer> {
    // A record that comes bit by bit is not moved for each.
    if (this.start !== this.#settled || this.end >= this.#limit) this.#makeRoom();
    return this.#memory.u8.subarray(this.end, this.#limit);
  }

  /** Behind what was read, as far as there is room. */
  room(): Uint8Array<ArrayBuffer> {
    return this.#memory.u8.subarray(this.end, this.#limit);
  }

  /** Drops what was read: the next byte is `offset` bytes from the start of the input. */
  empty(offset: number): void {
    this.start = this.end = this.#settled = this.#base + HEADROOM + (offset % PAGE);
    this.#limit = this.#base + this.#size;
    this.fileBase = offset - this.start;
  }

  /** The bytes of the input from address `at` on. Borrowed. */
  view(at: number, length: number): Uint8Array<ArrayBuffer> {
    return this.#memory.u8.subarray(at, at + length);
  }

  #makeRoom(): void {
    const { left } = this;
    const before = Math.max(HEADROOM, Math.ceil(left / CACHE_LINE) * CACHE_LINE);
    if (before >= this.#size) {
      this.#size = Math.min(2 * this.#size, MAX_SIZE);
      this.#base = this.#memory.allocate(this.#size + SLACK);
    }
    this.#moveTo(this.#base + before - left);
    const room = this.#size - before;
    this.#limit = this.end + (room > PAGE ? room - (room % PAGE) : room);
    this.#settled = this.start;
  }

  #moveTo(start: number): void {
    this.#memory.u8.copyWithin(start, this.start, this.end);
    this.fileBase += this.start - start;
    this.end = start + this.left;
    this.start = start;
  }
}
