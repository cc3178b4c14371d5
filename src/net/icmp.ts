import {
  ICMP_CHECKSUM,
  ICMP_CODE,
  ICMP_ECHO,
  ICMP_ECHO_REPLY,
  ICMP_FRAGMENTATION_NEEDED,
  ICMP_HEADER,
  ICMP_MTU,
  ICMP_PARAMETER_PROBLEM,
  ICMP_REASSEMBLY_TIME,
  ICMP_SOURCE_QUENCH,
  ICMP_TIME_EXCEEDED,
  ICMP_TYPE,
  ICMP_UNREACHABLE,
  ICMPV6_ECHO,
  ICMPV6_ECHO_REPLY,
  ICMPV6_FIRST_INFORMATIONAL,
  ICMPV6_MTU,
  ICMPV6_PACKET_TOO_BIG,
  ICMPV6_TIME_EXCEEDED,
} from "../../assembly/layout/icmp.ts";
import { SLACK } from "../../assembly/layout/limits.ts";
import {
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_TCP,
  IPV4_FRAGMENT,
  IPV4_HEADER_MIN,
  IPV4_OFFSET_MASK,
  IPV4_PROTOCOL,
  IPV4_SRC,
  IPV6_HEADER,
  IPV6_NEXT,
  IPV6_SRC,
} from "../../assembly/layout/wire.ts";
import { addressSum } from "../wire/checksum.ts";
import { fold, halves, swap } from "../wire/sum.ts";
import { sendFragments } from "./fragmenting.ts";
import type { LocalAddress } from "./interface.ts";
import { IpAddress } from "./ip-address.ts";
import type { IpPacket } from "./ip-packet.ts";
import type { PathMtus } from "./path-mtus.ts";
import type { Route } from "./routes.ts";
import type { Stack } from "./stack.ts";

/** An error is no longer than this, IP header included (RFC 1812 4.3.2.3; RFC 4443 2.4 (c): the least MTU). */
const LONGEST_ERROR_IPV4 = 576;
const LONGEST_ERROR_IPV6 = 1280;
/** Errors are limited, as RFC 1812 4.3.2.8 and RFC 4443 2.4 (f) want it: so many a second, so many at once. */
const ERRORS_PER_SECOND = 100;
const ERRORS_AT_ONCE = 50;
/** Bytes of a quoted TCP header that an endpoint looks at. */
const QUOTED = 8;

/** ICMP and ICMPv6: echo is answered, errors reach the connection that they are about, and ours are sent. */
export class Icmp {
  readonly #stack: Stack;
  readonly #mtus: PathMtus;
  #tokens = ERRORS_AT_ONCE;
  #countedAt = 0;

  constructor(stack: Stack, mtus: PathMtus) {
    this.#stack = stack;
    this.#mtus = mtus;
  }

  arrived(packet: IpPacket, local: LocalAddress): void {
    const { counters, pool } = this.#stack;
    const { payload, length, family } = packet;
    counters.icmpIn++;
    if (length < ICMP_HEADER) {
      counters.malformed++;
      return;
    }
    if (!isIntact(this.#stack, packet)) {
      counters.badChecksums++;
      return;
    }
    const { dv } = pool.memory;
    const type = dv.getUint8(payload + ICMP_TYPE);
    if (type === (family === 4 ? ICMP_ECHO : ICMPV6_ECHO)) this.#answerEcho(packet, local);
    else if (isError(family, type)) this.#tellConnection(packet, local, type);
  }

  /**
   * Sends an error about `packet`, where one may be sent at all: not about errors, later fragments, or what was sent
   * to many (RFC 1122 3.2.2, RFC 4443 2.4).
   *
   * @param word the second word of the message: a pointer or an MTU, as the type has it
   */
  sendError(packet: IpPacket, local: LocalAddress, type: number, code: number, word: number): void {
    const { memory } = this.#stack.pool;
    const { dv } = memory;
    const { family, protocol, payload, length, start, bytes } = packet;
    const isIcmp = protocol === (family === 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6);
    if (isIcmp && (length === 0 || isError(family, dv.getUint8(payload + ICMP_TYPE)))) return;
    if (packet.isFragment && packet.fragmentOffset > 0) return;
    const most =
      (family === 4 ? LONGEST_ERROR_IPV4 - IPV4_HEADER_MIN : LONGEST_ERROR_IPV6 - IPV6_HEADER) - ICMP_HEADER;
    const quoted = Math.min(bytes, most);
    this.#sendError(packet, local, type, code, word, quoted, (at) =>
      memory.u8.copyWithin(at, start, start + quoted),
    );
  }

