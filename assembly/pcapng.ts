// The blocks of a pcapng file (draft-ietf-opsawg-pcapng 3.1). Packets are taken here; sections,
// interfaces and the rest that means something to the caller end the call with STOP_BLOCK.
import { allocate } from "./arena";
import {
  NO_TIME,
  countCut,
  countLoop,
  noteTime,
  stopAtBlock,
  stopForBytes,
  stopForRows,
  stopWithError,
  writeFrame,
} from "./batch";
import { heldEnough } from "./fragments";
import { walk } from "./frame";
import {
  LINKTYPE_ETHERNET,
  PCAPNG_BYTE_ORDER_MAGIC,
  PCAPNG_DECRYPTION_SECRETS,
  PCAPNG_ENHANCED_PACKET,
  PCAPNG_INTERFACE,
  PCAPNG_INTERFACE_STATISTICS,
  PCAPNG_NAME_RESOLUTION,
  PCAPNG_PACKET,
  PCAPNG_SECTION_HEADER,
  PCAPNG_SIMPLE_PACKET,
} from "./layout/capture";
import { INTERFACE, ROWS } from "./layout/columns";
import { MAX_INTERFACES, MAX_RECORD } from "./layout/limits";
import {
  COUNT_FRAMES,
  RARE_INTERFACE,
  STATE_ADDRESSES,
  STATE_INTERFACES,
  STATE_RARE,
} from "./layout/state";
import {
  CAPTURE_BLOCK_CONTENT,
  CAPTURE_BLOCK_LENGTH,
  CAPTURE_NO_INTERFACE,
  CAPTURE_RECORD_TOO_LONG,
} from "./layout/status";
import { verifyChecksums } from "./segment";
import { NOT_STRAIGHT, UNFINISHED, finish, straight } from "./straight";
import { nanoseconds } from "./timestamp";

// Block type, total length, and the total length again behind the body.
const BLOCK_HEADER: u32 = 8;
const BLOCK_MIN: u32 = 12;
// Enhanced and obsolete packet blocks: interface, time (2 words), captured and original length, data.
const PACKET_DATA: u32 = 28;
const SIMPLE_DATA: u32 = 12;

// One interface: link type, snapshot length, resolution as in if_tsresol, offset in seconds.
const INTERFACE_BYTES: u32 = 32;
const INTERFACE_SNAPLEN = 4;
const INTERFACE_TSRESOL = 8;
const INTERFACE_TSOFFSET = 16;

let swapped: bool = false;
let table: u32 = 0;

/** A section begins: its byte order; the interfaces of the one before are forgotten. */
export function openSection(bigEndian: bool): void {
  swapped = bigEndian;
  store<u32>(STATE_INTERFACES, 0);
}

/** Adds an interface to the section. Returns false beyond MAX_INTERFACES or without memory for the table. */
export function describeInterface(linkType: u32, tsresol: u32, tsoffset: i64, snapLength: u32): bool {
  if (!table) table = allocate(MAX_INTERFACES * INTERFACE_BYTES);
  const n = load<u32>(STATE_INTERFACES);
  if (!table || n >= <u32>MAX_INTERFACES) return false;
  const entry = table + n * INTERFACE_BYTES;
  store<u32>(entry, linkType);
  store<u32>(entry, snapLength, INTERFACE_SNAPLEN);
  store<u32>(entry, tsresol, INTERFACE_TSRESOL);
  store<i64>(entry, tsoffset * 1_000_000_000, INTERFACE_TSOFFSET);
  store<u32>(STATE_INTERFACES, n + 1);
  return true;
}

