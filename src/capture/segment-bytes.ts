import { TCP_HEADER_MIN } from "../../assembly/layout/wire.ts";
import type { Segments } from "./segments.ts";

/**
 * How many bytes of the TCP header of row `i` there are in `segments.bytes`, from `headerOffset` on: as many
 * as the data offset says, unless the capture or the segment ends before (`status` says so), and 20 where
 * the data offset says less.
 */
export function capturedHeaderLength(segments: Segments, i: number): number {
  const header = Math.max(segments.headerLength[i], TCP_HEADER_MIN);
  return Math.min(header, header + segments.payloadLength[i] - segments.missing[i]);
}

/** How many bytes of the payload of row `i` there are in `segments.bytes`. */
export function capturedPayloadLength(segments: Segments, i: number): number {
  return Math.max(0, segments.payloadLength[i] - segments.missing[i]);
}

/**
 * The TCP header of row `i`, as far as it was captured, with all of its options. Borrowed: a view of
 * `segments.bytes`.
 */
export function headerBytes(segments: Segments, i: number): Uint8Array {
  const start = segments.headerOffset[i];
  return segments.bytes.subarray(start, start + capturedHeaderLength(segments, i));
}

/**
 * The payload of row `i`, as far as it was captured; empty where `segments` holds no payloads. Borrowed: a
 * view of `segments.bytes`.
 */
export function payloadBytes(segments: Segments, i: number): Uint8Array {
  const start = segments.headerOffset[i] + capturedHeaderLength(segments, i);
  const length = segments.holdsPayload ? capturedPayloadLength(segments, i) : 0;
  return segments.bytes.subarray(start, start + length);
}
