/** Bars of the picture. */
export const BUCKETS = 64;

/**
 * How many segments there were when, in `BUCKETS` equal spans of time whose width doubles as the capture
 * turns out longer: one pass, no memory of the times.
 */
export class Activity {
  readonly counts: Float64Array = new Float64Array(BUCKETS);
  /** Nanoseconds a bucket. */
  width = 1_000_000;
  #start: bigint | undefined;

  /** When the first bucket starts: nanoseconds since the epoch; undefined before the first time. */
  get start(): bigint | undefined {
    return this.#start;
  }

  /** Counts the times of a batch. One before the first seen counts with it. */
  add(time: BigInt64Array, length: number): void {
    if (length === 0) return;
    this.#start ??= time[0];
    const start = this.#start;
    for (let i = 0; i < length; i++) {
      const offset = Number(time[i] - start);
      let bucket = Math.floor(offset / this.width);
      while (bucket >= BUCKETS) {
        this.#halve();
        bucket = Math.floor(offset / this.width);
      }
      this.counts[bucket < 0 ? 0 : bucket]++;
    }
  }

  #halve(): void {
    const { counts } = this;
    for (let i = 0; i < BUCKETS / 2; i++) counts[i] = counts[2 * i] + counts[2 * i + 1];
    counts.fill(0, BUCKETS / 2);
    this.width *= 2;
  }
}
