import { MAX_DATAGRAM_BYTES, MAX_DATAGRAMS } from "../../assembly/layout/limits.ts";
import { IPV4_LENGTH, IPV6_FRAGMENT_HEADER, IPV6_LENGTH } from "../../assembly/layout/wire.ts";
import { Desk } from "../wasm/desk.ts";
import type { LocalAddress } from "./interface.ts";
import { type IpPacket, OK } from "./ip-packet.ts";
import { readExtensions } from "./ipv6.ts";
import type { Stack } from "./stack.ts";
import { NEVER } from "./wheel.ts";

/** RFC 1122 3.3.2 asks for 60 to 120 s, RFC 8200 4.5 for 60 s. */
const PATIENCE = 60_000;
/** Fragments of one packet: more than the longest one makes in pieces of 1280 bytes. */
const MOST_PIECES = 64;
/** Bytes of all fragments that wait. */
const MOST_BYTES = 1 << 20;
const CONGESTION_EXPERIENCED = 3;

interface Piece {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** A packet of which some fragments have arrived. */
interface Datagram {
  readonly packet: Readonly<IpPacket>;
  readonly local: LocalAddress;
  readonly until: number;
  /** In order, without overlap. */
  readonly pieces: Piece[];
  /** The header before the pieces, once the first fragment has come. */
  header: Uint8Array | null;
  protocol: number;
  /** Bytes of the whole, once the last fragment has come; -1 before. */
  total: number;
  held: number;
  ecn: number;
  /** Given up: what still comes of it is dropped too (RFC 5722 4). */
  isRefused: boolean;
}

/**
 * Puts IP fragments together (RFC 791 3.2, RFC 8200 4.5). Fragments that overlap are refused, with all others of their
 * packet (RFC 5722): there is no honest reason for them. Packets, pieces and bytes that wait are bounded, the oldest
 * packet makes room, and memory is taken only for bytes that have arrived.
 */
export class Reassembly {
  readonly #stack: Stack;
  readonly #timedOut: (packet: Readonly<IpPacket>, header: Uint8Array, local: LocalAddress) => void;
  /** The oldest first. */
  readonly #datagrams: Datagram[] = [];
  readonly #setTimer: (at: number) => void;
  #held = 0;
  #desk: Desk | null = null;

  /** @param timedOut is told of packets whose first fragment came, and not all others */
  constructor(
    stack: Stack,
    timedOut: (packet: Readonly<IpPacket>, quote: Uint8Array, local: LocalAddress) => void,
  ) {
    this.#stack = stack;
    this.#timedOut = timedOut;
    this.#setTimer = stack.service(() => this.#expire());
  }

  /** Takes a fragment. Returns true when its packet is whole: `packet` describes that from then on, until the next call. */
  add(packet: IpPacket, local: LocalAddress): boolean {
    const { counters } = this.#stack;
    counters.fragmentsIn++;
    const end = packet.fragmentOffset + packet.length;
    const isRagged = packet.moreFragments && (packet.length & 7) !== 0;
    if (packet.length === 0 || isRagged || end > MAX_DATAGRAM_BYTES) {
      counters.malformed++;
      return false;
    }
    const datagram = this.#find(packet) ?? this.#begin(packet, local);
    if (datagram.isRefused || !this.#put(datagram, packet)) {
      counters.fragmentsDropped++;
      return false;
    }
    if (datagram.held !== datagram.total || datagram.header === null) return false;
    counters.reassembled++;
    this.#remove(datagram);
    return this.#assemble(datagram, packet);
  }

