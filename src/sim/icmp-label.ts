import {
  ICMP_CODE,
  ICMP_FRAGMENTATION_NEEDED,
  ICMP_HOST_UNREACHABLE,
  ICMP_MTU,
  ICMP_NET_UNREACHABLE,
  ICMP_PORT_UNREACHABLE,
  ICMP_PROHIBITED,
  ICMP_PROTOCOL_UNREACHABLE,
  ICMP_TIME_EXCEEDED,
  ICMP_TYPE,
  ICMP_UNREACHABLE,
  ICMPV6_ADDRESS_UNREACHABLE,
  ICMPV6_MTU,
  ICMPV6_NO_ROUTE,
  ICMPV6_PACKET_TOO_BIG,
  ICMPV6_PORT_UNREACHABLE,
  ICMPV6_PROHIBITED,
  ICMPV6_TIME_EXCEEDED,
  ICMPV6_UNREACHABLE,
} from "../../assembly/layout/icmp.ts";
import { get16 } from "../wire/bytes.ts";
import { icmpErrorOffset } from "./packet.ts";

/** Codes of "unreachable", in the words of RFC 792, RFC 1812 and RFC 4443. */
const V4: Readonly<Record<number, string>> = {
  [ICMP_NET_UNREACHABLE]: "network unreachable",
  [ICMP_HOST_UNREACHABLE]: "host unreachable",
  [ICMP_PROTOCOL_UNREACHABLE]: "protocol unreachable",
  [ICMP_PORT_UNREACHABLE]: "port unreachable",
  [ICMP_PROHIBITED]: "administratively prohibited",
};
const V6: Readonly<Record<number, string>> = {
  [ICMPV6_NO_ROUTE]: "no route to destination",
  [ICMPV6_PROHIBITED]: "administratively prohibited",
  [ICMPV6_ADDRESS_UNREACHABLE]: "address unreachable",
  [ICMPV6_PORT_UNREACHABLE]: "port unreachable",
};

/** What an ICMP error says, as ladders have it: `ICMP fragmentation needed, MTU 1400`. */
export function icmpLabel(packet: Uint8Array): string {
  const at = icmpErrorOffset(packet);
  const [type, code] = [packet[at + ICMP_TYPE], packet[at + ICMP_CODE]];
  if (packet[0] >> 4 === 4) {
    if (type === ICMP_TIME_EXCEEDED) return "ICMP time exceeded";
    if (type !== ICMP_UNREACHABLE) return `ICMP type ${type}`;
    if (code === ICMP_FRAGMENTATION_NEEDED)
      return `ICMP fragmentation needed, MTU ${get16(packet, at + ICMP_MTU)}`;
    return `ICMP ${V4[code] ?? `unreachable, code ${code}`}`;
  }
  if (type === ICMPV6_PACKET_TOO_BIG)
    return `ICMPv6 packet too big, MTU ${get16(packet, at + ICMPV6_MTU + 2)}`;
  if (type === ICMPV6_TIME_EXCEEDED) return "ICMPv6 time exceeded";
  if (type !== ICMPV6_UNREACHABLE) return `ICMPv6 type ${type}`;
  return `ICMPv6 ${V6[code] ?? `unreachable, code ${code}`}`;
}
