import {
  MSS,
  OPTIONS_SEEN,
  SACK_COUNT,
  SACK_EDGES,
  SACK_START,
  SEEN_MALFORMED,
  SEEN_MSS,
  SEEN_OTHER,
  SEEN_SACK,
  SEEN_SACK_PERMITTED,
  SEEN_TIMESTAMPS,
  SEEN_WINDOW_SCALE,
  TSECR,
  TSVAL,
  WINDOW_SCALE,
} from "../layout/columns";
import { STATE_SACK_BLOCKS } from "../layout/state";
import {
  SEGMENT_OK,
  SEGMENT_OPTION_LENGTH_SMALL,
  SEGMENT_OPTION_LENGTH_WRONG,
  SEGMENT_OPTION_PAST_END,
} from "../layout/status";
import { readOptions } from "../options";
import { PACKET, cell16, cell32, cell8, clear, put, tail } from "./packets";

const ROW: u32 = 5;

// Reads what was put so far as the options of ROW, whose columns hold other values before.
function read(): u32 {
  return readUntil(tail());
}

function readUntil(end: u32): u32 {
  store<u32>(TSVAL + (ROW << 2), 0xdeadbeef);
  store<u32>(TSECR + (ROW << 2), 0xdeadbeef);
  store<u16>(MSS + (ROW << 1), 0xdead);
  store<u8>(WINDOW_SCALE + ROW, 0xde);
  store<u8>(OPTIONS_SEEN + ROW, 0xde);
  store<u8>(SACK_COUNT + ROW, 0xde);
  return readOptions(ROW, PACKET, end);
}

function seen(): u32 {
  return cell8(ROW, OPTIONS_SEEN);
}

