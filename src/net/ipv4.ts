import {
  IPPROTO_TCP,
  IPV4_DONT_FRAGMENT,
  IPV4_DST,
  IPV4_FRAGMENT,
  IPV4_HEADER_MIN,
  IPV4_MORE_FRAGMENTS,
  IPV4_OFFSET_MASK,
  IPV4_SRC,
  IPV4_TTL,
} from "../../assembly/layout/wire.ts";
import { fold, halves } from "../wire/sum.ts";
import { BAD_CHECKSUM, type IpPacket, MALFORMED, OK } from "./ip-packet.ts";

const VERSION = 4;

/** Reads the IPv4 header (RFC 791 3.1) of the `length` bytes at `at`. Options are skipped: none asks a host for anything. */
export function readIPv4(packet: IpPacket, dv: DataView, at: number, length: number): number {
  if (length < IPV4_HEADER_MIN) return MALFORMED;
  const first = dv.getInt32(at);
  const header = (first >>> 22) & 0x3c;
  const total = first & 0xffff;
  if (first >>> 28 !== VERSION || header < IPV4_HEADER_MIN || total < header || total > length)
    return MALFORMED;
  const second = dv.getInt32(at + 4);
  const third = dv.getInt32(at + IPV4_TTL);
  const src = dv.getInt32(at + IPV4_SRC);
  const dst = dv.getInt32(at + IPV4_DST);
  let sum = halves(first) + halves(second) + halves(third) + halves(src) + halves(dst);
  for (let p = at + IPV4_HEADER_MIN; p < at + header; p += 4) sum += halves(dv.getInt32(p));
  if (fold(sum) !== 0xffff) return BAD_CHECKSUM;
  packet.family = VERSION;
  packet.start = at;
  packet.bytes = total;
  packet.s0 = src;
  packet.d0 = dst;
  packet.s1 = packet.s2 = packet.s3 = packet.d1 = packet.d2 = packet.d3 = 0;
  packet.protocol = (third >>> 16) & 0xff;
  packet.ttl = third >>> 24;
  packet.payload = at + header;
  packet.length = total - header;
  packet.ecn = (first >>> 16) & 3;
  packet.dscp = (first >>> 18) & 63;
  const fragment = second & (IPV4_MORE_FRAGMENTS | IPV4_OFFSET_MASK);
  packet.isFragment = fragment !== 0;
  if (fragment !== 0) {
    packet.fragmentOffset = (fragment & IPV4_OFFSET_MASK) << 3;
    packet.moreFragments = (fragment & IPV4_MORE_FRAGMENTS) !== 0;
    packet.fragmentId = second >>> 16;
  }
  return OK;
}

/**
 * Writes an IPv4 header without options at `at`. It is not to be fragmented, so its identification means nothing
 * (RFC 6864 4.1), unless `fragment` says where in a larger one it belongs.
 *
 * @param total bytes of header and payload
 * @param fragment the second word: identification, flags and offset
 */
export function writeIPv4(
  dv: DataView,
  at: number,
  total: number,
  src: number,
  dst: number,
  protocol = IPPROTO_TCP,
  ecn = 0,
  ttl = 64,
  fragment = IPV4_DONT_FRAGMENT,
): void {
  const first = (VERSION << 28) | (5 << 24) | (ecn << 16) | total;
  const third = (ttl << 24) | (protocol << 16);
  dv.setInt32(at, first);
  dv.setInt32(at + IPV4_FRAGMENT - 2, fragment);
  dv.setInt32(at + IPV4_SRC, src);
  dv.setInt32(at + IPV4_DST, dst);
  const sum = halves(first) + halves(fragment) + halves(third) + halves(src) + halves(dst);
  dv.setInt32(at + IPV4_TTL, third | (~fold(sum) & 0xffff));
}
