import { SLACK } from "../../assembly/layout/limits.ts";
import { type CodecMemory, sharedCodec } from "./memory.ts";

/** Bytes before each packet for the headers of the layers below: Ethernet with a tag, IPv6. Even, so that sums keep their order. */
export const HEADROOM = 64;

/**
 * A queue of packets in one codec's memory: a fixed number of slots of a fixed size. Packets are written
 * where they will be read, so that nothing copies them on the way; they leave in the order of arrival.
 */
export class SlotQueue {
  readonly memory: CodecMemory;
  /** Bytes a packet may have. */
  readonly bytes: number;
  readonly #base: number;
  readonly #stride: number;
  readonly #mask: number;
  readonly #lengths: Int32Array;
  readonly #marks: Uint16Array;
  // Counts of packets since the start, modulo 2^32: the slot is the count's low bits.
  #head = 0;
  #tail = 0;

  /**
   * @param slots how many packets it holds, rounded up to a power of two
   * @param bytes the longest packet, without `HEADROOM`
   * @throws {RangeError} when the memory cannot grow
   */
  constructor(slots: number, bytes: number, memory: CodecMemory = sharedCodec()) {
    const count = slots < 2 ? 1 : 1 << (32 - Math.clz32(slots - 1));
    this.memory = memory;
    this.bytes = bytes;
    this.#mask = count - 1;
    this.#stride = (HEADROOM + bytes + SLACK + 63) & ~63;
    this.#base = memory.allocate(this.#stride * count);
    this.#lengths = new Int32Array(count);
    this.#marks = new Uint16Array(count);
  }

  /** Packets in it. */
  get length(): number {
    return (this.#tail - this.#head) | 0;
  }

  /** Where the next packet of up to `length` bytes may be written; 0 when the queue is full or the packet too long. */
  reserve(length: number): number {
    if (this.length > this.#mask || length > this.bytes) return 0;
    return this.#base + (this.#tail & this.#mask) * this.#stride + HEADROOM;
  }

  /** Appends the packet written at the address that `reserve` gave last (or up to `HEADROOM` bytes before it). */
  commit(address: number, length: number, mark: number): void {
    const slot = this.#tail & this.#mask;
    this.#lengths[slot] = length;
    this.#marks[slot] = mark | ((this.#base + slot * this.#stride + HEADROOM - address) << 2);
    this.#tail = (this.#tail + 1) | 0;
  }

  /** Address of the oldest packet; 0 when there is none. */
  get address(): number {
    if (this.#head === this.#tail) return 0;
    const slot = this.#head & this.#mask;
    return this.#base + slot * this.#stride + HEADROOM - (this.#marks[slot] >> 2);
  }

  /** Length of the oldest packet in bytes. */
  get byteLength(): number {
    return this.#lengths[this.#head & this.#mask];
  }

  /** The ECN codepoint that the oldest packet was committed with. */
  get ecn(): number {
    return this.#marks[this.#head & this.#mask] & 3;
  }

  /** Drops the oldest packet: its slot may be written again. */
  shift(): void {
    if (this.#head !== this.#tail) this.#head = (this.#head + 1) | 0;
  }
}