describe("TCP options", () => {
  beforeEach(clear);

  it("that are absent leave every column zero", () => {
    expect<u32>(read()).toBe(SEGMENT_OK);
    expect<u32>(seen()).toBe(0);
    expect<u32>(cell32(ROW, TSVAL)).toBe(0);
    expect<u32>(cell32(ROW, TSECR)).toBe(0);
    expect<u32>(cell16(ROW, MSS)).toBe(0);
    expect<u32>(cell8(ROW, WINDOW_SCALE)).toBe(0);
    expect<u32>(cell8(ROW, SACK_COUNT)).toBe(0);
  });

  it("in the usual layout give the timestamps at once", () => {
    put("0101 080a 01020304 f0f1f2f3");
    expect<u32>(read()).toBe(SEGMENT_OK);
    expect<u32>(seen()).toBe(SEEN_TIMESTAMPS);
    expect<u32>(cell32(ROW, TSVAL)).toBe(0x01020304);
    expect<u32>(cell32(ROW, TSECR)).toBe(0xf0f1f2f3);
  });

  it("give the same timestamps in another layout", () => {
    put("080a 01020304 f0f1f2f3 0101");
    expect<u32>(read()).toBe(SEGMENT_OK);
    expect<u32>(seen()).toBe(SEEN_TIMESTAMPS);
    expect<u32>(cell32(ROW, TSVAL)).toBe(0x01020304);
    expect<u32>(cell32(ROW, TSECR)).toBe(0xf0f1f2f3);
  });

  it("in the usual layout, cut after eleven bytes, give no timestamps", () => {
    put("0101 080a 01020304 f0f1f2f3");
    expect<u32>(readUntil(PACKET + 11)).toBe(SEGMENT_OPTION_PAST_END);
    expect<u32>(seen()).toBe(SEEN_MALFORMED);
    expect<u32>(cell32(ROW, TSVAL)).toBe(0);
  });

  it("of a SYN as Linux sends it are all read", () => {
    put("0204 05b4 0402 080a 00000007 00000000 01 030307");
    expect<u32>(read()).toBe(SEGMENT_OK);
    expect<u32>(seen()).toBe(SEEN_MSS | SEEN_SACK_PERMITTED | SEEN_TIMESTAMPS | SEEN_WINDOW_SCALE);
    expect<u32>(cell16(ROW, MSS)).toBe(1460);
    expect<u32>(cell32(ROW, TSVAL)).toBe(7);
    expect<u32>(cell8(ROW, WINDOW_SCALE)).toBe(7);
  });

  it("keep selective acknowledgments as pairs of edges", () => {
    store<u32>(STATE_SACK_BLOCKS, 3);
    put("0101 0512 00000010 00000020 fffffff0 00000001");
    expect<u32>(read()).toBe(SEGMENT_OK);
    expect<u32>(seen()).toBe(SEEN_SACK);
    expect<u32>(cell8(ROW, SACK_COUNT)).toBe(2);
    expect<u32>(cell32(ROW, SACK_START)).toBe(3);
    expect<u32>(cell32(6, SACK_EDGES)).toBe(0x10);
    expect<u32>(cell32(7, SACK_EDGES)).toBe(0x20);
    expect<u32>(cell32(8, SACK_EDGES)).toBe(0xfffffff0);
    expect<u32>(cell32(9, SACK_EDGES)).toBe(1);
    expect<u32>(load<u32>(STATE_SACK_BLOCKS)).toBe(5);
  });

  it("append the blocks of a second SACK option to those of the first", () => {
    put("050a 00000001 00000002 050a 00000003 00000004");
    expect<u32>(read()).toBe(SEGMENT_OK);
    expect<u32>(cell8(ROW, SACK_COUNT)).toBe(2);
    expect<u32>(cell32(ROW, SACK_START)).toBe(0);
    expect<u32>(cell32(3, SACK_EDGES)).toBe(4);
  });

  it("without a block have no start, but where a second option has blocks", () => {
    store<u32>(STATE_SACK_BLOCKS, 3);
    store<u32>(SACK_START + (ROW << 2), 0);
    put("0502 0101");
    expect<u32>(read()).toBe(SEGMENT_OK);
    expect<u32>(seen()).toBe(SEEN_SACK);
    expect<u32>(cell32(ROW, SACK_START)).toBe(0);
    put("050a 00000001 00000002");
    expect<u32>(read()).toBe(SEGMENT_OK);
    expect<u32>(cell32(ROW, SACK_START)).toBe(3);
    expect<u32>(cell8(ROW, SACK_COUNT)).toBe(1);
  });

  it("behind the end of the list are not read", () => {
    put("00 0204 05b4");
    expect<u32>(read()).toBe(SEGMENT_OK);
    expect<u32>(seen()).toBe(0);
    expect<u32>(cell16(ROW, MSS)).toBe(0);
  });

  it("that occur twice count as the last says, and are noted", () => {
    put("0204 0200 0204 05b4");
    expect<u32>(read()).toBe(SEGMENT_OK);
    expect<u32>(seen()).toBe(SEEN_MSS | SEEN_OTHER);
    expect<u32>(cell16(ROW, MSS)).toBe(1460);
  });

  it("of a kind without a column are noted and stepped over", () => {
    put("1e04 0000 fe06 e2d4 0000 0204 05b4");
    expect<u32>(read()).toBe(SEGMENT_OK);
    expect<u32>(seen()).toBe(SEEN_OTHER | SEEN_MSS);
    expect<u32>(cell16(ROW, MSS)).toBe(1460);
  });

  it("of length 0 end the list", () => {
    put("0200 0204 05b4");
    expect<u32>(read()).toBe(SEGMENT_OPTION_LENGTH_SMALL);
    expect<u32>(seen()).toBe(SEEN_MALFORMED);
    expect<u32>(cell16(ROW, MSS)).toBe(0);
  });

  it("of length 1 end the list", () => {
    put("030307 0801 0204 05b4");
    expect<u32>(read()).toBe(SEGMENT_OPTION_LENGTH_SMALL);
    expect<u32>(seen()).toBe(SEEN_WINDOW_SCALE | SEEN_MALFORMED);
    expect<u32>(cell16(ROW, MSS)).toBe(0);
  });

  it("without their length byte are past the end, whatever lies behind it", () => {
    put("01 02 04 05b4");
    expect<u32>(readUntil(PACKET + 2)).toBe(SEGMENT_OPTION_PAST_END);
    expect<u32>(seen()).toBe(SEEN_MALFORMED);
    expect<u32>(cell16(ROW, MSS)).toBe(0);
  });

  it("that reach one byte past the end give no value", () => {
    put("0204 05b4");
    expect<u32>(readUntil(PACKET + 3)).toBe(SEGMENT_OPTION_PAST_END);
    expect<u32>(seen()).toBe(SEEN_MALFORMED);
    expect<u32>(cell16(ROW, MSS)).toBe(0);
  });

  it("whose blocks reach past the end leave no block", () => {
    put("050a 00000001 00000002");
    expect<u32>(readUntil(PACKET + 9)).toBe(SEGMENT_OPTION_PAST_END);
    expect<u32>(cell8(ROW, SACK_COUNT)).toBe(0);
    expect<u32>(load<u32>(STATE_SACK_BLOCKS)).toBe(0);
  });

  it("of a wrong length give no value, and those behind them are read", () => {
    put("0205 05b4 00 030307");
    expect<u32>(read()).toBe(SEGMENT_OPTION_LENGTH_WRONG);
    expect<u32>(seen()).toBe(SEEN_OTHER | SEEN_WINDOW_SCALE | SEEN_MALFORMED);
    expect<u32>(cell16(ROW, MSS)).toBe(0);
    expect<u32>(cell8(ROW, WINDOW_SCALE)).toBe(7);
  });

  it("malformed in two ways are called after the first", () => {
    put("0803 00 0200");
    expect<u32>(read()).toBe(SEGMENT_OPTION_LENGTH_WRONG);
  });

  it("of 40 bytes of padding are nothing", () => {
    for (let i = 0; i < 40; i++) put("01");
    expect<u32>(read()).toBe(SEGMENT_OK);
    expect<u32>(seen()).toBe(0);
  });
});
