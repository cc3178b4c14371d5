/** xorshift32: the same numbers in every runtime; for test data, not for secrets. */
export class Random {
  #state: number;

  constructor(seed = 2463534242) {
    this.#state = seed | 0;
  }

  /** 32 bits, unsigned. */
  next(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return x >>> 0;
  }

  /** An integer from 0 up to `bound`, exclusive. */
  below(bound: number): number {
    return this.next() % bound;
  }
}
