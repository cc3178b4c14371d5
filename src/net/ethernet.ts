import {
  ETHERNET_HEADER,
  ETHERTYPE_ARP,
  ETHERTYPE_IPV4,
  ETHERTYPE_IPV6,
} from "../../assembly/layout/capture.ts";
import {
  ARP_BYTES,
  ARP_ETHERNET,
  ARP_OPERATION,
  ARP_REPLY,
  ARP_REQUEST,
  ARP_SENDER_IP,
  ARP_SENDER_MAC,
  ARP_TARGET_IP,
  ARP_TARGET_MAC,
} from "../../assembly/layout/icmp.ts";
import { IPV6_DST, IPV6_HEADER } from "../../assembly/layout/wire.ts";
import { groupOf, type Mac } from "./ethernet-address.ts";
import type { Interface } from "./interface.ts";
import { IpAddress, isBroadcast, isMulticast } from "./ip-address.ts";
import type { IpPacket } from "./ip-packet.ts";
import { NeighbourCache } from "./neighbour-cache.ts";
import { discoveryArrived, type Station, solicit } from "./neighbour-discovery.ts";
import type { Neighbours } from "./neighbours.ts";
import type { Stack } from "./stack.ts";

const SOURCE = 6;
const TYPE = 12;
const IPV4_OVER_ETHERNET = (ETHERTYPE_IPV4 << 16) | (6 << 8) | 4;
/** ff:ff:ff:ff:ff:ff, as its first 16 and its last 32 bits. */
const BROADCAST: Mac = { high: 0xffff, low: -1 };
const NOBODY: Mac = { high: 0, low: 0 };

/** Ethernet II on a link: frames, ARP for IPv4 (RFC 826), neighbour discovery for IPv6 (RFC 4861). */
export class Ethernet implements Neighbours, Station {
  readonly mac: Mac;
  readonly #stack: Stack;
  readonly #cache: NeighbourCache;
  #interface: Interface | null = null;

