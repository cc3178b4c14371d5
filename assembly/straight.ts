// The straight line: an EtherType with two VLAN tags at most, or none; IPv4 without options or IPv6 without
// extensions, TCP with a header in order, nothing fragmented, everything captured. Most frames are that, and
// each instruction here counts. Whatever differs is left to frame.ts, which gives the same columns for these
// too.
//
// Columns are written as soon as their values are there, even where the frame may yet prove not straight:
// whoever takes it then writes them again. Rare columns, counters and pools wait until it is certain.
import { load16, swap16 } from "./bytes";
import { across, fold, halves, isWhole, sumWordsOnto } from "./checksum";
import { count } from "./counters";
import {
  ETHERTYPE_IPV4,
  ETHERTYPE_IPV6,
  ETHERTYPE_QINQ,
  ETHERTYPE_QINQ_OLD,
  ETHERTYPE_VLAN,
  LINKTYPE_ETHERNET,
  LINKTYPE_LINUX_SLL,
  LINKTYPE_RAW,
  LINKTYPE_RAW_12,
  LINKTYPE_RAW_14,
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
  IP_VERSION,
  MSS,
  OPTIONS_SEEN,
  PAYLOAD_LENGTH,
  SACK_COUNT,
  SEEN_TIMESTAMPS,
  SEQ,
  SRC,
  SRC_PORT,
  STATUS,
  TRAFFIC_CLASS,
  TSECR,
  TSVAL,
  TTL,
  URGENT,
  VLAN,
  WINDOW,
  WINDOW_SCALE,
} from "./layout/columns";
import { COUNT_CHECKSUM, COUNT_MALFORMED_TCP, RARE_VLAN, STATE_ADDRESSES, STATE_RARE } from "./layout/state";
import { CHECKSUM_BAD, CHECKSUM_GOOD, CHECKSUM_PARTIAL, CHECKSUM_UNVERIFIED } from "./layout/status";
import { FLAGS_MASK, IPPROTO_TCP, TCP_CHECKSUM, TCP_HEADER_MIN, TCP_OPTIONS } from "./layout/wire";
import { PADDED_TIMESTAMPS, options } from "./options";

// Offsets in a frame of Ethernet. Others are looked at as if their EtherType lay there too.
const ETHERTYPE = 12;
const IP = 14;
const TCP_OVER_IPV4 = IP + 20;
const TCP_OVER_IPV6 = IP + 40;

// A header with PADDED_TIMESTAMPS and nothing else.
const WITH_TIMESTAMPS: u32 = TCP_OPTIONS + 12;

// Loaded, because V8 builds a constant vector in four instructions wherever it is used.
// ports, seq, ack, flags, window
const HEADER_BYTES: usize = memory.data<u8>([1, 0, 3, 2, 7, 6, 5, 4, 11, 10, 9, 8, 13, 12, 15, 14]);
// checksum, urgent pointer, four bytes as they are, TSval, TSecr
const TAIL_BYTES: usize = memory.data<u8>([1, 0, 3, 2, 4, 5, 6, 7, 11, 10, 9, 8, 15, 14, 13, 12]);
const WORD_BYTES: usize = memory.data<u8>([3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12]);
const FLAG_BITS: usize = memory.data<u16>([
  0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff, <u16>FLAGS_MASK, 0xffff,
]);

// The tags that are passed over, as they lie in memory.
const TAG: u32 = swap16(ETHERTYPE_VLAN);
const TAG_QINQ: u32 = swap16(ETHERTYPE_QINQ);
const TAG_QINQ_OLD: u32 = swap16(ETHERTYPE_QINQ_OLD);

// Ways to lay out a frame: by how many bytes its EtherType comes later than in Ethernet; without an
// EtherType, an IP packet from the first byte on; any other.
export const IN_ETHERNET: u32 = 0;
const IN_COOKED: u32 = 2;
const BARE: u32 = 0x100;
export const UNKNOWN: u32 = 0x101;

