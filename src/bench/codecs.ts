import { PCAP_FILE_HEADER } from "../../assembly/layout/capture.ts";
import { readCaptureSync, type SegmentBatch } from "../capture/index.ts";
import { checksum as wireChecksum } from "../wire/index.ts";
import type { Codec } from "./adapter.ts";
import { checkFileHeader, parseRecords } from "./javascript/batch.ts";
import { checksum as plainChecksum } from "./javascript/checksum.ts";
import { segments } from "./javascript/columns.ts";

interface Rows {
  readonly length: number;
  readonly bytes: Uint8Array;
  readonly fileBase: number;
}

/** tcpwire as its users have it: what is passed in is copied into WebAssembly, and the copy counts. */
export function tcpwireCodec(): Codec<never, SegmentBatch> {
  return {
    name: "tcpwire",
    checksum: wireChecksum,
    parseBatch(capture, take) {
      for (const batch of readCaptureSync(capture)) take(batch);
    },
    columns: (batch) => batch,
  };
}

/** The best that plain JavaScript was found to do (javascript/). */
export function plainJavaScriptCodec(): Codec<never, Rows> {
  return {
    name: "plain JavaScript",
    checksum: plainChecksum,
    parseBatch(capture, take) {
      const view = new DataView(capture.buffer, capture.byteOffset, capture.byteLength);
      checkFileHeader(view);
      const position = { at: PCAP_FILE_HEADER, frame: 0 };
      for (;;) {
        const before = position.at;
        const length = parseRecords(view, capture.length, position, true);
        if (position.at === before) return;
        take({ length, bytes: capture, fileBase: 0 });
      }
    },
    columns: ({ length, bytes, fileBase }) => segments(length, bytes, fileBase),
  };
}
