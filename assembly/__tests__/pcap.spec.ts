import { LINKTYPE_RAW, PCAP_CAPTURED_FIRST, PCAP_LENGTH_FIRST, PCAP_SMALLER_CAPTURED } from "../layout/capture";
import { FRAME, FRAME_CAPTURED, FRAME_LENGTH, FRAME_OFFSET, SEQ, TIME } from "../layout/columns";
import { MAX_RECORD } from "../layout/limits";
import {
  COUNT_CUT,
  COUNT_FRAMES,
  STATE_CONSUMED,
  STATE_ERROR_ADDRESS,
  STATE_ERROR_CODE,
  STATE_NEEDED,
  STATE_STOP,
} from "../layout/state";
import { CAPTURE_RECORD_TOO_LONG, STOP_ERROR, STOP_NEED_BYTES } from "../layout/status";
import { configure, parseRecords } from "../pcap";
import { PACKET, cell32, clear, counter, put, tail } from "./packets";

const LITTLE = false;
const BIG = true;
const MICROSECONDS: u32 = 1000;
const NANOSECONDS: u32 = 1;
const HEADER: u32 = 16;

// An IPv4 packet with a TCP header, 40 bytes, and the same with UDP, which makes no row.
const TCP = "45000028 00000000 40060000 0a000001 0a000002 04d20050 01020304 05060708 5018 2000 6694 0000";
const UDP = "45000028 00000000 40110000 0a000001 0a000002 04d20050 00140000 05060708 5018 2000 6694 0000";

function parse(): u32 {
  return parseRecords(PACKET, tail(), 0);
}

function time(row: u32): i64 {
  return load<i64>(TIME + (row << 3));
}

