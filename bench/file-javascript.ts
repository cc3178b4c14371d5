// The plain JavaScript parser fed from a file, in windows as tcpwire reads them.
import { closeSync, openSync, readSync } from "node:fs";
import { PCAP_FILE_HEADER } from "../assembly/layout/capture.ts";
import type { PartialSegments } from "../src/bench/digest.ts";
import { checkFileHeader, parseRecords } from "../src/bench/javascript/batch.ts";
import { segments } from "../src/bench/javascript/columns.ts";

const WINDOW_BYTES = 1 << 20;
// An unfinished record is moved before the window, which stays aligned as the file is (src/capture/window.ts says why);
// no generated frame is longer than this.
const LONGEST_RECORD = 1 << 16;

const bytes = new Uint8Array(LONGEST_RECORD + WINDOW_BYTES);
const view = new DataView(bytes.buffer);

export function readRecordsFromFile(
  path: string,
  take?: (batch: PartialSegments) => void,
): { frames: number } {
  const fd = openSync(path, "r");
  try {
    const position = { at: 0, frame: 0 };
    let fileOffset = 0;
    let left = 0;
    for (;;) {
      const n = readSync(fd, bytes, LONGEST_RECORD, WINDOW_BYTES, fileOffset);
      if (n === 0) return { frames: position.frame };
      position.at = LONGEST_RECORD - left;
      if (fileOffset === 0) {
        checkFileHeader(new DataView(bytes.buffer, LONGEST_RECORD));
        position.at += PCAP_FILE_HEADER;
      }
      const end = LONGEST_RECORD + n;
      for (let before = -1; before !== position.at; ) {
        before = position.at;
        const rows = parseRecords(view, end, position, true);
        take?.(segments(rows, bytes, fileOffset - LONGEST_RECORD));
      }
      fileOffset += n;
      left = end - position.at;
      bytes.copyWithin(LONGEST_RECORD - left, position.at, end);
    }
  } finally {
    closeSync(fd);
  }
}
