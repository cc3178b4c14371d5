import {
  CHECKSUM_BAD,
  CHECKSUM_GOOD,
  CHECKSUM_PARTIAL,
  CHECKSUM_UNVERIFIED,
  SEGMENT_FIRST_FRAGMENT,
  SEGMENT_OK,
  SEGMENT_PAYLOAD_TRUNCATED,
} from "../../assembly/layout/status.ts";

/** `CHECKSUM_*` in a word. */
export const CHECKSUM_NAMES: Readonly<Record<number, string>> = {
  [CHECKSUM_UNVERIFIED]: "unverified",
  [CHECKSUM_GOOD]: "good",
  [CHECKSUM_BAD]: "bad",
  [CHECKSUM_PARTIAL]: "partial",
};

/** Whether a `SEGMENT_*` status blames the header; the others say that the capture lacks a part of a good one. */
export function isMalformed(status: number): boolean {
  return status !== SEGMENT_OK && status !== SEGMENT_PAYLOAD_TRUNCATED && status !== SEGMENT_FIRST_FRAGMENT;
}
