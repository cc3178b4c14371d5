// What a translator owes ICMP errors: whoever gets one has to find the packet in it that it sent itself, and whoever
// sent it is not to show what the translator hides (RFC 5508 4.2).
import { ICMP_CHECKSUM, ICMP_HEADER } from "../../../assembly/layout/icmp.ts";
import { IPPROTO_ICMPV6, TCP_CHECKSUM, TCP_DST_PORT, TCP_SRC_PORT } from "../../../assembly/layout/wire.ts";
import { get16, put16 } from "../../wire/bytes.ts";
import { checksum, pseudoHeader } from "../../wire/checksum.ts";
import { updateChecksum, updateChecksumAddress } from "../../wire/rewrite.ts";
import {
  destinationOf,
  icmpErrorOffset,
  ipLength,
  quotedPacket,
  readdress,
  sourceOf,
  tcpOffset,
} from "../packet.ts";
import type { Drop } from "./box.ts";

/** An error quotes 8 bytes of a segment at least (RFC 792): its ports and sequence number. */
export const QUOTED_LEAST = 8;

/** The packet that an ICMP error is about, as far as it is quoted: a view. */
export interface Quote {
  readonly packet: Uint8Array;
  /** Where its TCP header begins. */
  readonly tcp: number;
}

export interface Socket {
  readonly address: string;
  readonly port: number;
}

/**
 * What an error about a TCP segment quotes, or why it is to be dropped: it is none, or a checksum is bad, its own (RFC
 * 5508 REQ-3) or that of the quoted IPv4 header (REQ-3a). The segment's own is not looked at (REQ-3c): most of what it
 * covers is not there.
 */
export function quoteIn(error: Uint8Array): Quote | Drop {
  const packet = quotedPacket(error);
  if (packet === undefined) return { reason: "no TCP" };
  if (messageSum(error) !== 0) return { reason: "bad ICMP checksum" };
  const tcp = tcpOffset(packet, QUOTED_LEAST);
  const family = packet[0] >> 4;
  if (tcp < 0 || family !== error[0] >> 4) return { reason: "no TCP" };
  if (family === 4 && checksum(packet.subarray(0, tcp)) !== 0) return { reason: "bad checksum in a quote" };
  return { packet, tcp };
}

/** Writes another socket into a packet that is quoted, and mends the checksums that are quoted with it. */
export function resocket({ packet, tcp }: Quote, isSource: boolean, to: Socket): void {
  const port = tcp + (isSource ? TCP_SRC_PORT : TCP_DST_PORT);
  const at = tcp + TCP_CHECKSUM;
  if (packet.length >= at + 2) {
    const from = isSource ? sourceOf(packet) : destinationOf(packet);
    const moved = updateChecksumAddress(get16(packet, at), from, to.address);
    put16(packet, at, updateChecksum(moved, get16(packet, port), to.port));
  }
  put16(packet, port, to.port);
  readdress(packet, isSource, to.address);
}

/** Gives an error whose quote was changed its checksum, and another source or destination. */
export function readdressError(error: Uint8Array, isSource: boolean, address: string): void {
  readdress(error, isSource, address);
  const at = icmpErrorOffset(error) + ICMP_CHECKSUM;
  put16(error, at, 0);
  put16(error, at, messageSum(error));
}

/** The checksum of the message, with what its field holds: 0 where that is right. */
function messageSum(error: Uint8Array): number {
  const message = error.subarray(icmpErrorOffset(error), Math.min(error.length, ipLength(error)));
  if (message.length < ICMP_HEADER || error[0] >> 4 === 4) return checksum(message);
  const ends = { src: sourceOf(error), dst: destinationOf(error) };
  return checksum([pseudoHeader(ends, message.length, IPPROTO_ICMPV6), message]);
}
