import {
  SEGMENT_FIRST_FRAGMENT,
  SEGMENT_HEADER_TRUNCATED,
  SEGMENT_OFFSET_PAST_END,
  SEGMENT_OFFSET_SMALL,
  SEGMENT_OK,
  SEGMENT_OPTION_LENGTH_SMALL,
  SEGMENT_OPTION_LENGTH_WRONG,
  SEGMENT_OPTION_PAST_END,
  SEGMENT_PAYLOAD_TRUNCATED,
} from "../../assembly/layout/status.ts";

export {
  SEGMENT_FIRST_FRAGMENT,
  SEGMENT_HEADER_TRUNCATED,
  SEGMENT_OFFSET_PAST_END,
  SEGMENT_OFFSET_SMALL,
  SEGMENT_OK,
  SEGMENT_OPTION_LENGTH_SMALL,
  SEGMENT_OPTION_LENGTH_WRONG,
  SEGMENT_OPTION_PAST_END,
  SEGMENT_PAYLOAD_TRUNCATED,
};

const CODES = {
  OK: "the segment is well formed",
  HEADER_TRUNCATED: "the header is cut short",
  OFFSET_SMALL: "the data offset is below 5 words",
  OFFSET_PAST_END: "the data offset reaches past the end of the segment",
  OPTION_LENGTH_SMALL: "an option has a length below 2",
  OPTION_PAST_END: "an option reaches past the end of the header",
  OPTION_LENGTH_WRONG: "an option has a length that its definition does not allow",
  PAYLOAD_TRUNCATED: "payload bytes were not captured",
  FIRST_FRAGMENT: "only the first IP fragment of the segment is there",
} as const;

/** What is wrong with a segment; `OK` when nothing is. */
export type SegmentCode = keyof typeof CODES;

const BY_STATUS: SegmentCode[] = [];
BY_STATUS[SEGMENT_OK] = "OK";
BY_STATUS[SEGMENT_HEADER_TRUNCATED] = "HEADER_TRUNCATED";
BY_STATUS[SEGMENT_OFFSET_SMALL] = "OFFSET_SMALL";
BY_STATUS[SEGMENT_OFFSET_PAST_END] = "OFFSET_PAST_END";
BY_STATUS[SEGMENT_OPTION_LENGTH_SMALL] = "OPTION_LENGTH_SMALL";
BY_STATUS[SEGMENT_OPTION_PAST_END] = "OPTION_PAST_END";
BY_STATUS[SEGMENT_OPTION_LENGTH_WRONG] = "OPTION_LENGTH_WRONG";
BY_STATUS[SEGMENT_PAYLOAD_TRUNCATED] = "PAYLOAD_TRUNCATED";
BY_STATUS[SEGMENT_FIRST_FRAGMENT] = "FIRST_FRAGMENT";

/**
 * The name of a `SEGMENT_*` status, as in the status column of a capture.
 *
 * @throws {RangeError} for a number that is none
 */
export function segmentCode(status: number): SegmentCode {
  const code = BY_STATUS[status];
  if (code === undefined) throw new RangeError(`status: ${status} is no SEGMENT_* number`);
  return code;
}

/** What a `SEGMENT_*` status means, as a sentence without its stop. */
export function segmentReason(status: number): string {
  return CODES[segmentCode(status)];
}

/**
 * Bytes that are not a well-formed segment. Misuse of the API, in contrast, throws a `TypeError` or a
 * `RangeError`.
 */
export class WireError extends Error {
  override readonly name = "WireError";
  /** What is wrong. */
  readonly code: SegmentCode;
  /** The same as a `SEGMENT_*` number. */
  readonly status: number;
  /** Where: a byte offset into the bytes that were given. */
  readonly offset: number;

  constructor(status: number, offset: number) {
    super(`${segmentReason(status)} (byte ${offset})`);
    this.code = segmentCode(status);
    this.status = status;
    this.offset = offset;
  }
}
