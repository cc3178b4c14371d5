/** IPv6 addresses, each kept once, so that equal indices mean equal addresses. */
export class AddressPool {
  #bytes: Uint8Array<ArrayBuffer>;
  #count: number;
  /** 1 + the index last found for a hash. Most addresses of a capture are one of a few. */
  readonly #recent = new Uint32Array(RECENT);
  /** Every index by its address. The engine keys its hashes, so no capture can be made to collide in it. */
  #indices: Map<string, number> | undefined;

  /** @param bytes addresses to begin with, all different, 16 bytes each; they are not written to */
  constructor(bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0)) {
    this.#bytes = bytes;
    this.#count = bytes.length / 16;
  }

  /** The addresses, 16 bytes each in network order. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#count * 16);
  }

  /** The index of the 16 bytes at `at`, which are copied if they are new. */
  intern(from: Uint8Array, at: number): number {
    let hash = 0;
    for (let i = 0; i < 16; i++) hash = Math.imul(hash ^ from[at + i], 0x01000193);
    const slot = (hash ^ (hash >>> 15)) & (RECENT - 1);
    const recent = this.#recent[slot] - 1;
    if (recent >= 0 && this.#is(recent, from, at)) return recent;
    const index = this.#find(from, at);
    this.#recent[slot] = index + 1;
    return index;
  }

  #is(index: number, from: Uint8Array, at: number): boolean {
    for (let i = 0, p = index * 16; i < 16; i++) if (this.#bytes[p + i] !== from[at + i]) return false;
    return true;
  }

  #find(from: Uint8Array, at: number): number {
    this.#indices ??= this.#indexAll();
    const key = keyOf(from, at);
    const known = this.#indices.get(key);
    if (known !== undefined) return known;
    const index = this.#count++;
    if (this.#bytes.length < this.#count * 16) {
      const grown = new Uint8Array(Math.max(1024, this.#bytes.length * 2));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes.set(from.subarray(at, at + 16), index * 16);
    this.#indices.set(key, index);
    return index;
  }

  #indexAll(): Map<string, number> {
    const indices = new Map<string, number>();
    for (let index = 0; index < this.#count; index++) indices.set(keyOf(this.#bytes, index * 16), index);
    return indices;
  }
}

const RECENT = 4096;

function keyOf(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 16));
}
