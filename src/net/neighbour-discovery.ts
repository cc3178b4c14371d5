import { ETHERNET_HEADER, ETHERTYPE_IPV6 } from "../../assembly/layout/capture.ts";
import {
  ICMP_CHECKSUM,
  ICMP_CODE,
  ICMP_TYPE,
  ND_ADVERTISEMENT,
  ND_FLAG_OVERRIDE,
  ND_FLAG_SOLICITED,
  ND_FLAGS,
  ND_HOP_LIMIT,
  ND_OPTIONS,
  ND_SOLICITATION,
  ND_SOURCE_LINK_ADDRESS,
  ND_TARGET,
  ND_TARGET_LINK_ADDRESS,
} from "../../assembly/layout/icmp.ts";
import { IPPROTO_ICMPV6, IPV6_DST, IPV6_HEADER, IPV6_SRC } from "../../assembly/layout/wire.ts";
import { addressSum } from "../wire/checksum.ts";
import { fold, swap } from "../wire/sum.ts";
import type { Mac } from "./ethernet-address.ts";
import type { Interface } from "./interface.ts";
import { IpAddress, isMulticast, isUnspecified, isWithin } from "./ip-address.ts";
import type { IpPacket } from "./ip-packet.ts";
import { writeIPv6, writeIPv6Address } from "./ipv6.ts";
import type { Stack } from "./stack.ts";

/** A message with one link-layer address option of 8 bytes. */
const BYTES = ND_OPTIONS + 8;
const ALL_NODES = new IpAddress(6, 0xff020000, 0, 0, 1);

/** What neighbour discovery needs of an Ethernet link. */
export interface Station {
  readonly mac: Mac;
  writeFrameHeader(dv: DataView, at: number, to: Mac, type: number): void;
  learn(address: IpAddress, station: Mac, isAnswer: boolean, mayAdd: boolean): void;
  advertised(address: IpAddress, station: Mac | null, isAnswer: boolean, overrides: boolean): void;
}

/** ff02::1:ffXX:XXXX, with the last 24 bits of the address (RFC 4291 2.7.1). */
export function solicitedNode({ w3 }: IpAddress): IpAddress {
  return new IpAddress(6, 0xff020000, 0, 1, 0xff000000 | (w3 & 0xffffff));
}

/** Whether packets to the group `d` are for us as well: all nodes, or those that are asked for one of our addresses. */
export function isOurGroup(own: Interface, { d0, d1, d2, d3 }: IpPacket): boolean {
  const group = new IpAddress(6, d0, d1, d2, d3);
  if (group.equals(ALL_NODES)) return true;
  return own.addresses.some(({ address }) => address.family === 6 && solicitedNode(address).equals(group));
}

/** Asks who has `target` (RFC 4861 4.3): everyone whose address ends alike, or the station that had it. */
export function solicit(
  stack: Stack,
  own: Interface,
  link: Station,
  target: IpAddress,
  station: Mac | null,
): void {
  const ours = own.addresses.filter(({ address }) => address.family === 6);
  const source = ours.find((local) => isWithin(local, target)) ?? ours[0];
  if (source === undefined) return;
  const to = station === null ? solicitedNode(target) : target;
  const frame = station ?? { high: 0x3333, low: to.w3 };
  send(stack, own, link, frame, source.address, to, ND_SOLICITATION, 0, target, ND_SOURCE_LINK_ADDRESS);
}

/**
 * A neighbour solicitation or advertisement has arrived, its checksum good (RFC 4861 7.1). Anything that has crossed a
 * router, or was sent by somebody who claims a group's address, is ignored.
 *
 * @returns false when it is malformed
 */
export function discoveryArrived(stack: Stack, own: Interface, link: Station, packet: IpPacket): boolean {
  const { payload, length, ttl } = packet;
  const { dv } = stack.pool.memory;
  if (ttl !== ND_HOP_LIMIT || length < ND_OPTIONS || dv.getUint8(payload + ICMP_CODE) !== 0) return false;
  const target = addressAt(dv, payload + ND_TARGET);
  if (isMulticast(target)) return false;
  return dv.getUint8(payload + ICMP_TYPE) === ND_SOLICITATION
    ? solicitationArrived(stack, own, link, packet, target)
    : advertisementArrived(dv, own, link, packet, target);
}

