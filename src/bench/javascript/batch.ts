// Captures to columns in plain JavaScript, as fast as it can be made to go: the same columns at the same
// staggered places as the codec's, one DataView over the input, constant typed arrays (V8 folds their
// addresses into the code), integers kept from becoming doubles.
import {
  ETHERTYPE_IPV4,
  ETHERTYPE_IPV6,
  ETHERTYPE_QINQ,
  ETHERTYPE_QINQ_OLD,
  ETHERTYPE_VLAN,
  LINKTYPE_ETHERNET,
  PCAP_FILE_HEADER,
  PCAP_MAGIC_MICRO,
  PCAP_RECORD_HEADER,
} from "../../../assembly/layout/capture.ts";
import { ROWS, SEEN_TIMESTAMPS } from "../../../assembly/layout/columns.ts";
import {
  CHECKSUM_BAD,
  CHECKSUM_GOOD,
  CHECKSUM_PARTIAL,
  CHECKSUM_UNVERIFIED,
  SEGMENT_OK,
  SEGMENT_PAYLOAD_TRUNCATED,
} from "../../../assembly/layout/status.ts";
import {
  FLAGS_MASK,
  IPPROTO_TCP,
  TCP_HEADER_MIN,
  TCP_OPTIONS,
  TIMESTAMPS_PADDED,
} from "../../../assembly/layout/wire.ts";
import { fold, sumWords } from "./checksum.ts";
import * as column from "./columns.ts";
import { openOptions, readOptions } from "./options.ts";

/** Where a call of `parseRecords` stopped. */
export interface Position {
  /** Offset of the next record. */
  at: number;
  /** Number of the last frame. */
  frame: number;
}

/**
 * Checks that the file header at `at` is of the kind that `parseRecords` reads.
 * @throws {RangeError} when it is any other
 */
export function checkFileHeader(view: DataView, at = 0): void {
  const known =
    view.byteLength >= at + PCAP_FILE_HEADER &&
    view.getUint32(at, true) === PCAP_MAGIC_MICRO &&
    view.getUint32(at + 20, true) === LINKTYPE_ETHERNET;
  if (!known) throw new RangeError("the plain JavaScript parser reads little-endian Ethernet pcap only");
}

/**
 * Takes records from `position` up to `end` into the columns (columns.ts) and returns the rows, at most ROWS.
 * Ethernet, VLAN tags, IPv4 and IPv6 without extensions, TCP; other frames give no row.
 */
