import {
  CAPTURE_BLOCK_CONTENT,
  CAPTURE_BLOCK_LENGTH,
  CAPTURE_COMPRESSION,
  CAPTURE_CUT_SHORT,
  CAPTURE_NO_INTERFACE,
  CAPTURE_NOT_A_CAPTURE,
  CAPTURE_RECORD_TOO_LONG,
  CAPTURE_VERSION,
} from "../../assembly/layout/status.ts";

/** Why a capture could not be read on, in words that programs can compare. */
export type CaptureErrorCode = (typeof CODES)[keyof typeof CODES];

/**
 * The input is damaged, cut short, or no capture. Everything before the damage has been given by the
 * time it is thrown, and everything behind it too where no packet depends on what is damaged: statistics, names and
 * secrets of a pcapng.
 */
export class CaptureError extends Error {
  override readonly name = "CaptureError";
  /** What is wrong: `"cut-short"`, `"not-a-capture"`... */
  readonly code: CaptureErrorCode;
  /** Where: bytes from the start of the input, after decompression. The start of the record that is bad. */
  readonly offset: number;
  /** What is wrong there, in words. */
  readonly reason: string;
  /** What the input was called (`ReadOptions.name`). */
  readonly source: string | undefined;

  constructor(code: CaptureErrorCode, offset: number, reason: string, source?: string) {
    super(`${source ?? "capture"}: ${reason}, at byte ${offset}`);
    this.code = code;
    this.offset = offset;
    this.reason = reason;
    this.source = source;
  }
}

const CODES = {
  [CAPTURE_NOT_A_CAPTURE]: "not-a-capture",
  [CAPTURE_CUT_SHORT]: "cut-short",
  [CAPTURE_RECORD_TOO_LONG]: "record-too-long",
  [CAPTURE_BLOCK_LENGTH]: "block-length",
  [CAPTURE_BLOCK_CONTENT]: "block-content",
  [CAPTURE_NO_INTERFACE]: "no-interface",
  [CAPTURE_VERSION]: "version",
  [CAPTURE_COMPRESSION]: "compression",
} as const;

const REASONS: Record<CaptureErrorCode, string> = {
  "not-a-capture": "neither pcap nor pcapng",
  "cut-short": "the input ends inside a record",
  "record-too-long": "a record claims more bytes than any link delivers",
  "block-length": "a block length that is no multiple of 4, below 12, or different at both ends",
  "block-content": "contents that do not fit their block",
  "no-interface": "a packet of an interface that was never described",
  version: "a version that cannot be read",
  compression: "damaged gzip data",
};

/** The error for a `CAPTURE_*` status of the codec. */
export function captureError(status: number, offset: number, source?: string, reason?: string): CaptureError {
  const code = CODES[status as keyof typeof CODES];
  return new CaptureError(code, offset, reason ?? REASONS[code], source);
}