function solicitationArrived(
  stack: Stack,
  own: Interface,
  link: Station,
  packet: IpPacket,
  target: IpAddress,
): boolean {
  const from = new IpAddress(6, packet.s0, packet.s1, packet.s2, packet.s3);
  const station = optionOf(stack.pool.memory.dv, packet, ND_SOURCE_LINK_ADDRESS);
  if (station === undefined) return false;
  // Nobody yet asks whether the address is taken (RFC 4862 5.4): all who may have it, and without a station of its own.
  const isProbe = isUnspecified(from);
  if (isProbe && (station !== null || !isGroup(packet))) return false;
  const ours = own.addresses.find(({ address }) => address.equals(target));
  if (ours === undefined) return true;
  if (station !== null) link.learn(from, station, false, true);
  const to = isProbe ? ALL_NODES : from;
  const frame = station ?? { high: 0x3333, low: ALL_NODES.w3 };
  const flags = ND_FLAG_OVERRIDE | (isProbe ? 0 : ND_FLAG_SOLICITED);
  send(stack, own, link, frame, ours.address, to, ND_ADVERTISEMENT, flags, target, ND_TARGET_LINK_ADDRESS);
  return true;
}

function advertisementArrived(
  dv: DataView,
  own: Interface,
  link: Station,
  packet: IpPacket,
  target: IpAddress,
): boolean {
  const station = optionOf(dv, packet, ND_TARGET_LINK_ADDRESS);
  const flags = dv.getUint8(packet.payload + ND_FLAGS);
  const isAnswer = (flags & ND_FLAG_SOLICITED) !== 0;
  if (station === undefined || (isAnswer && isGroup(packet))) return false;
  const isOurs = own.addresses.some(({ address }) => address.equals(target));
  if (!isOurs) link.advertised(target, station, isAnswer, (flags & ND_FLAG_OVERRIDE) !== 0);
  return true;
}

/** Whether a packet went to a group. */
function isGroup({ d0 }: IpPacket): boolean {
  return d0 >>> 24 === 0xff;
}

/** The station that an option names; null when there is none, undefined when the options are malformed. */
function optionOf(dv: DataView, { payload, length }: IpPacket, kind: number): Mac | null | undefined {
  let found: Mac | null = null;
  const end = payload + length;
  for (let p = payload + ND_OPTIONS; p < end; ) {
    if (p + 8 > end) return undefined;
    const bytes = dv.getUint8(p + 1) << 3;
    if (bytes === 0 || p + bytes > end) return undefined; // RFC 4861 4.6: "nodes MUST silently discard"
    if (dv.getUint8(p) === kind) found = { high: dv.getUint16(p + 2), low: dv.getInt32(p + 4) };
    p += bytes;
  }
  return found !== null && found.high & 0x100 ? undefined : found; // a group is no station
}

function send(
  stack: Stack,
  own: Interface,
  link: Station,
  frame: Mac,
  from: IpAddress,
  to: IpAddress,
  type: number,
  flags: number,
  target: IpAddress,
  option: number,
): void {
  const { memory } = stack.pool;
  const at = own.place;
  const { dv } = memory;
  const start = at - IPV6_HEADER;
  link.writeFrameHeader(dv, start - ETHERNET_HEADER, frame, ETHERTYPE_IPV6);
  writeIPv6(dv, start, BYTES, IPPROTO_ICMPV6, 0, ND_HOP_LIMIT, 0);
  writeIPv6Address(dv, start + IPV6_SRC, from);
  writeIPv6Address(dv, start + IPV6_DST, to);
  dv.setInt32(at, type << 24);
  dv.setInt32(at + ND_FLAGS, flags << 24);
  writeIPv6Address(dv, at + ND_TARGET, target);
  dv.setUint16(at + ND_OPTIONS, (option << 8) | 1);
  dv.setUint16(at + ND_OPTIONS + 2, link.mac.high);
  dv.setInt32(at + ND_OPTIONS + 4, link.mac.low);
  const sum = addressSum(from.value, to.value, IPPROTO_ICMPV6) + BYTES;
  dv.setUint16(at + ICMP_CHECKSUM, ~fold(swap(memory.exports.checksumPart(at, BYTES, 0)) + sum));
  own.commit(start - ETHERNET_HEADER, ETHERNET_HEADER + IPV6_HEADER + BYTES);
}

function addressAt(dv: DataView, p: number): IpAddress {
  return new IpAddress(6, dv.getInt32(p), dv.getInt32(p + 4), dv.getInt32(p + 8), dv.getInt32(p + 12));
}
