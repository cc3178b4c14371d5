import { NEVER } from "./timers.ts";

// RFC 6298 2.3: SRTT is an average over about 8 measurements, RTTVAR over about 4.
const ALPHA = 1 / 8;
const BETA = 1 / 4;
// RFC 8985 6.2 wants the least round trip of a recent period; a path that changed is believed after this.
const MIN_RTT_WINDOW = 300;

// Averages are kept in eighths of a microsecond, as by Linux: whole numbers, which V8 stores in place.
const UNITS = 8000;
const LONGEST = 2 ** 31 - 1;
const NONE = -1;

/** Round-trip time and retransmission timeout (RFC 6298), in milliseconds. Round trips of more than 268 s count as that. */
export class RoundTrip {
  /** RTO without backoff. */
  rto: number;
  /** Timeouts in a row without progress: the exponent of the backoff (RFC 6298 5.5). */
  backoff = 0;
  /** When `min` was taken, in seconds. */
  minAt = 0;
  #srtt = 0;
  #rttvar = 0;
  #min = NONE;
  #latest = 0;

  constructor(rto: number) {
    this.rto = rto;
  }

  /** 0 before the first measurement. */
  get srtt(): number {
    return this.#srtt / UNITS;
  }
  set srtt(ms: number) {
    this.#srtt = units(ms);
  }

  get rttvar(): number {
    return this.#rttvar / UNITS;
  }
  set rttvar(ms: number) {
    this.#rttvar = units(ms);
  }

  /** Least measurement of the last minutes; NEVER before the first. */
  get min(): number {
    return this.#min === NONE ? NEVER : this.#min / UNITS;
  }
  set min(ms: number) {
    this.#min = units(ms);
  }

  /** The last measurement. */
  get latest(): number {
    return this.#latest / UNITS;
  }
  set latest(ms: number) {
    this.#latest = units(ms);
  }
}

function units(ms: number): number {
  return Math.min(Math.round(ms * UNITS), LONGEST) | 0;
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
  const second = Math.floor(now / 1000) | 0;
  if (ms <= rtt.min || second - rtt.minAt > MIN_RTT_WINDOW) {
    rtt.min = ms;
    rtt.minAt = second;
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
  return Math.min(most, rtt.rto * (1 << Math.min(rtt.backoff, 30)));
}
