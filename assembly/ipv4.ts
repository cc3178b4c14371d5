// IPv4 (RFC 791).
import { load16 } from "./bytes";
import { count } from "./counters";
import { at, have, jump, lacks, left, limit, short, skip } from "./cursor";
import { join, joinedLength } from "./fragments";
import { COUNT_FRAGMENTS, COUNT_IPV4, COUNT_MALFORMED_IP } from "./layout/state";
import {
  IPV4_DST,
  IPV4_FRAGMENT,
  IPV4_HEADER_MIN,
  IPV4_ID,
  IPV4_LENGTH,
  IPV4_MORE_FRAGMENTS,
  IPV4_OFFSET_MASK,
  IPV4_OPT_LOOSE_ROUTE,
  IPV4_OPT_STRICT_ROUTE,
  IPV4_PROTOCOL,
  IPV4_SRC,
  IPV4_TRAFFIC_CLASS,
  IPV4_TTL,
  OPT_EOL,
  OPT_NOP,
} from "./layout/wire";
import { NOTHING, PROTOCOL } from "./next";
import { openPacket } from "./packet";
import { setDestination, setFragmented } from "./segment";

/** One IPv4 header; fragments are joined, and the datagram goes on with the one that completes it. */
export function ipv4(): u32 {
  if (lacks(IPV4_HEADER_MIN)) return short(IPV4_HEADER_MIN, COUNT_MALFORMED_IP);
  const p = at;
  const header = (<u32>load<u8>(p) & 15) << 2;
  // Segmentation offload leaves the length 0, as the driver gets it, and so does BIG TCP.
  const total = load16(p + IPV4_LENGTH) || left();
  if (load<u8>(p) >> 4 != 4 || header < <u32>IPV4_HEADER_MIN || total < header) {
    count(COUNT_MALFORMED_IP);
    return NOTHING;
  }
  if (lacks(header)) return short(header, COUNT_MALFORMED_IP);
  count(COUNT_IPV4);
  openPacket(4, p + IPV4_SRC, p + IPV4_DST, <u32>load<u8>(p, IPV4_TTL), <u32>load<u8>(p, IPV4_TRAFFIC_CLASS));
  limit(total);
  if (header > <u32>IPV4_HEADER_MIN) followRoute(p + IPV4_HEADER_MIN, p + header);
  skip(header);
  const protocol: u32 = load<u8>(p, IPV4_PROTOCOL);
  const fragment = load16(p + IPV4_FRAGMENT);
  if (!(fragment & (IPV4_MORE_FRAGMENTS | IPV4_OFFSET_MASK))) return PROTOCOL | protocol;

  count(COUNT_FRAGMENTS);
  const offset = (fragment & IPV4_OFFSET_MASK) << 3;
  if (have() < left()) {
    // The snapshot length keeps it from being joined; the first fragment shows the header even so.
    if (offset) return NOTHING;
    setFragmented();
    return PROTOCOL | protocol;
  }
  const whole = join(4, load16(p + IPV4_ID), protocol, offset, (fragment & IPV4_MORE_FRAGMENTS) != 0);
  if (!whole) return NOTHING;
  jump(whole, joinedLength);
  return PROTOCOL | protocol;
}

// A source route that is not used up ends at another destination than the header's: that is the other end
// of the connection, and what the checksum covers (RFC 1122 3.2.1.8 c).
function followRoute(p: u32, end: u32): void {
  while (p < end) {
    const kind: u32 = load<u8>(p);
    if (kind == OPT_EOL) return;
    if (kind == OPT_NOP) {
      p++;
      continue;
    }
    if (end - p < 2) return;
    const length: u32 = load<u8>(p, 1);
    if (length < 2 || length > end - p) return;
    if ((kind == IPV4_OPT_LOOSE_ROUTE || kind == IPV4_OPT_STRICT_ROUTE) && length >= 7) {
      if (<u32>load<u8>(p, 2) <= length) setDestination(p + 3 + ((length - 7) & ~3));
      return;
    }
    p += length;
  }
}
