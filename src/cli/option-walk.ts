import { OPT_EOL, OPT_NOP, TCP_HEADER_MIN } from "../../assembly/layout/wire.ts";
import { capturedHeaderLength } from "../capture/segment-bytes.ts";
import type { Segments } from "../capture/segments.ts";
import { headerStands } from "./fields/header.ts";

/**
 * Goes through the options of a row as Wireshark lists them, which is not quite how a receiver reads them
 * (`OptionCursor`): padding behind an end of list is options too, and one that reaches past the end of the
 * header ends the list unseen, while one that the capture alone cuts is the last. Reusable; allocates nothing.
 */
export class OptionWalk {
  /** The option's kind. */
  kind = 0;
  /** Where its kind byte lies in the row's bytes. */
  offset = 0;
  /** Its length, kind and length byte included, which may reach past what was captured. */
  length = 0;
  bytes: Uint8Array = NOTHING;

  #headerEnd = 0;
  #capturedEnd = 0;

  /** Sets the walk before the first option of row `i`. */
  reset(segments: Segments, i: number): this {
    const start = segments.headerOffset[i];
    this.bytes = segments.bytes;
    this.offset = start + TCP_HEADER_MIN;
    this.length = 0;
    const stands = headerStands(segments, i);
    this.#headerEnd = stands ? start + segments.headerLength[i] : this.offset;
    this.#capturedEnd = stands ? start + capturedHeaderLength(segments, i) : this.offset;
    return this;
  }

  /** Moves to the next option, and tells whether there is one. */
  next(): boolean {
    const at = this.offset + this.length;
    if (at >= this.#capturedEnd) return false;
    const kind = this.bytes[at];
    let length = 1;
    if (kind !== OPT_EOL && kind !== OPT_NOP) {
      if (at + 1 >= this.#capturedEnd) return false;
      length = this.bytes[at + 1];
      if (length < 2 || at + length > this.#headerEnd) return false;
    }
    this.kind = kind;
    this.offset = at;
    this.length = length;
    return true;
  }

  /** Whether the option's first `length` bytes were captured. */
  holds(length: number): boolean {
    return this.offset + length <= this.#capturedEnd;
  }

  /** The captured bytes of all options; empty without. Borrowed. */
  all(segments: Segments, i: number): Uint8Array {
    this.reset(segments, i);
    return this.bytes.subarray(this.offset, this.#capturedEnd);
  }
}

const NOTHING = new Uint8Array(0);
