/** What can be wrong with a packet, as a number; `OK` is 0. */
export const OK = 0;
/** Lengths that contradict each other or the bytes there are, another version, endless headers. */
export const MALFORMED = 1;
export const BAD_CHECKSUM = 2;
/** Well-formed, and of no use to anyone above: dropped without an answer. */
export const UNWANTED = 3;
/** An IPv6 header or option that asks for an ICMP error when it is not understood: `problem` and `pointer` say which. */
export const PROBLEM = 4;

/** The IP packet in hand. One object serves all. */
export class IpPacket {
  family: 4 | 6 = 4;
  /** Where its IP header lies in memory, and its bytes, padding of the link taken off. */
  start = 0;
  bytes = 0;
  /** Source and destination: the first word alone for IPv4. */
  s0 = 0;
  s1 = 0;
  s2 = 0;
  s3 = 0;
  d0 = 0;
  d1 = 0;
  d2 = 0;
  d3 = 0;
  /** The protocol above, after all extension headers; where its header lies, and the bytes from there on. */
  protocol = 0;
  payload = 0;
  length = 0;
  ecn = 0;
  dscp = 0;
  ttl = 0;
  /** A fragment of a larger one: its place in bytes, and whether others follow. `payload` is its piece then. */
  isFragment = false;
  fragmentOffset = 0;
  moreFragments = false;
  fragmentId = 0;
  /** With `PROBLEM`: the code of the ICMPv6 parameter problem, and the offset it points at. */
  problem = 0;
  pointer = 0;
}
