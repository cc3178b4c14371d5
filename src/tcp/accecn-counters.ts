/**
 * The byte counters of AccECN (RFC 9768 3.2.3): payload bytes by the codepoint that they arrived with, modulo
 * 2^24. ECT counters begin at 1, so that an option wiped to zeros shows.
 */
export class ByteCounters {
  /** r.e0b, r.ceb, r.e1b: what has arrived. */
  e0b = 1;
  ceb = 0;
  e1b = 1;
  /** s.e0b, s.ceb, s.e1b: what the peer has reported of ours. */
  reportedE0b = 1;
  reportedCeb = 0;
  reportedE1b = 1;
  /** The codepoint that the last data arrived with; -1 before. */
  last = -1;
  /** An option is due on the next segment: data have arrived since the last one (3.2.3.3). */
  due = true;
  /** Our options seem to get through, and the peer's do: only then are there any (3.2.3.2). */
  sends = false;
  /** The peer's first option has been seen, and was sane. */
  seen = false;
  /** It was not: all of them are ignored (3.2.3.2.3). */
  mangled = false;
}
