// Packets put together layer by layer, innermost first: ethernet(ipv4(tcp4({ payload: [1, 2, 3] }))).
// Written apart from src/, so that a mistake there cannot make its own test agree with it.

export type Bytes = Uint8Array | readonly number[];

export const A4 = [10, 0, 0, 1];
export const B4 = [10, 0, 0, 2];
export const A6 = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
export const B6 = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2];
export const C6 = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3];

export function join(...parts: Bytes[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export const u16 = (n: number): number[] => [(n >> 8) & 0xff, n & 0xff];
export const u32 = (n: number): number[] => [n >>> 24, (n >> 16) & 0xff, (n >> 8) & 0xff, n & 0xff];
export const zeros = (n: number): number[] => new Array(n).fill(0);
export const text = (s: string): Uint8Array => new TextEncoder().encode(s);
/** Bytes that differ from their neighbours, so that an offset too many or too few shows. */
export const pattern = (n: number): Uint8Array =>
  Uint8Array.from({ length: n }, (_, i) => (i * 7 + 3) & 0xff);

/** The ones'-complement checksum, one word at a time (RFC 1071 1). */
export function checksum(bytes: Bytes): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += bytes[i] * 256 + (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 65536);
  return ~sum & 0xffff;
}

export interface Tcp {
  srcPort?: number;
  dstPort?: number;
  seq?: number;
  ack?: number;
  /** In words; from the options when left out. */
  offset?: number;
  flags?: number;
  window?: number;
  /** The right one when left out. */
  checksum?: number;
  urgent?: number;
  options?: Bytes;
  payload?: Bytes;
  /** Addresses of the pseudo-header. */
  from?: Bytes;
  to?: Bytes;
}

export const tcp4 = (fields: Tcp = {}): Uint8Array => tcp({ from: A4, to: B4, ...fields });
export const tcp6 = (fields: Tcp = {}): Uint8Array => tcp({ from: A6, to: B6, ...fields });

function tcp(fields: Tcp): Uint8Array {
  const options = join(fields.options ?? [], zeros((4 - ((fields.options?.length ?? 0) % 4)) % 4));
  const word = ((fields.offset ?? 5 + options.length / 4) << 12) | (fields.flags ?? 0x018);
  const bytes = join(
    u16(fields.srcPort ?? 49152),
    u16(fields.dstPort ?? 40000),
    u32(fields.seq ?? 0x89abcdef),
    u32(fields.ack ?? 0x01234567),
    u16(word),
    u16(fields.window ?? 4321),
    [0, 0],
    u16(fields.urgent ?? 0),
    options,
    fields.payload ?? [],
  );
  const from = fields.from ?? [];
  const to = fields.to ?? [];
  const sum = fields.checksum ?? checksum(join(from, to, u32(bytes.length), [0, 0, 0, 6], bytes));
  bytes.set(u16(sum), 16);
  return bytes;
}

/** What offload leaves in the checksum field: the sum of the pseudo-header, not complemented. */
export function partialChecksum(length: number, from: Bytes, to: Bytes): number {
  return ~checksum(join(from, to, u32(length), [0, 0, 0, 6])) & 0xffff;
}

export interface Ipv4 {
  protocol?: number;
  from?: Bytes;
  to?: Bytes;
  /** In words of 4 bytes, from the options when left out. */
  headerWords?: number;
  length?: number;
  id?: number;
  /** Flags and offset in units of 8. */
  fragment?: number;
  ttl?: number;
  trafficClass?: number;
  options?: Bytes;
}

export function ipv4(payload: Bytes, fields: Ipv4 = {}): Uint8Array {
  const options = fields.options ?? [];
  const words = fields.headerWords ?? 5 + options.length / 4;
  const header = join(
    [0x40 | words, fields.trafficClass ?? 0],
    u16(fields.length ?? 20 + options.length + payload.length),
    u16(fields.id ?? 1),
    u16(fields.fragment ?? 0),
    [fields.ttl ?? 64, fields.protocol ?? 6, 0, 0],
    fields.from ?? A4,
    fields.to ?? B4,
    options,
  );
  header.set(u16(checksum(header)), 10);
  return join(header, payload);
}

export interface Ipv6 {
  next?: number;
  from?: Bytes;
  to?: Bytes;
  length?: number;
  hopLimit?: number;
  trafficClass?: number;
}

export function ipv6(payload: Bytes, fields: Ipv6 = {}): Uint8Array {
  return join(
    u32(0x60000000 | ((fields.trafficClass ?? 0) << 20) | 0x12345),
    u16(fields.length ?? payload.length),
    [fields.next ?? 6, fields.hopLimit ?? 64],
    fields.from ?? A6,
    fields.to ?? B6,
    payload,
  );
}

/** An IPv6 extension header: next header, length in units of 8 beyond the first, content padded to fit. */
export function extension(next: number, content: Bytes, payload: Bytes): Uint8Array {
  const units = Math.ceil((content.length + 2) / 8);
  return join([next, units - 1], content, zeros(units * 8 - 2 - content.length), payload);
}

export function udp(
  payload: Bytes,
  srcPort: number,
  dstPort: number,
  length = payload.length + 8,
): Uint8Array {
  return join(u16(srcPort), u16(dstPort), u16(length), [0, 0], payload);
}

const MACS = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2];

export function ethernet(payload: Bytes, type = 0x0800, addresses: Bytes = MACS): Uint8Array {
  return join(addresses, u16(type), payload);
}

export const ethernet6 = (payload: Bytes): Uint8Array => ethernet(payload, 0x86dd);

export const vlan = (tag: number, type: number, payload: Bytes): Uint8Array =>
  join(u16(tag), u16(type), payload);

export const label = (value: number, bottom: boolean, payload: Bytes): Uint8Array =>
  join(u32((value << 12) | (bottom ? 0x100 : 0) | 64), payload);

export const snap = (oui: number, type: number, payload: Bytes): Uint8Array =>
  join([0xaa, 0xaa, 3, oui >> 16, (oui >> 8) & 0xff, oui & 0xff], u16(type), payload);
