import {
  ACK,
  FIN,
  IPPROTO_TCP,
  RST,
  SYN,
  TCP_ACK,
  TCP_CHECKSUM,
  TCP_HEADER_MIN,
  TCP_OFFSET_FLAGS,
  TCP_SEQ,
  TCP_SRC_PORT,
} from "../../assembly/layout/wire.ts";
import { addressSum } from "../wire/checksum.ts";
import { fold, swap } from "../wire/sum.ts";
import type { LocalAddress } from "./interface.ts";
import { IpAddress } from "./ip-address.ts";
import type { IpPacket } from "./ip-packet.ts";
import type { Stack } from "./stack.ts";

/**
 * Answers a segment that belongs to no connection: CLOSED (RFC 9293 3.10.7.1). Nothing answers a RST, nor what is
 * malformed or has a bad checksum.
 *
 * @returns whether a RST went out
 */
export function resetUnknown(stack: Stack, packet: IpPacket, local: LocalAddress): boolean {
  const { counters, pool, routes } = stack;
  const { payload, length } = packet;
  const { memory } = pool;
  const { exports } = memory;
  const word = memory.dv.getUint16(payload + TCP_OFFSET_FLAGS);
  const header = (word >>> 12) << 2;
  if (header < TCP_HEADER_MIN || header > length) {
    counters.malformed++;
    return false;
  }
  const to = new IpAddress(packet.family, packet.s0, packet.s1, packet.s2, packet.s3);
  const pseudo = addressSum(local.address.value, to.value);
  if (fold(pseudo + length + swap(exports.checksumPart(payload, length, 0))) !== 0xffff) {
    counters.badChecksums++;
    return false;
  }
  if (word & RST) return false;
  const route = routes.find(to);
  const at = route === null ? 0 : stack.output.reserve(route, to, TCP_HEADER_MIN);
  if (route === null || at === 0) return false;
  const { dv } = memory; // looked up after `reserve`, which may allocate
  const bytes = length - header + (word & SYN ? 1 : 0) + (word & FIN ? 1 : 0);
  const ports = dv.getInt32(payload + TCP_SRC_PORT);
  const hasAck = (word & ACK) !== 0;
  dv.setInt32(at + TCP_SRC_PORT, (ports << 16) | (ports >>> 16));
  dv.setInt32(at + TCP_SEQ, hasAck ? dv.getInt32(payload + TCP_ACK) : 0);
  dv.setInt32(at + TCP_ACK, hasAck ? 0 : dv.getInt32(payload + TCP_SEQ) + bytes);
  dv.setInt32(at + TCP_OFFSET_FLAGS, (TCP_HEADER_MIN << 26) | ((hasAck ? RST : RST | ACK) << 16));
  dv.setInt32(at + TCP_CHECKSUM, 0);
  const sum = pseudo + TCP_HEADER_MIN + swap(exports.checksumPart(at, TCP_HEADER_MIN, 0));
  dv.setUint16(at + TCP_CHECKSUM, ~fold(sum));
  stack.output.commit(route, local.address, to, at, TCP_HEADER_MIN, IPPROTO_TCP);
  return true;
}
