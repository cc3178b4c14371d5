// The straight line: an EtherType with two VLAN tags at most, or none; IPv4 without options or IPv6 without
// extensions, TCP with a header in order, nothing fragmented, everything captured. Most frames are that, and
// each instruction here counts. Whatever differs is left to frame.ts, which gives the same columns for these
// too.
//
// Columns are written as soon as their values are there, even where the frame may yet prove not straight:
// whoever takes it then writes them again. Usual and rare columns, counters and pools wait until it is certain:
// the usual ones have their value already (batch.ts) and are only written where it is another.
import { load16, swap16 } from "./bytes";
import { fold, isWhole, sumWords, sumWordsOnto } from "./checksum";
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
  PAYLOAD_LENGTH,
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
} from "./layout/columns";
import { COUNT_CHECKSUM, COUNT_MALFORMED_TCP, RARE_VLAN, STATE_ADDRESSES, STATE_RARE } from "./layout/state";
import { CHECKSUM_BAD, CHECKSUM_PARTIAL, CHECKSUM_UNVERIFIED } from "./layout/status";
import { FLAGS_MASK, IPPROTO_TCP, TCP_CHECKSUM, TCP_HEADER_MIN, TCP_OPTIONS } from "./layout/wire";
import { PADDED_TIMESTAMPS, WITH_TIMESTAMPS, options } from "./options";

// Offsets in a frame of Ethernet. Others are looked at as if their EtherType lay there too.
export const ETHERTYPE = 12;
export const IP = 14;
const TCP_OVER_IPV4 = IP + 20;
const TCP_OVER_IPV6 = IP + 40;

// The tags that are passed over, as they lie in memory: 0x9100 differs from 0x8100 in one bit.
const TAG_BIT: u32 = ((ETHERTYPE_VLAN ^ ETHERTYPE_QINQ_OLD) >> 8) & 0xff;
const TAG_EITHER: u32 = ((ETHERTYPE_QINQ_OLD & 0xff) << 8) | (ETHERTYPE_QINQ_OLD >> 8);
const TAG_LEAST: u32 = ((ETHERTYPE_VLAN & 0xff) << 8) | (ETHERTYPE_VLAN >> 8);
const TAG_QINQ: u32 = ((ETHERTYPE_QINQ & 0xff) << 8) | (ETHERTYPE_QINQ >> 8);

