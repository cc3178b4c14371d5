// The straight line: an EtherType with two VLAN tags at most, or none; IPv4 without options or IPv6 without
// extensions, TCP with a header in order, nothing fragmented, everything captured. Most frames are that, and
// each instruction here counts. Whatever differs is left to frame.ts, which gives the same columns for these
// too.
//
// Columns are written as soon as their values are there, even where the frame may yet prove not straight:
// whoever takes it then writes them again. Usual and rare columns, counters and pools wait until it is certain, or are
// put back: the usual ones have their value already (batch.ts) and are only written where it is another.
import {
  AHEAD,
  CACHE_LINE,
  countRun,
  failures,
  framesAreLarge,
  noteEarlier,
  numberRun,
  writeWhole,
} from "./batch";
import { inOrder, load16, swap16 } from "./bytes";
import { fold, isWhole, sumWords, sumWordsOnto } from "./checksum";
import { count } from "./counters";
import { readKnown } from "./known";
import {
  ETHERTYPE_IPV4,
  ETHERTYPE_IPV6,
  PCAPNG_ENHANCED_PACKET,
  PCAPNG_PACKET_DATA,
  PCAPNG_PACKET_MIN,
  PCAP_RECORD_HEADER,
} from "./layout/capture";
import {
  ACKNOWLEDGMENT,
  ADDRESSES,
  CHECKSUM,
  CHECKSUM_STATUS,
  DST,
  DST_PORT,
  FLAGS,
  HEADER_LENGTH,
  HEADER_OFFSET,
  INTERFACE,
  IP_VERSION,
  OPTIONS_SEEN,
  PAYLOAD_LENGTH,
  ROWS,
  SEQ,
  SRC,
  SRC_PORT,
  TRAFFIC_CLASS,
  TSECR,
  TSVAL,
  TTL,
  URGENT,
  VLAN,
  WINDOW,
} from "./layout/columns";
import {
  COUNT_CHECKSUM,
  RARE_INTERFACE,
  RARE_VLAN,
  STATE_ADDRESSES,
  STATE_LATEST,
  STATE_RARE,
  STATE_TOUCHED,
} from "./layout/state";
import { CHECKSUM_BAD, CHECKSUM_PARTIAL, CHECKSUM_UNVERIFIED } from "./layout/status";
import { FLAGS_MASK, IPPROTO_TCP, TCP_CHECKSUM, TCP_HEADER_MIN, TCP_OPTIONS } from "./layout/wire";
import { PADDED_TIMESTAMPS, WITH_TIMESTAMPS } from "./options";
import { verifyChecksums } from "./segment";
import { BARE, ETHERTYPE, IN_ETHERNET, IP, isTag, mayBeTag } from "./shape";

const TCP_OVER_IPV4 = IP + 20;
const TCP_OVER_IPV6 = IP + 40;

// What a run goes through: records of pcap, enhanced packet blocks of pcapng, or a frame alone.
const RECORDS: u32 = 0;
const BLOCKS: u32 = 1;
const FRAME: u32 = 2;

/** Where the last run ended. */
export let runEnd: u32 = 0;
/** Whether it ended at a whole frame that is not straight: nobody need look for that again. */
export let crooked: bool = false;

// Whether all straight frames of this call were IPv4 in Ethernet without tags: a loop of its own for these needs an
// eighth fewer instructions, and captures have nothing else, or the others all over.
let allPlain: bool = true;

/** A call of `parse` begins, with bytes that no run has looked at. */
export function beginRuns(): void {
  allPlain = true;
}

/** Takes the frame of `captured` bytes at `f`, or says that it is not straight. `anyFrame` counts it. */
export function straightFrame(f: u32, captured: u32, shape: u32, row: u32): bool {
  return runOf(FRAME, f, f + captured, shape, row, verifyChecksums, false, 0, 0, 0) == 1;
}

/**
 * Takes straight frames that were captured whole, for as long as they come, and returns how many: records of pcap from
 * `p` on with headers up to `last`; where both lengths are one, their order says nothing.
 */