export function parseRecords(view: DataView, end: number, position: Position, verify: boolean): number {
  let p = position.at;
  let frame = position.frame;
  let row = 0;
  let pool = 0;
  let second = -1;
  let secondLow = 0;
  let secondHigh = 0;
  column.clearRare();
  openOptions();
  while (row < ROWS && p + PCAP_RECORD_HEADER <= end) {
    const captured = view.getInt32(p + 8, true);
    const f = p + PCAP_RECORD_HEADER;
    const stop = f + captured;
    if (captured < 0 || stop > end) break;
    const record = p;
    p = stop;
    frame++;
    if (captured < 54) continue;

    let q = f + 14;
    let type = view.getUint16(f + 12);
    let vlan = 0;
    while (type === ETHERTYPE_VLAN || type === ETHERTYPE_QINQ || type === ETHERTYPE_QINQ_OLD) {
      if (q + 24 > stop) break;
      vlan = (vlan << 16) | view.getUint16(q);
      type = view.getUint16(q + 2);
      q += 4;
    }

    let t = 0;
    let length = 0;
    let pseudo = 0;
    if (type === ETHERTYPE_IPV4) {
      const first = view.getUint32(q);
      if (view.getUint8(q + 9) !== IPPROTO_TCP || view.getUint16(q + 6) & 0x3fff) continue;
      const header = (first >>> 22) & 60;
      t = q + header;
      length = (first & 0xffff) - header;
      if (header < 20 || length < TCP_HEADER_MIN || t + TCP_HEADER_MIN > stop) continue;
      column.src[row] = view.getInt32(q + 12);
      column.dst[row] = view.getInt32(q + 16);
      column.ipVersion[row] = 4;
      column.ttl[row] = view.getUint8(q + 8);
      column.trafficClass[row] = first >>> 16;
      if (verify) pseudo = view.getUint32(q + 12, true) + view.getUint32(q + 16, true);
    } else if (type === ETHERTYPE_IPV6) {
      if (q + 60 > stop || view.getUint8(q + 6) !== IPPROTO_TCP) continue;
      t = q + 40;
      length = view.getUint16(q + 4);
      if (length < TCP_HEADER_MIN) continue;
      const to = pool << 2;
      for (let k = 0; k < 8; k++) column.addressWords[to + k] = view.getInt32(q + 8 + (k << 2), true);
      column.src[row] = pool;
      column.dst[row] = pool + 1;
      pool += 2;
      column.ipVersion[row] = 6;
      column.ttl[row] = view.getUint8(q + 7);
      column.trafficClass[row] = view.getUint16(q) >>> 4;
      if (verify) pseudo = sumWords(view, q + 8, 32);
    } else continue;

    const header = (view.getUint8(t + 12) >>> 4) << 2;
    if (header < TCP_HEADER_MIN || header > length || t + header > stop) continue;

    // 64-bit nanoseconds without BigInt: the second's share is worked out when it changes.
    const seconds = view.getInt32(record, true);
    if (seconds !== second) {
      second = seconds;
      const nanos = BigInt(seconds >>> 0) * 1_000_000_000n;
      secondLow = Number(nanos & 0xffffffffn) | 0;
      secondHigh = Number(nanos >> 32n);
    }
    const low = (secondLow + Math.imul(view.getInt32(record + 4, true), 1000)) | 0;
    column.timeWords[row << 1] = low;
    column.timeWords[(row << 1) + 1] = secondHigh + (low >>> 0 < secondLow >>> 0 ? 1 : 0);
    column.frame[row] = frame;
    column.frameOffset[row] = f;
    column.frameCaptured[row] = captured;
    column.frameLength[row] = view.getInt32(record + 12, true);
    column.srcPort[row] = view.getUint16(t);
    column.dstPort[row] = view.getUint16(t + 2);
    column.seq[row] = view.getInt32(t + 4);
    column.ack[row] = view.getInt32(t + 8);
    column.flags[row] = view.getUint16(t + 12) & FLAGS_MASK;
    column.window[row] = view.getUint16(t + 14);
    column.checksum[row] = view.getUint16(t + 16);
    column.urgentPointer[row] = view.getUint16(t + 18);
    column.headerOffset[row] = t;
    column.headerLength[row] = header;
    column.payloadLength[row] = length - header;
    let status = SEGMENT_OK;
    if (header === TCP_OPTIONS + 12 && view.getInt32(t + TCP_OPTIONS) === TIMESTAMPS_PADDED) {
      column.tsval[row] = view.getInt32(t + TCP_OPTIONS + 4);
      column.tsecr[row] = view.getInt32(t + TCP_OPTIONS + 8);
      column.mss[row] = 0;
      column.windowScale[row] = 0;
      column.optionsSeen[row] = SEEN_TIMESTAMPS;
      column.sackCount[row] = 0;
    } else status = readOptions(view, t + TCP_OPTIONS, t + header, row);
    if (vlan !== 0) column.setVlan(row, vlan);
    let verdict = CHECKSUM_UNVERIFIED;
    if (t + length > stop) {
      column.setMissing(row, t + length - stop);
      if (status === SEGMENT_OK) status = SEGMENT_PAYLOAD_TRUNCATED;
    } else if (verify) {
      pseudo += ((length & 0xff) << 8) + (length >>> 8) + (IPPROTO_TCP << 8);
      verdict = CHECKSUM_GOOD;
      if (fold(pseudo + sumWords(view, t, length)) !== 0xffff) {
        verdict = fold(pseudo) === view.getUint16(t + 16, true) ? CHECKSUM_PARTIAL : CHECKSUM_BAD;
      }
    }
    column.status[row] = status;
    column.checksumStatus[row] = verdict;
    row++;
  }
  position.at = p;
  position.frame = frame;
  return row;
}