/** How frames of a link type are laid out. */
export function layoutOf(linkType: u32): u32 {
  switch (linkType) {
    case LINKTYPE_ETHERNET:
      return IN_ETHERNET;
    case LINKTYPE_LINUX_SLL:
      return IN_COOKED;
    case LINKTYPE_RAW:
    case LINKTYPE_RAW_12:
    case LINKTYPE_RAW_14:
      return BARE;
    default:
      return UNKNOWN;
  }
}

/**
 * Writes the TCP and IP columns of `row` from the frame of `captured` bytes at `f`, and returns whether it is
 * straight. Makes no call: V8 keeps nothing in registers across one, and this is the body of a loop. All is
 * counted but frames, IP headers, segments, and verdicts that are GOOD or UNVERIFIED.
 */
// @ts-ignore: decorator
@inline
export function straight(f: u32, captured: u32, shape: u32, row: u32, verify: bool): bool {
  const i1 = row;
  const i2 = row << 1;
  const i4 = row << 2;
  if (shape) {
    if (shape == BARE) {
      f -= IP;
      captured += IP;
    } else {
      if (captured < shape) return false;
      f += shape;
      captured -= shape;
    }
  }
  if (captured < <u32>(TCP_OVER_IPV4 + TCP_HEADER_MIN)) return false;
  let start = load<u32>(f, ETHERTYPE);
  if (shape == BARE) {
    start = (start & 0xffff0000) | ((start & 0xf00000) == 0x600000 ? swap16(ETHERTYPE_IPV6) : swap16(ETHERTYPE_IPV4));
  }
  let tags: u32 = 0;
  if ((start & 0xffffff) != 0x450008 && isTag(start & 0xffff)) {
    // At most two tags: with each one passed, the rest lies as if there were none.
    tags = load16(f + IP);
    f += 4;
    captured -= 4;
    start = load<u32>(f, ETHERTYPE);
    if (isTag(start & 0xffff)) {
      tags = (tags << 16) | load16(f + IP);
      f += 4;
      captured -= 4;
      start = load<u32>(f, ETHERTYPE);
    }
    if (captured < <u32>(TCP_OVER_IPV4 + TCP_HEADER_MIN)) return false;
  }
  let t: u32;
  let length: u32;
  let addresses: v128;
  let version: u32;
  // EtherType, version and header length in one look
  if ((start & 0xffffff) == 0x450008) {
    // no MF, no fragment offset; protocol TCP
    if ((load<u32>(f, IP + 6) & 0xff00ff3f) != 0x06000000) return false;
    t = f + TCP_OVER_IPV4;
    length = load16(f + IP + 2) - 20;
    // Unsigned: a length below a header's is a large one.
    if (length - TCP_HEADER_MIN > captured - (TCP_OVER_IPV4 + TCP_HEADER_MIN)) return false;
    const both = v128.load64_zero(f, IP + 12);
    const swapped = i8x16.swizzle(both, v128.load(WORD_BYTES));
    v128.store32_lane(i4, swapped, 0, SRC);
    v128.store32_lane(i4, swapped, 1, DST);
    addresses = halves(both);
    store<u8>(i1, load<u8>(f, IP + 8), TTL);
    store<u8>(i1, <u8>(start >> 24), TRAFFIC_CLASS);
    version = 4;
  } else if ((start & 0xf0ffff) == 0x60dd86) {
    if (load<u8>(f, IP + 6) != 6) return false;
    if (captured < <u32>(TCP_OVER_IPV6 + TCP_HEADER_MIN)) return false;
    t = f + TCP_OVER_IPV6;
    length = load16(f + IP + 4);
    if (length - TCP_HEADER_MIN > captured - (TCP_OVER_IPV6 + TCP_HEADER_MIN)) return false;
    const source = v128.load(f, IP + 8);
    const destination = v128.load(f, IP + 24);
    const index = load<u32>(STATE_ADDRESSES);
    v128.store(index << 4, source, ADDRESSES);
    v128.store(index << 4, destination, ADDRESSES + 16);
    store<u32>(i4, index, SRC);
    store<u32>(i4, index + 1, DST);
    addresses = i64x2.add(halves(source), halves(destination));
    store<u8>(i1, load<u8>(f, IP + 7), TTL);
    store<u8>(i1, <u8>(load16(f + IP) >> 4), TRAFFIC_CLASS);
    version = 6;
  } else return false;
  const header: u32 = (<u32>load<u8>(t, 12) >> 4) << 2;
  if (header - TCP_HEADER_MIN > length - TCP_HEADER_MIN) return false;
  if (version == 6) store<u32>(STATE_ADDRESSES, load<u32>(STATE_ADDRESSES) + 2);
  if (tags) {
    store<u32>(i4, tags, VLAN);
    store<u32>(STATE_RARE, load<u32>(STATE_RARE) | RARE_VLAN);
  }

  const words = v128.and(i8x16.swizzle(v128.load(t), v128.load(HEADER_BYTES)), v128.load(FLAG_BITS));
  v128.store16_lane(i2, words, 0, SRC_PORT);
  v128.store16_lane(i2, words, 1, DST_PORT);
  v128.store32_lane(i4, words, 1, SEQ);
  v128.store32_lane(i4, words, 2, ACKNOWLEDGMENT);
  v128.store16_lane(i2, words, 6, FLAGS);
  v128.store16_lane(i2, words, 7, WINDOW);
  const tail = i8x16.swizzle(v128.load(t, TCP_CHECKSUM), v128.load(TAIL_BYTES));
  v128.store16_lane(i2, tail, 0, CHECKSUM);
  v128.store16_lane(i2, tail, 1, URGENT);
  store<u32>(i4, t, HEADER_OFFSET);
  store<u32>(i4, length - header, PAYLOAD_LENGTH);
  store<u8>(i1, <u8>header, HEADER_LENGTH);
  store<u8>(i1, <u8>version, IP_VERSION);
  if (header == WITH_TIMESTAMPS && load<u32>(t, TCP_OPTIONS) == PADDED_TIMESTAMPS) {
    v128.store32_lane(i4, tail, 2, TSVAL);
    v128.store32_lane(i4, tail, 3, TSECR);
    store<u16>(i2, 0, MSS);
    store<u8>(i1, 0, WINDOW_SCALE);
    store<u8>(i1, SEEN_TIMESTAMPS, OPTIONS_SEEN);
    store<u8>(i1, 0, SACK_COUNT);
    store<u8>(i1, 0, STATUS);
  } else {
    const status = options(row, t + TCP_OPTIONS, t + header);
    store<u8>(i1, <u8>status, STATUS);
    if (status) count(COUNT_MALFORMED_TCP);
  }
  let verdict: u32 = CHECKSUM_UNVERIFIED;
  if (verify) {
    verdict = CHECKSUM_GOOD;
    const sum = sumWordsOnto(addresses, t, length);
    if (!isWhole(sum + <u64>lengthSum(length))) {
      const pseudo = across(addresses) + <u64>lengthSum(length);
      verdict = fold(pseudo) == <u32>load<u16>(t, TCP_CHECKSUM) ? CHECKSUM_PARTIAL : CHECKSUM_BAD;
      count(COUNT_CHECKSUM + (verdict << 3));
    }
  }
  store<u8>(i1, <u8>verdict, CHECKSUM_STATUS);
  return true;
}

// The rest of the pseudo-header (RFC 9293 3.1, RFC 8200 8.1), up to a multiple of 65535: there, a factor of 256
// swaps the bytes of the length.
// @ts-ignore: decorator
@inline
function lengthSum(length: u32): u32 {
  return (length + IPPROTO_TCP) << 8;
}

// @ts-ignore: decorator
@inline
function isTag(type: u32): bool {
  return type == TAG || type == TAG_QINQ || type == TAG_QINQ_OLD;
}
