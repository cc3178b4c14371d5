// Ethernet frames around TCP segments, UDP datagrams and ARP messages.
import { addressBytes, buildSegment, checksum, pseudoHeader, pseudoHeaderSum } from "../../dist/wire.js";

/**
 * A station on the network.
 * @typedef {{ mac: string, address: string, ttl?: number }} Station
 */

/**
 * A TCP segment in an IP packet in a frame.
 * @param {Station} from
 * @param {Station} to
 * @param {import("../../dist/wire.js").SegmentFields} segment
 * @param {{ vlan?: number, id?: number, partial?: boolean }} [how] `partial`: the checksum as offload leaves it
 */
export function tcpFrame(from, to, segment, { vlan, id = 0, partial = false } = {}) {
  const bytes = buildSegment(segment, { src: from.address, dst: to.address });
  if (partial) leavePartial(bytes, from, to);
  return ipFrame(from, to, 6, bytes, { vlan, id });
}

export function udpFrame(from, to, srcPort, dstPort, payload, id) {
  const bytes = concat(u16(srcPort), u16(dstPort), u16(8 + payload.length), u16(0), payload);
  const sum = checksum([pseudoHeader({ src: from.address, dst: to.address }, bytes.length, 17), bytes]);
  bytes.set(u16(sum || 0xffff), 6);
  return ipFrame(from, to, 17, bytes, { id });
}

/** Who has `to.address`? / `from.address` is at `from.mac`. */
export function arpFrame(operation, from, to) {
  const asked = operation === 1 ? "00:00:00:00:00:00" : to.mac;
  return concat(
    mac(operation === 1 ? "ff:ff:ff:ff:ff:ff" : to.mac),
    mac(from.mac),
    u16(0x0806),
    u16(1),
    u16(0x0800),
    Uint8Array.of(6, 4),
    u16(operation),
    mac(from.mac),
    addressBytes(from.address),
    mac(asked),
    addressBytes(to.address),
  );
}

function ipFrame(from, to, protocol, payload, { vlan, id }) {
  const src = addressBytes(from.address);
  const dst = addressBytes(to.address);
  const ttl = from.ttl ?? 64;
  const six = src.length === 16;
  const header = six
    ? concat(Uint8Array.of(0x60, 0, 0, 0), u16(payload.length), Uint8Array.of(protocol, ttl), src, dst)
    : concat(
        Uint8Array.of(0x45, 0),
        u16(20 + payload.length),
        u16(id),
        u16(0x4000), // don't fragment
        Uint8Array.of(ttl, protocol, 0, 0),
        src,
        dst,
      );
  if (!six) header.set(u16(checksum(header)), 10);
  const tag = vlan === undefined ? [] : [u16(0x8100), u16(vlan)];
  return concat(mac(to.mac), mac(from.mac), ...tag, u16(six ? 0x86dd : 0x0800), header, payload);
}

function leavePartial(bytes, from, to) {
  bytes.set(u16(pseudoHeaderSum({ src: from.address, dst: to.address }, bytes.length)), 16);
}

export function concat(...parts) {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

export function u16(n) {
  return Uint8Array.of(n >> 8, n & 255);
}

function mac(text) {
  return Uint8Array.from(text.split(":"), (octet) => Number.parseInt(octet, 16));
}