  constructor(stack: Stack, mac: Mac) {
    this.#stack = stack;
    this.mac = mac;
    this.#cache = new NeighbourCache(stack, {
      ask: (address, station) => this.#ask(address, station),
      reached: () => stack.resume(),
      failed: (address) => this.#failed(address),
    });
  }

  /** Tells which interface it serves. */
  serve(own: Interface): void {
    this.#interface = own;
  }

  isKnown(address: IpAddress): boolean {
    return this.#stationOf(address) !== null;
  }

  writeHeader(dv: DataView, at: number, address: IpAddress): boolean {
    const station = this.#stationOf(address);
    if (station === null) return false;
    this.writeFrameHeader(dv, at, station, address.family === 4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6);
    return true;
  }

  writeFrameHeader(dv: DataView, at: number, to: Mac, type: number): void {
    dv.setUint16(at, to.high);
    dv.setInt32(at + 2, to.low);
    dv.setUint16(at + SOURCE, this.mac.high);
    dv.setInt32(at + SOURCE + 2, this.mac.low);
    dv.setUint16(at + TYPE, type);
  }

  arrived(at: number, length: number): boolean {
    const { counters, pool } = this.#stack;
    if (length < ETHERNET_HEADER) {
      counters.malformed++;
      return false;
    }
    const { dv } = pool.memory;
    const high = dv.getUint16(at);
    const isGroup = (high & 0x100) !== 0;
    if (!isGroup && (high !== this.mac.high || dv.getInt32(at + 2) !== this.mac.low)) {
      counters.notForUs++;
      return false;
    }
    const type = dv.getUint16(at + TYPE);
    if (type === ETHERTYPE_IPV4 || type === ETHERTYPE_IPV6) {
      // A packet for one host alone that was sent to all stations is dropped (RFC 1122 3.3.6), and of packets to groups
      // a host takes neighbour discovery only.
      const mayBeGroup = type === ETHERTYPE_IPV6 && length >= ETHERNET_HEADER + IPV6_HEADER;
      if (!isGroup || (mayBeGroup && dv.getUint8(at + ETHERNET_HEADER + IPV6_DST) === 0xff)) return true;
      counters.notForUs++;
      return false;
    }
    if (type === ETHERTYPE_ARP) this.#arp(dv, at + ETHERNET_HEADER, length - ETHERNET_HEADER);
    else counters.unknownProtocol++;
    return false;
  }

  discovery(packet: IpPacket): boolean {
    return discoveryArrived(this.#stack, this.#interface!, this, packet);
  }

  learn(address: IpAddress, station: Mac, isAnswer: boolean, mayAdd: boolean): void {
    this.#cache.learn(address, station, isAnswer, mayAdd);
  }

  advertised(address: IpAddress, station: Mac | null, isAnswer: boolean, overrides: boolean): void {
    this.#cache.advertised(address, station, isAnswer, overrides);
  }

  /** Null while it is not known; then it is asked for. */
  #stationOf(address: IpAddress): Mac | null {
    if (isMulticast(address)) return groupOf(address);
    for (const local of this.#interface!.addresses) if (isBroadcast(address, local)) return BROADCAST;
    return this.#cache.find(address);
  }

  #ask(address: IpAddress, station: Mac | null): void {
    const own = this.#interface!;
    if (address.family === 6) {
      solicit(this.#stack, own, this, address, station);
      return;
    }
    const source = own.addresses.find((local) => local.address.family === 4);
    if (source !== undefined)
      this.#sendArp(ARP_REQUEST, station ?? BROADCAST, NOBODY, source.address.w0, address.w0);
  }

  #arp(dv: DataView, at: number, length: number): void {
    const { counters } = this.#stack;
    if (length < ARP_BYTES) {
      counters.malformed++;
      return;
    }
    if (dv.getUint16(at) !== ARP_ETHERNET || dv.getInt32(at + 2) !== IPV4_OVER_ETHERNET) {
      counters.unknownProtocol++;
      return;
    }
    const operation = dv.getUint16(at + ARP_OPERATION);
    const sender = new IpAddress(4, dv.getInt32(at + ARP_SENDER_IP));
    const station = { high: dv.getUint16(at + ARP_SENDER_MAC), low: dv.getInt32(at + ARP_SENDER_MAC + 2) };
    const target = dv.getInt32(at + ARP_TARGET_IP);
    const own = this.#interface!.addresses.find(
      ({ address }) => address.family === 4 && address.w0 === target,
    );
    const isOurs = this.#interface!.addresses.some(({ address }) => address.equals(sender));
    // A probe for an address that someone wants (RFC 5227 2.1.1) has no sender to learn.
    if (sender.w0 !== 0 && !isOurs && !(station.high & 0x100)) {
      this.#cache.learn(sender, station, operation === ARP_REPLY, own !== undefined);
    }
    if (operation === ARP_REQUEST && own !== undefined) {
      this.#sendArp(ARP_REPLY, station, station, own.address.w0, sender.w0);
    }
  }

  #sendArp(operation: number, to: Mac, target: Mac, senderIp: number, targetIp: number): void {
    const own = this.#interface!;
    const at = own.place;
    const { dv } = this.#stack.pool.memory;
    const { mac } = this;
    this.writeFrameHeader(dv, at - ETHERNET_HEADER, to, ETHERTYPE_ARP);
    dv.setUint16(at, ARP_ETHERNET);
    dv.setInt32(at + 2, IPV4_OVER_ETHERNET);
    dv.setUint16(at + ARP_OPERATION, operation);
    dv.setUint16(at + ARP_SENDER_MAC, mac.high);
    dv.setInt32(at + ARP_SENDER_MAC + 2, mac.low);
    dv.setInt32(at + ARP_SENDER_IP, senderIp);
    dv.setUint16(at + ARP_TARGET_MAC, target.high);
    dv.setInt32(at + ARP_TARGET_MAC + 2, target.low);
    dv.setInt32(at + ARP_TARGET_IP, targetIp);
    own.commit(at - ETHERNET_HEADER, ETHERNET_HEADER + ARP_BYTES);
  }

  /** Nobody has the address: connections that have not come about need not wait for longer. */
  #failed(address: IpAddress): void {
    const own = this.#interface!;
    for (const connection of this.#stack.connections) {
      if (connection === null || connection.route.interface !== own) continue;
      const next = connection.route.via ?? connection.remote;
      if (next.equals(address) && connection.endpoint.state === "SYN-SENT") connection.unreachable();
    }
  }
}
