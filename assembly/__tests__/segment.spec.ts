import {
  ACKNOWLEDGMENT,
  CHECKSUM_STATUS,
  DST,
  DST_PORT,
  FLAGS,
  HEADER_LENGTH,
  MISSING,
  OPTIONS_SEEN,
  PAYLOAD_LENGTH,
  SEQ,
  SRC,
  SRC_PORT,
  STATUS,
  TTL,
  URGENT,
  WINDOW,
} from "../layout/columns";
import { COUNT_MALFORMED_TCP, COUNT_TCP } from "../layout/state";
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
} from "../layout/status";
import { ipHeader, setFragmented, setVerify, writeSegment } from "../segment";
import { PACKET, cell16, cell32, cell8, clear, counter, put } from "./packets";

const ROW: u32 = 2;
const ADDRESSES: u32 = 8;

// From 10.0.0.1 to 10.0.0.2; the packet's first 8 bytes are the addresses.
function open(): u32 {
  put("0a000001 0a000002");
  ipHeader(4, PACKET, PACKET + 4, 64, 0);
  return PACKET + ADDRESSES;
}

const HELLO = "04d20050 01020304 05060708 5018 2000 22bd 0000 68656c6c6f";

// The status of a segment of `length` bytes of which `have` are there.
function write(length: u32, have: u32): u32 {
  store<u32>(MISSING + (ROW << 2), 0);
  expect(writeSegment(ROW, PACKET + ADDRESSES, length, have)).toBe(true);
  return cell8(ROW, STATUS);
}

