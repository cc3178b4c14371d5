import { LINKTYPE_RAW } from "../layout/capture";
import { INTERFACE, SEQ, TIME } from "../layout/columns";
import { MAX_INTERFACES } from "../layout/limits";
import {
  STATE_CONSUMED,
  STATE_ERROR_ADDRESS,
  STATE_ERROR_CODE,
  STATE_NEEDED,
  STATE_STOP,
} from "../layout/state";
import {
  CAPTURE_BLOCK_CONTENT,
  CAPTURE_BLOCK_LENGTH,
  CAPTURE_NO_INTERFACE,
  CAPTURE_RECORD_TOO_LONG,
  STOP_BLOCK,
  STOP_ERROR,
  STOP_NEED_BYTES,
} from "../layout/status";
import { describeInterface, openSection, parseBlocks } from "../pcapng";
import { PACKET, cell16, cell32, clear, put, tail } from "./packets";

const MICROSECONDS: u32 = 6;
// An IPv4 packet with a TCP header, 40 bytes; blocks of it take 72.
const TCP = "45000028 00000000 40060000 0a000001 0a000002 04d20050 01020304 05060708 5018 2000 6694 0000";
// The time of the next block, in its microseconds.
const TICKS: i64 = 1_700_000_000_123_456;
const LITTLE_BLOCK = "06000000 48000000 00000000 240a0600 40222018 28000000 28000000" + TCP + "48000000";

function parse(): u32 {
  return parseBlocks(PACKET, tail(), 0);
}

function time(row: u32): i64 {
  return load<i64>(TIME + (row << 3));
}

// What the block that was put is refused for, at its own address.
function refused(): u32 {
  expect<u32>(parse()).toBe(0);
  expect<u32>(load<u32>(STATE_STOP)).toBe(STOP_ERROR);
  expect<u32>(load<u32>(STATE_ERROR_ADDRESS)).toBe(PACKET);
  return load<u32>(STATE_ERROR_CODE);
}

function openLittle(tsresol: u32): void {
  openSection(false);
  describeInterface(LINKTYPE_RAW, tsresol, 0, 0);
}

