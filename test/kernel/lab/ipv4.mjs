// IPv4 headers for packets that are made by hand.

/** Writes a header of 20 bytes for all of `packet`: TTL 64, do not fragment. */
export function writeIPv4Header(packet, { protocol, src, dst }) {
  const view = new DataView(packet.buffer, packet.byteOffset);
  view.setUint16(0, 0x4500);
  view.setUint16(2, packet.length);
  view.setUint32(4, 0x4000);
  view.setUint8(8, 64);
  view.setUint8(9, protocol);
  packet.set(src.split(".").map(Number), 12);
  packet.set(dst.split(".").map(Number), 16);
  writeIPv4Checksum(packet);
}

/** Fills in the header's checksum (RFC 791 3.1). */
export function writeIPv4Checksum(packet) {
  packet.fill(0, 10, 12);
  let sum = 0;
  for (let i = 0; i < (packet[0] & 15) * 4; i += 2) sum += (packet[i] << 8) | packet[i + 1];
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  packet[10] = (~sum >> 8) & 0xff;
  packet[11] = ~sum & 0xff;
}
