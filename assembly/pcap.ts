// The records of a pcap file (draft-ietf-opsawg-pcap 5). The 24 bytes before them are read by the caller.
import {
  NO_TIME,
  countCut,
  countLoop,
  noteTime,
  stopForBytes,
  stopForRows,
  stopWithError,
  writeFrame,
} from "./batch";
import { heldEnough } from "./fragments";
import { walk } from "./frame";
import { LINKTYPE_ETHERNET, PCAP_RECORD_HEADER } from "./layout/capture";
import { FRAME_CAPTURED, FRAME_LENGTH, FRAME_OFFSET, ROWS } from "./layout/columns";
import { MAX_RECORD } from "./layout/limits";
import { COUNT_FRAMES, STATE_ADDRESSES } from "./layout/state";
import { CAPTURE_RECORD_TOO_LONG } from "./layout/status";
import { verifyChecksums } from "./segment";
import { NOT_STRAIGHT, UNFINISHED, WRITTEN, finish, straight } from "./straight";

let swapped: bool = false;
let tick: u32 = 1000;
let link: u32 = LINKTYPE_ETHERNET;
let recordHeader: u32 = PCAP_RECORD_HEADER;

export function configure(bigEndian: bool, nanosPerTick: u32, linkType: u32, headerLength: u32): void {
  swapped = bigEndian;
  tick = nanosPerTick;
  link = linkType;
  recordHeader = headerLength;
}

/** Takes records from [`p`, `limit`) into the columns from `row` on. Returns the new number of rows. */
export function parseRecords(p: u32, limit: u32, row: u32): u32 {
  // The one kind that nearly all files are gets a loop in which these are constants.
  if (!swapped && link == LINKTYPE_ETHERNET && recordHeader == PCAP_RECORD_HEADER) {
    return records(p, limit, row, true);
  }
  return records(p, limit, row, false);
}

// @ts-ignore: decorator
@inline
function records(p: u32, limit: u32, row: u32, usual: bool): u32 {
  // Locals: each mutable global would be a load and a store. What can be worked out afterwards is not
  // counted: there are not registers enough.
  const nanos = <i64>tick;
  const header = usual ? <u32>PCAP_RECORD_HEADER : recordHeader;
  const ethernet = usual || link == LINKTYPE_ETHERNET;
  const verify = verifyChecksums;
  const start = p;
  const firstRow = row;
  const before = <u32>load<u64>(COUNT_FRAMES);
  const addressesBefore = load<u32>(STATE_ADDRESSES);
  let frame = before;
  let latest = NO_TIME;
  let walked: u32 = 0;
  let walkedAddresses: u32 = 0;
  let needed: u32 = 0;
  let error: u32 = 0;

  for (;;) {
    let way: u32 = WRITTEN;
    // No call in here: see `straight`.
    while (row < <u32>ROWS) {
      if (limit - p < header) {
        needed = header;
        break;
      }
      let seconds = load<u32>(p);
      let fraction = load<u32>(p, 4);
      let captured = load<u32>(p, 8);
      let length = load<u32>(p, 12);
      if (!usual && swapped) {
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
      if (captured != length) countCut(captured, length);
      latest = time < latest ? noteTime(time, latest) : time;
      writeFrame(row, time, frame, f, captured, length);
      way = ethernet ? straight(f, captured, row, verify) : NOT_STRAIGHT;
      if (way != WRITTEN) break;
      row++;
    }
    if (way == WRITTEN) break;
    if (way == UNFINISHED) {
      finish(row);
      row++;
    } else {
      const addresses = load<u32>(STATE_ADDRESSES);
      const i4 = row << 2;
      const f = load<u32>(i4, FRAME_OFFSET);
      const rows = walk(f, load<u32>(i4, FRAME_CAPTURED), load<u32>(i4, FRAME_LENGTH), link, row);
      row += rows;
      walked += rows;
      walkedAddresses += load<u32>(STATE_ADDRESSES) - addresses;
      if (heldEnough()) break;
    }
  }

  const frames = frame - before;
  const addresses = load<u32>(STATE_ADDRESSES) - addressesBefore - walkedAddresses;
  countLoop(frames, <u64>(p - start) - <u64>frames * header, latest, row - firstRow - walked, addresses >> 1, verify);
  if (error) return stopWithError(error, p, row);
  return needed ? stopForBytes(p, needed, row) : stopForRows(p, row);
}
