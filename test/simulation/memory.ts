import { type Ring, RingPool } from "../../src/wasm/rings.ts";

/** The pool of all simulated connections of this process. It counts what is out. */
class CountingPool extends RingPool {
  /** Rings, and their bytes, that connections hold now. */
  rings = 0;
  bytes = 0;
  /** The most bytes that were out at a time since `forget`. */
  peak = 0;
  readonly #out = new Set<Ring>();

  override take(size: number): Ring {
    const ring = super.take(size);
    if (this.#out.has(ring)) throw new Error("the pool gave a ring twice");
    this.#out.add(ring);
    this.rings++;
    this.bytes += ring.size;
    this.peak = Math.max(this.peak, this.bytes);
    return ring;
  }

  override give(ring: Ring): void {
    if (!this.#out.delete(ring)) throw new Error("a ring was released twice");
    this.rings--;
    this.bytes -= ring.size;
    super.give(ring);
  }

  /** A connection begins: whatever a failed one before it holds is not its fault. */
  forget(): void {
    this.#out.clear();
    this.rings = this.bytes = this.peak = 0;
  }
}

export const pool = new CountingPool();
