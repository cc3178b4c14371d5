// ICMP errors about TCP segments: what they are to quote, and some that quote what nobody sent.
import { expect } from "vitest";
import type { Port } from "../../src/sim/network.ts";
import { destinationOf, quotedPacket, sourceOf } from "../../src/sim/packet.ts";
import { checksum, pseudoHeader } from "../../src/wire/index.ts";
import { icmp, put16 } from "../net/packets.ts";

/** What the narrow link takes. */
export const NARROW = 1400;

export const families = [
  {
    family: 4 as const,
    client: "10.0.0.7",
    neighbour: "10.0.0.8",
    server: "192.0.2.1",
    box: "203.0.113.9",
    near: "10.0.0.1",
    far: "192.0.2.254",
  },
  {
    family: 6 as const,
    client: "2001:db8::7",
    neighbour: "2001:db8::8",
    server: "2001:db8:1::1",
    box: "2001:db8:2::9",
    near: "2001:db8::1",
    far: "2001:db8:1::ff",
  },
];

export type Addresses = (typeof families)[number];

/** What came to a host, and what it sent. */
export interface Ear {
  readonly sent: Uint8Array[];
  readonly errors: Uint8Array[];
}

export function listenAt({ observers }: Port): Ear {
  const ear: Ear = { sent: [], errors: [] };
  observers.push({
    sent: (packet) => void ear.sent.push(packet.slice()),
    received: (packet) => {
      if (quotedPacket(packet)) ear.errors.push(packet.slice());
    },
  });
  return ear;
}

/** Without what every router on the way changes: TTL and header checksum, or hop limit. */
export function asSent(packet: Uint8Array): number[] {
  const copy = packet.slice();
  if (packet[0] >> 4 === 4) copy.fill(0, 8, 9).fill(0, 10, 12);
  else copy[7] = 0;
  return [...copy];
}

/** The sum of an ICMP message: 0 when its checksum is good. */
export function icmpSum(packet: Uint8Array): number {
  if (packet[0] >> 4 === 4) return checksum(packet.subarray(20));
  const ends = { src: sourceOf(packet), dst: destinationOf(packet) };
  return checksum([pseudoHeader(ends, packet.length - 40, 58), packet.subarray(40)]);
}

/** All checksums of an error are good, and it quotes the beginning of a packet that its receiver has sent, TCP checksum included. */
export function expectWellQuoted(error: Uint8Array, { sent }: Ear): void {
  const quote = quotedPacket(error)!;
  expect(icmpSum(error)).toBe(0);
  if (error[0] >> 4 === 4) {
    expect(checksum(error.subarray(0, 20))).toBe(0);
    expect(checksum(quote.subarray(0, 20))).toBe(0);
  }
  expect(sent.map((packet) => asSent(packet.subarray(0, quote.length)))).toContainEqual(asSent(quote));
}

/** As traceroute sends it: one hop to go. */
export function lastHop(packet: Uint8Array): void {
  packet[packet[0] >> 4 === 4 ? 8 : 7] = 1;
  if (packet[0] >> 4 === 4) sumHeader(packet);
}

/** Writes an IPv4 header's checksum. */
function sumHeader(packet: Uint8Array): void {
  put16(packet, 10, 0);
  put16(packet, 10, checksum(packet.subarray(0, (packet[0] & 15) * 4)));
}

/** An error with this quote, from somebody to somebody. */
export function errorAbout(quote: Uint8Array, src: string, dst: string, [type, code] = [3, 4]): Uint8Array {
  const isV4 = !src.includes(":");
  const rest = new Uint8Array(4 + quote.length);
  put16(rest, 2, NARROW);
  rest.set(quote, 4);
  return icmp({ src, dst }, isV4 ? type : 2, isV4 ? code : 0, rest);
}
