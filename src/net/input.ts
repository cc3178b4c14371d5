import { ETHERNET_HEADER } from "../../assembly/layout/capture.ts";
import {
  ICMP_PORT_UNREACHABLE,
  ICMP_PROTOCOL_UNREACHABLE,
  ICMP_UNREACHABLE,
  ICMPV6_PARAMETER_PROBLEM,
  ICMPV6_PORT_UNREACHABLE,
  ICMPV6_UNKNOWN_NEXT_HEADER,
  ICMPV6_UNREACHABLE,
  ND_ADVERTISEMENT,
  ND_SOLICITATION,
} from "../../assembly/layout/icmp.ts";
import {
  ACK,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_TCP,
  IPPROTO_UDP,
  RST,
  SYN,
  TCP_HEADER_MIN,
  TCP_OFFSET_FLAGS,
  TCP_SRC_PORT,
  UDP_HEADER,
} from "../../assembly/layout/wire.ts";
import type { Connection } from "./connection.ts";
import { Reassembly } from "./fragments.ts";
import { type Icmp, isIntact } from "./icmp.ts";
import type { Interface, LocalAddress } from "./interface.ts";
import { IpAddress } from "./ip-address.ts";
import { BAD_CHECKSUM, IpPacket, MALFORMED, OK, PROBLEM } from "./ip-packet.ts";
import { readIPv4 } from "./ipv4.ts";
import { readIPv6 } from "./ipv6.ts";
import type { Listeners } from "./listeners.ts";
import { isOurGroup } from "./neighbour-discovery.ts";
import type { Neighbours } from "./neighbours.ts";
import { resetUnknown } from "./reset.ts";
import type { Stack } from "./stack.ts";
import { Way } from "./way.ts";

/**
 * What happens to a packet that arrives: IP header, destination, fragments, protocol, connection. Nothing in a packet
 * makes it throw; what cannot be used is counted.
 */
export class PacketInput {
  readonly #stack: Stack;
  readonly #listeners: Listeners;
  readonly #icmp: Icmp;
  readonly #fragments: Reassembly;
  readonly #packet = new IpPacket();
  /** The connection that the last segment was for: most likely the next one's too. */
  #last: Connection | null = null;
  readonly #way = new Way();

