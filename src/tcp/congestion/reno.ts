import type { RoundTrip } from "../rtt.ts";
import type { Congestion, CongestionControl } from "./control.ts";

/** Reno (RFC 5681 3.1): a segment more each round trip, half of it after a loss. */
export const reno: CongestionControl = {
  name: "reno",

  grow(cc: Congestion, acked: number, mss: number, _rtt: RoundTrip, _now: number): void {
    if (cc.cwnd < cc.ssthresh) slowStart(cc, acked);
    else avoidCongestion(cc, acked, mss);
  },

  reduce(_cc: Congestion, flight: number, mss: number): number {
    return Math.max(flight >> 1, 2 * mss); // (4)
  },
};

/** Each byte acknowledged lets one more be sent: cwnd doubles in a round trip (RFC 5681 3.1, RFC 3465 2.2). */
export function slowStart(cc: Congestion, acked: number): void {
  cc.cwnd += acked;
}

/** A full cwnd acknowledged lets one segment more be sent (RFC 5681 3.1, the form that counts bytes). */
export function avoidCongestion(cc: Congestion, acked: number, mss: number): void {
  cc.credit += acked;
  if (cc.credit < cc.cwnd) return;
  cc.credit -= cc.cwnd;
  cc.cwnd += mss;
}