// Ways to lay out a frame: by how many bytes its EtherType comes later than in Ethernet; without an
// EtherType, an IP packet from the first byte on; any other.
export const IN_ETHERNET: u32 = 0;
const IN_COOKED: u32 = 2;
export const BARE: u32 = 0x100;
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
  if (mayBeTag(start & 0xffff) && isTag(start & 0xffff)) {
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
  // What the addresses, which lie before the TCP header, add to the checksum: whole lanes, and their high halves.
  let a: v128;
  let b: v128;
  let isIPv6: u32;
  // EtherType, version and header length in one look
  if ((start & 0xffffff) == 0x450008) {
    // no MF, no fragment offset; protocol TCP
    if ((load<u32>(f, IP + 6) & 0xff00ff3f) != 0x06000000) return false;
    t = f + TCP_OVER_IPV4;
    length = load16(f + IP + 2) - 20;
    // Unsigned: a length below a header's is a large one.
    if (length - TCP_HEADER_MIN > captured - (TCP_OVER_IPV4 + TCP_HEADER_MIN)) return false;
    const before = v128.load(f, TCP_OVER_IPV4 - 16);
    const addresses = inOrder(before);
    store<f32>(i4, f32x4.extract_lane(addresses, 2), SRC);
    store<f32>(i4, f32x4.extract_lane(addresses, 3), DST);
    a = v128.and(before, i64x2(0, -1));
    b = i64x2.shr_u(a, 32);
    store<u8>(i1, load<u8>(f, IP + 8), TTL);
    store<u8>(i1, <u8>(start >> 24), TRAFFIC_CLASS);
    isIPv6 = 0;
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
    a = i64x2.add(source, destination);
    b = i64x2.add(i64x2.shr_u(source, 32), i64x2.shr_u(destination, 32));
    store<u8>(i1, load<u8>(f, IP + 7), TTL);
    store<u8>(i1, <u8>(load16(f + IP) >> 4), TRAFFIC_CLASS);
    isIPv6 = 1;
  } else return false;
  const header: u32 = (<u32>load<u8>(t, 12) & 0xf0) >> 2;
  if (header - TCP_HEADER_MIN > length - TCP_HEADER_MIN) return false;
  if (isIPv6) {
    store<u32>(STATE_ADDRESSES, load<u32>(STATE_ADDRESSES) + 2);
    store<u8>(i1, 6, IP_VERSION);
  }
  if (tags) {
    store<u32>(i4, tags, VLAN);
    store<u32>(STATE_RARE, load<u32>(STATE_RARE) | RARE_VLAN);
  }

  store<u32>(i4, t, HEADER_OFFSET);
  store<u32>(i4, length - header, PAYLOAD_LENGTH);
  // A short segment is overread, into SLACK at most.
  const front = v128.load(t);
  const back = v128.load(t, 16);
  const first = inOrder(front);
  const second = inOrder(back);
  const ports = i32x4.extract_lane(first, 0);
  store<u16>(i2, <u16>ports, DST_PORT);
  store<u16>(i2, <u16>(ports >>> 16), SRC_PORT);
  store<f32>(i4, f32x4.extract_lane(first, 1), SEQ);
  store<f32>(i4, f32x4.extract_lane(first, 2), ACKNOWLEDGMENT);
  const control = i32x4.extract_lane(first, 3);
  store<u16>(i2, <u16>control, WINDOW);
  store<u16>(i2, <u16>((control >>> 16) & FLAGS_MASK), FLAGS);
  const sums = i32x4.extract_lane(second, 0);
  store<u16>(i2, <u16>sums, URGENT);
  store<u16>(i2, <u16>(sums >>> 16), CHECKSUM);
  if (((header ^ WITH_TIMESTAMPS) | (load<u32>(t, TCP_OPTIONS) ^ PADDED_TIMESTAMPS)) == 0) {
    store<f32>(i4, f32x4.extract_lane(second, 2), TSVAL);
    store<f32>(i4, f32x4.extract_lane(second, 3), TSECR);
  } else {
    store<u8>(i1, <u8>header, HEADER_LENGTH);
    const status = options(row, t + TCP_OPTIONS, t + header);
    store<u8>(i1, <u8>status, STATUS);
    if (status) count(COUNT_MALFORMED_TCP);
  }
  if (verify) {
    let p = t;
    let n = length;
    if (n >= 32) {
      a = i64x2.add(a, i64x2.add(front, back));
      b = i64x2.add(b, i64x2.add(i64x2.shr_u(front, 32), i64x2.shr_u(back, 32)));
      p += 32;
      n -= 32;
    }
    const sum = sumWordsOnto(a, b, p, n);
    if (!isWhole(sum + <u64>lengthSum(length))) {
      const addresses = isIPv6 ? sumWords(t - 32, 32) : <u64>load<u32>(t - 8) + load<u32>(t - 4);
      const pseudo = addresses + <u64>lengthSum(length);
      const verdict: u32 = fold(pseudo) == <u32>load<u16>(t, TCP_CHECKSUM) ? CHECKSUM_PARTIAL : CHECKSUM_BAD;
      store<u8>(i1, <u8>verdict, CHECKSUM_STATUS);
      count(COUNT_CHECKSUM + (verdict << 3));
    }
  } else store<u8>(i1, <u8>CHECKSUM_UNVERIFIED, CHECKSUM_STATUS);
  return true;
}

// The four words of `v` in the order of this machine. A lane of 32 bits is stored as f32 in straight(), which keeps its
// bits: V8 takes an address with an offset there and not where it stores a lane.
// @ts-ignore: decorator
@inline
function inOrder(v: v128): v128 {
  return i8x16.swizzle(v, i8x16(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12));
}

// The rest of the pseudo-header (RFC 9293 3.1, RFC 8200 8.1), up to a multiple of 65535: there, a factor of 256
// swaps the bytes of the length.
// @ts-ignore: decorator
@inline
function lengthSum(length: u32): u32 {
  return (length + IPPROTO_TCP) << 8;
}

// As they lie in memory, all tags are numbers between IPv4 and IPv6: one comparison leaves out both, so that where they
// come by turns only one branch, further down, has to guess which it is.
// @ts-ignore: decorator
@inline
function mayBeTag(type: u32): bool {
  return type - TAG_LEAST <= TAG_QINQ - TAG_LEAST;
}

/** Whether EtherType, as it lies in memory, is that of a tag that is passed over. */
// @ts-ignore: decorator
@inline
export function isTag(type: u32): bool {
  return (type | TAG_BIT) == TAG_EITHER || type == TAG_QINQ;
}
