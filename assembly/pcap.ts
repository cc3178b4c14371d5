// The records of a pcap file (draft-ietf-opsawg-pcap 5). The 24 bytes before them are read by the caller.
import { countLoop, stopForBytes, stopForRows, stopWithError, writeFrame } from "./batch";
import { count } from "./counters";
import { heldEnough } from "./fragments";
import { walk } from "./frame";
import { LINKTYPE_ETHERNET } from "./layout/capture";
import { ROWS } from "./layout/columns";
import { MAX_RECORD } from "./layout/limits";
import { COUNT_CUT, COUNT_FRAMES } from "./layout/state";
import { CAPTURE_RECORD_TOO_LONG } from "./layout/status";
import { verifyChecksums } from "./segment";
import { NOT_STRAIGHT, straight } from "./straight";

let swapped: bool = false;
let tick: u32 = 1000;
let link: u32 = LINKTYPE_ETHERNET;
let recordHeader: u32 = 16;

export function configure(bigEndian: bool, nanosPerTick: u32, linkType: u32, headerLength: u32): void {
  swapped = bigEndian;
  tick = nanosPerTick;
  link = linkType;
  recordHeader = headerLength;
}

/** Takes records from [`p`, `limit`) into the columns from `row` on. Returns the new number of rows. */
export function parseRecords(p: u32, limit: u32, row: u32): u32 {
  // Locals: each mutable global would be a load and a store.
  const swap = swapped;
  const nanos = <i64>tick;
  const linkType = link;
  const header = recordHeader;
  const verify = verifyChecksums;
  const ethernet = linkType == LINKTYPE_ETHERNET;
  const before = <u32>load<u64>(COUNT_FRAMES);
  let frame = before;
  let bytes: u64 = 0;
  let kept: u64 = 0;
  let earliest = i64.MAX_VALUE;
  let latest = i64.MIN_VALUE;
  let direct: u32 = 0;
  let direct6: u32 = 0;
  let needed: u32 = 0;
  let error: u32 = 0;

  while (row < <u32>ROWS && !heldEnough()) {
    if (limit - p < header) {
      needed = header;
      break;
    }
    let seconds = load<u32>(p);
    let fraction = load<u32>(p, 4);
    let captured = load<u32>(p, 8);
    let length = load<u32>(p, 12);
    if (swap) {
      seconds = bswap<u32>(seconds);
      fraction = bswap<u32>(fraction);
      captured = bswap<u32>(captured);
      length = bswap<u32>(length);
    }
    if (captured > <u32>MAX_RECORD) {
      error = CAPTURE_RECORD_TOO_LONG;
      break;
    }
    if (captured > limit - p - header) {
      needed = header + captured;
      break;
    }
    const f = p + header;
    const time = <i64>seconds * 1_000_000_000 + <i64>fraction * nanos;
    p = f + captured;
    frame++;
    bytes += length;
    kept += captured;
    if (captured < length) count(COUNT_CUT);
    if (time < earliest) earliest = time;
    if (time > latest) latest = time;
    writeFrame(row, time, frame, f, captured, length);
    const version = ethernet ? straight(f, captured, row, verify) : NOT_STRAIGHT;
    if (version != NOT_STRAIGHT) {
      direct++;
      direct6 += (version >> 1) & 1;
      row++;
    } else row += walk(f, captured, length, linkType, row);
  }

  countLoop(frame - before, bytes, kept, earliest, latest, direct, direct6);
  if (error) return stopWithError(error, p, row);
  return needed ? stopForBytes(p, needed, row) : stopForRows(p, row);
}
