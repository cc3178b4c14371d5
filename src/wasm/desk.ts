import { SLACK } from "../../assembly/layout/limits.ts";
import type { CodecMemory } from "./memory.ts";
import { HEADROOM } from "./slots.ts";

const LARGEST = 65536;

/**
 * A place in one codec's memory for a single packet at a time: where bytes from outside are laid to be read,
 * or a packet is written to be shown. The next one overwrites it.
 */
export class Desk {
  readonly memory: CodecMemory;
  #address = 0;
  /** Views that lie here, as the last ones shown did: to ask one for its buffer is a call out of the script. */
  #here: Uint8Array | null = null;
  #hereToo: Uint8Array | null = null;

  constructor(memory: CodecMemory) {
    this.memory = memory;
  }

  /**
   * Its address, with `HEADROOM` bytes before it and room for 64 KiB.
   * @throws {RangeError} when the memory cannot grow
   */
  get address(): number {
    if (this.#address === 0) this.#address = this.memory.allocate(HEADROOM + LARGEST + SLACK) + HEADROOM;
    return this.#address;
  }

  /**
   * Where `bytes` lie in the memory: they are copied here, unless they lie in it already.
   * @throws {RangeError} when there are more than 64 KiB
   */
  lay(bytes: Uint8Array): number {
    if ((bytes === this.#here || bytes === this.#hereToo) && bytes.length > 0) return bytes.byteOffset;
    const { buffer, u8 } = this.memory;
    // The kernel may load past the end of its input: what lies too near the end of memory is copied.
    const isHere = bytes.buffer === buffer && bytes.byteOffset + bytes.length + SLACK <= u8.length;
    if (isHere) {
      this.#hereToo = this.#here;
      this.#here = bytes;
      return bytes.byteOffset;
    }
    if (bytes.length > LARGEST) throw new RangeError(`packet of ${bytes.length} bytes: at most ${LARGEST}`);
    const { address } = this;
    this.memory.u8.set(bytes, address);
    return address;
  }
}
