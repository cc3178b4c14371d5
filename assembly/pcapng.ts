// The blocks of a pcapng file (draft-ietf-opsawg-pcapng 3.1). Packets are taken here; sections,
// interfaces and the rest that means something to the caller end the call with STOP_BLOCK.
import { allocate } from "./arena";
import { countAside } from "./aside";
import { noteTime, stopAtBlock, stopForBytes, stopForRows, stopWithError } from "./batch";
import { swap16 } from "./bytes";
import { anyFrame } from "./frame";
import { heldEnough } from "./fragments";
import {
  PCAPNG_BYTE_ORDER_MAGIC,
  PCAPNG_DECRYPTION_SECRETS,
  PCAPNG_ENHANCED_PACKET,
  PCAPNG_INTERFACE,
  PCAPNG_INTERFACE_STATISTICS,
  PCAPNG_NAME_RESOLUTION,
  PCAPNG_PACKET,
  PCAPNG_PACKET_DATA,
  PCAPNG_PACKET_MIN,
  PCAPNG_SECTION_HEADER,
  PCAPNG_SIMPLE_PACKET,
} from "./layout/capture";
import { INTERFACE, ROWS } from "./layout/columns";
import { MAX_INTERFACES, MAX_RECORD } from "./layout/limits";
import { RARE_INTERFACE, STATE_INTERFACES, STATE_RARE } from "./layout/state";
import {
  CAPTURE_BLOCK_CONTENT,
  CAPTURE_BLOCK_LENGTH,
  CAPTURE_NO_INTERFACE,
  CAPTURE_RECORD_TOO_LONG,
} from "./layout/status";
import { UNKNOWN, layoutOf } from "./shape";
import { beginRuns, crooked, runEnd, straightBlocks } from "./straight";
import { commonTick, isCommon, nanoseconds } from "./timestamp";

// Block type, total length, and the total length again behind the body.
const BLOCK_MIN: u32 = 12;
const SIMPLE_DATA: u32 = 12;

// One interface: link type, snapshot length, resolution as in if_tsresol, offset in seconds.
const INTERFACE_BYTES: u32 = 32;
const INTERFACE_SNAPLEN = 4;
const INTERFACE_TSRESOL = 8;
const INTERFACE_TSOFFSET = 16;

// Interfaces that the table has room for at first; it doubles.
const FEW: u32 = 64;

let swapped: bool = false;
let table: u32 = 0;
let room: u32 = 0;

/** A section begins: its byte order; the interfaces of the one before are forgotten. */
export function openSection(bigEndian: bool): void {
  swapped = bigEndian;
  runs = false;
  store<u32>(STATE_INTERFACES, 0);
}

/** Adds an interface to the section. Returns false beyond MAX_INTERFACES or without memory for the table. */
export function describeInterface(linkType: u32, tsresol: u32, tsoffset: i64, snapLength: u32): bool {
  const n = load<u32>(STATE_INTERFACES);
  if (n >= <u32>MAX_INTERFACES || (n == room && !growTable(n))) return false;
  const entry = table + n * INTERFACE_BYTES;
  store<u32>(entry, linkType);
  store<u32>(entry, snapLength, INTERFACE_SNAPLEN);
  store<u32>(entry, tsresol, INTERFACE_TSRESOL);
  store<i64>(entry, tsoffset * 1_000_000_000, INTERFACE_TSOFFSET);
  store<u32>(STATE_INTERFACES, n + 1);
  return true;
}

function growTable(used: u32): bool {
  const more = used ? used << 1 : FEW;
  const larger = allocate(more * INTERFACE_BYTES);
  if (!larger) return false;
  memory.copy(larger, table, used * INTERFACE_BYTES);
  table = larger;
  room = more;
  return true;
}

