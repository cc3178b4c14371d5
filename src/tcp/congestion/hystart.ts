import { ge } from "../../wire/seq.ts";
import type { RoundTrip } from "../rtt.ts";
import { NEVER } from "../timers.ts";

// RFC 9406 4.3, in ms and counts.
const MIN_RTT_THRESH = 4;
const MAX_RTT_THRESH = 16;
const MIN_RTT_DIVISOR = 8;
const RTT_SAMPLES = 8;
const CSS_GROWTH_DIVISOR = 4;
const CSS_ROUNDS = 5;
/** Segments that one acknowledgment may add where nothing paces them. */
const BURST = 8;

/**
 * HyStart++ (RFC 9406): slow start that looks at the round-trip times. When they rise it goes on four times
 * slower ("conservative slow start"), and ends after five rounds of that, unless they were just noise.
 */
export class HyStart {
  #roundEnd: number;
  #lastMin = NEVER;
  #currentMin = NEVER;
  #samples = 0;
  /** The least round trip when conservative slow start began; NEVER outside it. */
  #baseline = NEVER;
  #rounds = 0;

  constructor(sndNxt: number) {
    this.#roundEnd = sndNxt;
  }

  /**
   * By how much an acknowledgment of `acked` bytes grows cwnd.
   * @returns -1 when slow start is over
   */
  growth(acked: number, una: number, nxt: number, mss: number, rtt: RoundTrip, isPaced: boolean): number {
    this.#measure(rtt);
    const growth = isPaced ? acked : Math.min(acked, BURST * mss);
    const isConservative = this.#baseline !== NEVER;
    if (this.#samples >= RTT_SAMPLES) {
      if (isConservative && this.#currentMin < this.#baseline) this.#baseline = NEVER;
      else if (!isConservative && this.#hasRisen()) {
        this.#baseline = this.#currentMin;
        this.#rounds = 0;
      }
    }
    if (ge(una, this.#roundEnd)) {
      this.#beginRound(nxt);
      if (isConservative && ++this.#rounds >= CSS_ROUNDS) return -1;
    }
    return isConservative ? Math.ceil(growth / CSS_GROWTH_DIVISOR) : growth;
  }

  #measure(rtt: RoundTrip): void {
    this.#samples++;
    if (rtt.latest < this.#currentMin) this.#currentMin = rtt.latest;
  }

  #hasRisen(): boolean {
    if (this.#lastMin === NEVER) return false;
    const threshold = Math.max(MIN_RTT_THRESH, Math.min(this.#lastMin / MIN_RTT_DIVISOR, MAX_RTT_THRESH));
    return this.#currentMin >= this.#lastMin + threshold;
  }

  #beginRound(nxt: number): void {
    this.#lastMin = this.#currentMin;
    this.#currentMin = NEVER;
    this.#samples = 0;
    this.#roundEnd = nxt;
  }
}
