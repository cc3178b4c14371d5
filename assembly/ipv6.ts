// IPv6 and its extension headers (RFC 8200).
import { load16, load32 } from "./bytes";
import { count } from "./counters";
import { at, have, jump, lacks, left, limit, short, skip } from "./cursor";
import { join, joinedLength, joinedNext } from "./fragments";
import { MAX_EXTENSIONS } from "./layout/limits";
import { COUNT_FRAGMENTS, COUNT_IPV6, COUNT_MALFORMED_IP, COUNT_TOO_DEEP } from "./layout/state";
import {
  IPPROTO_AH,
  IPPROTO_DSTOPTS,
  IPPROTO_FRAGMENT,
  IPPROTO_HIP,
  IPPROTO_HOPOPTS,
  IPPROTO_MOBILITY,
  IPPROTO_ROUTING,
  IPPROTO_SHIM6,
  IPV6_DST,
  IPV6_FRAGMENT_HEADER,
  IPV6_HEADER,
  IPV6_HOP_LIMIT,
  IPV6_LENGTH,
  IPV6_NEXT,
  IPV6_OPT_HOME_ADDRESS,
  IPV6_OPT_JUMBO,
  IPV6_OPT_PAD1,
  IPV6_SRC,
  ROUTING_MOBILE,
  ROUTING_RPL,
  ROUTING_SEGMENTS,
  ROUTING_SOURCE,
} from "./layout/wire";
import { NOTHING, PROTOCOL } from "./next";
import { openPacket } from "./packet";
import { setPseudoDestination, setPseudoSource } from "./segment";

// A final destination that no header has in one piece.
const ROUTED: u32 = <u32>memory.data(16, 16);

/** One IPv6 header with its extensions; fragments are joined as in IPv4. */
export function ipv6(): u32 {
  if (lacks(IPV6_HEADER)) return short(IPV6_HEADER, COUNT_MALFORMED_IP);
  const p = at;
  if (load<u8>(p) >> 4 != 6) {
    count(COUNT_MALFORMED_IP);
    return NOTHING;
  }
  count(COUNT_IPV6);
  openPacket(
    6,
    p + IPV6_SRC,
    p + IPV6_DST,
    <u32>load<u8>(p, IPV6_HOP_LIMIT),
    (load16(p) >> 4) & 0xff,
  );
  skip(IPV6_HEADER);
  const length = load16(p + IPV6_LENGTH);
  let next: u32 = load<u8>(p, IPV6_NEXT);
  if (length) limit(length);
  else if (next == IPPROTO_HOPOPTS) limit(jumboLength());
  // Length 0 and no jumbo option: BIG TCP as Linux hands it to captures, as long as the frame.

  for (let n = 0; n < MAX_EXTENSIONS; n++) {
    if (!isExtension(next)) return PROTOCOL | next;
    if (lacks(8)) return short(8, COUNT_MALFORMED_IP);
    if (next == IPPROTO_FRAGMENT) {
      const bits = load16(at + 2);
      if (bits & 0xfff9) return fragment(bits);
      // An atomic fragment is whole (RFC 6946).
      next = load<u8>(at);
      skip(IPV6_FRAGMENT_HEADER);
      continue;
    }
    const size =
      next == IPPROTO_AH ? (<u32>load<u8>(at, 1) + 2) << 2 : (<u32>load<u8>(at, 1) + 1) << 3;
    if (lacks(size)) return short(size, COUNT_MALFORMED_IP);
    if (next == IPPROTO_DSTOPTS) findHomeAddress(at + 2, at + size);
    else if (next == IPPROTO_ROUTING) findDestination(at, size, p + IPV6_DST);
    next = load<u8>(at);
    skip(size);
  }
  count(COUNT_TOO_DEEP);
  return NOTHING;
}

function isExtension(next: u32): bool {
  switch (next) {
    case IPPROTO_HOPOPTS:
    case IPPROTO_ROUTING:
    case IPPROTO_FRAGMENT:
    case IPPROTO_AH:
    case IPPROTO_DSTOPTS:
    case IPPROTO_MOBILITY:
    case IPPROTO_HIP:
    case IPPROTO_SHIM6:
      return true;
    default:
      return false;
  }
}

// RFC 8200 4.5: next header, reserved, offset with the M bit, identification.
function fragment(bits: u32): u32 {
  count(COUNT_FRAGMENTS);
  const next: u32 = load<u8>(at);
  const id = load32(at + 4);
  skip(IPV6_FRAGMENT_HEADER);
  const offset = bits & 0xfff8;
  if (have() < left()) return NOTHING;
  const whole = join(6, id, next, offset, (bits & 1) != 0);
  if (!whole) return NOTHING;
  jump(whole, joinedLength);
  return PROTOCOL | joinedNext;
}

// RFC 2675 2. Without the option, or cut before it, the frame is as long as it is.
function jumboLength(): u32 {
  if (lacks(8)) return left();
  const size = (<u32>load<u8>(at, 1) + 1) << 3;
  const option = findOption(at + 2, at + min(size, have()), IPV6_OPT_JUMBO, 4);
  return option ? load32(option) : left();
}

// RFC 6275 6.3: a mobile node away from home sends from its care-of address, its checksums cover the
// home address.
function findHomeAddress(p: u32, limit: u32): void {
  const option = findOption(p, limit, IPV6_OPT_HOME_ADDRESS, 16);
  if (option) setPseudoSource(option);
}

// The value of an option of this type and length in [p, limit), or 0.
function findOption(p: u32, limit: u32, wanted: u32, size: u32): u32 {
  while (p < limit) {
    const type: u32 = load<u8>(p);
    if (type == IPV6_OPT_PAD1) {
      p++;
      continue;
    }
    if (limit - p < 2) return 0;
    const length: u32 = load<u8>(p, 1);
    if (length > limit - p - 2) return 0;
    if (type == wanted && length == size) return p + 2;
    p += 2 + length;
  }
  return 0;
}

// RFC 8200 8.1: with a routing header the pseudo-header has the final destination, which is the last one
// of the list while segments are left.
function findDestination(p: u32, size: u32, destination: u32): void {
  const left: u32 = load<u8>(p, 3);
  if (!left) return;
  switch (<u32>load<u8>(p, 2)) {
    case ROUTING_SOURCE:
    case ROUTING_MOBILE:
      if (size >= 24 && left <= (size - 8) >> 4) setPseudoDestination(p + 8 + (((size - 24) >> 4) << 4));
      return;
    case ROUTING_SEGMENTS: // RFC 8754 2: the list is in reverse
      if (size >= 24) setPseudoDestination(p + 8);
      return;
    case ROUTING_RPL: {
      // RFC 6554 3: the last address shares its first CmprE bytes with the destination.
      const shared: u32 = load<u8>(p, 4) & 15;
      const padding: u32 = load<u8>(p, 5) >> 4;
      const own = 16 - shared;
      if (size < 8 + padding + own) return;
      memory.copy(ROUTED, destination, shared);
      memory.copy(ROUTED + shared, p + size - padding - own, own);
      setPseudoDestination(ROUTED);
      return;
    }
    default:
      return;
  }
}