  #find(p: IpPacket): Datagram | undefined {
    return this.#datagrams.find(
      ({ packet: q, protocol }) =>
        q.fragmentId === p.fragmentId &&
        q.family === p.family &&
        (p.family === 6 || protocol === p.protocol) &&
        q.s0 === p.s0 &&
        q.s1 === p.s1 &&
        q.s2 === p.s2 &&
        q.s3 === p.s3 &&
        q.d0 === p.d0 &&
        q.d1 === p.d1 &&
        q.d2 === p.d2 &&
        q.d3 === p.d3,
    );
  }

  #begin(packet: IpPacket, local: LocalAddress): Datagram {
    if (this.#datagrams.length === MAX_DATAGRAMS) this.#remove(this.#datagrams[0]);
    const datagram: Datagram = {
      packet: Object.assign(Object.create(null), packet),
      local,
      until: this.#stack.now + PATIENCE,
      pieces: [],
      header: null,
      protocol: packet.protocol,
      total: -1,
      held: 0,
      ecn: packet.ecn,
      isRefused: false,
    };
    if (this.#datagrams.push(datagram) === 1) this.#setTimer(datagram.until);
    return datagram;
  }

  /** Keeps a copy of the fragment's piece. Returns false when it is not wanted. */
  #put(datagram: Datagram, packet: IpPacket): boolean {
    const { pieces } = datagram;
    const offset = packet.fragmentOffset;
    const end = offset + packet.length;
    const { u8 } = this.#stack.pool.memory;
    const bytes = u8.slice(packet.payload, packet.payload + packet.length);
    let at = pieces.length;
    while (at > 0 && pieces[at - 1].offset >= offset) at--;
    const after = pieces[at];
    if (after?.offset === offset && isSame(after.bytes, bytes)) return true; // repeated, not forged
    const isOverlapping =
      (after !== undefined && after.offset < end) ||
      (at > 0 && pieces[at - 1].offset + pieces[at - 1].bytes.length > offset);
    const furthest = pieces.length === 0 ? 0 : reach(pieces[pieces.length - 1]);
    const isPastEnd = datagram.total >= 0 && (end > datagram.total || !packet.moreFragments);
    const isShort = !packet.moreFragments && furthest > end;
    const mixesEcn =
      (datagram.ecn | packet.ecn) === CONGESTION_EXPERIENCED && datagram.ecn * packet.ecn === 0;
    if (isOverlapping || isPastEnd || isShort || mixesEcn || pieces.length === MOST_PIECES) {
      this.#refuse(datagram);
      return false;
    }
    pieces.splice(at, 0, { offset, bytes });
    datagram.held += bytes.length;
    this.#held += bytes.length;
    if (packet.ecn === CONGESTION_EXPERIENCED) datagram.ecn = packet.ecn; // RFC 3168 5.3
    if (!packet.moreFragments) datagram.total = end;
    if (offset === 0) {
      const fragmentHeader = packet.family === 6 ? IPV6_FRAGMENT_HEADER : 0;
      datagram.header = u8.slice(packet.start, packet.payload - fragmentHeader);
      datagram.protocol = packet.protocol;
    }
    while (this.#held > MOST_BYTES) {
      const oldest = this.#datagrams[0];
      this.#remove(oldest);
      if (oldest === datagram) return false;
    }
    return true;
  }

  #refuse(datagram: Datagram): void {
    this.#held -= datagram.held;
    datagram.held = 0;
    datagram.pieces.length = 0;
    datagram.header = null;
    datagram.isRefused = true;
  }

  #remove(datagram: Datagram): void {
    this.#datagrams.splice(this.#datagrams.indexOf(datagram), 1);
    this.#held -= datagram.held;
    this.#setTimer(this.#datagrams[0]?.until ?? NEVER);
  }

  /** Lays the whole packet out, as if it had come in one piece. */
  #assemble(datagram: Datagram, packet: IpPacket): boolean {
    const { memory } = this.#stack.pool;
    const header = datagram.header!;
    if (header.length + datagram.total > MAX_DATAGRAM_BYTES) return false;
    this.#desk ??= new Desk(memory);
    const at = this.#desk.address;
    const { u8, dv } = memory;
    u8.set(header, at);
    for (const { offset, bytes } of datagram.pieces) u8.set(bytes, at + header.length + offset);
    packet.start = at;
    packet.bytes = header.length + datagram.total;
    packet.isFragment = false;
    packet.ecn = datagram.ecn;
    packet.payload = at + header.length;
    packet.length = datagram.total;
    packet.protocol = datagram.protocol;
    if (packet.family === 4) {
      dv.setUint16(at + IPV4_LENGTH, packet.bytes);
      return true;
    }
    dv.setUint16(at + IPV6_LENGTH, packet.bytes - header.length);
    return readExtensions(packet, dv, datagram.protocol, packet.payload, packet.payload) === OK;
  }

  #expire(): void {
    const { now, counters } = this.#stack;
    for (let oldest = this.#datagrams[0]; oldest !== undefined && oldest.until <= now; ) {
      counters.fragmentsDropped += oldest.pieces.length;
      this.#remove(oldest);
      const { header, pieces, packet, local } = oldest;
      if (header !== null) {
        const quote = new Uint8Array(header.length + pieces[0].bytes.length);
        quote.set(header);
        quote.set(pieces[0].bytes, header.length);
        this.#timedOut(packet, quote, local);
      }
      oldest = this.#datagrams[0];
    }
  }
}

function reach({ offset, bytes }: Piece): number {
  return offset + bytes.length;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