  /** The first fragment of a packet came, and others not in time (RFC 792, RFC 8200 4.5). */
  reassemblyTimedOut(packet: Readonly<IpPacket>, quote: Uint8Array, local: LocalAddress): void {
    const [type, most] =
      packet.family === 4
        ? [ICMP_TIME_EXCEEDED, LONGEST_ERROR_IPV4 - IPV4_HEADER_MIN]
        : [ICMPV6_TIME_EXCEEDED, LONGEST_ERROR_IPV6 - IPV6_HEADER];
    const quoted = quote.subarray(0, most - ICMP_HEADER);
    this.#sendError(packet, local, type, ICMP_REASSEMBLY_TIME, 0, quoted.length, (at) =>
      this.#stack.pool.memory.u8.set(quoted, at),
    );
  }

  #sendError(
    { family, s0, s1, s2, s3 }: Readonly<IpPacket>,
    local: LocalAddress,
    type: number,
    code: number,
    word: number,
    quoted: number,
    writeQuote: (at: number) => void,
  ): void {
    if (!this.#mayComplain()) return;
    const to = new IpAddress(family, s0, s1, s2, s3);
    this.#send(local, to, ICMP_HEADER + quoted, (dv, at) => {
      dv.setUint8(at + ICMP_TYPE, type);
      dv.setUint8(at + ICMP_CODE, code);
      dv.setInt32(at + 4, word);
      writeQuote(at + ICMP_HEADER);
    });
  }

  /** A reply has all that was asked (RFC 1122 3.2.2.6, RFC 4443 4.2), in fragments where it must. */
  #answerEcho({ family, s0, s1, s2, s3, payload, length }: IpPacket, local: LocalAddress): void {
    const to = new IpAddress(family, s0, s1, s2, s3);
    this.#send(local, to, length, (dv, at) => {
      this.#stack.pool.memory.u8.copyWithin(at, payload, payload + length);
      dv.setUint8(at + ICMP_TYPE, family === 4 ? ICMP_ECHO_REPLY : ICMPV6_ECHO_REPLY);
    });
  }

  /** Sends the message that `write` writes, its checksum filled in. */
  #send(local: LocalAddress, to: IpAddress, length: number, write: Write): void {
    const { counters, now, routes } = this.#stack;
    const route = routes.find(to);
    let isSent = false;
    if (route !== null) {
      const header = to.family === 4 ? IPV4_HEADER_MIN : IPV6_HEADER;
      const mtu = this.#mtus.find(to, now, route.interface.mtu);
      isSent =
        header + length <= mtu
          ? this.#sendWhole(route, local, to, length, write)
          : this.#sendInFragments(route, local, to, length, write, mtu);
    }
    if (isSent) counters.icmpOut++;
    else counters.undeliverable++;
  }

  #sendWhole(route: Route, local: LocalAddress, to: IpAddress, length: number, write: Write): boolean {
    const at = this.#stack.output.reserve(route, to, length);
    if (at === 0) return false;
    this.#write(local, to, at, length, write);
    this.#stack.output.commit(route, local.address, to, at, length, protocolOf(to));
    return true;
  }

  #sendInFragments(
    route: Route,
    local: LocalAddress,
    to: IpAddress,
    length: number,
    write: Write,
    mtu: number,
  ): boolean {
    const desk = this.#stack.pool.take(length + SLACK);
    this.#write(local, to, desk.address, length, write);
    const isSent = sendFragments(
      this.#stack,
      route,
      local.address,
      to,
      desk.address,
      length,
      protocolOf(to),
      mtu,
    );
    desk.release();
    return isSent;
  }

  /** Writes a whole message at `at`. */
  #write(local: LocalAddress, to: IpAddress, at: number, length: number, write: Write): void {
    const { dv, exports } = this.#stack.pool.memory;
    write(dv, at);
    dv.setUint16(at + ICMP_CHECKSUM, 0);
    const pseudo = to.family === 4 ? 0 : addressSum(local.address.value, to.value, IPPROTO_ICMPV6) + length;
    dv.setUint16(at + ICMP_CHECKSUM, ~fold(swap(exports.checksumPart(at, length, 0)) + pseudo));
  }

  /** Hands an error to the connection whose segment it quotes. */
  #tellConnection(packet: IpPacket, local: LocalAddress, type: number): void {
    const { dv, u8 } = this.#stack.pool.memory;
    const quoted = packet.payload + ICMP_HEADER;
    const room = packet.length - ICMP_HEADER;
    const header = packet.family === 4 ? quotedIPv4(dv, quoted, room) : quotedIPv6(dv, quoted, room);
    if (header === 0 || room < header + QUOTED) return;
    const [src, dst] = [addressAt(dv, quoted, packet.family, 0), addressAt(dv, quoted, packet.family, 1)];
    if (!src.equals(local.address)) return;
    const segment = quoted + header;
    const id = this.#stack.table.find(local.index, dst.w0, dst.w1, dst.w2, dst.w3, dv.getInt32(segment));
    const connection = id < 0 ? null : this.#stack.connections[id];
    if (connection === null) return;
    const code = dv.getUint8(packet.payload + ICMP_CODE);
    const mtu =
      packet.family === 6 && type === ICMPV6_PACKET_TOO_BIG
        ? dv.getUint32(packet.payload + ICMPV6_MTU)
        : packet.family === 4 && type === ICMP_UNREACHABLE && code === ICMP_FRAGMENTATION_NEEDED
          ? dv.getUint16(packet.payload + ICMP_MTU)
          : -1;
    const counted = connection.endpoint.onIcmp({
      type,
      code,
      mtu: Math.max(0, mtu),
      quoted: u8.slice(segment, segment + Math.min(room - header, QUOTED)),
    });
    if (!counted) return;
    const { now } = this.#stack;
    if (mtu >= 0) this.#mtus.note(connection.remote, connection.endpoint.status().snd.pmtu, now);
    this.#stack.mark(connection);
  }

  #mayComplain(): boolean {
    const { now } = this.#stack;
    const earned = ((now - this.#countedAt) * ERRORS_PER_SECOND) / 1000;
    this.#tokens = Math.min(ERRORS_AT_ONCE, this.#tokens + earned);
    this.#countedAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}

/** Writes a message, but for its checksum. */
type Write = (dv: DataView, at: number) => void;

function protocolOf({ family }: IpAddress): number {
  return family === 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
}

/** Whether the checksum of the ICMP or ICMPv6 message is good. */
export function isIntact({ pool }: Stack, packet: IpPacket): boolean {
  const pseudo = packet.family === 4 ? 0 : pseudoSum(packet);
  const sum = pool.memory.exports.checksumPart(packet.payload, packet.length, 0);
  return fold(swap(sum) + pseudo) === 0xffff;
}

function isError(family: number, type: number): boolean {
  if (family === 6) return type < ICMPV6_FIRST_INFORMATIONAL;
  return (
    type === ICMP_UNREACHABLE ||
    type === ICMP_TIME_EXCEEDED ||
    type === ICMP_PARAMETER_PROBLEM ||
    type === ICMP_SOURCE_QUENCH
  );
}

/** The pseudo-header of an ICMPv6 message that has arrived (RFC 4443 2.3). */
function pseudoSum({ s0, s1, s2, s3, d0, d1, d2, d3, length }: IpPacket): number {
  let sum = length + IPPROTO_ICMPV6;
  for (const word of [s0, s1, s2, s3, d0, d1, d2, d3]) sum += halves(word);
  return sum;
}

/** Bytes of the quoted IPv4 header; 0 when it is none, or not that of a TCP segment's beginning. */
function quotedIPv4(dv: DataView, at: number, room: number): number {
  if (room < IPV4_HEADER_MIN) return 0;
  const first = dv.getUint8(at);
  const isFirst = (dv.getUint16(at + IPV4_FRAGMENT) & IPV4_OFFSET_MASK) === 0;
  if (first >>> 4 !== 4 || dv.getUint8(at + IPV4_PROTOCOL) !== IPPROTO_TCP || !isFirst) return 0;
  return Math.max(IPV4_HEADER_MIN, (first & 15) << 2);
}

/** The same for IPv6. We send no extension headers, so there are none in what is quoted of ours. */
function quotedIPv6(dv: DataView, at: number, room: number): number {
  if (room < IPV6_HEADER || dv.getUint8(at) >>> 4 !== 6) return 0;
  return dv.getUint8(at + IPV6_NEXT) === IPPROTO_TCP ? IPV6_HEADER : 0;
}

/** The source (`which` 0) or destination (1) of the IP header at `at`. */
function addressAt(dv: DataView, at: number, family: 4 | 6, which: number): IpAddress {
  if (family === 4) return new IpAddress(4, dv.getInt32(at + IPV4_SRC + 4 * which));
  const p = at + IPV6_SRC + 16 * which;
  return new IpAddress(6, dv.getInt32(p), dv.getInt32(p + 4), dv.getInt32(p + 8), dv.getInt32(p + 12));
}
