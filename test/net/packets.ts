// IP packets in plain words, for what no host of ours would send.

import { addressBytes } from "../../src/wire/address.ts";
import { buildSegment, checksum, pseudoHeader, type SegmentFields } from "../../src/wire/index.ts";

export interface Ends {
  readonly src: string;
  readonly dst: string;
}

export interface IpFields {
  readonly ttl?: number;
  readonly id?: number;
  readonly more?: boolean;
  /** Bytes. */
  readonly offset?: number;
  readonly options?: Uint8Array;
  readonly tos?: number;
}

export function ipv4(
  { src, dst }: Ends,
  protocol: number,
  payload: Uint8Array,
  f: IpFields = {},
): Uint8Array {
  const options = f.options ?? new Uint8Array(0);
  const header = 20 + options.length;
  const packet = new Uint8Array(header + payload.length);
  packet[0] = 0x40 | (header / 4);
  packet[1] = f.tos ?? 0;
  put16(packet, 2, packet.length);
  put16(packet, 4, f.id ?? 0);
  put16(packet, 6, (f.more ? 0x2000 : 0) | ((f.offset ?? 0) / 8));
  packet[8] = f.ttl ?? 64;
  packet[9] = protocol;
  packet.set(addressBytes(src), 12);
  packet.set(addressBytes(dst), 16);
  packet.set(options, 20);
  put16(packet, 10, checksum(packet.subarray(0, header)));
  packet.set(payload, header);
  return packet;
}

export function ipv6({ src, dst }: Ends, next: number, payload: Uint8Array, f: IpFields = {}): Uint8Array {
  const packet = new Uint8Array(40 + payload.length);
  packet[0] = 0x60;
  put16(packet, 4, payload.length);
  packet[6] = next;
  packet[7] = f.ttl ?? 64;
  packet.set(addressBytes(src), 8);
  packet.set(addressBytes(dst), 24);
  packet.set(payload, 40);
  return packet;
}

/** A fragment header (RFC 8200 4.5) with its piece behind it. */
export function fragment6(
  next: number,
  offset: number,
  more: boolean,
  id: number,
  piece: Uint8Array,
): Uint8Array {
  const bytes = new Uint8Array(8 + piece.length);
  bytes[0] = next;
  put16(bytes, 2, offset | (more ? 1 : 0));
  put16(bytes, 6, id);
  bytes.set(piece, 8);
  return bytes;
}

export function tcp(ends: Ends, fields: SegmentFields): Uint8Array {
  const segment = buildSegment(fields, ends);
  return ends.src.includes(":") ? ipv6(ends, 6, segment) : ipv4(ends, 6, segment);
}

/** An ICMP message; over IPv6 with its pseudo-header summed. */
export function icmp(ends: Ends, type: number, code: number, rest: Uint8Array): Uint8Array {
  const message = new Uint8Array(4 + rest.length);
  message[0] = type;
  message[1] = code;
  message.set(rest, 4);
  if (!ends.src.includes(":")) {
    put16(message, 2, checksum(message));
    return ipv4(ends, 1, message);
  }
  put16(message, 2, checksum([pseudoHeader(ends, message.length, 58), message]));
  return ipv6(ends, 58, message);
}

export function put16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 8;
  bytes[at + 1] = value;
}
