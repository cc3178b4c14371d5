// An example of a codec for `tcpwire bench --with bench/adapters/dataview.js`: a textbook parser over a
// DataView, an object a packet. It says what it has worked out and leaves out what it has not (options, most
// columns, verdicts); the benchmark compares the one and prints ratios as lower bounds for the other.

/** @typedef {ReturnType<typeof parseHeader> & { frame: number }} Packet */

/** @type {import("../../src/bench/adapter.ts").Codec<ReturnType<typeof parseHeader>, Packet[]>} */
const codec = {
  name: "DataView example",

  checksum(bytes) {
    let sum = 0;
    for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i] << 8) | (bytes[i + 1] ?? 0);
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
    return ~sum & 0xffff;
  },

  parseOne: (bytes) =>
    parseHeader(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0, bytes.length),

  // What `parseOne` returns is in common terms already.
  fields: (segment) => segment,

  parseBatch(capture, take) {
    const view = new DataView(capture.buffer, capture.byteOffset, capture.length);
    /** @type {Packet[]} */
    let packets = [];
    let frame = 0;
    for (let at = 24; at + 16 <= capture.length; ) {
      const captured = view.getUint32(at + 8, true);
      const found = findTcp(view, at + 16);
      frame++;
      if (found) packets.push({ ...parseHeader(view, found.at, found.length), frame });
      at += 16 + captured;
      if (packets.length === 4096) {
        take(packets);
        packets = [];
      }
    }
    take(packets);
  },

  // Objects to columns, for the comparison alone: this is not timed.
  columns: (packets) => ({
    length: packets.length,
    frame: Uint32Array.from(packets, (packet) => packet.frame),
    srcPort: Uint16Array.from(packets, (packet) => packet.srcPort),
    dstPort: Uint16Array.from(packets, (packet) => packet.dstPort),
    seq: Uint32Array.from(packets, (packet) => packet.seq),
    ack: Uint32Array.from(packets, (packet) => packet.ack),
    headerLength: Uint8Array.from(packets, (packet) => packet.headerLength),
    flags: Uint16Array.from(packets, (packet) => packet.flags),
    window: Uint16Array.from(packets, (packet) => packet.window),
    checksum: Uint16Array.from(packets, (packet) => packet.checksum),
    urgentPointer: Uint16Array.from(packets, (packet) => packet.urgentPointer),
    payloadLength: Uint32Array.from(packets, (packet) => packet.payloadLength),
  }),
};

export default codec;

/**
 * The TCP segment in the Ethernet frame at `at`, if there is one.
 * @param {DataView} view
 * @param {number} at
 */
function findTcp(view, at) {
  let type = view.getUint16(at + 12);
  let ip = at + 14;
  while (type === 0x8100 || type === 0x88a8) {
    type = view.getUint16(ip + 2);
    ip += 4;
  }
  if (type === 0x0800 && view.getUint8(ip + 9) === 6) {
    const header = (view.getUint8(ip) & 15) * 4;
    return { at: ip + header, length: view.getUint16(ip + 2) - header };
  }
  if (type === 0x86dd && view.getUint8(ip + 6) === 6) return { at: ip + 40, length: view.getUint16(ip + 4) };
  return undefined;
}

/**
 * @param {DataView} view
 * @param {number} at
 * @param {number} length of the segment
 */
function parseHeader(view, at, length) {
  const word = view.getUint16(at + 12);
  const headerLength = (word >>> 12) * 4;
  return {
    srcPort: view.getUint16(at),
    dstPort: view.getUint16(at + 2),
    seq: view.getUint32(at + 4),
    ack: view.getUint32(at + 8),
    headerLength,
    flags: word & 0x0fff,
    window: view.getUint16(at + 14),
    checksum: view.getUint16(at + 16),
    urgentPointer: view.getUint16(at + 18),
    payloadLength: length - headerLength,
  };
}
