// One TCP header into the columns of one row, whatever state it is in. The loop of batch.ts has a
// straight-line version for headers in order; both give the same columns.
import { load16, load32 } from "./bytes";
import { fold, sumWords, sumWordsCalled } from "./checksum";
import { count } from "./counters";
import { learn } from "./known";
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
  MISSING,
  MSS,
  OPTIONS_SEEN,
  PAYLOAD_LENGTH,
  SACK_COUNT,
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
import {
  COUNT_CHECKSUM,
  COUNT_MALFORMED_TCP,
  COUNT_TCP,
  RARE_MISSING,
  STATE_ADDRESSES,
  STATE_RARE,
} from "./layout/state";
import {
  CHECKSUM_BAD,
  CHECKSUM_GOOD,
  CHECKSUM_PARTIAL,
  CHECKSUM_UNVERIFIED,
  SEGMENT_FIRST_FRAGMENT,
  SEGMENT_HEADER_TRUNCATED,
  SEGMENT_OFFSET_PAST_END,
  SEGMENT_OFFSET_SMALL,
  SEGMENT_OK,
  SEGMENT_OPTION_PAST_END,
  SEGMENT_PAYLOAD_TRUNCATED,
} from "./layout/status";
import {
  FLAGS_MASK,
  IPPROTO_TCP,
  TCP_ACK,
  TCP_CHECKSUM,
  TCP_DST_PORT,
  TCP_HEADER_MIN,
  TCP_OFFSET_FLAGS,
  TCP_OPTIONS,
  TCP_SEQ,
  TCP_SRC_PORT,
  TCP_URGENT,
  TCP_WINDOW,
} from "./layout/wire";
import { readOptions } from "./options";

// The IP header around the segment, left here by ip.ts.
export let ipVersion: u32 = 0;
export let ipSource: u32 = 0; // address of the address
export let ipDestination: u32 = 0;
// What the pseudo-header takes (RFC 8200 8.1): not the header's own where IPv6 is routed or away from home.
export let pseudoSource: u32 = 0;
export let pseudoDestination: u32 = 0;
export let hopLimit: u32 = 0;
export let trafficClass: u32 = 0;
export let fragmented: bool = false;

export let verifyChecksums: bool = true;

export function setVerify(on: bool): void {
  verifyChecksums = on;
}

export function ipHeader(version: u32, source: u32, destination: u32, hops: u32, traffic: u32): void {
  ipVersion = version;
  ipSource = pseudoSource = source;
  ipDestination = pseudoDestination = destination;
  hopLimit = hops;
  trafficClass = traffic;
  fragmented = false;
}

export function setDestination(address: u32): void {
  ipDestination = pseudoDestination = address;
}

export function setPseudoSource(address: u32): void {
  pseudoSource = address;
}

export function setPseudoDestination(address: u32): void {
  pseudoDestination = address;
}

export function setFragmented(): void {
  fragmented = true;
}

/**
 * Writes the TCP columns of `row` for the segment of `length` bytes on the wire at `t`, of which `have` are
 * in memory. Four bytes, the ports, are the least that makes a row. Returns false when they are not there.
 */
