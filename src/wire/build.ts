import {
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
import { put16, put32 } from "./bytes.ts";
import { type Addresses, addressSum, writeChecksum } from "./checksum.ts";
import { writeOptions } from "./options/build.ts";
import { optionsLength } from "./options/measure.ts";
import { type OptionSet, optionSetLength, writeOptionSet } from "./options/set.ts";
import type { TcpOption } from "./options/types.ts";
import { byteCount, unsigned } from "./range.ts";

/** What `buildSegment` builds from. Fields left out are 0, and without bytes for options and payload. */
export interface SegmentFields {
  readonly srcPort: number;
  readonly dstPort: number;
  readonly seq?: number;
  readonly ack?: number;
  /** The low 12 bits, reserved ones included. */
  readonly flags?: number;
  /** Unscaled. */
  readonly window?: number;
  readonly urgentPointer?: number;
  /** Stands only where no addresses are given to compute it. */
  readonly checksum?: number;
  /**
   * By name, laid out as Linux lays them, or a list, whose order and padding stay; a list that does not fill its
   * last word is filled with zeros (RFC 9293 3.1).
   */
  readonly options?: OptionSet | readonly TcpOption[];
  readonly payload?: Uint8Array;
}

/**
 * Builds a segment: TCP header and payload. The data offset follows from the options. Given addresses, the
 * checksum is filled in; without them it is `fields.checksum`, so that what `parseSegment` gave comes out as it
 * went in.
 *
 * @throws {RangeError} when a value does not fit its field, which it names, or the options take more than 40 bytes
 * @throws {TypeError} when an option or an address is none
 *
 * @example
 * ```ts
 * import { ACK, buildSegment, parseSegment, SYN } from "tcpwire/wire";
 *
 * const bytes = buildSegment(
 *   {
 *     srcPort: 443,
 *     dstPort: 50000,
 *     seq: 1000,
 *     ack: 2001,
 *     flags: SYN | ACK,
 *     window: 65535,
 *     options: { mss: 1460, sackPermitted: true, windowScale: 7 },
 *   },
 *   { src: "192.0.2.1", dst: "198.51.100.2" },
 * );
 * bytes.length; // -> 32
 * parseSegment(bytes).ack; // -> 2001
 * ```
 */
export function buildSegment(fields: SegmentFields, addresses?: Addresses): Uint8Array<ArrayBuffer> {
  const length = TCP_HEADER_MIN + wordsLength(fields.options) + (fields.payload?.length ?? 0);
  const target = new Uint8Array(length);
  buildSegmentInto(target, 0, fields, addresses);
  return target;
}

/**
 * Builds a segment into `target` at `offset` and returns where it ends. Allocates nothing, as long as the options
 * are a set without `others` and the addresses, if any, their `addressSum`.
 *
 * @param addresses the packet's addresses, or what `addressSum` gave for them
 * @throws as `buildSegment` does, and {RangeError} when the segment does not fit; what lies behind `offset` is
 *   not defined then, what lies before it and behind the segment's place is never touched
 */
export function buildSegmentInto(
  target: Uint8Array,
  offset: number,
  fields: SegmentFields,
  addresses?: Addresses | number,
): number {
  const { options, payload } = fields;
  const length = wordsLength(options);
  const payloadAt = offset + TCP_HEADER_MIN + length;
  const end = payloadAt + (payload?.length ?? 0);
  check(fields);
  if (!(Number.isInteger(offset) && offset >= 0 && end <= target.length)) {
    throw new RangeError(`target: ${end - offset} bytes do not fit at ${offset} of ${target.length}`);
  }
  const words = (TCP_HEADER_MIN + length) / 4;
  put16(target, offset + TCP_SRC_PORT, fields.srcPort);
  put16(target, offset + TCP_DST_PORT, fields.dstPort);
  put32(target, offset + TCP_SEQ, fields.seq ?? 0);
  put32(target, offset + TCP_ACK, fields.ack ?? 0);
  put16(target, offset + TCP_OFFSET_FLAGS, (words << 12) | (fields.flags ?? 0));
  put16(target, offset + TCP_WINDOW, fields.window ?? 0);
  put16(target, offset + TCP_CHECKSUM, fields.checksum ?? 0);
  put16(target, offset + TCP_URGENT, fields.urgentPointer ?? 0);
  if (options !== undefined) {
    let at = offset + TCP_OPTIONS;
    at = isList(options) ? writeOptions(target, at, options) : writeOptionSet(target, at, options);
    while (at < payloadAt) target[at++] = 0;
  }
  if (payload !== undefined && payload.length > 0) target.set(payload, payloadAt);
  if (addresses !== undefined) {
    const sum = typeof addresses === "number" ? addresses : addressSum(addresses.src, addresses.dst);
    writeChecksum(target, offset, end, sum);
  }
  return end;
}

/** Bytes of the options in whole words. */
function wordsLength(options: SegmentFields["options"]): number {
  if (options === undefined) return 0;
  return isList(options) ? (optionsLength(options) + 3) & ~3 : optionSetLength(options);
}

function isList(options: OptionSet | readonly TcpOption[]): options is readonly TcpOption[] {
  return Array.isArray(options);
}

function check(fields: SegmentFields): void {
  unsigned("srcPort", fields.srcPort, 0xffff);
  unsigned("dstPort", fields.dstPort, 0xffff);
  if (fields.seq !== undefined) unsigned("seq", fields.seq, 0xffffffff);
  if (fields.ack !== undefined) unsigned("ack", fields.ack, 0xffffffff);
  if (fields.flags !== undefined) unsigned("flags", fields.flags, 0xfff);
  if (fields.window !== undefined) unsigned("window", fields.window, 0xffff);
  if (fields.urgentPointer !== undefined) unsigned("urgentPointer", fields.urgentPointer, 0xffff);
  if (fields.checksum !== undefined) unsigned("checksum", fields.checksum, 0xffff);
  if (fields.payload !== undefined) byteCount("payload", fields.payload, 0, Number.MAX_SAFE_INTEGER);
}
