import {
  ICMP_CHECKSUM,
  ICMP_CODE,
  ICMP_FRAGMENTATION_NEEDED,
  ICMP_HEADER,
  ICMP_HOPS,
  ICMP_HOST_UNREACHABLE,
  ICMP_MTU,
  ICMP_NET_UNREACHABLE,
  ICMP_PORT_UNREACHABLE,
  ICMP_PROHIBITED,
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
} from "../../../assembly/layout/icmp.ts";
import {
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPV4_DONT_FRAGMENT,
  IPV4_FRAGMENT,
  IPV4_HEADER_MIN,
  IPV4_OFFSET_MASK,
  IPV6_HEADER,
} from "../../../assembly/layout/wire.ts";
import { addressBytes } from "../../wire/address.ts";
import { get16, put16 } from "../../wire/bytes.ts";
import { checksum, pseudoHeader } from "../../wire/checksum.ts";
import { destinationOf, icmpErrorOffset, ipLength, sourceOf } from "../packet.ts";
import { ipPacket } from "./ip.ts";

/** Why a box does not pass a packet on, as ICMP has it. */
export type IcmpReason =
  /** Larger than the next link takes, and not to be fragmented: told with that link's MTU (RFC 1191, RFC 8201). */
  | "too big"
  /** It has been passed on too often. */
  | "hop limit exceeded"
  | "no route"
  | "host unreachable"
  | "port unreachable"
  /** Somebody does not want it passed on. */
  | "prohibited";

/** Type and code, of ICMP (RFC 792, RFC 1812) and of ICMPv6 (RFC 4443). */
const NUMBERS: Readonly<Record<IcmpReason, readonly [v4: readonly number[], v6: readonly number[]]>> = {
  "too big": [
    [ICMP_UNREACHABLE, ICMP_FRAGMENTATION_NEEDED],
    [ICMPV6_PACKET_TOO_BIG, 0],
  ],
  "hop limit exceeded": [
    [ICMP_TIME_EXCEEDED, ICMP_HOPS],
    [ICMPV6_TIME_EXCEEDED, ICMP_HOPS],
  ],
  "no route": [
    [ICMP_UNREACHABLE, ICMP_NET_UNREACHABLE],
    [ICMPV6_UNREACHABLE, ICMPV6_NO_ROUTE],
  ],
  "host unreachable": [
    [ICMP_UNREACHABLE, ICMP_HOST_UNREACHABLE],
    [ICMPV6_UNREACHABLE, ICMPV6_ADDRESS_UNREACHABLE],
  ],
  "port unreachable": [
    [ICMP_UNREACHABLE, ICMP_PORT_UNREACHABLE],
    [ICMPV6_UNREACHABLE, ICMPV6_PORT_UNREACHABLE],
  ],
  prohibited: [
    [ICMP_UNREACHABLE, ICMP_PROHIBITED],
    [ICMPV6_UNREACHABLE, ICMPV6_PROHIBITED],
  ],
};

/** An error is no longer than this, IP header included (RFC 1812 4.3.2.3; RFC 4443 2.4 (c): the least MTU). */
const LONGEST = { 4: 576, 6: 1280 };

/**
 * The ICMP or ICMPv6 error about a packet that somebody at `from` does not pass on, to its source.
 *
 * @param mtu of the next link, with "too big"
 * @returns undefined where none may be sent: about errors, later fragments, what came from or went to many or nobody
 *   (RFC 1122 3.2.2, RFC 4443 2.4), and IPv4 that is "too big" and might be fragmented
 */
export function icmpErrorAbout(
  packet: Uint8Array,
  from: string,
  reason: IcmpReason,
  mtu = 0,
): Uint8Array<ArrayBuffer> | undefined {
  const family = packet[0] >> 4 === 4 ? 4 : 6;
  if (icmpErrorOffset(packet) >= 0 || !isOfOne(sourceOf(packet)) || !isOfOne(destinationOf(packet))) return;
  if (family === 4) {
    if (get16(packet, IPV4_FRAGMENT) & IPV4_OFFSET_MASK) return;
    if (reason === "too big" && !(get16(packet, IPV4_FRAGMENT) & IPV4_DONT_FRAGMENT)) return;
  }
  const header = (family === 4 ? IPV4_HEADER_MIN : IPV6_HEADER) + ICMP_HEADER;
  const quoted = Math.min(packet.length, ipLength(packet), LONGEST[family] - header);
  const message = new Uint8Array(ICMP_HEADER + quoted);
  const [type, code] = NUMBERS[reason][family === 4 ? 0 : 1];
  message[ICMP_TYPE] = type;
  message[ICMP_CODE] = code;
  if (reason === "too big") put16(message, family === 4 ? ICMP_MTU : ICMPV6_MTU + 2, mtu);
  message.set(packet.subarray(0, quoted), ICMP_HEADER);
  const to = sourceOf(packet);
  const protocol = family === 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
  const summed =
    family === 4 ? message : [pseudoHeader({ src: from, dst: to }, message.length, protocol), message];
  put16(message, ICMP_CHECKSUM, checksum(summed));
  return ipPacket(from, to, message, 0, protocol);
}

/** Neither a group, nor everybody, nor nobody. */
function isOfOne(address: string): boolean {
  const bytes = addressBytes(address);
  return bytes.length === 4 ? bytes[0] !== 0 && bytes[0] < 224 : bytes[0] !== 0xff && bytes.some(Boolean);
}