describe("pcap records", () => {
  beforeEach(clear);

  it("in little-endian order and microseconds fill rows", () => {
    configure(LITTLE, MICROSECONDS, LINKTYPE_RAW, HEADER);
    put("00f15365 40e20100 28000000 28000000" + TCP);
    put("01f15365 40e20100 28000000 28000000" + TCP);
    expect<u32>(parse()).toBe(2);
    expect(time(0)).toBe(1_700_000_000_123_456_000);
    expect(time(1)).toBe(1_700_000_001_123_456_000);
    expect<u32>(cell32(0, SEQ)).toBe(0x01020304);
    expect<u32>(cell32(1, SEQ)).toBe(0x01020304);
  });

  it("have their lengths in the order that the caller says", () => {
    const CUT: string = "00f15365 40e20100 28000000 00010000" + TCP;
    const CUT_BEFORE: string = "00f15365 40e20100 00010000 28000000" + TCP;
    configure(LITTLE, MICROSECONDS, LINKTYPE_RAW, HEADER, PCAP_CAPTURED_FIRST);
    put(CUT);
    put(CUT);
    expect<u32>(parse()).toBe(2);
    for (let row = 0; row < 2; row++) expect<u32>(cell32(row, FRAME_CAPTURED)).toBe(40);
    for (let row = 0; row < 2; row++) expect<u32>(cell32(row, FRAME_LENGTH)).toBe(256);

    clear();
    configure(LITTLE, MICROSECONDS, LINKTYPE_RAW, HEADER, PCAP_LENGTH_FIRST);
    put(CUT_BEFORE);
    put(CUT_BEFORE);
    expect<u32>(parse()).toBe(2);
    for (let row = 0; row < 2; row++) expect<u32>(cell32(row, FRAME_CAPTURED)).toBe(40);
    for (let row = 0; row < 2; row++) expect<u32>(cell32(row, FRAME_LENGTH)).toBe(256);

    clear();
    configure(LITTLE, MICROSECONDS, LINKTYPE_RAW, HEADER, PCAP_SMALLER_CAPTURED);
    put(CUT);
    put(CUT_BEFORE);
    expect<u32>(parse()).toBe(2);
    for (let row = 0; row < 2; row++) expect<u32>(cell32(row, FRAME_CAPTURED)).toBe(40);
    for (let row = 0; row < 2; row++) expect<u32>(cell32(row, FRAME_LENGTH)).toBe(256);
  });

  it("in little-endian order and nanoseconds fill rows", () => {
    configure(LITTLE, NANOSECONDS, LINKTYPE_RAW, HEADER);
    put("00f15365 15cd5b07 28000000 28000000" + TCP);
    expect<u32>(parse()).toBe(1);
    expect(time(0)).toBe(1_700_000_000_123_456_789);
  });

  it("in big-endian order and microseconds fill rows", () => {
    configure(BIG, MICROSECONDS, LINKTYPE_RAW, HEADER);
    put("6553f100 0001e240 00000028 00000028" + TCP);
    put("6553f101 0001e240 00000028 00000028" + TCP);
    expect<u32>(parse()).toBe(2);
    expect(time(0)).toBe(1_700_000_000_123_456_000);
    expect(time(1)).toBe(1_700_000_001_123_456_000);
    expect<u32>(cell32(1, SEQ)).toBe(0x01020304);
  });

  it("in big-endian order and nanoseconds fill rows", () => {
    configure(BIG, NANOSECONDS, LINKTYPE_RAW, HEADER);
    put("6553f100 075bcd15 00000028 00000028" + TCP);
    expect<u32>(parse()).toBe(1);
    expect(time(0)).toBe(1_700_000_000_123_456_789);
  });

  it("after 2038 have times that go on", () => {
    configure(LITTLE, MICROSECONDS, LINKTYPE_RAW, HEADER);
    put("ffffffff 00000000 28000000 28000000" + TCP);
    expect<u32>(parse()).toBe(1);
    expect(time(0)).toBe(4_294_967_295_000_000_000);
  });

  it("say where their frames lie, and number them by what was read, not by rows", () => {
    configure(LITTLE, MICROSECONDS, LINKTYPE_RAW, HEADER);
    put("00f15365 00000000 28000000 28000000" + UDP);
    put("00f15365 00000000 28000000 e8030000" + TCP);
    expect<u32>(parse()).toBe(1);
    expect<u32>(cell32(0, FRAME)).toBe(2);
    expect<u32>(cell32(0, FRAME_OFFSET)).toBe(PACKET + 56 + 16);
    expect<u32>(cell32(0, FRAME_CAPTURED)).toBe(40);
    expect<u32>(cell32(0, FRAME_LENGTH)).toBe(1000);
    expect(counter(COUNT_FRAMES)).toBe(2);
    expect(counter(COUNT_CUT)).toBe(1);
  });

  it("with longer headers, as one modified libpcap wrote, are read behind them", () => {
    configure(LITTLE, MICROSECONDS, LINKTYPE_RAW, 24);
    put("00f15365 00000000 28000000 28000000 02000000 00080000" + TCP);
    expect<u32>(parse()).toBe(1);
    expect<u32>(cell32(0, SEQ)).toBe(0x01020304);
  });

  it("whose header is not all there ask for it", () => {
    configure(LITTLE, MICROSECONDS, LINKTYPE_RAW, HEADER);
    put("00f15365 00000000 28000000 28000000" + TCP);
    put("00f15365 00000000 28000000 280000");
    expect<u32>(parse()).toBe(1);
    expect<u32>(load<u32>(STATE_STOP)).toBe(STOP_NEED_BYTES);
    expect<u32>(load<u32>(STATE_CONSUMED)).toBe(PACKET + 56);
    expect<u32>(load<u32>(STATE_NEEDED)).toBe(16);
  });

  it("whose last byte is not there ask for all of the record, and count nothing", () => {
    configure(LITTLE, MICROSECONDS, LINKTYPE_RAW, HEADER);
    put("00f15365 00000000 28000000 28000000" + TCP);
    expect<u32>(parseRecords(PACKET, tail() - 1, 0)).toBe(0);
    expect<u32>(load<u32>(STATE_STOP)).toBe(STOP_NEED_BYTES);
    expect<u32>(load<u32>(STATE_CONSUMED)).toBe(PACKET);
    expect<u32>(load<u32>(STATE_NEEDED)).toBe(56);
    expect(counter(COUNT_FRAMES)).toBe(0);
  });

  it("whose last byte is not there end a run of others before them", () => {
    configure(LITTLE, MICROSECONDS, LINKTYPE_RAW, HEADER);
    for (let i = 0; i < 3; i++) put("00f15365 00000000 28000000 28000000" + TCP);
    expect<u32>(parseRecords(PACKET, tail() - 1, 0)).toBe(2);
    expect<u32>(load<u32>(STATE_STOP)).toBe(STOP_NEED_BYTES);
    expect<u32>(load<u32>(STATE_CONSUMED)).toBe(PACKET + 112);
    expect<u32>(load<u32>(STATE_NEEDED)).toBe(56);
    expect(counter(COUNT_FRAMES)).toBe(2);
  });

  it("longer than any link delivers are an error where they start", () => {
    configure(LITTLE, MICROSECONDS, LINKTYPE_RAW, HEADER);
    put("00f15365 00000000 28000000 28000000" + TCP);
    put("00f15365 00000000 01000001 01000001");
    expect<u32>(parse()).toBe(1);
    expect<u32>(load<u32>(STATE_STOP)).toBe(STOP_ERROR);
    expect<u32>(load<u32>(STATE_ERROR_CODE)).toBe(CAPTURE_RECORD_TOO_LONG);
    expect<u32>(load<u32>(STATE_ERROR_ADDRESS)).toBe(PACKET + 56);
  });

  it("just as long as is believed ask for their bytes", () => {
    configure(LITTLE, MICROSECONDS, LINKTYPE_RAW, HEADER);
    put("00f15365 00000000 00000001 00000001");
    expect<u32>(parse()).toBe(0);
    expect<u32>(load<u32>(STATE_STOP)).toBe(STOP_NEED_BYTES);
    expect<u32>(load<u32>(STATE_NEEDED)).toBe(MAX_RECORD + 16);
  });
});
