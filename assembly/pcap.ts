// The records of a pcap file (draft-ietf-opsawg-pcap 5). The 24 bytes before them are read by the caller.
import { countAside } from "./aside";
import {
  AHEAD,
  CACHE_LINE,
  countRun,
  failures,
  framesAreLarge,
  noteEarlier,
  noteTime,
  numberRun,
  stopForBytes,
  stopForRows,
  stopWithError,
  writeWhole,
} from "./batch";
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
import { STATE_ADDRESSES, STATE_LATEST, STATE_TOUCHED } from "./layout/state";
import { CAPTURE_RECORD_TOO_LONG } from "./layout/status";
import { verifyChecksums } from "./segment";
import { IN_ETHERNET, UNKNOWN, layoutOf, straight } from "./straight";

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
  crooked = false;
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
    row = anyFrame(time, p + recordHeader, captured, length, link, row, crooked);
    p += recordHeader + captured;
    crooked = false;
    if (runs && limit - p >= <u32>PCAP_RECORD_HEADER && !heldEnough()) {
      // No record that ends before this is longer than MAX_RECORD.
      const last = min(limit, p + MAX_RECORD) - PCAP_RECORD_HEADER;
      for (;;) {
        row += run(p, last, shape, row);
        p = runEnd;
        if (!crooked || !countAside(p + PCAP_RECORD_HEADER, load<u32>(p, 8), shape)) break;
        p += PCAP_RECORD_HEADER + load<u32>(p, 8);
      }
    }
  }
  return stopForRows(p, row);
}

// Where the last run ended, and whether at a whole frame that is not straight: nobody need look for that again.
let runEnd: u32 = 0;
let crooked: bool = false;

// Copies of the loop in which these are constants: what nearly all files are, and any other.
function run(p: u32, last: u32, shape: u32, row: u32): u32 {
  if (shape != IN_ETHERNET) return runOf(p, last, shape, row, verifyChecksums);
  return verifyChecksums
    ? runOf(p, last, IN_ETHERNET, row, true)
    : runOf(p, last, IN_ETHERNET, row, false);
}

// Takes straight frames that were captured whole, for as long as they come, and returns how many: records
// from `p` on with headers up to `last`; where both lengths are one, their order says nothing. There is no
// call in the loop, so that what it works with stays in registers, and what can be worked out afterwards is
// not counted: there are not enough of them. The frame that ends a run is taken next in any case, so its
// time may be noted.
// @ts-ignore: decorator
@inline
function runOf(p: u32, last: u32, shape: u32, first: u32, verify: bool): u32 {
  const nanos = <i64>tick;
  const start = p;
  const failed = failures();
  const addresses = load<u32>(STATE_ADDRESSES);
  const far = !verify && framesAreLarge();
  let ahead = p;
  let touched: u32 = 0;
  let latest = load<i64>(STATE_LATEST);
  let row = first;
  let isCrooked = false;
  while (row < <u32>ROWS) {
    if (p > last) break;
    if (far) {
      for (const until = min(p + AHEAD, last); ahead < until; ahead += CACHE_LINE) touched += load<u8>(ahead);
    }
    const captured = load<u32>(p, 8);
    if (captured > last - p) break;
    if (captured != load<u32>(p, 12)) break;
    const time = <i64>load<u32>(p) * 1_000_000_000 + <i64>load<u32>(p, 4) * nanos;
    if (time >= latest) latest = time;
    else noteEarlier(time);
    const f = p + PCAP_RECORD_HEADER;
    writeWhole(row, time, f, captured);
    if (!straight(f, captured, shape, row, verify)) {
      isCrooked = true;
      break;
    }
    row++;
    p = f + captured;
  }
  numberRun(first, row);
  const frames = row - first;
  const bytes = p - start - frames * PCAP_RECORD_HEADER;
  const ipv6 = (load<u32>(STATE_ADDRESSES) - addresses) >> 1;
  countRun(frames, bytes, ipv6, verify, failures() - failed);
  store<i64>(STATE_LATEST, latest);
  if (far) store<u32>(STATE_TOUCHED, touched);
  crooked = isCrooked;
  runEnd = p;
  return frames;
}

// @ts-ignore: decorator
@inline
function word(p: u32): u32 {
  const x = load<u32>(p);
  return swapped ? bswap<u32>(x) : x;
}
