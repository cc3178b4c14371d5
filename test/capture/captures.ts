// Captures made by hand, byte by byte and without the writers under test.

/** Joins byte arrays. */
export function concat(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

export interface FrameOptions {
  srcPort?: number;
  dstPort?: number;
  seq?: number;
  ack?: number;
  /** Payload bytes, which count up. */
  payload?: number;
  /** The last bytes of the addresses. */
  src?: number;
  dst?: number;
  ipVersion?: 4 | 6;
  /** TCP options, a multiple of four bytes. */
  options?: readonly number[];
  vlan?: number;
}

/** An Ethernet frame with IP and TCP. Checksums are right. */
export function tcpFrame(options: FrameOptions = {}): Uint8Array<ArrayBuffer> {
  const { src = 1, dst = 2, ipVersion = 4, vlan } = options;
  const tcp = tcpSegment(options);
  const addresses =
    ipVersion === 4
      ? [10, 0, 0, src, 10, 0, 0, dst]
      : [
          0x20,
          1,
          0x0d,
          0xb8,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          src,
          0x20,
          1,
          0x0d,
          0xb8,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          dst,
        ];
  new DataView(tcp.buffer).setUint16(16, onesComplement(tcp, sum(addresses) + 6 + tcp.length));
  const ip = ipVersion === 4 ? ipv4Header(tcp.length, addresses) : ipv6Header(tcp.length, addresses);
  const type = ipVersion === 4 ? [8, 0] : [0x86, 0xdd];
  const tag = vlan === undefined ? [] : [0x81, 0, vlan >> 8, vlan & 0xff];
  return concat(new Uint8Array(12), tag, type, ip, tcp);
}

function tcpSegment({
  srcPort = 1234,
  dstPort = 80,
  seq = 1,
  ack = 7,
  payload = 10,
  options = [],
}: FrameOptions): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(20);
  const view = new DataView(header.buffer);
  view.setUint16(0, srcPort);
  view.setUint16(2, dstPort);
  view.setUint32(4, seq);
  view.setUint32(8, ack);
  view.setUint8(12, ((20 + options.length) / 4) << 4);
  view.setUint8(13, 0x10);
  view.setUint16(14, 1024);
  return concat(
    header,
    options,
    Uint8Array.from({ length: payload }, (_, i) => i),
  );
}

function ipv4Header(length: number, addresses: readonly number[]): Uint8Array<ArrayBuffer> {
  const header = concat([0x45, 0, (length + 20) >> 8, length + 20, 0, 0, 0, 0, 64, 6, 0, 0], addresses);
  new DataView(header.buffer).setUint16(10, onesComplement(header, 0));
  return header;
}

function ipv6Header(length: number, addresses: readonly number[]): Uint8Array<ArrayBuffer> {
  return concat([0x60, 0, 0, 0, length >> 8, length, 6, 64], addresses);
}

function sum(bytes: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < bytes.length; i++) total += i % 2 === 0 ? bytes[i] << 8 : bytes[i];
  return total;
}

function onesComplement(bytes: Uint8Array, initial: number): number {
  return ~((initial + sum(bytes)) % 0xffff) & 0xffff;
}

export interface Order {
  bigEndian?: boolean;
}

export interface PcapOptions extends Order {
  magic?: number;
  linkType?: number;
  snapLength?: number;
  /** Bytes of a record header: 16, or 24. */
  recordHeader?: number;
  major?: number;
  minor?: number;
}

export const MICRO = 0xa1b2c3d4;
export const NANO = 0xa1b23c4d;
export const MODIFIED = 0xa1b2cd34;

export function pcapHeader({
  bigEndian = false,
  magic = MICRO,
  linkType = 1,
  snapLength = 65535,
  major = 2,
  minor = 4,
}: PcapOptions = {}): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(24);
  const view = new DataView(header.buffer);
  view.setUint32(0, magic, !bigEndian);
  view.setUint16(4, major, !bigEndian);
  view.setUint16(6, minor, !bigEndian);
  view.setUint32(16, snapLength, !bigEndian);
  view.setUint32(20, linkType, !bigEndian);
  return header;
}

export function pcapRecord(
  frame: Uint8Array,
  {
    bigEndian = false,
    recordHeader = 16,
    seconds = 1_600_000_000,
    fraction = 0,
    captured = frame.length,
    length = frame.length,
  }: PcapOptions & { seconds?: number; fraction?: number; captured?: number; length?: number } = {},
): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(recordHeader);
  const view = new DataView(header.buffer);
  for (const [i, word] of [seconds, fraction, captured, length].entries())
    view.setUint32(4 * i, word, !bigEndian);
  return concat(header, frame);
}

export function pcap(frames: readonly Uint8Array[], options: PcapOptions = {}): Uint8Array<ArrayBuffer> {
  return concat(
    pcapHeader(options),
    ...frames.map((frame, i) => pcapRecord(frame, { ...options, fraction: i })),
  );
}

/** A pcapng block. */
export function block(
  type: number,
  body: Uint8Array | readonly number[],
  { bigEndian = false }: Order = {},
): Uint8Array<ArrayBuffer> {
  const padded = (body.length + 3) & ~3;
  const bytes = new Uint8Array(12 + padded);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, type, !bigEndian);
  view.setUint32(4, bytes.length, !bigEndian);
  bytes.set(body, 8);
  view.setUint32(8 + padded, bytes.length, !bigEndian);
  return bytes;
}

export function option(
  code: number,
  value: string | Uint8Array | readonly number[],
  { bigEndian = false }: Order = {},
): Uint8Array<ArrayBuffer> {
  const body = typeof value === "string" ? new TextEncoder().encode(value) : value;
  const bytes = new Uint8Array(4 + ((body.length + 3) & ~3));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, code, !bigEndian);
  view.setUint16(2, body.length, !bigEndian);
  bytes.set(body, 4);
  return bytes;
}

export function u16(value: number, { bigEndian = false }: Order = {}): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(2);
  new DataView(bytes.buffer).setUint16(0, value, !bigEndian);
  return bytes;
}

export function u32(value: number, { bigEndian = false }: Order = {}): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, !bigEndian);
  return bytes;
}

export function u64(value: bigint, { bigEndian = false }: Order = {}): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, value, !bigEndian);
  return bytes;
}

export function sectionHeader(order: Order = {}, ...options: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const body = concat(u32(0x1a2b3c4d, order), u16(1, order), u16(0, order), u64(-1n, order), ...options);
  return block(0x0a0d0d0a, body, order);
}

export function interfaceBlock(
  linkType: number,
  order: Order = {},
  ...options: Uint8Array[]
): Uint8Array<ArrayBuffer> {
  return block(1, concat(u16(linkType, order), u16(0), u32(0, order), ...options), order);
}

export function enhancedPacket(
  frame: Uint8Array,
  {
    bigEndian = false,
    id = 0,
    ticks = 0n,
    length = frame.length,
  }: Order & { id?: number; ticks?: bigint; length?: number } = {},
): Uint8Array<ArrayBuffer> {
  const order = { bigEndian };
  const body = concat(
    u32(id, order),
    u32(Number(ticks >> 32n), order),
    u32(Number(ticks & 0xffffffffn), order),
    u32(frame.length, order),
    u32(length, order),
    frame,
  );
  return block(6, body, order);
}

export function pcapng(frames: readonly Uint8Array[], order: Order = {}): Uint8Array<ArrayBuffer> {
  return concat(
    sectionHeader(order),
    interfaceBlock(1, order),
    ...frames.map((frame, i) => enhancedPacket(frame, { ...order, ticks: BigInt(i) })),
  );
}
