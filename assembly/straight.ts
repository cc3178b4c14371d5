// The straight line: Ethernet II, IPv4 without options or IPv6 without extensions, TCP with a header in
// order, nothing fragmented, everything captured. Most frames are that, and each instruction here counts.
// Whatever differs is left to frame.ts, which gives the same columns for these frames too.
import { load16, swapped32 } from "./bytes";
import { sumWords } from "./checksum";
import { count } from "./counters";
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
  WINDOW,
  WINDOW_SCALE,
} from "./layout/columns";
import { COUNT_CHECKSUM, COUNT_MALFORMED_TCP, STATE_ADDRESSES } from "./layout/state";
import { CHECKSUM_UNVERIFIED } from "./layout/status";
import { FLAGS_MASK, TCP_CHECKSUM, TCP_HEADER_MIN, TCP_OPTIONS } from "./layout/wire";
import { readOptions } from "./options";
import { judge, lengthSum } from "./segment";

/** What `straight` returns for a frame that is not. */
export const NOT_STRAIGHT: u32 = 0;

// The frame offsets of this one shape.
const ETHERTYPE = 12;
const IP = 14;
const TCP_OVER_IPV4 = IP + 20;
const TCP_OVER_IPV6 = IP + 40;

// NOP, NOP, Timestamps, 10: how nearly all stacks lay the option out (RFC 7323 appendix A).
const PADDED_TIMESTAMPS: u32 = 0x0a080101;

/**
 * Writes the TCP and IP columns of `row` from the Ethernet frame of `captured` bytes at `f` and returns the
 * IP version, or NOT_STRAIGHT, having written nothing that lasts.
 */
// @ts-ignore: decorator
@inline
export function straight(f: u32, captured: u32, row: u32, verify: bool): u32 {
  if (captured < <u32>(TCP_OVER_IPV4 + TCP_HEADER_MIN)) return NOT_STRAIGHT;
  const i1 = row;
  const i2 = row << 1;
  const i4 = row << 2;
  let t: u32;
  let length: u32;
  let pseudo: u64;
  let version: u32;
  // EtherType, version and header length in one look
  if ((load<u32>(f, ETHERTYPE) & 0xffffff) == 0x450008) {
    // no MF, no fragment offset; protocol TCP
    if ((load<u32>(f, IP + 6) & 0xff00ff3f) != 0x06000000) return NOT_STRAIGHT;
    t = f + TCP_OVER_IPV4;
    length = load16(f + IP + 2) - 20;
    if (length > captured - TCP_OVER_IPV4) return NOT_STRAIGHT;
    const addresses = v128.load64_zero(f, IP + 12);
    const swapped = swapped32(addresses);
    v128.store32_lane(i4, swapped, 0, SRC);
    v128.store32_lane(i4, swapped, 1, DST);
    pseudo = <u64>load<u32>(f, IP + 12) + <u64>load<u32>(f, IP + 16);
    store<u8>(i1, load<u8>(f, IP + 8), TTL);
    store<u8>(i1, load<u8>(f, IP + 1), TRAFFIC_CLASS);
    version = 4;
  } else if ((load<u32>(f, ETHERTYPE) & 0xf0ffff) == 0x60dd86) {
    if (captured < <u32>(TCP_OVER_IPV6 + TCP_HEADER_MIN) || load<u8>(f, IP + 6) != 6) return NOT_STRAIGHT;
    t = f + TCP_OVER_IPV6;
    length = load16(f + IP + 4);
    if (length > captured - TCP_OVER_IPV6) return NOT_STRAIGHT;
    const source = v128.load(f, IP + 8);
    const destination = v128.load(f, IP + 24);
    const index = load<u32>(STATE_ADDRESSES);
    v128.store(index << 4, source, ADDRESSES);
    v128.store(index << 4, destination, ADDRESSES + 16);
    store<u32>(i4, index, SRC);
    store<u32>(i4, index + 1, DST);
    const sum = i64x2.add(
      i64x2.add(i64x2.extend_low_i32x4_u(source), i64x2.extend_high_i32x4_u(source)),
      i64x2.add(i64x2.extend_low_i32x4_u(destination), i64x2.extend_high_i32x4_u(destination)),
    );
    pseudo = <u64>i64x2.extract_lane(sum, 0) + <u64>i64x2.extract_lane(sum, 1);
    store<u8>(i1, load<u8>(f, IP + 7), TTL);
    store<u8>(i1, <u8>(load16(f + IP) >> 4), TRAFFIC_CLASS);
    version = 6;
  } else return NOT_STRAIGHT;
  const header: u32 = (<u32>load<u8>(t, 12) >> 4) << 2;
  if (header < <u32>TCP_HEADER_MIN || header > length) return NOT_STRAIGHT;
  if (version == 6) store<u32>(STATE_ADDRESSES, load<u32>(STATE_ADDRESSES) + 2);

  const ports = load<u32>(t);
  store<u16>(i2, <u16>(((ports & 0xff) << 8) | ((ports >> 8) & 0xff)), SRC_PORT);
  store<u16>(i2, <u16>(((ports >> 8) & 0xff00) | (ports >> 24)), DST_PORT);
  const raw = v128.load(t, 4);
  const words = v128.and(
    i8x16.shuffle(raw, raw, 3, 2, 1, 0, 7, 6, 5, 4, 9, 8, 11, 10, 13, 12, 15, 14),
    i16x8(-1, -1, -1, -1, <i16>FLAGS_MASK, -1, -1, -1),
  );
  v128.store32_lane(i4, words, 0, SEQ);
  v128.store32_lane(i4, words, 1, ACKNOWLEDGMENT);
  v128.store16_lane(i2, words, 4, FLAGS);
  v128.store16_lane(i2, words, 5, WINDOW);
  v128.store16_lane(i2, words, 6, CHECKSUM);
  v128.store16_lane(i2, words, 7, URGENT);
  store<u32>(i4, t, HEADER_OFFSET);
  store<u32>(i4, length - header, PAYLOAD_LENGTH);
  store<u8>(i1, <u8>header, HEADER_LENGTH);
  store<u8>(i1, <u8>version, IP_VERSION);
  if (header == TCP_OPTIONS + 12 && load<u32>(t, TCP_OPTIONS) == PADDED_TIMESTAMPS) {
    const times = swapped32(v128.load64_zero(t, TCP_OPTIONS + 4));
    v128.store32_lane(i4, times, 0, TSVAL);
    v128.store32_lane(i4, times, 1, TSECR);
    store<u16>(i2, 0, MSS);
    store<u8>(i1, 0, WINDOW_SCALE);
    store<u8>(i1, SEEN_TIMESTAMPS, OPTIONS_SEEN);
    store<u8>(i1, 0, SACK_COUNT);
    store<u8>(i1, 0, STATUS);
  } else {
    const status = readOptions(row, t + TCP_OPTIONS, t + header);
    store<u8>(i1, <u8>status, STATUS);
    if (status) count(COUNT_MALFORMED_TCP);
  }
  const verdict: u32 = verify
    ? judge(pseudo + lengthSum(length), sumWords(t, length), <u32>load<u16>(t, TCP_CHECKSUM))
    : CHECKSUM_UNVERIFIED;
  store<u8>(i1, <u8>verdict, CHECKSUM_STATUS);
  count(COUNT_CHECKSUM + (verdict << 3));
  return version;
}