export function straightRecords(p: u32, last: u32, shape: u32, row: u32, nanos: u64): u32 {
  if (shape != IN_ETHERNET) return runOf(RECORDS, p, last, shape, row, verifyChecksums, false, nanos, 0, 0);
  if (!verifyChecksums) return runOf(RECORDS, p, last, IN_ETHERNET, row, false, false, nanos, 0, 0);
  let frames: u32 = 0;
  if (allPlain) {
    frames = runOf(RECORDS, p, last, IN_ETHERNET, row, true, true, nanos, 0, 0);
    if (!crooked) return frames;
    p = runEnd;
  }
  return frames + others(runOf(RECORDS, p, last, IN_ETHERNET, row + frames, true, false, nanos, 0, 0));
}

/** The same for enhanced packet blocks of interface `id`, of which the last one starts at `last`. */
export function straightBlocks(
  p: u32,
  last: u32,
  shape: u32,
  row: u32,
  nanos: u64,
  zero: i64,
  id: u32,
): u32 {
  if (!verifyChecksums) return runOf(BLOCKS, p, last, shape, row, false, false, nanos, zero, id);
  let frames: u32 = 0;
  if (allPlain && shape == IN_ETHERNET) {
    frames = runOf(BLOCKS, p, last, IN_ETHERNET, row, true, true, nanos, zero, id);
    if (!crooked) return frames;
    p = runEnd;
  }
  return frames + others(runOf(BLOCKS, p, last, shape, row + frames, true, false, nanos, zero, id));
}

// Where frames were straight that the loop for plain ones would not have, it does without that for the rest of the call.
function others(frames: u32): u32 {
  if (frames) allPlain = false;
  return frames;
}

