// One segment in plain JavaScript: byte indexing, which beats a DataView for so few bytes.
import {
  FLAGS_MASK,
  IPPROTO_TCP,
  OPT_EOL,
  OPT_MSS,
  OPT_NOP,
  OPT_SACK,
  OPT_SACK_PERMITTED,
  OPT_TIMESTAMPS,
  OPT_WINDOW_SCALE,
  TCP_HEADER_MIN,
} from "../../../assembly/layout/wire.ts";
import type { SegmentFields, SegmentSpec } from "../adapter.ts";

type Fields = { -readonly [K in keyof SegmentFields]: SegmentFields[K] };

/** @throws {RangeError} when there is no whole header */
export function parsePlain(bytes: Uint8Array): SegmentFields {
  const headerLength = (bytes[12] >> 4) << 2;
  if (bytes.length < TCP_HEADER_MIN || headerLength < TCP_HEADER_MIN || headerLength > bytes.length) {
    throw new RangeError("no whole TCP header");
  }
  const fields: Fields = {
    srcPort: (bytes[0] << 8) | bytes[1],
    dstPort: (bytes[2] << 8) | bytes[3],
    seq: word(bytes, 4),
    ack: word(bytes, 8),
    headerLength,
    flags: ((bytes[12] << 8) | bytes[13]) & FLAGS_MASK,
    window: (bytes[14] << 8) | bytes[15],
    checksum: (bytes[16] << 8) | bytes[17],
    urgentPointer: (bytes[18] << 8) | bytes[19],
    payloadLength: bytes.length - headerLength,
  };
  for (let i = TCP_HEADER_MIN; i < headerLength; ) {
    const kind = bytes[i];
    if (kind === OPT_EOL) break;
    if (kind === OPT_NOP) {
      i++;
      continue;
    }
    const length = bytes[i + 1];
    if (i + 1 >= headerLength || length < 2 || i + length > headerLength) break;
    if (kind === OPT_TIMESTAMPS && length === 10) {
      fields.tsval = word(bytes, i + 2);
      fields.tsecr = word(bytes, i + 6);
    } else if (kind === OPT_MSS && length === 4) fields.mss = (bytes[i + 2] << 8) | bytes[i + 3];
    else if (kind === OPT_WINDOW_SCALE && length === 3) fields.windowScale = bytes[i + 2];
    else if (kind === OPT_SACK_PERMITTED && length === 2) fields.sackPermitted = true;
    else if (kind === OPT_SACK && (length & 7) === 2) {
      const edges: number[] = [];
      for (let k = i + 2; k < i + length; k += 4) edges.push(word(bytes, k));
      fields.sackEdges = edges;
    }
    i += length;
  }
  return fields;
}

/** The segment that `spec` describes, options in Linux's order, checksum filled in. */
export function buildPlain(spec: SegmentSpec): Uint8Array {
  const { mss, sackPermitted, tsval, tsecr = 0, windowScale, payload } = spec;
  const headerLength =
    TCP_HEADER_MIN +
    (mss === undefined ? 0 : 4) +
    (tsval !== undefined ? 12 : sackPermitted ? 4 : 0) +
    (windowScale === undefined ? 0 : 4);
  const bytes = new Uint8Array(headerLength + payload.length);
  putHalf(bytes, 0, spec.srcPort);
  putHalf(bytes, 2, spec.dstPort);
  putWord(bytes, 4, spec.seq);
  putWord(bytes, 8, spec.ack);
  putHalf(bytes, 12, (headerLength << 10) | spec.flags);
  putHalf(bytes, 14, spec.window);
  putHalf(bytes, 18, spec.urgentPointer);
  let at = TCP_HEADER_MIN;
  if (mss !== undefined) {
    putWord(bytes, at, (OPT_MSS << 24) | (4 << 16) | mss);
    at += 4;
  }
  if (tsval !== undefined) {
    const before = sackPermitted ? (OPT_SACK_PERMITTED << 8) | 2 : (OPT_NOP << 8) | OPT_NOP;
    putWord(bytes, at, (before << 16) | (OPT_TIMESTAMPS << 8) | 10);
    putWord(bytes, at + 4, tsval);
    putWord(bytes, at + 8, tsecr);
    at += 12;
  } else if (sackPermitted) {
    putWord(bytes, at, (OPT_NOP << 24) | (OPT_NOP << 16) | (OPT_SACK_PERMITTED << 8) | 2);
    at += 4;
  }
  if (windowScale !== undefined) {
    putWord(bytes, at, (OPT_NOP << 24) | (OPT_WINDOW_SCALE << 16) | (3 << 8) | windowScale);
  }
  bytes.set(payload, headerLength);
  putHalf(bytes, 16, checksumOver(bytes, spec));
  return bytes;
}

function checksumOver(bytes: Uint8Array, { src, dst }: SegmentSpec): number {
  let sum = addressWords(src) + addressWords(dst) + IPPROTO_TCP + bytes.length;
  const even = bytes.length & ~1;
  for (let i = 0; i < even; i += 2) sum += (bytes[i] << 8) | bytes[i + 1];
  if (even < bytes.length) sum += bytes[even] << 8;
  sum = (sum & 0xffff) + (sum >>> 16);
  return ~(sum + (sum >>> 16)) & 0xffff;
}

function addressWords(address: string): number {
  const [a, b, c, d] = address.split(".");
  return (Number(a) << 8) + Number(b) + (Number(c) << 8) + Number(d);
}

function word(bytes: Uint8Array, at: number): number {
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
}

function putWord(bytes: Uint8Array, at: number, value: number): void {
  putHalf(bytes, at, value >>> 16);
  putHalf(bytes, at + 2, value);
}

function putHalf(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}
