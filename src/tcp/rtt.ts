import { NEVER } from "./timers.ts";

// RFC 6298 2.3: SRTT is an average over about 8 measurements, RTTVAR over about 4.
const ALPHA = 1 / 8;
const BETA = 1 / 4;
// RFC 8985 6.2 wants the least round trip of a recent period; a path that changed is believed after this.
const MIN_RTT_WINDOW = 300_000;

/** Round-trip time and retransmission timeout (RFC 6298), in milliseconds. */
export class RoundTrip {
  /** 0 before the first measurement. */
  srtt = 0;
  rttvar = 0;
  /** RTO without backoff. */
  rto: number;
  /** Least measurement of the last minutes, and when it was taken. */
  min = NEVER;
  minAt = NEVER;
  /** The last measurement. */
  latest = 0;
  /** Timeouts in a row without progress: the exponent of the backoff (RFC 6298 5.5). */
  backoff = 0;

  constructor(rto: number) {
    this.rto = rto;
  }
}

/**
 * Takes a measurement (RFC 6298 2). Several may be taken in one round trip: each then weighs less, so that
 * the averages reach equally far back (RFC 7323 G).
 *
 * @param samples measurements expected in one round trip
 * @param least of RTO - SRTT (`minRto`): it stands where 2.3 has the clock's granularity, so that a steady round trip
 *   leaves room for the peer's delayed acknowledgment however long it is
 * @param most of RTO (`maxRto`)
 */
export function measured(
  rtt: RoundTrip,
  ms: number,
  samples: number,
  least: number,
  most: number,
  now: number,
): void {
  rtt.latest = ms;
  if (ms <= rtt.min || now - rtt.minAt > MIN_RTT_WINDOW) {
    rtt.min = ms;
    rtt.minAt = now;
  }
  if (rtt.srtt === 0) {
    rtt.srtt = ms;
    rtt.rttvar = ms / 2;
  } else {
    rtt.rttvar += (Math.abs(rtt.srtt - ms) - rtt.rttvar) * (BETA / samples);
    rtt.srtt += (ms - rtt.srtt) * (ALPHA / samples);
  }
  rtt.rto = Math.min(most, rtt.srtt + Math.max(least, 4 * rtt.rttvar));
}

/** RTO with its backoff (RFC 6298 5.5). */
export function backedOff(rtt: RoundTrip, most: number): number {
  return Math.min(most, rtt.rto * 2 ** Math.min(rtt.backoff, 30));
}
