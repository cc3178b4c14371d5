import {
  COUNT_FRAGMENTS,
  COUNT_FRAMES,
  COUNTERS,
  COUNTERS_END,
  STATE_EARLIEST,
  STATE_END,
  STATE_LATEST,
} from "../../../assembly/layout/state.ts";
import { type CaptureTotals, readTotals } from "../../capture/totals.ts";

/** The counters of a codec as they stood when its batch was taken. */
export type Counters = Float64Array;

const COUNT = (COUNTERS_END - COUNTERS) / 8;

export function noCounters(): Counters {
  return new Float64Array(COUNT);
}

export function countersIn(memory: ArrayBufferLike): Counters {
  const view = new DataView(memory);
  return Float64Array.from({ length: COUNT }, (_, i) => Number(view.getBigUint64(COUNTERS + 8 * i, true)));
}

export function fragmentsOf(counters: Counters): number {
  return counters[(COUNT_FRAGMENTS - COUNTERS) / 8];
}

export function framesOf(counters: Counters): number {
  return counters[(COUNT_FRAMES - COUNTERS) / 8];
}

/** The sum of what several codecs counted, laid out as one codec's counters are. */
export class Ledger {
  readonly #memory = new ArrayBuffer(STATE_END);
  readonly #view = new DataView(this.#memory);

  constructor() {
    this.#view.setBigInt64(STATE_EARLIEST, 2n ** 63n - 1n, true);
    this.#view.setBigInt64(STATE_LATEST, -(2n ** 63n), true);
  }

  get totals(): CaptureTotals {
    return readTotals(this.#memory);
  }

  get frames(): number {
    return Number(this.#view.getBigUint64(COUNT_FRAMES, true));
  }

  /** Adds what a codec counted from `before` to `after`, and the times in its memory. */
  add(before: Counters, after: Counters, memory: ArrayBufferLike): void {
    const view = this.#view;
    for (let i = 0; i < COUNT; i++) {
      const at = COUNTERS + 8 * i;
      const sum = view.getBigUint64(at, true) + BigInt(after[i] - before[i]);
      view.setBigUint64(at, sum, true);
    }
    const from = new DataView(memory);
    const earliest = from.getBigInt64(STATE_EARLIEST, true);
    if (earliest < view.getBigInt64(STATE_EARLIEST, true)) view.setBigInt64(STATE_EARLIEST, earliest, true);
    const latest = from.getBigInt64(STATE_LATEST, true);
    if (latest > view.getBigInt64(STATE_LATEST, true)) view.setBigInt64(STATE_LATEST, latest, true);
  }
}