/** Takes blocks from [`p`, `limit`) into the columns from `row` on. Returns the new number of rows. */
export function parseBlocks(p: u32, limit: u32, row: u32): u32 {
  let isCrooked = false;
  beginRuns();
  while (row < <u32>ROWS && !heldEnough()) {
    if (limit - p < BLOCK_MIN) return stopForBytes(p, BLOCK_MIN, row);
    const type = word(p);
    let reversed = swapped;
    if (type == PCAPNG_SECTION_HEADER) {
      // The only block that says its own byte order.
      const magic = load<u32>(p, 8);
      reversed = magic != PCAPNG_BYTE_ORDER_MAGIC;
      if (reversed && magic != bswap<u32>(PCAPNG_BYTE_ORDER_MAGIC)) {
        return stopWithError(CAPTURE_BLOCK_CONTENT, p, row);
      }
    }
    const total = ordered(p + 4, reversed);
    if (total < BLOCK_MIN || total & 3) return stopWithError(CAPTURE_BLOCK_LENGTH, p, row);
    if (total > <u32>MAX_RECORD) return stopWithError(CAPTURE_RECORD_TOO_LONG, p, row);
    if (total > limit - p) return stopForBytes(p, total, row);
    if (ordered(p + total - 4, reversed) != total) return stopWithError(CAPTURE_BLOCK_LENGTH, p, row);
    if (interpreted(type)) return stopAtBlock(p, row);
    if (isPacket(type)) {
      const error = describePacket(type, p, total);
      if (error) return stopWithError(error, p, row);
      const next = anyFrame(time, data, captured, length, load<u32>(entry), row, isCrooked);
      if (next > row && id) noteInterface(row);
      row = next;
    }
    p += total;
    isCrooked = false;
    if (runs && limit - p >= <u32>PCAPNG_PACKET_MIN && !heldEnough()) {
      const last = min(limit, p + MAX_RECORD) - <u32>PCAPNG_PACKET_MIN;
      const shape = layoutOf(load<u32>(entry));
      const nanos = <u64>commonTick(load<u32>(entry, INTERFACE_TSRESOL));
      const zero = load<i64>(entry, INTERFACE_TSOFFSET);
      for (;;) {
        row += straightBlocks(p, last, shape, row, nanos, zero, id);
        p = runEnd;
        isCrooked = crooked;
        if (!crooked || !countAside(p + PCAPNG_PACKET_DATA, load<u32>(p, 20), shape)) break;
        p += load<u32>(p, 4);
      }
    }
  }
  return stopForRows(p, row);
}

// The packet of the block last described, and the entry of its interface.
let time: i64 = 0;
let data: u32 = 0;
let captured: u32 = 0;
let length: u32 = 0;
let id: u32 = 0;
let entry: u32 = 0;

// Whether blocks like the one last described can be run through. The rest as in pcap.ts.
let runs: bool = false;

// Finds the packet in its block; returns what is wrong with it, 0 for nothing.
function describePacket(type: u32, p: u32, total: u32): u32 {
  runs = false;
  const header = type == PCAPNG_SIMPLE_PACKET ? SIMPLE_DATA : PCAPNG_PACKET_DATA;
  if (total < header + 4) return CAPTURE_BLOCK_CONTENT;
  const room = total - header - 4;
  data = p + header;
  if (type == PCAPNG_SIMPLE_PACKET) {
    id = 0;
    length = word(p + 8);
    captured = min(length, room);
  } else {
    id = type == PCAPNG_PACKET ? half(p + 8) : word(p + 8);
    captured = word(p + 20);
    length = word(p + 24);
    if (captured > room) return CAPTURE_BLOCK_CONTENT;
  }
  if (id >= load<u32>(STATE_INTERFACES)) return CAPTURE_NO_INTERFACE;
  entry = table + id * INTERFACE_BYTES;
  if (type == PCAPNG_SIMPLE_PACKET) {
    const snapLength = load<u32>(entry, INTERFACE_SNAPLEN);
    if (snapLength && captured > snapLength) captured = snapLength;
    time = 0; // it has none
    return 0;
  }
  const ticks = (<u64>word(p + 12) << 32) | word(p + 16);
  const resolution = load<u32>(entry, INTERFACE_TSRESOL);
  time = nanoseconds(ticks, resolution) + load<i64>(entry, INTERFACE_TSOFFSET);
  noteTime(time);
  const shape = layoutOf(load<u32>(entry));
  runs = type == PCAPNG_ENHANCED_PACKET && !swapped && isCommon(resolution) && shape != UNKNOWN;
  return 0;
}

// @ts-ignore: decorator
@inline
function noteInterface(row: u32): void {
  store<u16>(row << 1, <u16>id, INTERFACE);
  store<u32>(STATE_RARE, load<u32>(STATE_RARE) | RARE_INTERFACE);
}

function isPacket(type: u32): bool {
  return type == PCAPNG_ENHANCED_PACKET || type == PCAPNG_SIMPLE_PACKET || type == PCAPNG_PACKET;
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

function word(p: u32): u32 {
  return ordered(p, swapped);
}

function half(p: u32): u32 {
  const x = <u32>load<u16>(p);
  return swapped ? swap16(x) : x;
}

// @ts-ignore: decorator
@inline
function ordered(p: u32, reversed: bool): u32 {
  const x = load<u32>(p);
  return reversed ? bswap<u32>(x) : x;
}