describe("a TCP segment", () => {
  beforeEach(() => {
    clear();
    setVerify(true);
    open();
  });

  it("in order fills its row", () => {
    put(HELLO);
    expect<u32>(write(25, 25)).toBe(SEGMENT_OK);
    expect<u32>(cell32(ROW, SRC)).toBe(0x0a000001);
    expect<u32>(cell32(ROW, DST)).toBe(0x0a000002);
    expect<u32>(cell16(ROW, SRC_PORT)).toBe(1234);
    expect<u32>(cell16(ROW, DST_PORT)).toBe(80);
    expect<u32>(cell32(ROW, SEQ)).toBe(0x01020304);
    expect<u32>(cell32(ROW, ACKNOWLEDGMENT)).toBe(0x05060708);
    expect<u32>(cell16(ROW, FLAGS)).toBe(0x018);
    expect<u32>(cell16(ROW, WINDOW)).toBe(0x2000);
    expect<u32>(cell16(ROW, URGENT)).toBe(0);
    expect<u32>(cell8(ROW, HEADER_LENGTH)).toBe(20);
    expect<u32>(cell32(ROW, PAYLOAD_LENGTH)).toBe(5);
    expect<u32>(cell8(ROW, TTL)).toBe(64);
    expect<u32>(cell8(ROW, CHECKSUM_STATUS)).toBe(CHECKSUM_GOOD);
    expect(counter(COUNT_TCP)).toBe(1);
    expect(counter(COUNT_MALFORMED_TCP)).toBe(0);
  });

  it("with one bit changed has a bad checksum", () => {
    const t = put(HELLO);
    store<u8>(t + 24, 0x6e);
    write(25, 25);
    expect<u32>(cell8(ROW, CHECKSUM_STATUS)).toBe(CHECKSUM_BAD);
  });

  it("whose checksum was left to the network card has the pseudo-header's sum", () => {
    put("04d20050 01020304 05060708 5018 2000 1422 0000 68656c6c6f");
    write(25, 25);
    expect<u32>(cell8(ROW, CHECKSUM_STATUS)).toBe(CHECKSUM_PARTIAL);
  });

  it("is not verified when that is off", () => {
    put(HELLO);
    setVerify(false);
    write(25, 25);
    expect<u32>(cell8(ROW, CHECKSUM_STATUS)).toBe(CHECKSUM_UNVERIFIED);
  });

  it("keeps the reserved bits and AE among the flags, and not the data offset", () => {
    put("04d20050 01020304 05060708 5fff 2000 0000 0000");
    write(20, 20);
    expect<u32>(cell16(ROW, FLAGS)).toBe(0xfff);
    expect<u32>(cell8(ROW, HEADER_LENGTH)).toBe(20);
  });

  it("of three bytes is no row", () => {
    put("04d200");
    expect(writeSegment(ROW, PACKET + ADDRESSES, 20, 3)).toBe(false);
    expect(counter(COUNT_TCP)).toBe(0);
  });

  it("of which four bytes are there has its ports and nothing from behind them", () => {
    put(HELLO);
    expect<u32>(write(25, 4)).toBe(SEGMENT_HEADER_TRUNCATED);
    expect<u32>(cell16(ROW, SRC_PORT)).toBe(1234);
    expect<u32>(cell16(ROW, DST_PORT)).toBe(80);
    expect<u32>(cell32(ROW, SEQ)).toBe(0);
    expect<u32>(cell32(ROW, ACKNOWLEDGMENT)).toBe(0);
    expect<u32>(cell16(ROW, FLAGS)).toBe(0);
    expect<u32>(cell16(ROW, WINDOW)).toBe(0);
    expect<u32>(cell8(ROW, HEADER_LENGTH)).toBe(0);
    expect<u32>(cell8(ROW, CHECKSUM_STATUS)).toBe(CHECKSUM_UNVERIFIED);
    expect<u32>(cell32(ROW, MISSING)).toBe(16);
  });

  it("of which 19 bytes are there has all but the urgent pointer", () => {
    put("04d20050 01020304 05060708 5018 2000 22bd ffff");
    expect<u32>(write(20, 19)).toBe(SEGMENT_HEADER_TRUNCATED);
    expect<u32>(cell16(ROW, WINDOW)).toBe(0x2000);
    expect<u32>(cell16(ROW, URGENT)).toBe(0);
    expect<u32>(cell32(ROW, MISSING)).toBe(1);
  });

  it("cut inside its sequence number has none", () => {
    put(HELLO);
    write(25, 7);
    expect<u32>(cell32(ROW, SEQ)).toBe(0);
    write(25, 8);
    expect<u32>(cell32(ROW, SEQ)).toBe(0x01020304);
  });

  it("with a data offset of 4 is malformed and its payload unknown", () => {
    put("04d20050 01020304 05060708 4018 2000 22bd 0000 68656c6c6f");
    expect<u32>(write(25, 25)).toBe(SEGMENT_OFFSET_SMALL);
    expect<u32>(cell8(ROW, HEADER_LENGTH)).toBe(16);
    expect<u32>(cell32(ROW, PAYLOAD_LENGTH)).toBe(0);
    expect<u32>(cell8(ROW, CHECKSUM_STATUS)).toBe(CHECKSUM_UNVERIFIED);
    expect(counter(COUNT_MALFORMED_TCP)).toBe(1);
  });

  it("with a data offset of 0 is malformed in the same way", () => {
    put("04d20050 01020304 05060708 0018 2000 22bd 0000");
    expect<u32>(write(20, 20)).toBe(SEGMENT_OFFSET_SMALL);
    expect<u32>(cell8(ROW, HEADER_LENGTH)).toBe(0);
  });

  it("with a data offset past its end has no payload and no option from behind it", () => {
    put("04d20050 01020304 05060708 6018 2000 22bd 0000 020405b4");
    expect<u32>(write(20, 20)).toBe(SEGMENT_OFFSET_PAST_END);
    expect<u32>(cell32(ROW, PAYLOAD_LENGTH)).toBe(0);
    expect<u32>(cell8(ROW, OPTIONS_SEEN)).toBe(0);
    expect(counter(COUNT_MALFORMED_TCP)).toBe(1);
  });

  it("whose data offset is its very end is in order", () => {
    put("04d20050 01020304 05060708 6018 2000 0000 0000 020405b4");
    expect<u32>(write(24, 24)).toBe(SEGMENT_OK);
    expect<u32>(cell32(ROW, PAYLOAD_LENGTH)).toBe(0);
    expect<u32>(cell8(ROW, OPTIONS_SEEN)).toBe(1);
  });

  it("cut inside its options is cut, not malformed there", () => {
    put("04d20050 01020304 05060708 6018 2000 0000 0000 020405b4");
    expect<u32>(write(24, 23)).toBe(SEGMENT_HEADER_TRUNCATED);
    expect<u32>(cell32(ROW, MISSING)).toBe(1);
  });

  it("whole, with an option past its header, is malformed there", () => {
    put("04d20050 01020304 05060708 6018 2000 0000 0000 020505b4 00");
    expect<u32>(write(25, 25)).toBe(SEGMENT_OPTION_PAST_END);
    expect<u32>(cell32(ROW, PAYLOAD_LENGTH)).toBe(1);
  });

  it("whose payload the snapshot length cut says how much is missing, and is not malformed", () => {
    put(HELLO);
    expect<u32>(write(1020, 25)).toBe(SEGMENT_PAYLOAD_TRUNCATED);
    expect<u32>(cell32(ROW, PAYLOAD_LENGTH)).toBe(1000);
    expect<u32>(cell32(ROW, MISSING)).toBe(995);
    expect<u32>(cell8(ROW, CHECKSUM_STATUS)).toBe(CHECKSUM_UNVERIFIED);
    expect(counter(COUNT_MALFORMED_TCP)).toBe(0);
  });

  it("in a first fragment alone is not verified", () => {
    put(HELLO);
    setFragmented();
    expect<u32>(write(25, 25)).toBe(SEGMENT_FIRST_FRAGMENT);
    expect<u32>(cell8(ROW, CHECKSUM_STATUS)).toBe(CHECKSUM_UNVERIFIED);
  });
});
