import {
  IPPROTO_TCP,
  IPV4_CHECKSUM,
  IPV4_DONT_FRAGMENT,
  IPV4_DST,
  IPV4_FRAGMENT,
  IPV4_HEADER_MIN,
  IPV4_LENGTH,
  IPV4_PROTOCOL,
  IPV4_SRC,
  IPV4_TTL,
  IPV6_DST,
  IPV6_HEADER,
  IPV6_HOP_LIMIT,
  IPV6_LENGTH,
  IPV6_NEXT,
  IPV6_SRC,
} from "../../../assembly/layout/wire.ts";
import { addressBytes } from "../../wire/address.ts";
import { buildSegment, type SegmentFields } from "../../wire/build.ts";
import { put16 } from "../../wire/bytes.ts";
import { checksum } from "../../wire/checksum.ts";

const HOPS = 64;

/** An IP packet with one segment, checksums filled in. Both addresses are of one family. */
export function tcpPacket(src: string, dst: string, fields: SegmentFields): Uint8Array<ArrayBuffer> {
  return ipPacket(src, dst, buildSegment(fields, { src, dst }));
}

/**
 * An IP packet round a segment, or another message, without options or extension headers. `ecn` is the codepoint.
 * @param protocol what it carries; TCP when left out
 */
export function ipPacket(
  src: string,
  dst: string,
  segment: Uint8Array,
  ecn = 0,
  protocol = IPPROTO_TCP,
): Uint8Array<ArrayBuffer> {
  const [from, to] = [addressBytes(src), addressBytes(dst)];
  if (from.length !== to.length) throw new TypeError(`${src} and ${dst} are of different families`);
  return from.length === 4
    ? ipv4Packet(from, to, segment, ecn, protocol)
    : ipv6Packet(from, to, segment, ecn, protocol);
}

function ipv4Packet(
  from: Uint8Array,
  to: Uint8Array,
  segment: Uint8Array,
  ecn: number,
  protocol: number,
): Uint8Array<ArrayBuffer> {
  const packet = new Uint8Array(IPV4_HEADER_MIN + segment.length);
  packet[0] = 0x45;
  packet[1] = ecn;
  put16(packet, IPV4_LENGTH, packet.length);
  put16(packet, IPV4_FRAGMENT, IPV4_DONT_FRAGMENT);
  packet[IPV4_TTL] = HOPS;
  packet[IPV4_PROTOCOL] = protocol;
  packet.set(from, IPV4_SRC);
  packet.set(to, IPV4_DST);
  put16(packet, IPV4_CHECKSUM, checksum(packet.subarray(0, IPV4_HEADER_MIN)));
  packet.set(segment, IPV4_HEADER_MIN);
  return packet;
}

function ipv6Packet(
  from: Uint8Array,
  to: Uint8Array,
  segment: Uint8Array,
  ecn: number,
  protocol: number,
): Uint8Array<ArrayBuffer> {
  const packet = new Uint8Array(IPV6_HEADER + segment.length);
  packet[0] = 0x60;
  packet[1] = ecn << 4;
  put16(packet, IPV6_LENGTH, segment.length);
  packet[IPV6_NEXT] = protocol;
  packet[IPV6_HOP_LIMIT] = HOPS;
  packet.set(from, IPV6_SRC);
  packet.set(to, IPV6_DST);
  packet.set(segment, IPV6_HEADER);
  return packet;
}
