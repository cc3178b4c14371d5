/** What the IP headers of a socket say, beside addresses (RFC 9293 3.9.2). */
export interface IpOptions {
  /** Diffserv codepoint (RFC 2474) of every segment, 0 to 63; 0. */
  readonly dscp?: number;
  /** Time to live, or hop limit in IPv6, of every segment, 1 to 255; 64. */
  readonly ttl?: number;
}

/** Both in one number, DSCP above TTL. This is the default: best effort, 64 hops. */
export const UNMARKED = 64;

/**
 * What options ask for, defaults for the rest.
 * @throws {RangeError} for a number out of its range
 */
export function ipMarks({ dscp = dscpOf(UNMARKED), ttl = ttlOf(UNMARKED) }: IpOptions): number {
  if (!(Number.isInteger(dscp) && dscp >= 0 && dscp <= 63))
    throw new RangeError(`dscp: ${dscp} is not 0 to 63`);
  if (!(Number.isInteger(ttl) && ttl >= 1 && ttl <= 255)) throw new RangeError(`ttl: ${ttl} is not 1 to 255`);
  return (dscp << 8) | ttl;
}

export function dscpOf(marks: number): number {
  return marks >>> 8;
}

export function ttlOf(marks: number): number {
  return marks & 0xff;
}
