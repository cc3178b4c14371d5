import {
  SEGMENT_HEADER_TRUNCATED,
  SEGMENT_OFFSET_PAST_END,
  SEGMENT_OFFSET_SMALL,
  SEGMENT_OK,
} from "../../assembly/layout/status.ts";
import {
  FLAGS_MASK,
  TCP_ACK,
  TCP_CHECKSUM,
  TCP_DST_PORT,
  TCP_HEADER_MIN,
  TCP_OFFSET_FLAGS,
  TCP_OPTIONS,
  TCP_SEQ,
  TCP_SRC_PORT,
  TCP_URGENT,
  TCP_WINDOW,
} from "../../assembly/layout/wire.ts";
import { get16, get32 } from "./bytes.ts";
import { type SegmentCode, WireError } from "./errors.ts";
import { parseOptions } from "./options/parse.ts";
import type { TcpOption } from "./options/types.ts";

/** A segment as a plain object. All numbers are unsigned. */
export interface Segment {
  readonly srcPort: number;
  readonly dstPort: number;
  readonly seq: number;
  /** Means nothing without ACK in `flags`. */
  readonly ack: number;
  /** The header's length in 32-bit words, 5 to 15. */
  readonly dataOffset: number;
  /** The low 12 bits: three reserved, AE, CWR, ECE, URG, ACK, PSH, RST, SYN, FIN. */
  readonly flags: number;
  /** Unscaled. */
  readonly window: number;
  readonly checksum: number;
  /** Means nothing without URG in `flags`. */
  readonly urgentPointer: number;
  /** Every option in its order, padding included; what is not well formed is in it as `malformed`. */
  readonly options: readonly TcpOption[];
  /** A view of the bytes that were parsed, not a copy. */
  readonly payload: Uint8Array;
}

/**
 * Parses one segment: TCP header and payload, without the IP header.
 *
 * All but `payload` is copied; `payload` is borrowed from `bytes` and changes with them.
 *
 * @param options with `strict`, malformed options are an error instead of a part of the list
 * @throws {WireError} when there is no whole header: fewer than 20 bytes, a data offset below 5 words or past
 *   the end; with `strict` also for the first malformed option
 *
 * @example
 * ```ts
 * import { formatFlags, parseSegment } from "tcpwire/wire";
 *
 * const bytes = Uint8Array.from([
 *   0xc3, 0x50, 0, 80, 0, 0, 0x10, 0, 0, 0, 0, 0, 0x60, 2, 0xfa, 0xf0, 0, 0, 0, 0, 2, 4, 5, 0xb4,
 * ]);
 * const segment = parseSegment(bytes);
 * formatFlags(segment.flags); // -> "[S]"
 * segment.options; // -> [ { type: "mss", value: 1460 } ]
 * ```
 */
export function parseSegment(bytes: Uint8Array, options?: { readonly strict?: boolean }): Segment {
  const headerLength = checkedHeaderLength(bytes, 0, bytes.length);
  const word = get16(bytes, TCP_OFFSET_FLAGS);
  return {
    srcPort: get16(bytes, TCP_SRC_PORT),
    dstPort: get16(bytes, TCP_DST_PORT),
    seq: get32(bytes, TCP_SEQ),
    ack: get32(bytes, TCP_ACK),
    dataOffset: word >>> 12,
    flags: word & FLAGS_MASK,
    window: get16(bytes, TCP_WINDOW),
    checksum: get16(bytes, TCP_CHECKSUM),
    urgentPointer: get16(bytes, TCP_URGENT),
    options: headerLength === TCP_OPTIONS ? [] : parseOptions(bytes, TCP_OPTIONS, headerLength, options),
    payload: headerLength === bytes.length ? EMPTY : bytes.subarray(headerLength),
  };
}

/** The first malformed option of a parsed segment: what and where; `undefined` when all are well formed. */
export function malformation(segment: Segment): { code: SegmentCode; offset: number } | undefined {
  for (const option of segment.options) {
    if (option.type === "malformed") return { code: option.code, offset: option.offset };
  }
  return undefined;
}

/**
 * What is wrong with the header of the segment in `bytes[start, end)`, options aside: `SEGMENT_OK` or another
 * `SEGMENT_*` number.
 */
export function headerStatus(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < TCP_HEADER_MIN) return SEGMENT_HEADER_TRUNCATED;
  const headerLength = (bytes[start + TCP_OFFSET_FLAGS] >> 4) * 4;
  if (headerLength < TCP_HEADER_MIN) return SEGMENT_OFFSET_SMALL;
  return headerLength > end - start ? SEGMENT_OFFSET_PAST_END : SEGMENT_OK;
}

/**
 * The header's length in bytes.
 *
 * @throws {WireError} when there is no whole header in `bytes[start, end)`
 */
export function checkedHeaderLength(bytes: Uint8Array, start: number, end: number): number {
  const status = headerStatus(bytes, start, end);
  if (status === SEGMENT_OK) return (bytes[start + TCP_OFFSET_FLAGS] >> 4) * 4;
  throw new WireError(status, status === SEGMENT_HEADER_TRUNCATED ? end : start + TCP_OFFSET_FLAGS);
}

const EMPTY = new Uint8Array(0);
