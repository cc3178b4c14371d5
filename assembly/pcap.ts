// The records of a pcap file (draft-ietf-opsawg-pcap 5). The 24 bytes before them are read by the caller.
import { countAside } from "./aside";
import { noteTime, stopForBytes, stopForRows, stopWithError } from "./batch";
import { heldEnough } from "./fragments";
import { anyFrame } from "./frame";
import {
  LINKTYPE_ETHERNET,
  PCAP_CAPTURED_FIRST,
  PCAP_LENGTH_FIRST,
  PCAP_RECORD_HEADER,
} from "./layout/capture";
import { ROWS } from "./layout/columns";
import { MAX_RECORD } from "./layout/limits";
import { CAPTURE_RECORD_TOO_LONG } from "./layout/status";
import { UNKNOWN, layoutOf } from "./shape";
import { beginRuns, crooked, runEnd, straightRecords } from "./straight";

let swapped: bool = false;
let tick: u32 = 1000;
let link: u32 = LINKTYPE_ETHERNET;
let recordHeader: u32 = PCAP_RECORD_HEADER;
let lengths: u32 = PCAP_CAPTURED_FIRST;

export function configure(
  bigEndian: bool,
  nanosPerTick: u32,
  linkType: u32,
  headerLength: u32,
  orderOfLengths: u32 = PCAP_CAPTURED_FIRST,
): void {
  swapped = bigEndian;
  tick = nanosPerTick;
  link = linkType;
  recordHeader = headerLength;
  lengths = orderOfLengths;
}

/** Takes records from [`p`, `limit`) into the columns from `row` on. Returns the new number of rows. */
export function parseRecords(p: u32, limit: u32, row: u32): u32 {
  const shape = layoutOf(link);
  const runs = !swapped && recordHeader == PCAP_RECORD_HEADER && shape != UNKNOWN;
  let isCrooked = false;
  beginRuns();
  while (row < <u32>ROWS && !heldEnough()) {
    if (limit - p < recordHeader) return stopForBytes(p, recordHeader, row);
    let captured = word(p + 8);
    let length = word(p + 12);
    if (lengths == PCAP_LENGTH_FIRST || (lengths != PCAP_CAPTURED_FIRST && captured > length)) {
      const first = captured;
      captured = length;
      length = first;
    }
    if (captured > <u32>MAX_RECORD) return stopWithError(CAPTURE_RECORD_TOO_LONG, p, row);
    if (captured > limit - p - recordHeader) return stopForBytes(p, recordHeader + captured, row);
    const time = <i64>word(p) * 1_000_000_000 + <i64>word(p + 4) * tick;
    noteTime(time);
    row = anyFrame(time, p + recordHeader, captured, length, link, row, isCrooked);
    p += recordHeader + captured;
    isCrooked = false;
    if (runs && limit - p >= <u32>PCAP_RECORD_HEADER && !heldEnough()) {
      // No record that ends before this is longer than MAX_RECORD.
      const last = min(limit, p + MAX_RECORD) - PCAP_RECORD_HEADER;
      for (;;) {
        row += straightRecords(p, last, shape, row, tick);
        p = runEnd;
        isCrooked = crooked;
        if (!crooked || !countAside(p + PCAP_RECORD_HEADER, load<u32>(p, 8), shape)) break;
        p += PCAP_RECORD_HEADER + load<u32>(p, 8);
      }
    }
  }
  return stopForRows(p, row);
}

// @ts-ignore: decorator
@inline
function word(p: u32): u32 {
  const x = load<u32>(p);
  return swapped ? bswap<u32>(x) : x;
}
