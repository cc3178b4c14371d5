/** What a host has seen and done since it began. All are counts of packets unless they say otherwise. */
export class HostCounters {
  packetsIn = 0;
  packetsOut = 0;
  /** Lengths that contradict each other, unknown versions, headers cut short. */
  malformed = 0;
  /** IP, ICMP or TCP checksums that are wrong. */
  badChecksums = 0;
  /** For addresses that are not ours, or from such as nobody has. */
  notForUs = 0;
  /** Of protocols that nobody here speaks. */
  unknownProtocol = 0;
  /** Arrived faster than they were taken. */
  overruns = 0;
  /** The link refused (threw), or nobody knew where to send them. */
  undeliverable = 0;
  fragmentsIn = 0;
  fragmentsOut = 0;
  /** Packets put together from fragments. */
  reassembled = 0;
  /** Fragments given up: overlapping, too many, too late. */
  fragmentsDropped = 0;
  icmpIn = 0;
  icmpOut = 0;
  /** RST in answer to segments of no connection (RFC 9293 3.10.7.1). */
  resetsOut = 0;
  /** SYNs that a listener had no room for. */
  synsDropped = 0;
  /** SYNs answered with a cookie, and connections that came of it (RFC 4987 3.6). */
  cookiesSent = 0;
  cookiesTaken = 0;
}
