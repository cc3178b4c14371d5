// The plain JavaScript parser fed from a file, in windows as tcpwire reads them.
import { closeSync, openSync, readSync } from "node:fs";
import { PCAP_FILE_HEADER } from "../assembly/layout/capture.ts";
import type { PartialSegments } from "../src/bench/digest.ts";
import { checkFileHeader, parseRecords } from "../src/bench/javascript/batch.ts";
import { segments } from "../src/bench/javascript/columns.ts";

const WINDOW_BYTES = 1 << 20;
// An unfinished record is moved to the front; no generated frame is longer than this.
const LONGEST_RECORD = 1 << 16;

const bytes = new Uint8Array(WINDOW_BYTES + LONGEST_RECORD);
const view = new DataView(bytes.buffer);

export function readRecordsFromFile(
  path: string,
  take?: (batch: PartialSegments) => void,
): { frames: number } {
  const fd = openSync(path, "r");
  try {
    readSync(fd, bytes, 0, PCAP_FILE_HEADER, null);
    checkFileHeader(view);
    const position = { at: 0, frame: 0 };
    let fileOffset = PCAP_FILE_HEADER;
    let have = 0;
    for (;;) {
      const n = readSync(fd, bytes, have, WINDOW_BYTES, null);
      if (n === 0) return { frames: position.frame };
      have += n;
      fileOffset += n;
      position.at = 0;
      for (let before = -1; before !== position.at; ) {
        before = position.at;
        const rows = parseRecords(view, have, position, true);
        take?.(segments(rows, bytes, fileOffset - have));
      }
      bytes.copyWithin(0, position.at, have);
      have -= position.at;
    }
  } finally {
    closeSync(fd);
  }
}
