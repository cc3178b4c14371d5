import {
  ICMP_HEADER,
  ICMP_PARAMETER_PROBLEM,
  ICMP_SOURCE_QUENCH,
  ICMP_TIME_EXCEEDED,
  ICMP_TYPE,
  ICMP_UNREACHABLE,
  ICMPV6_FIRST_INFORMATIONAL,
} from "../../assembly/layout/icmp.ts";
import {
  IPPROTO_DSTOPTS,
  IPPROTO_FRAGMENT,
  IPPROTO_HOPOPTS,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_ROUTING,
  IPPROTO_TCP,
  IPV4_CHECKSUM,
  IPV4_DST,
  IPV4_FRAGMENT,
  IPV4_HEADER_MIN,
  IPV4_LENGTH,
  IPV4_OFFSET_MASK,
  IPV4_PROTOCOL,
  IPV4_SRC,
  IPV4_TRAFFIC_CLASS,
  IPV4_TTL,
  IPV6_DST,
  IPV6_HEADER,
  IPV6_HOP_LIMIT,
  IPV6_LENGTH,
  IPV6_NEXT,
  IPV6_SRC,
  TCP_DST_PORT,
  TCP_HEADER_MIN,
  TCP_SRC_PORT,
} from "../../assembly/layout/wire.ts";
import { addressBytes, formatIPv4, formatIPv6 } from "../wire/address.ts";
import { get16 } from "../wire/bytes.ts";
import { updateChecksum } from "../wire/rewrite.ts";

/** Whether these bytes are an IP packet whose header is whole. */
export function isIp(packet: Uint8Array): boolean {
  const version = packet[0] >> 4;
  const length = (packet[0] & 15) * 4;
  if (version === 4) return length >= IPV4_HEADER_MIN && packet.length >= length;
  return version === 6 && packet.length >= IPV6_HEADER;
}

/** Bytes that its IP header says it has; what lies behind is padding. */
export function ipLength(packet: Uint8Array): number {
  return packet[0] >> 4 === 4 ? get16(packet, IPV4_LENGTH) : IPV6_HEADER + get16(packet, IPV6_LENGTH);
}

/** Where the transport's header begins; the packet's end when there is none. */
export function transportOffset(packet: Uint8Array): number {
  if (!isIp(packet)) return packet.length;
  if (packet[0] >> 4 === 4) return (packet[0] & 15) * 4;
  return chain(packet).offset;
}

/**
 * Where the TCP header begins, of which at least 20 bytes are there; -1 for a packet without: other protocols, later
 * fragments.
 * @param least so many bytes of it will do
 */
export function tcpOffset(packet: Uint8Array, least = TCP_HEADER_MIN): number {
  if (!isIp(packet)) return -1;
  const isV4 = packet[0] >> 4 === 4;
  const { protocol, offset } = isV4
    ? { protocol: packet[IPV4_PROTOCOL], offset: (packet[0] & 15) * 4 }
    : chain(packet);
  if (protocol !== IPPROTO_TCP || offset + least > packet.length) return -1;
  return isV4 && get16(packet, IPV4_FRAGMENT) & IPV4_OFFSET_MASK ? -1 : offset;
}

/** Whether it carries ICMP, or ICMPv6. */
export function isIcmp(packet: Uint8Array): boolean {
  return icmpOffset(packet) >= 0;
}

/** Where an ICMP or ICMPv6 error's header begins, which has 8 bytes at least; -1 for any other packet. */
export function icmpErrorOffset(packet: Uint8Array): number {
  const at = icmpOffset(packet);
  if (at < 0) return -1;
  const type = packet[at + ICMP_TYPE];
  const isError = packet[0] >> 4 === 4 ? V4_ERRORS.has(type) : type < ICMPV6_FIRST_INFORMATIONAL;
  return isError ? at : -1;
}

/** The beginning of the packet that an ICMP error is about, a view; `undefined` for any other packet. */
export function quotedPacket(packet: Uint8Array): Uint8Array | undefined {
  const at = icmpErrorOffset(packet);
  return at < 0 ? undefined : packet.subarray(at + ICMP_HEADER, Math.min(packet.length, ipLength(packet)));
}

function icmpOffset(packet: Uint8Array): number {
  if (!isIp(packet)) return -1;
  const isV4 = packet[0] >> 4 === 4;
  const { protocol, offset } = isV4
    ? { protocol: packet[IPV4_PROTOCOL], offset: (packet[0] & 15) * 4 }
    : chain(packet);
  if (protocol !== (isV4 ? IPPROTO_ICMP : IPPROTO_ICMPV6) || offset + ICMP_HEADER > packet.length) return -1;
  return isV4 && get16(packet, IPV4_FRAGMENT) & IPV4_OFFSET_MASK ? -1 : offset;
}

const V4_ERRORS: ReadonlySet<number> = new Set([
  ICMP_UNREACHABLE,
  ICMP_SOURCE_QUENCH,
  ICMP_TIME_EXCEEDED,
  ICMP_PARAMETER_PROBLEM,
]);

