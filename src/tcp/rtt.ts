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

  get rttvar(): number {
    return this.#rttvar / UNITS;
  }

  /** Least measurement of the last minutes; NEVER before the first. */
  get min(): number {
    return this.#min === NONE ? NEVER : this.#min / UNITS;
  }

  /** The last measurement. */
  get latest(): number {
    return this.#latest / UNITS;
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
  measured(ms: number, samples: number, least: number, most: number, now: number): void {
    const taken = units(ms);
    const second = Math.floor(now / 1000) | 0;
    this.#latest = taken;
    if (this.#min === NONE || ms <= this.#min / UNITS || ((second - this.minAt) | 0) > MIN_RTT_WINDOW) {
      this.#min = taken;
      this.minAt = second;
    }
    if (this.#srtt === 0) {
      this.#srtt = taken;
      this.#rttvar = units(ms / 2);
    } else {
      const { srtt, rttvar } = this;
      this.#rttvar = units(rttvar + (Math.abs(srtt - ms) - rttvar) * (BETA / samples));
      this.#srtt = units(srtt + (ms - srtt) * (ALPHA / samples));
    }
    this.rto = Math.min(most, this.srtt + Math.max(least, 4 * this.rttvar));
  }
}

function units(ms: number): number {
  return Math.min(Math.round(ms * UNITS), LONGEST) | 0;
}

/** RTO with its backoff (RFC 6298 5.5). */
export function backedOff(rtt: RoundTrip, most: number): number {
  return Math.min(most, rtt.rto * (1 << Math.min(rtt.backoff, 30)));
}
