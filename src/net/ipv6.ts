import {
  ICMPV6_ERRONEOUS_HEADER,
  ICMPV6_UNKNOWN_NEXT_HEADER,
  ICMPV6_UNKNOWN_OPTION,
} from "../../assembly/layout/icmp.ts";
import { MAX_EXTENSIONS } from "../../assembly/layout/limits.ts";
import {
  IPPROTO_DSTOPTS,
  IPPROTO_FRAGMENT,
  IPPROTO_HOPOPTS,
  IPPROTO_NONE,
  IPPROTO_ROUTING,
  IPPROTO_TCP,
  IPV6_DST,
  IPV6_FRAGMENT_HEADER,
  IPV6_HEADER,
  IPV6_HOP_LIMIT,
  IPV6_LENGTH,
  IPV6_NEXT,
  IPV6_OPT_PAD1,
  IPV6_SRC,
} from "../../assembly/layout/wire.ts";
import type { IpAddress } from "./ip-address.ts";
import { type IpPacket, MALFORMED, OK, PROBLEM, UNWANTED } from "./ip-packet.ts";

const VERSION = 6;
const MULTICAST = 0xff;

/** Reads the IPv6 header (RFC 8200 3) of the `length` bytes at `at`, and its extension headers. */
export function readIPv6(packet: IpPacket, dv: DataView, at: number, length: number): number {
  if (length < IPV6_HEADER) return MALFORMED;
  const first = dv.getInt32(at);
  const total = IPV6_HEADER + dv.getUint16(at + IPV6_LENGTH);
  if (first >>> 28 !== VERSION || total > length) return MALFORMED;
  packet.family = VERSION;
  packet.start = at;
  packet.bytes = total;
  packet.s0 = dv.getInt32(at + IPV6_SRC);
  packet.s1 = dv.getInt32(at + IPV6_SRC + 4);
  packet.s2 = dv.getInt32(at + IPV6_SRC + 8);
  packet.s3 = dv.getInt32(at + IPV6_SRC + 12);
  packet.d0 = dv.getInt32(at + IPV6_DST);
  packet.d1 = dv.getInt32(at + IPV6_DST + 4);
  packet.d2 = dv.getInt32(at + IPV6_DST + 8);
  packet.d3 = dv.getInt32(at + IPV6_DST + 12);
  packet.ecn = (first >>> 20) & 3;
  packet.dscp = (first >>> 22) & 63;
  packet.ttl = dv.getUint8(at + IPV6_HOP_LIMIT);
  packet.isFragment = false;
  const next = dv.getUint8(at + IPV6_NEXT);
  if (next === IPPROTO_TCP) {
    packet.protocol = next;
    packet.payload = at + IPV6_HEADER;
    packet.length = total - IPV6_HEADER;
    return OK;
  }
  return readExtensions(packet, dv, next, at + IPV6_NEXT, at + IPV6_HEADER);
}

/**
 * Walks the extension headers from `p` on (RFC 8200 4) to the protocol above, or to a fragment's piece.
 *
 * @param next what the header at `p` is
 * @param named where the field lies that says so
 */
export function readExtensions(
  packet: IpPacket,
  dv: DataView,
  next: number,
  named: number,
  p: number,
): number {
  const end = packet.start + packet.bytes;
  let at = p;
  for (let headers = 0; headers < MAX_EXTENSIONS; headers++) {
    switch (next) {
      case IPPROTO_NONE:
        return UNWANTED;
      case IPPROTO_FRAGMENT:
        if (at + IPV6_FRAGMENT_HEADER > end) return MALFORMED;
        if (readFragment(packet, dv, at, end)) {
          packet.protocol = dv.getUint8(at);
          return OK;
        }
        break;
      case IPPROTO_HOPOPTS:
        // "restricted to appear immediately after an IPv6 header only" (RFC 8200 4.1)
        if (headers > 0) return problem(packet, ICMPV6_UNKNOWN_NEXT_HEADER, named);
        break;
      case IPPROTO_DSTOPTS:
      case IPPROTO_ROUTING:
        break;
      default:
        packet.protocol = next;
        packet.payload = at;
        packet.length = end - at;
        // Where the field lies, should nobody know this protocol.
        packet.pointer = named - packet.start;
        return OK;
    }
    if (at + 8 > end) return MALFORMED;
    const bytes = next === IPPROTO_FRAGMENT ? IPV6_FRAGMENT_HEADER : (dv.getUint8(at + 1) + 1) << 3;
    if (at + bytes > end) return MALFORMED;
    if (next === IPPROTO_ROUTING && dv.getUint8(at + 3) !== 0) {
      return problem(packet, ICMPV6_ERRONEOUS_HEADER, at + 2); // segments left, of a type that is not known (RFC 8200 4.4)
    }
    if (next === IPPROTO_HOPOPTS || next === IPPROTO_DSTOPTS) {
      const trouble = readOptions(packet, dv, at + 2, at + bytes);
      if (trouble !== OK) return trouble;
    }
    next = dv.getUint8(at);
    named = at;
    at += bytes;
  }
  return MALFORMED;
}

/** Returns false for an "atomic" fragment, which is whole (RFC 6946). */
function readFragment(packet: IpPacket, dv: DataView, at: number, end: number): boolean {
  const field = dv.getUint16(at + 2);
  if ((field & 0xfff9) === 0) return false;
  packet.isFragment = true;
  packet.fragmentOffset = field & 0xfff8;
  packet.moreFragments = (field & 1) !== 0;
  packet.fragmentId = dv.getInt32(at + 4);
  packet.payload = at + IPV6_FRAGMENT_HEADER;
  packet.length = end - packet.payload;
  return true;
}

/** Options that nobody here knows: the two highest bits of the type say what to do about it (RFC 8200 4.2). */
function readOptions(packet: IpPacket, dv: DataView, from: number, end: number): number {
  for (let p = from; p < end; ) {
    const type = dv.getUint8(p);
    if (type === IPV6_OPT_PAD1) {
      p++;
      continue;
    }
    if (p + 2 > end || p + 2 + dv.getUint8(p + 1) > end) return MALFORMED;
    const action = type >>> 6;
    if (action === 1) return UNWANTED;
    if (action === 2 || (action === 3 && packet.d0 >>> 24 !== MULTICAST)) {
      return problem(packet, ICMPV6_UNKNOWN_OPTION, p);
    }
    if (action === 3) return UNWANTED;
    p += 2 + dv.getUint8(p + 1);
  }
  return OK;
}

function problem(packet: IpPacket, code: number, at: number): number {
  packet.problem = code;
  packet.pointer = at - packet.start;
  return PROBLEM;
}

/**
 * Writes an IPv6 header without extensions at `at`, but for its addresses.
 *
 * @param length bytes behind it
 * @param label the flow label, 20 bits (RFC 6437)
 */
export function writeIPv6(
  dv: DataView,
  at: number,
  length: number,
  next: number,
  ecn: number,
  hopLimit: number,
  label: number,
): void {
  dv.setInt32(at, (VERSION << 28) | (ecn << 20) | label);
  dv.setInt32(at + IPV6_LENGTH, (length << 16) | (next << 8) | hopLimit);
}

/** Writes the 16 bytes of an address at `at`. */
export function writeIPv6Address(dv: DataView, at: number, { w0, w1, w2, w3 }: IpAddress): void {
  dv.setInt32(at, w0);
  dv.setInt32(at + 4, w1);
  dv.setInt32(at + 8, w2);
  dv.setInt32(at + 12, w3);
}