describe("pcapng blocks", () => {
  beforeEach(() => {
    clear();
    openLittle(MICROSECONDS);
  });

  it("of enhanced packets in little-endian order fill rows", () => {
    put(LITTLE_BLOCK);
    put(LITTLE_BLOCK);
    expect<u32>(parse()).toBe(2);
    expect(time(0)).toBe(TICKS * 1000);
    expect(time(1)).toBe(TICKS * 1000);
    expect<u32>(cell32(1, SEQ)).toBe(0x01020304);
    expect<u32>(load<u32>(STATE_STOP)).toBe(STOP_NEED_BYTES);
    expect<u32>(load<u32>(STATE_CONSUMED)).toBe(PACKET + 144);
  });

  it("of enhanced packets in big-endian order fill rows", () => {
    openSection(true);
    describeInterface(LINKTYPE_RAW, MICROSECONDS, 0, 0);
    for (let i = 0; i < 2; i++) {
      put("00000006 00000048 00000000 00060a24 18202240 00000028 00000028" + TCP + "00000048");
    }
    expect<u32>(parse()).toBe(2);
    expect(time(0)).toBe(TICKS * 1000);
    expect(time(1)).toBe(TICKS * 1000);
    expect<u32>(cell32(1, SEQ)).toBe(0x01020304);
  });

  it("of an interface that counts in powers of two have their time in nanoseconds", () => {
    openLittle(0x80 | 10);
    put("06000000 48000000 00000000 00000000 00060000 28000000 28000000" + TCP + "48000000");
    put("06000000 48000000 00000000 00000000 01060000 28000000 28000000" + TCP + "48000000");
    expect<u32>(parse()).toBe(2);
    expect(time(0)).toBe(1_500_000_000);
    expect(time(1)).toBe(1_500_976_562);
  });

  it("of an interface with an offset have it added, in seconds", () => {
    openSection(false);
    describeInterface(LINKTYPE_RAW, MICROSECONDS, -2, 0);
    put("06000000 48000000 00000000 00000000 60e31600 28000000 28000000" + TCP + "48000000");
    put("06000000 48000000 00000000 00000000 60e31600 28000000 28000000" + TCP + "48000000");
    expect<u32>(parse()).toBe(2);
    expect(time(0)).toBe(-500_000_000);
    expect(time(1)).toBe(-500_000_000);
  });

  it("name their interface", () => {
    describeInterface(LINKTYPE_RAW, 9, 0, 0);
    put(LITTLE_BLOCK);
    put("06000000 48000000 01000000 00000000 07000000 28000000 28000000" + TCP + "48000000");
    expect<u32>(parse()).toBe(2);
    expect<u32>(cell16(0, INTERFACE)).toBe(0);
    expect<u32>(cell16(1, INTERFACE)).toBe(1);
    expect(time(1)).toBe(7);
  });

  it("of simple packets have no time and as many bytes as the packet had", () => {
    put("03000000 38000000 28000000" + TCP + "38000000");
    expect<u32>(parse()).toBe(1);
    expect(time(0)).toBe(0);
    expect<u32>(cell32(0, SEQ)).toBe(0x01020304);
  });

  it("of a kind that nobody knows are stepped over", () => {
    put("ad0b0000 10000000 00000000 10000000" + LITTLE_BLOCK);
    expect<u32>(parse()).toBe(1);
  });

  it("that the caller interprets end the call in front of them", () => {
    put(LITTLE_BLOCK + "01000000 14000000 01000000 00000000 14000000");
    expect<u32>(parse()).toBe(1);
    expect<u32>(load<u32>(STATE_STOP)).toBe(STOP_BLOCK);
    expect<u32>(load<u32>(STATE_CONSUMED)).toBe(PACKET + 72);
  });

  it("that begin a section in the other order are whole by their own", () => {
    put("0a0d0d0a 0000001c 1a2b3c4d 00010000 ffffffffffffffff 0000001c");
    expect<u32>(parse()).toBe(0);
    expect<u32>(load<u32>(STATE_STOP)).toBe(STOP_BLOCK);
  });

  it("without their last byte ask for all of the block", () => {
    put(LITTLE_BLOCK);
    expect<u32>(parseBlocks(PACKET, tail() - 1, 0)).toBe(0);
    expect<u32>(load<u32>(STATE_STOP)).toBe(STOP_NEED_BYTES);
    expect<u32>(load<u32>(STATE_CONSUMED)).toBe(PACKET);
    expect<u32>(load<u32>(STATE_NEEDED)).toBe(72);
  });

  it("of fewer than 12 bytes are an error", () => {
    put("06000000 08000000 08000000");
    expect<u32>(refused()).toBe(CAPTURE_BLOCK_LENGTH);
  });

  it("of a length that is no multiple of 4 are an error", () => {
    put("06000000 0d000000 00 0d000000 000000");
    expect<u32>(refused()).toBe(CAPTURE_BLOCK_LENGTH);
  });

  it("whose two lengths differ are an error", () => {
    put("ad0b0000 10000000 00000000 14000000");
    expect<u32>(refused()).toBe(CAPTURE_BLOCK_LENGTH);
  });

  it("whose two lengths differ behind others in a run are an error as well", () => {
    put(LITTLE_BLOCK + LITTLE_BLOCK);
    put("06000000 48000000 00000000 240a0600 40222018 28000000 28000000" + TCP + "4c000000");
    expect<u32>(parse()).toBe(2);
    expect<u32>(load<u32>(STATE_ERROR_CODE)).toBe(CAPTURE_BLOCK_LENGTH);
    expect<u32>(load<u32>(STATE_ERROR_ADDRESS)).toBe(PACKET + 144);
  });

  it("longer than any link delivers are an error", () => {
    put("06000000 04000001 00000000");
    expect<u32>(refused()).toBe(CAPTURE_RECORD_TOO_LONG);
  });

  it("too short for the packet that they hold are an error", () => {
    put("06000000 48000000 00000000 00000000 00000000 29000000 29000000" + TCP + "48000000");
    expect<u32>(refused()).toBe(CAPTURE_BLOCK_CONTENT);
  });

  it("too short for a packet at all are an error", () => {
    put("06000000 10000000 00000000 10000000");
    expect<u32>(refused()).toBe(CAPTURE_BLOCK_CONTENT);
  });

  it("of an interface that was not described are an error", () => {
    put("06000000 48000000 01000000 00000000 00000000 28000000 28000000" + TCP + "48000000");
    expect<u32>(refused()).toBe(CAPTURE_NO_INTERFACE);
  });

  it("of the interfaces of an earlier section are an error", () => {
    openSection(false);
    put(LITTLE_BLOCK);
    expect<u32>(refused()).toBe(CAPTURE_NO_INTERFACE);
  });

  it("may describe only so many interfaces", () => {
    for (let i = 1; i < MAX_INTERFACES; i++) expect(describeInterface(LINKTYPE_RAW, 6, 0, 0)).toBe(true);
    expect(describeInterface(LINKTYPE_RAW, 6, 0, 0)).toBe(false);
  });
});
