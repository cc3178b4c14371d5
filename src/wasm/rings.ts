import { SLACK } from "../../assembly/layout/limits.ts";
import { Desk } from "./desk.ts";
import { type CodecMemory, sharedCodec } from "./memory.ts";

const SMALLEST = 12; // 4 KiB
const LARGEST = 30; // 1 GiB, the widest window there is (RFC 7323 2.3)

/**
 * A byte ring of a stream, addressed by sequence number: the byte with number `s` lies at
 * `address + (s & (size - 1))`. As `size` is a power of two the ring goes round with the numbers, past
 * 2^32 too, and neither head nor tail has to be kept.
 */
export class Ring {
  readonly pool: RingPool;
  readonly address: number;
  readonly size: number;

  constructor(pool: RingPool, address: number, size: number) {
    this.pool = pool;
    this.address = address;
    this.size = size;
  }

  /** Copies all of `source` in at `seq`. */
  write(seq: number, source: Uint8Array): void {
    const { u8 } = this.pool.memory;
    const start = seq & (this.size - 1);
    const fits = this.size - start;
    if (source.length <= fits) {
      u8.set(source, this.address + start);
    } else {
      u8.set(source.subarray(0, fits), this.address + start);
      u8.set(source.subarray(fits), this.address);
    }
  }

  /** Copies the bytes from `seq` on out, as many as `target` holds. */
  read(seq: number, target: Uint8Array): void {
    const { u8 } = this.pool.memory;
    const start = seq & (this.size - 1);
    const at = this.address + start;
    const fits = this.size - start;
    if (target.length <= fits) {
      target.set(u8.subarray(at, at + target.length));
    } else {
      target.set(u8.subarray(at, at + fits));
      target.set(u8.subarray(this.address, this.address + target.length - fits), fits);
    }
  }

  /** Copies `n` bytes from `seq` on to the packet at `to` and returns their little-endian sum, folded. */
  copyOut(seq: number, to: number, n: number): number {
    const start = seq & (this.size - 1);
    const { exports } = this.pool.memory;
    if (start + n <= this.size) return exports.copyAndSum(to, this.address + start, n, 0);
    // Two pieces: an odd first one would swap the bytes of the second's sum, so it is summed in the packet.
    this.#copy(to, seq, n);
    return exports.checksumPart(to, n, 0);
  }

  /** Whether `copyInSummed` can take `n` bytes at `seq` in one piece. */
  isContiguous(seq: number, n: number): boolean {
    return (seq & (this.size - 1)) + n <= this.size;
  }

  /** Copies `n` bytes of the packet at `from` in at `seq`, in one piece, and returns `initial` plus their sum, folded. */
  copyInSummed(seq: number, from: number, n: number, initial: number): number {
    return this.pool.memory.exports.copyAndSum(this.address + (seq & (this.size - 1)), from, n, initial);
  }

  /** Copies `n` bytes of the packet at `from` in at `seq`. */
  copyIn(seq: number, from: number, n: number): void {
    const { u8 } = this.pool.memory;
    const start = seq & (this.size - 1);
    const fits = this.size - start;
    if (n <= fits) {
      u8.copyWithin(this.address + start, from, from + n);
    } else {
      u8.copyWithin(this.address + start, from, from + fits);
      u8.copyWithin(this.address, from + fits, from + n);
    }
  }

  /**
   * A ring of at least `size` bytes with the `n` bytes from `seq` on moved over; this one is released.
   * @throws {RangeError} when the memory cannot grow; then this ring is as it was
   */
  grown(size: number, seq: number, n: number): Ring {
    const larger = this.pool.take(size);
    const { u8 } = this.pool.memory;
    for (let done = 0; done < n; ) {
      const from = (seq + done) & (this.size - 1);
      const to = (seq + done) & (larger.size - 1);
      const piece = Math.min(n - done, this.size - from, larger.size - to);
      u8.copyWithin(larger.address + to, this.address + from, this.address + from + piece);
      done += piece;
    }
    this.release();
    return larger;
  }

  /** Gives the bytes back to the pool. The ring must not be used again. */
  release(): void {
    this.pool.give(this);
  }

  #copy(to: number, seq: number, n: number): void {
    const { u8 } = this.pool.memory;
    const start = seq & (this.size - 1);
    const fits = Math.min(n, this.size - start);
    u8.copyWithin(to, this.address + start, this.address + start + fits);
    u8.copyWithin(to + fits, this.address, this.address + n - fits);
  }
}

/**
 * Rings in one codec's memory, in sizes that are powers of two, kept in free lists when released. A
 * connection takes one when bytes arrive and releases it when the last has gone, so an idle connection
 * has none, and a thousand busy ones share what a thousand idle ones left.
 */
export class RingPool {
  readonly memory: CodecMemory;
  /** Where packets from outside the memory are laid, and where one is written that nobody made room for. */
  readonly inbound: Desk;
  readonly outbound: Desk;
  readonly #free: Ring[][] = [];

  constructor(memory: CodecMemory = sharedCodec()) {
    this.memory = memory;
    this.inbound = new Desk(memory);
    this.outbound = new Desk(memory);
    for (let log2 = 0; log2 <= LARGEST; log2++) this.#free.push([]);
  }

  /**
   * A ring of at least `size` bytes, its contents undefined.
   * @throws {RangeError} when the memory cannot grow, or `size` is above 1 GiB
   */
  take(size: number): Ring {
    const log2 = Math.max(SMALLEST, 32 - Math.clz32(size - 1));
    if (log2 > LARGEST) throw new RangeError(`ring of ${size} bytes: at most 1 GiB`);
    return this.#free[log2].pop() ?? new Ring(this, this.memory.allocate((1 << log2) + SLACK), 1 << log2);
  }

  /** Takes a ring back. */
  give(ring: Ring): void {
    this.#free[31 - Math.clz32(ring.size)].push(ring);
  }
}

let shared: RingPool | undefined;

/** The pool of the shared codec. Created on first use. */
export function sharedRings(): RingPool {
  shared ??= new RingPool();
  return shared;
}