// Each caller's copy of the loop has `format`, `shape`, `verify` and `plain` as constants, or some of them. There is no
// call in it, so that what it works with stays in registers, and what can be worked out afterwards is not counted: there
// are not enough of them. The frame that ends a run is taken next in any case, so its time may be noted.
// @ts-ignore: decorator
@inline
function runOf(
  format: u32,
  p: u32,
  last: u32,
  shape: u32,
  first: u32,
  verify: bool,
  plain: bool,
  nanos: u64,
  zero: i64,
  interfaceId: u32,
): u32 {
  const begun = p;
  const failed = failures();
  const addresses = load<u32>(STATE_ADDRESSES);
  const far = format != FRAME && !verify && framesAreLarge();
  let ahead = p;
  let touched: u32 = 0;
  let latest = load<i64>(STATE_LATEST);
  let bytes: u64 = 0;
  let row = first;
  let whole = false;
  for (;;) {
    whole = false;
    let f = p;
    let captured: u32;
    let next: u32;
    if (format == FRAME) {
      if (row != first) break;
      captured = last - p;
      next = last;
    } else {
      if (row == <u32>ROWS) break;
      if (p > last) break;
      if (far) {
        for (const until = min(p + AHEAD, last); ahead < until; ahead += CACHE_LINE) touched += load<u8>(ahead);
      }
      let time: i64;
      if (format == RECORDS) {
        captured = load<u32>(p, 8);
        if (captured > last - p) break;
        if (captured != load<u32>(p, 12)) break;
        time = <i64>load<u32>(p) * 1_000_000_000 + <i64>load<u32>(p, 4) * <i64>nanos;
        f += PCAP_RECORD_HEADER;
        next = f + captured;
      } else {
        if (load<u32>(p) != PCAPNG_ENHANCED_PACKET) break;
        if (load<u32>(p, 8) != interfaceId) break;
        const total = load<u32>(p, 4);
        if (total - PCAPNG_PACKET_MIN > last - p) break;
        if (total & 3) break;
        if (load<u32>(p + total - 4) != total) break;
        captured = load<u32>(p, 20);
        if (captured > total - PCAPNG_PACKET_MIN) break;
        if (captured != load<u32>(p, 24)) break;
        time = <i64>(((<u64>load<u32>(p, 12) << 32) | load<u32>(p, 16)) * nanos) + zero;
        f += PCAPNG_PACKET_DATA;
        next = p + total;
      }
      if (time >= latest) latest = time;
      else noteEarlier(time);
      writeWhole(row, time, f, captured);
    }
    whole = true;
    const i1 = row;
    const i2 = row << 1;
    const i4 = row << 2;
    if (shape) {
      if (shape == BARE) {
        f -= IP;
        captured += IP;
      } else {
        if (captured < shape) break;
        f += shape;
        captured -= shape;
      }
    }
    if (captured < <u32>(TCP_OVER_IPV4 + TCP_HEADER_MIN)) break;
    let start = load<u32>(f, ETHERTYPE);
    if (shape == BARE) {
      start = (start & 0xffff0000) | ((start & 0xf00000) == 0x600000 ? swap16(ETHERTYPE_IPV6) : swap16(ETHERTYPE_IPV4));
    }
    if (!plain) {
      if (mayBeTag(start & 0xffff)) {
        if (isTag(start & 0xffff)) {
          // At most two tags: with each one passed, the rest lies as if there were none.
          let tags: u32 = load16(f + IP);
          f += 4;
          captured -= 4;
          start = load<u32>(f, ETHERTYPE);
          if (isTag(start & 0xffff)) {
            tags = (tags << 16) | load16(f + IP);
            f += 4;
            captured -= 4;
            start = load<u32>(f, ETHERTYPE);
          }
          store<u32>(i4, tags, VLAN);
          store<u32>(STATE_RARE, load<u32>(STATE_RARE) | RARE_VLAN);
          if (captured < <u32>(TCP_OVER_IPV4 + TCP_HEADER_MIN)) break;
        }
      }
    }
    let t: u32 = 0;
    let length: u32 = 0;
    // What the addresses, which lie before the TCP header, add to the checksum: whole lanes, and their high halves.
    let a = i64x2.splat(0);
    let b = i64x2.splat(0);
    // EtherType, version and header length in one look
    if ((start & 0xffffff) == 0x450008) {
      // no MF, no fragment offset; protocol TCP
      if ((load<u32>(f, IP + 6) & 0xff00ff3f) != 0x06000000) break;
      t = f + TCP_OVER_IPV4;
      length = load16(f + IP + 2) - 20;
      // Unsigned: a length below a header's is a large one.
      if (length - TCP_HEADER_MIN > captured - (TCP_OVER_IPV4 + TCP_HEADER_MIN)) break;
      const before = v128.load(f, TCP_OVER_IPV4 - 16);
      const ordered = inOrder(before);
      store<f32>(i4, f32x4.extract_lane(ordered, 2), SRC);
      store<f32>(i4, f32x4.extract_lane(ordered, 3), DST);
      a = v128.and(before, i64x2(0, -1));
      b = i64x2.shr_u(a, 32);
      store<u8>(i1, load<u8>(f, IP + 8), TTL);
      store<u8>(i1, <u8>(start >> 24), TRAFFIC_CLASS);
    } else {
      if (plain) break;
      if ((start & 0xf0ffff) != 0x60dd86) break;
      if (load<u8>(f, IP + 6) != 6) break;
      if (captured < <u32>(TCP_OVER_IPV6 + TCP_HEADER_MIN)) break;
      t = f + TCP_OVER_IPV6;
      length = load16(f + IP + 4);
      if (length - TCP_HEADER_MIN > captured - (TCP_OVER_IPV6 + TCP_HEADER_MIN)) break;
      const source = v128.load(f, IP + 8);
      const destination = v128.load(f, IP + 24);
      const index = load<u32>(STATE_ADDRESSES);
      v128.store(index << 4, source, ADDRESSES);
      v128.store(index << 4, destination, ADDRESSES + 16);
      store<u32>(i4, index, SRC);
      store<u32>(i4, index + 1, DST);
      store<u32>(STATE_ADDRESSES, index + 2);
      store<u8>(i1, 6, IP_VERSION);
      a = i64x2.add(source, destination);
      b = i64x2.add(i64x2.shr_u(source, 32), i64x2.shr_u(destination, 32));
      store<u8>(i1, load<u8>(f, IP + 7), TTL);
      store<u8>(i1, <u8>(load16(f + IP) >> 4), TRAFFIC_CLASS);
    }
    const header: u32 = (<u32>load<u8>(t, 12) & 0xf0) >> 2;
    if (header - TCP_HEADER_MIN > length - TCP_HEADER_MIN) break;

    store<u32>(i4, t, HEADER_OFFSET);
    store<u32>(i4, length - header, PAYLOAD_LENGTH);
    // A short segment is overread, into SLACK at most.
    const front = v128.load(t);
    const back = v128.load(t, 16);
    const words = inOrder(front);
    const rest = inOrder(back);
    const ports = i32x4.extract_lane(words, 0);
    store<u16>(i2, <u16>ports, DST_PORT);
    store<u16>(i2, <u16>(ports >>> 16), SRC_PORT);
    store<f32>(i4, f32x4.extract_lane(words, 1), SEQ);
    store<f32>(i4, f32x4.extract_lane(words, 2), ACKNOWLEDGMENT);
    const control = i32x4.extract_lane(words, 3);
    store<u16>(i2, <u16>control, WINDOW);
    store<u16>(i2, <u16>((control >>> 16) & FLAGS_MASK), FLAGS);
    const sums = i32x4.extract_lane(rest, 0);
    store<u16>(i2, <u16>sums, URGENT);
    store<u16>(i2, <u16>(sums >>> 16), CHECKSUM);
    if (((header ^ WITH_TIMESTAMPS) | (load<u32>(t, TCP_OPTIONS) ^ PADDED_TIMESTAMPS)) == 0) {
      store<f32>(i4, f32x4.extract_lane(rest, 2), TSVAL);
      store<f32>(i4, f32x4.extract_lane(rest, 3), TSECR);
    } else {
      if (header == TCP_OPTIONS) {
        store<u32>(i4, 0, TSVAL);
        store<u32>(i4, 0, TSECR);
        store<u8>(i1, 0, OPTIONS_SEEN);
      } else {
        if (!readKnown(row, t + TCP_OPTIONS, header - TCP_OPTIONS)) break;
      }
      store<u8>(i1, <u8>header, HEADER_LENGTH);
    }
    if (verify) {
      let q = t;
      let n = length;
      if (n >= 32) {
        a = i64x2.add(a, i64x2.add(front, back));
        b = i64x2.add(b, i64x2.add(i64x2.shr_u(front, 32), i64x2.shr_u(back, 32)));
        q += 32;
        n -= 32;
      }
      const sum = sumWordsOnto(a, b, q, n);
      if (!isWhole(sum + <u64>lengthSum(length))) {
        const six = !plain && load<u8>(i1, IP_VERSION) == 6;
        const pseudo = (six ? sumWords(t - 32, 32) : <u64>load<u32>(t - 8) + load<u32>(t - 4)) + <u64>lengthSum(length);
        const verdict: u32 = fold(pseudo) == <u32>load<u16>(t, TCP_CHECKSUM) ? CHECKSUM_PARTIAL : CHECKSUM_BAD;
        store<u8>(i1, <u8>verdict, CHECKSUM_STATUS);
        count(COUNT_CHECKSUM + (verdict << 3));
      }
    } else store<u8>(i1, <u8>CHECKSUM_UNVERIFIED, CHECKSUM_STATUS);
    if (format == BLOCKS) {
      bytes += load<u32>(p, 20);
      if (interfaceId) {
        store<u16>(i2, <u16>interfaceId, INTERFACE);
        store<u32>(STATE_RARE, load<u32>(STATE_RARE) | RARE_INTERFACE);
      }
    }
    row++;
    p = next;
  }
  if (whole && !plain) putBack(row);
  crooked = whole;
  if (format != FRAME) {
    runEnd = p;
    store<i64>(STATE_LATEST, latest);
    if (far) store<u32>(STATE_TOUCHED, touched);
    numberRun(first, row);
    const frames = row - first;
    const ipv6 = (load<u32>(STATE_ADDRESSES) - addresses) >> 1;
    if (format == RECORDS) bytes = p - begun - frames * PCAP_RECORD_HEADER;
    countRun(frames, bytes, ipv6, verify, failures() - failed);
  }
  return row - first;
}

// What the frame that ended a run may have left in the columns that wait, and in the pool of addresses.
function putBack(row: u32): void {
  store<u32>(row << 2, 0, VLAN);
  if (load<u8>(row, IP_VERSION) == 4) return;
  store<u8>(row, 4, IP_VERSION);
  store<u32>(STATE_ADDRESSES, load<u32>(STATE_ADDRESSES) - 2);
}

// The rest of the pseudo-header (RFC 9293 3.1, RFC 8200 8.1), up to a multiple of 65535: there, a factor of 256
// swaps the bytes of the length.
// @ts-ignore: decorator
@inline
function lengthSum(length: u32): u32 {
  return (length + IPPROTO_TCP) << 8;
}
