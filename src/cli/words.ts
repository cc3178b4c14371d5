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
