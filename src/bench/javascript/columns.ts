// The plain JavaScript parser's columns: the codec's layout over memory of its own.
import {
  ACKNOWLEDGMENT,
  ADDRESSES,
  CHECKSUM,
  CHECKSUM_STATUS,
  COLUMNS,
  COLUMNS_END,
  DST,
  DST_PORT,
  FLAGS,
  FRAME,
  FRAME_CAPTURED,
  FRAME_LENGTH,
  FRAME_OFFSET,
  HEADER_LENGTH,
  HEADER_OFFSET,
  INTERFACE,
  IP_VERSION,
  MAX_SACK_BLOCKS,
  MISSING,
  MSS,
  OPTIONS_SEEN,
  PAYLOAD_LENGTH,
  ROWS,
  SACK_COUNT,
  SACK_EDGES,
  SACK_START,
  SEQ,
  SRC,
  SRC_PORT,
  STATUS,
  TIME,
  TRAFFIC_CLASS,
  TSECR,
  TSVAL,
  TTL,
  TUNNEL,
  URGENT,
  VLAN,
  WINDOW,
  WINDOW_SCALE,
} from "../../../assembly/layout/columns.ts";
import type { Segments } from "../../capture/segments.ts";

const memory = new ArrayBuffer(COLUMNS_END - COLUMNS);

export const time = new BigInt64Array(memory, TIME - COLUMNS, ROWS);
export const timeWords = new Uint32Array(memory, TIME - COLUMNS, ROWS * 2);
export const frame = u32(FRAME);
export const frameOffset = u32(FRAME_OFFSET);
export const frameCaptured = u32(FRAME_CAPTURED);
export const frameLength = u32(FRAME_LENGTH);
export const src = u32(SRC);
export const dst = u32(DST);
export const seq = u32(SEQ);
export const ack = u32(ACKNOWLEDGMENT);
export const headerOffset = u32(HEADER_OFFSET);
export const payloadLength = u32(PAYLOAD_LENGTH);
export const tsval = u32(TSVAL);
export const tsecr = u32(TSECR);
export const srcPort = u16(SRC_PORT);
export const dstPort = u16(DST_PORT);
export const flags = u16(FLAGS);
export const window = u16(WINDOW);
export const checksum = u16(CHECKSUM);
export const urgentPointer = u16(URGENT);
export const mss = u16(MSS);
export const headerLength = u8(HEADER_LENGTH);
export const ipVersion = u8(IP_VERSION);
export const ttl = u8(TTL);
export const trafficClass = u8(TRAFFIC_CLASS);
export const status = u8(STATUS);
export const checksumStatus = u8(CHECKSUM_STATUS);
export const windowScale = u8(WINDOW_SCALE);
export const optionsSeen = u8(OPTIONS_SEEN);
export const sackCount = u8(SACK_COUNT);
export const sackStart = u32(SACK_START);
export const missing = u32(MISSING);
export const tunnel = u32(TUNNEL);
export const vlan = u32(VLAN);
export const interfaceId = u16(INTERFACE);
export const addresses = u8(ADDRESSES, ROWS * 32);
export const addressWords = u32(ADDRESSES, ROWS * 8);
export const sackEdges = u32(SACK_EDGES, ROWS * MAX_SACK_BLOCKS * 2);

// Rare columns that hold something from the batch before.
let sackStartWritten = false;
let missingWritten = false;
let vlanWritten = false;

/** Makes the rare columns zero again where the last batch wrote them. */
export function clearRare(): void {
  if (sackStartWritten) sackStart.fill(0);
  if (missingWritten) missing.fill(0);
  if (vlanWritten) vlan.fill(0);
  sackStartWritten = missingWritten = vlanWritten = false;
}

export function setSackStart(row: number, start: number): void {
  sackStart[row] = start;
  sackStartWritten = true;
}

export function setMissing(row: number, bytes: number): void {
  missing[row] = bytes;
  missingWritten = true;
}

export function setVlan(row: number, tags: number): void {
  vlan[row] = tags;
  vlanWritten = true;
}

/** The first `length` rows; `bytes` is what the offsets point into, its first byte at `fileBase` in the file. */
export function segments(length: number, bytes: Uint8Array, fileBase = 0): Segments {
  return {
    length,
    time,
    frame,
    fileOffset: Float64Array.from(frameOffset.subarray(0, length), (at) => at + fileBase),
    frameCaptured,
    frameLength,
    src,
    dst,
    srcPort,
    dstPort,
    seq,
    ack,
    flags,
    window,
    checksum,
    checksumStatus,
    urgentPointer,
    headerOffset,
    headerLength,
    payloadLength,
    missing,
    status,
    ipVersion,
    ttl,
    trafficClass,
    optionsSeen,
    mss,
    windowScale,
    tsval,
    tsecr,
    sackCount,
    sackStart,
    tunnel,
    vlan,
    interfaceId,
    addresses,
    sackEdges,
    bytes,
    holdsPayload: true,
  };
}

function u32(address: number, length = ROWS): Uint32Array {
  return new Uint32Array(memory, address - COLUMNS, length);
}

function u16(address: number): Uint16Array {
  return new Uint16Array(memory, address - COLUMNS, ROWS);
}

function u8(address: number, length = ROWS): Uint8Array {
  return new Uint8Array(memory, address - COLUMNS, length);
}
