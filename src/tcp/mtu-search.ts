/**
 * The search for the path's MTU by segments alone (RFC 4821), in bytes of whole IP packets. It lies from `low`,
 * which gets through, to `high`.
 */
export class MtuSearch {
  low: number;
  high: number;
  /** The probe in flight: its size (0 for none) and its sequence numbers. */
  size = 0;
  start = 0;
  end = 0;
  /** No probe before this time: the search had ended, or a probe told nothing. */
  waitUntil = 0;

  constructor(low: number, high: number) {
    this.low = low;
    this.high = high;
  }
}