export function writeSegment(row: u32, t: u32, length: u32, have: u32): bool {
  if (have < 4) return false;
  const i2 = row << 1;
  const i4 = row << 2;
  store<u32>(i4, t, HEADER_OFFSET);
  writeAddresses(row);
  store<u16>(i2, <u16>load16(t + TCP_SRC_PORT), SRC_PORT);
  store<u16>(i2, <u16>load16(t + TCP_DST_PORT), DST_PORT);
  store<u32>(i4, have >= 8 ? load32(t + TCP_SEQ) : 0, SEQ);
  store<u32>(i4, have >= 12 ? load32(t + TCP_ACK) : 0, ACKNOWLEDGMENT);
  const word = have >= 14 ? load16(t + TCP_OFFSET_FLAGS) : 0;
  store<u16>(i2, <u16>(word & FLAGS_MASK), FLAGS);
  store<u16>(i2, <u16>(have >= 16 ? load16(t + TCP_WINDOW) : 0), WINDOW);
  store<u16>(i2, <u16>(have >= 18 ? load16(t + TCP_CHECKSUM) : 0), CHECKSUM);
  store<u16>(i2, <u16>(have >= 20 ? load16(t + TCP_URGENT) : 0), URGENT);
  const headerLength = have >= 13 ? (<u32>load<u8>(t + TCP_OFFSET_FLAGS) >> 4) << 2 : 0;
  store<u8>(row, <u8>headerLength, HEADER_LENGTH);

  const known = headerLength >= <u32>TCP_HEADER_MIN && headerLength <= length;
  const payload = known ? length - headerLength : 0;
  store<u32>(i4, payload, PAYLOAD_LENGTH);
  noteMissing(row, max<u32>(headerLength, TCP_HEADER_MIN) + payload, have);

  let status: u32 = SEGMENT_OK;
  if (have < <u32>TCP_HEADER_MIN || headerLength < <u32>TCP_HEADER_MIN) {
    clearOptions(row);
    if (headerLength > length) status = SEGMENT_OFFSET_PAST_END;
    else status = have < <u32>TCP_HEADER_MIN ? SEGMENT_HEADER_TRUNCATED : SEGMENT_OFFSET_SMALL;
  } else {
    // The first malformation in the order of the bytes: offset, options, then where the bytes end.
    const options = readOptions(row, t + TCP_OPTIONS, t + min(headerLength, have));
    if (!options && headerLength <= have) learn(t + TCP_OPTIONS, t + headerLength);
    if (headerLength > length) status = SEGMENT_OFFSET_PAST_END;
    else if (headerLength > have && (!options || options == SEGMENT_OPTION_PAST_END)) {
      status = SEGMENT_HEADER_TRUNCATED;
    } else if (options) status = options;
    else if (fragmented) status = SEGMENT_FIRST_FRAGMENT;
    else if (have < length) status = SEGMENT_PAYLOAD_TRUNCATED;
  }
  let verdict: u32 = CHECKSUM_UNVERIFIED;
  const covered = have == length && length >= <u32>TCP_CHECKSUM + 2 && !fragmented;
  if (verifyChecksums && covered && status != SEGMENT_OFFSET_SMALL) {
    verdict = judge(pseudoHeaderSum(length), sumWordsCalled(t, length), <u32>load<u16>(t + TCP_CHECKSUM));
  }
  store<u8>(row, <u8>verdict, CHECKSUM_STATUS);
  count(COUNT_CHECKSUM + (verdict << 3));
  store<u8>(row, <u8>status, STATUS);
  count(COUNT_TCP);
  if (status && status != SEGMENT_PAYLOAD_TRUNCATED) count(COUNT_MALFORMED_TCP);
  return true;
}

/**
 * The verdict on a stored checksum (`stored`, as loaded little-endian) from the sum of the pseudo-header
 * and the sum of the whole segment. Offload leaves the pseudo-header's sum in the field, not complemented.
 */
// @ts-ignore: decorator
@inline
export function judge(pseudo: u64, segment: u64, stored: u32): u32 {
  if (fold(pseudo + segment) == 0xffff) return CHECKSUM_GOOD;
  return fold(pseudo) == stored ? CHECKSUM_PARTIAL : CHECKSUM_BAD;
}

// RFC 9293 3.1 and RFC 8200 8.1: addresses, protocol and a 32-bit length, in any order.
function pseudoHeaderSum(length: u32): u64 {
  const bytes: u32 = ipVersion == 4 ? 4 : 16;
  return sumWords(pseudoSource, bytes) + sumWords(pseudoDestination, bytes) + lengthSum(length);
}

/** What the length and the protocol TCP add to a little-endian sum. */
// @ts-ignore: decorator
@inline
export function lengthSum(length: u32): u64 {
  return <u64>bswap<u32>(length) + (IPPROTO_TCP << 8);
}

function noteMissing(row: u32, wanted: u32, have: u32): void {
  if (have >= wanted) return;
  store<u32>(row << 2, wanted - have, MISSING);
  store<u32>(STATE_RARE, load<u32>(STATE_RARE) | RARE_MISSING);
}

function writeAddresses(row: u32): void {
  if (ipVersion == 4) {
    store<u32>(row << 2, load32(ipSource), SRC);
    store<u32>(row << 2, load32(ipDestination), DST);
  } else {
    const index = load<u32>(STATE_ADDRESSES);
    v128.store(index << 4, v128.load(ipSource), ADDRESSES);
    v128.store(index << 4, v128.load(ipDestination), ADDRESSES + 16);
    store<u32>(row << 2, index, SRC);
    store<u32>(row << 2, index + 1, DST);
    store<u32>(STATE_ADDRESSES, index + 2);
  }
  store<u8>(row, <u8>ipVersion, IP_VERSION);
  store<u8>(row, <u8>hopLimit, TTL);
  store<u8>(row, <u8>trafficClass, TRAFFIC_CLASS);
}

function clearOptions(row: u32): void {
  store<u32>(row << 2, 0, TSVAL);
  store<u32>(row << 2, 0, TSECR);
  store<u16>(row << 1, 0, MSS);
  store<u8>(row, 0, WINDOW_SCALE);
  store<u8>(row, 0, OPTIONS_SEEN);
  store<u8>(row, 0, SACK_COUNT);
}