  constructor(stack: Stack, listeners: Listeners, icmp: Icmp) {
    this.#stack = stack;
    this.#listeners = listeners;
    this.#icmp = icmp;
    this.#fragments = new Reassembly(stack, (packet, quote, local) =>
      icmp.reassemblyTimedOut(packet, quote, local),
    );
  }

  /** The `length` bytes at `at` have arrived on `from`. */
  arrived(from: Interface, at: number, length: number): void {
    if (from.neighbours === null) this.#ip(from, at, length);
    else if (from.neighbours.arrived(at, length)) {
      this.#ip(from, at + ETHERNET_HEADER, length - ETHERNET_HEADER);
    }
  }

  #ip(from: Interface, at: number, length: number): void {
    const { counters, pool } = this.#stack;
    const packet = this.#packet;
    const { dv } = pool.memory;
    const version = length === 0 ? 0 : dv.getUint8(at) >>> 4;
    const verdict =
      version === 4
        ? readIPv4(packet, dv, at, length)
        : version === 6
          ? readIPv6(packet, dv, at, length)
          : MALFORMED;
    if (verdict !== OK && verdict !== PROBLEM) {
      if (verdict === MALFORMED) counters.malformed++;
      else if (verdict === BAD_CHECKSUM) counters.badChecksums++;
      else counters.unknownProtocol++;
      return;
    }
    if (from.neighbours !== null && verdict === OK && isDiscovery(packet, dv)) {
      this.#discovery(from, from.neighbours, packet);
      return;
    }
    const local = this.#localOf(packet, from);
    if (local === null) return;
    if (verdict === PROBLEM) {
      counters.unknownProtocol++;
      this.#icmp.sendError(packet, local, ICMPV6_PARAMETER_PROBLEM, packet.problem, packet.pointer);
    } else if (!packet.isFragment || this.#fragments.add(packet, local)) {
      this.#deliver(packet, local);
    }
  }

  /** Neighbour discovery: the one thing that is taken from groups, and from nobody's address. */
  #discovery(from: Interface, neighbours: Neighbours, packet: IpPacket): void {
    const { counters } = this.#stack;
    counters.icmpIn++;
    const to = new IpAddress(6, packet.d0, packet.d1, packet.d2, packet.d3);
    const isOurs = from.addresses.some(({ address }) => address.equals(to)) || isOurGroup(from, packet);
    if (!isOurs) counters.notForUs++;
    else if (!isIntact(this.#stack, packet)) counters.badChecksums++;
    else if (!neighbours.discovery(packet)) counters.malformed++;
  }

  /** Which of our addresses a packet is for; null, and counted, when it is for none or cannot be answered. */
  #localOf(packet: IpPacket, from: Interface): LocalAddress | null {
    let local = this.#way.localOf(packet, from);
    if (local !== null) return local;
    local = this.#lookUp(packet, from);
    if (local === null) this.#stack.counters.notForUs++;
    else this.#way.note(packet, from, local);
    return local;
  }

  #lookUp(packet: IpPacket, from: Interface): LocalAddress | null {
    const { addresses } = this.#stack;
    const { d0, d1, d2, d3, family } = packet;
    for (const local of addresses) {
      const { address } = local;
      if (address.w0 !== d0 || address.w3 !== d3 || address.w1 !== d1 || address.w2 !== d2) continue;
      if (address.family !== family) continue;
      return from.isLoopback || !(local.interface.isLoopback || this.#isMartian(packet)) ? local : null;
    }
    return null;
  }

  /** Whether a packet comes from where none can: many, nobody, or ourselves (RFC 1122 3.2.1.3, RFC 4291 2.5.3, 2.7). */
  #isMartian({ family, s0, s1, s2, s3 }: IpPacket): boolean {
    const top = s0 >>> 24;
    if (family === 6 ? top === 0xff || ((s0 | s1 | s2) === 0 && s3 >>> 0 <= 1) : isNobody(top)) return true;
    for (const { address, bits } of this.#stack.addresses) {
      if (address.family !== family) continue;
      if (address.w0 === s0 && address.w3 === s3 && address.w1 === s1 && address.w2 === s2) return true;
      if (family === 4 && bits < 31 && s0 === (address.w0 | (-1 >>> bits))) return true;
    }
    return false;
  }

  #deliver(packet: IpPacket, local: LocalAddress): void {
    const { counters } = this.#stack;
    const isV4 = packet.family === 4;
    if (packet.protocol === IPPROTO_TCP) this.#tcp(packet, local);
    else if (packet.protocol === (isV4 ? IPPROTO_ICMP : IPPROTO_ICMPV6)) this.#icmp.arrived(packet, local);
    else if (packet.protocol === IPPROTO_UDP && packet.length >= UDP_HEADER) {
      counters.unknownProtocol++;
      const [type, code] = isV4
        ? [ICMP_UNREACHABLE, ICMP_PORT_UNREACHABLE]
        : [ICMPV6_UNREACHABLE, ICMPV6_PORT_UNREACHABLE];
      this.#icmp.sendError(packet, local, type, code, 0);
    } else {
      counters.unknownProtocol++;
      if (isV4) this.#icmp.sendError(packet, local, ICMP_UNREACHABLE, ICMP_PROTOCOL_UNREACHABLE, 0);
      else {
        const { pointer } = packet;
        this.#icmp.sendError(packet, local, ICMPV6_PARAMETER_PROBLEM, ICMPV6_UNKNOWN_NEXT_HEADER, pointer);
      }
    }
  }

  #tcp(packet: IpPacket, local: LocalAddress): void {
    const stack = this.#stack;
    const { s0, s1, s2, s3, payload, length } = packet;
    if (length < TCP_HEADER_MIN) {
      stack.counters.malformed++;
      return;
    }
    const { dv } = stack.pool.memory;
    const word = dv.getInt32(payload + TCP_SRC_PORT);
    const ports = (word << 16) | (word >>> 16);
    const { table } = stack;
    const { index } = local;
    let connection = this.#last;
    if (connection === null || connection.id < 0 || !table.is(connection.id, index, s0, s1, s2, s3, ports)) {
      const id = table.find(index, s0, s1, s2, s3, ports);
      connection = id < 0 ? null : stack.connections[id];
      this.#last = connection;
    }
    if (connection?.isOver && isSyn(dv, payload) && this.#makesWay(connection, packet, ports)) {
      connection = null;
    }
    if (connection !== null) {
      connection.receivedDscp = packet.dscp;
      connection.endpoint.onSegmentAt(payload, length, stack.now, packet.ecn);
      stack.mark(connection);
    } else if (!this.#listeners.arrived(packet, local, ports)) {
      if (resetUnknown(stack, packet, local)) stack.counters.resetsOut++;
    }
  }

  /** TIME-WAIT ends for the SYN of a new connection, where somebody listens for it (RFC 9293 3.6.1, RFC 6191). */
  #makesWay(connection: Connection, { payload, length }: IpPacket, ports: number): boolean {
    if (this.#listeners.find(connection.local, ports >>> 16) === undefined) return false;
    const segment = this.#stack.pool.memory.u8.subarray(payload, payload + length);
    if (!connection.endpoint.yieldsTo(segment)) return false;
    this.#stack.forget(connection);
    return true;
  }
}

function isSyn(dv: DataView, at: number): boolean {
  return (dv.getUint16(at + TCP_OFFSET_FLAGS) & (SYN | ACK | RST)) === SYN;
}

/** 0.0.0.0/8, 127.0.0.0/8, and all from multicast on. */
function isNobody(top: number): boolean {
  return top === 0 || top === 127 || top >= 224;
}

function isDiscovery({ protocol, isFragment, length, payload }: IpPacket, dv: DataView): boolean {
  if (protocol !== IPPROTO_ICMPV6 || isFragment || length === 0) return false;
  const type = dv.getUint8(payload);
  return type === ND_SOLICITATION || type === ND_ADVERTISEMENT;
}
