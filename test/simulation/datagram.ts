// The IP layer of a simulated host: the header before a segment, and what it says of one that arrives.
import { addressBytes, checksum } from "../../src/wire/index.ts";

const TTL = 64;
const TCP = 6;

// One for all packers: a packet is borrowed until the next.
const room = new Uint8Array(40 + 65_535);

/** Puts segments of one host into packets for the other. The packet is borrowed until any packer makes another. */
export class Packer {
  readonly header: number;
  readonly #template: Uint8Array;

  constructor(source: string, destination: string) {
    const from = addressBytes(source);
    const to = addressBytes(destination);
    this.header = from.length === 4 ? 20 : 40;
    this.#template = new Uint8Array(this.header);
    const p = this.#template;
    if (from.length === 4) {
      p.set([0x45, 0, 0, 0, 0, 0, 0x40, 0, TTL, TCP]); // do not fragment: RFC 1191
      p.set(from, 12);
      p.set(to, 16);
    } else {
      p.set([0x60, 0, 0, 0, 0, 0, TCP, TTL]);
      p.set(from, 8);
      p.set(to, 24);
    }
  }

  /** @param identification 16 bits that tell packets apart */
  pack(segment: Uint8Array, ecn: number, identification: number): Uint8Array {
    const { header } = this;
    const length = header + segment.length;
    const p = room;
    p.set(this.#template);
    p.set(segment, header);
    if (header === 20) {
      p[1] = ecn;
      word(p, 2, length);
      word(p, 4, identification);
      word(p, 10, checksum(p.subarray(0, header)));
    } else {
      p[1] = ecn << 4; // the traffic class lies across the first two bytes
      word(p, 2, identification); // as flow label
      word(p, 4, segment.length);
    }
    return p.subarray(0, length);
  }
}

export function ecnOf(packet: Uint8Array): number {
  return packet[0] >> 4 === 4 ? packet[1] & 3 : (packet[1] >> 4) & 3;
}

export function identificationOf(packet: Uint8Array): number {
  return packet[0] >> 4 === 4 ? (packet[4] << 8) | packet[5] : (packet[2] << 8) | packet[3];
}

export function segmentIn(packet: Uint8Array): Uint8Array {
  return packet.subarray(packet[0] >> 4 === 4 ? 20 : 40);
}

function word(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 8;
  bytes[at + 1] = value;
}