/** The TCP segment of a packet, a view of it; `undefined` when it carries none that is whole. */
export function segmentOf(packet: Uint8Array): Uint8Array | undefined {
  const at = tcpOffset(packet);
  if (at < 0) return undefined;
  return packet.subarray(at, Math.max(at + TCP_HEADER_MIN, Math.min(packet.length, ipLength(packet))));
}

/** `192.0.2.1`, `2001:db8::1`. */
export function sourceOf(packet: Uint8Array): string {
  return packet[0] >> 4 === 4 ? v4(packet, IPV4_SRC) : formatIPv6(packet, IPV6_SRC);
}

export function destinationOf(packet: Uint8Array): string {
  return packet[0] >> 4 === 4 ? v4(packet, IPV4_DST) : formatIPv6(packet, IPV6_DST);
}

/** A short text, the same for all packets of one direction of a conversation. */
export function flowKey(packet: Uint8Array, tcp: number): string {
  return endKey(packet, tcp, true) + endKey(packet, tcp, false);
}

/** The `flowKey` of the packets that go the other way. */
export function reverseFlowKey(packet: Uint8Array, tcp: number): string {
  return endKey(packet, tcp, false) + endKey(packet, tcp, true);
}

/** The half of it that stands for one end: address and port. */
export function endKey(packet: Uint8Array, tcp: number, isSource: boolean): string {
  const at = addressOffset(packet, isSource);
  const port = String.fromCharCode(get16(packet, tcp + (isSource ? TCP_SRC_PORT : TCP_DST_PORT)));
  if (packet[0] >> 4 === 4) return String.fromCharCode(get16(packet, at), get16(packet, at + 2)) + port;
  let key = "";
  for (let i = 0; i < 16; i += 2) key += String.fromCharCode(get16(packet, at + i));
  return key + port;
}

/**
 * Writes another address in and mends the IPv4 header's checksum. What the transport's checksum needs is the caller's.
 * @throws {TypeError} when it is of another family than the packet
 */
export function readdress(packet: Uint8Array, isSource: boolean, address: string): void {
  const bytes = addressBytes(address);
  const at = addressOffset(packet, isSource);
  const isV4 = packet[0] >> 4 === 4;
  if (bytes.length !== (isV4 ? 4 : 16))
    throw new TypeError(`${address} does not fit an IPv${packet[0] >> 4} packet`);
  if (!isV4) {
    packet.set(bytes, at);
    return;
  }
  for (let i = 0; i < 4; i += 2) setIpv4Word(packet, at + i, get16(bytes, i));
}

/** Lowers TTL or hop limit by one. @returns what is left of it */
export function lowerHops(packet: Uint8Array): number {
  if (packet[0] >> 4 !== 4) return --packet[IPV6_HOP_LIMIT];
  setIpv4Word(packet, IPV4_TTL, get16(packet, IPV4_TTL) - 0x100);
  return packet[IPV4_TTL];
}

/** Whether its transport understands ECN marks: ECT(0), ECT(1) or CE. */
export function isEct(packet: Uint8Array): boolean {
  return isIp(packet) && ecnOf(packet) !== 0;
}

/** Marks it as having met congestion (RFC 3168 5). */
export function markCongested(packet: Uint8Array): void {
  if (packet[0] >> 4 === 4) setIpv4Word(packet, 0, get16(packet, 0) | 3);
  else packet[1] |= 3 << 4;
}

/** The ECN codepoint: 0 Not-ECT, 1 ECT(1), 2 ECT(0), 3 CE. */
export function ecnOf(packet: Uint8Array): number {
  return packet[0] >> 4 === 4 ? packet[IPV4_TRAFFIC_CLASS] & 3 : (packet[1] >> 4) & 3;
}

/** Past IPv6's extension headers (RFC 8200 4). Of fragments only the first has a transport. */
function chain(packet: Uint8Array): { protocol: number; offset: number } {
  let protocol = packet[IPV6_NEXT];
  let offset = IPV6_HEADER;
  while (offset + 8 <= packet.length) {
    if (protocol === IPPROTO_FRAGMENT) {
      if (get16(packet, offset + 2) >> 3) break;
      protocol = packet[offset];
      offset += 8;
    } else if (protocol === IPPROTO_HOPOPTS || protocol === IPPROTO_ROUTING || protocol === IPPROTO_DSTOPTS) {
      protocol = packet[offset];
      offset += (packet[offset + 1] + 1) * 8;
    } else {
      break;
    }
  }
  return { protocol, offset: Math.min(offset, packet.length) };
}

function addressOffset(packet: Uint8Array, isSource: boolean): number {
  if (packet[0] >> 4 === 4) return isSource ? IPV4_SRC : IPV4_DST;
  return isSource ? IPV6_SRC : IPV6_DST;
}

function setIpv4Word(packet: Uint8Array, at: number, value: number): void {
  const checksum = updateChecksum(get16(packet, IPV4_CHECKSUM), get16(packet, at), value);
  packet[at] = value >>> 8;
  packet[at + 1] = value;
  packet[IPV4_CHECKSUM] = checksum >>> 8;
  packet[IPV4_CHECKSUM + 1] = checksum;
}

function v4(packet: Uint8Array, at: number): string {
  return formatIPv4(((get16(packet, at) << 16) | get16(packet, at + 2)) >>> 0);
}