/** Takes blocks from [`p`, `limit`) into the columns from `row` on. Returns the new number of rows. */
export function parseBlocks(p: u32, limit: u32, row: u32): u32 {
  const swap = swapped;
  const verify = verifyChecksums;
  const interfaces = load<u32>(STATE_INTERFACES);
  const before = <u32>load<u64>(COUNT_FRAMES);
  const firstRow = row;
  const addressesBefore = load<u32>(STATE_ADDRESSES);
  let frame = before;
  let kept: u64 = 0;
  let latest = NO_TIME;
  let walked: u32 = 0;
  let walkedAddresses: u32 = 0;
  let needed: u32 = 0;
  let error: u32 = 0;
  let block = false;

  while (row < <u32>ROWS) {
    if (limit - p < BLOCK_MIN) {
      needed = BLOCK_MIN;
      break;
    }
    const type = word(p, swap);
    let total = word(p + 4, swap);
    let reversed = swap;
    if (type == PCAPNG_SECTION_HEADER) {
      // The only block that says its own byte order.
      const magic = load<u32>(p, 8);
      if (magic != PCAPNG_BYTE_ORDER_MAGIC && magic != bswap<u32>(PCAPNG_BYTE_ORDER_MAGIC)) {
        error = CAPTURE_BLOCK_CONTENT;
        break;
      }
      reversed = magic != PCAPNG_BYTE_ORDER_MAGIC;
      total = word(p + 4, reversed);
    }
    if (total < BLOCK_MIN || total & 3) {
      error = CAPTURE_BLOCK_LENGTH;
      break;
    }
    if (total > <u32>MAX_RECORD) {
      error = CAPTURE_RECORD_TOO_LONG;
      break;
    }
    if (total > limit - p) {
      needed = total;
      break;
    }
    if (word(p + total - 4, reversed) != total) {
      error = CAPTURE_BLOCK_LENGTH;
      break;
    }

    let id: u32 = 0;
    let f: u32 = 0;
    let captured: u32 = 0;
    let length: u32 = 0;
    let stamped = true;
    if (type == PCAPNG_ENHANCED_PACKET || type == PCAPNG_PACKET) {
      if (total < PACKET_DATA + 4) {
        error = CAPTURE_BLOCK_CONTENT;
        break;
      }
      id = type == PCAPNG_PACKET ? half(p + BLOCK_HEADER, swap) : word(p + BLOCK_HEADER, swap);
      captured = word(p + 20, swap);
      length = word(p + 24, swap);
      f = p + PACKET_DATA;
      if (captured > total - PACKET_DATA - 4) {
        error = CAPTURE_BLOCK_CONTENT;
        break;
      }
    } else if (type == PCAPNG_SIMPLE_PACKET) {
      if (total < SIMPLE_DATA + 4) {
        error = CAPTURE_BLOCK_CONTENT;
        break;
      }
      length = word(p + BLOCK_HEADER, swap);
      captured = min(length, total - SIMPLE_DATA - 4);
      f = p + SIMPLE_DATA;
      stamped = false;
    } else if (interpreted(type)) {
      block = true;
      break;
    } else {
      p += total;
      continue;
    }
    if (id >= interfaces) {
      error = CAPTURE_NO_INTERFACE;
      break;
    }
    const entry = table + id * INTERFACE_BYTES;
    let time: i64 = 0;
    if (stamped) {
      const ticks = (<u64>word(p + 12, swap) << 32) | word(p + 16, swap);
      time = nanoseconds(ticks, load<u32>(entry, INTERFACE_TSRESOL)) + load<i64>(entry, INTERFACE_TSOFFSET);
      latest = time < latest ? noteTime(time, latest) : time;
    } else {
      const snap = load<u32>(entry, INTERFACE_SNAPLEN);
      if (snap && captured > snap) captured = snap;
    }
    p += total;
    frame++;
    kept += captured;
    if (captured != length) countCut(captured, length);
    writeFrame(row, time, frame, f, captured, length);
    const linkType = load<u32>(entry);
    const first = row;
    const way = linkType == LINKTYPE_ETHERNET ? straight(f, captured, row, verify) : NOT_STRAIGHT;
    if (way != NOT_STRAIGHT) {
      if (way == UNFINISHED) finish(row);
      row++;
    } else {
      const addresses = load<u32>(STATE_ADDRESSES);
      const rows = walk(f, captured, length, linkType, row);
      row += rows;
      walked += rows;
      walkedAddresses += load<u32>(STATE_ADDRESSES) - addresses;
    }
    if (id && row > first) {
      store<u16>(first << 1, <u16>id, INTERFACE);
      store<u32>(STATE_RARE, load<u32>(STATE_RARE) | RARE_INTERFACE);
    }
    if (heldEnough()) break;
  }

  const addresses = load<u32>(STATE_ADDRESSES) - addressesBefore - walkedAddresses;
  countLoop(frame - before, kept, latest, row - firstRow - walked, addresses >> 1, verify);
  if (error) return stopWithError(error, p, row);
  if (block) return stopAtBlock(p, row);
  return needed ? stopForBytes(p, needed, row) : stopForRows(p, row);
}

function interpreted(type: u32): bool {
  return (
    type == PCAPNG_SECTION_HEADER ||
    type == PCAPNG_INTERFACE ||
    type == PCAPNG_NAME_RESOLUTION ||
    type == PCAPNG_INTERFACE_STATISTICS ||
    type == PCAPNG_DECRYPTION_SECRETS
  );
}

// @ts-ignore: decorator
@inline
function word(p: u32, swap: bool): u32 {
  const x = load<u32>(p);
  return swap ? bswap<u32>(x) : x;
}

// @ts-ignore: decorator
@inline
function half(p: u32, swap: bool): u32 {
  const x = <u32>load<u16>(p);
  return swap ? (x >> 8) | ((x & 0xff) << 8) : x;
}
