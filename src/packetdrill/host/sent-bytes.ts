/** What an application has written to a connection, by offset from the first byte. */
export class SentBytes {
  #bytes = new Uint8Array(256);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  append(bytes: Uint8Array): void {
    const needed = this.#length + bytes.length;
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, this.#length);
    this.#length = needed;
  }

  /** The first offset at which a segment says something else, or says what was not written; -1 where it is right. */
  firstWrong(offset: number, payload: Uint8Array): number {
    for (let i = 0; i < payload.length; i++) {
      const at = offset + i;
      if (at < 0 || at >= this.#length || this.#bytes[at] !== payload[i]) return at;
    }
    return -1;
  }
}

/** A byte of a stream that no one has written out: it tells its offset, modulo a prime. */
export function patternByte(offset: number): number {
  return offset % 251;
}

/** Bytes of that stream from an offset on. */
export function pattern(offset: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => patternByte(offset + i));
}
