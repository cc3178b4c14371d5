import * as status from "../../assembly/layout/status.ts";

/** `CHECKSUM_*` in a word. */
export const CHECKSUM_NAMES: Readonly<Record<number, string>> = {
  [status.CHECKSUM_UNVERIFIED]: "unverified",
  [status.CHECKSUM_GOOD]: "good",
  [status.CHECKSUM_BAD]: "bad",
  [status.CHECKSUM_PARTIAL]: "partial",
};

/** Whether a `SEGMENT_*` status blames the header; the others say that the capture lacks a part of a good one. */
export function isMalformed(code: number): boolean {
  return (
    code !== status.SEGMENT_OK &&
    code !== status.SEGMENT_PAYLOAD_TRUNCATED &&
    code !== status.SEGMENT_FIRST_FRAGMENT
  );
}

/** A `SEGMENT_*` status by its name. */
export function segmentCode(code: number): string {
  return SEGMENT_STATUS[code][0];
}

/** What a `SEGMENT_*` status means. */
export function segmentReason(code: number): string {
  return SEGMENT_STATUS[code][1];
}

const SEGMENT_STATUS: Readonly<Record<number, readonly [string, string]>> = {
  [status.SEGMENT_OK]: ["OK", "the segment is well formed"],
  [status.SEGMENT_HEADER_TRUNCATED]: ["HEADER_TRUNCATED", "the header is cut short"],
  [status.SEGMENT_OFFSET_SMALL]: ["OFFSET_SMALL", "the data offset is below 5 words"],
  [status.SEGMENT_OFFSET_PAST_END]: [
    "OFFSET_PAST_END",
    "the data offset reaches past the end of the segment",
  ],
  [status.SEGMENT_OPTION_LENGTH_SMALL]: ["OPTION_LENGTH_SMALL", "an option has a length below 2"],
  [status.SEGMENT_OPTION_PAST_END]: ["OPTION_PAST_END", "an option reaches past the end of the header"],
  [status.SEGMENT_OPTION_LENGTH_WRONG]: [
    "OPTION_LENGTH_WRONG",
    "an option has a length that its definition does not allow",
  ],
  [status.SEGMENT_PAYLOAD_TRUNCATED]: ["PAYLOAD_TRUNCATED", "payload bytes were not captured"],
  [status.SEGMENT_FIRST_FRAGMENT]: ["FIRST_FRAGMENT", "only the first IP fragment of the segment is there"],
};
