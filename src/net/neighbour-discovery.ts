import { ETHERNET_HEADER, ETHERTYPE_IPV6 } from "../../assembly/layout/capture.ts";
import {
  ICMP_CHECKSUM,
  ICMP_TYPE,
  ND_ADVERTISEMENT,
  ND_FLAG_OVERRIDE,
  ND_FLAG_SOLICITED,
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
import { IpAddress, isMulticast, isWithin } from "./ip-address.ts";
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
  if (ttl !== ND_HOP_LIMIT || length < ND_OPTIONS) return false;
  const isSolicitation = dv.getUint8(payload + ICMP_TYPE) === ND_SOLICITATION;
  const target = addressAt(dv, payload + ND_TARGET);
  const from = new IpAddress(6, packet.s0, packet.s1, packet.s2, packet.s3);
  const isProbe = (from.w0 | from.w1 | from.w2 | from.w3) === 0;
  if (isMulticast(target)) return false;
  const station = optionOf(dv, packet, isSolicitation ? ND_SOURCE_LINK_ADDRESS : ND_TARGET_LINK_ADDRESS);
  if (station === undefined) return false;
  const ours = own.addresses.find(({ address }) => address.equals(target));
  if (isSolicitation) {
    if (ours === undefined) return true;
    if (!isProbe && station !== null) link.learn(from, station, false, true);
    const to = isProbe ? ALL_NODES : from;
    const frame = isProbe || station === null ? { high: 0x3333, low: ALL_NODES.w3 } : station;
    const flags = ND_FLAG_OVERRIDE | (isProbe ? 0 : ND_FLAG_SOLICITED);
    send(stack, own, link, frame, ours.address, to, ND_ADVERTISEMENT, flags, target, ND_TARGET_LINK_ADDRESS);
  } else if (ours === undefined && station !== null) {
    const isAnswer = (dv.getUint8(payload + 4) & ND_FLAG_SOLICITED) !== 0;
    link.learn(target, station, isAnswer, false);
  }
  return true;
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
  dv.setInt32(at + 4, flags << 24);
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
