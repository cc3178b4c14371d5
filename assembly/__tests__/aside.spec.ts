import { countAside } from "../aside";
import { anyFrame } from "../frame";
import { LINKTYPE_ETHERNET, LINKTYPE_LINUX_SLL, LINKTYPE_RAW } from "../layout/capture";
import { FRAME, ROWS } from "../layout/columns";
import { COUNTERS, COUNTERS_END, COUNT_FRAMES, COUNT_UDP, STATE_CONSUMED, STATE_LATEST } from "../layout/state";
import { configure, parseRecords } from "../pcap";
import { layoutOf } from "../shape";
import { PACKET, cell32, clear, counter, put, size, tail } from "./packets";

const MACS = "020000000001 020000000002 ";
const IPV4 = "45000020 00000000 4011 0000 0a000001 0a000002 ";
const PING = "45000020 00000000 4001 0000 0a000001 0a000002 ";
const IPV6 = "60000000 000c 1140 20010db8000000000000000000000001 20010db8000000000000000000000002 ";
const PING6 = "60000000 000c 3a40 20010db8000000000000000000000001 20010db8000000000000000000000002 ";
const DATAGRAM = "1001 01bb 000c 0000 01020304";
const ARP = "0001 0800 06 04 0001 020000000001 0a000001 000000000000 0a000002";

const COUNTER_BYTES = COUNTERS_END - COUNTERS;
const COUNTED = memory.data(192);

// What the walk through the layers counts for the frame, against what is counted for it aside.
function same(linkType: u32): bool {
  anyFrame(0, PACKET, size(), size(), linkType, 0, true);
  memory.copy(COUNTED, COUNTERS, COUNTER_BYTES);
  memory.fill(COUNTERS, 0, COUNTER_BYTES);
  return countAside(PACKET, size(), layoutOf(linkType)) && memory.compare(COUNTED, COUNTERS, COUNTER_BYTES) == 0;
}

function aside(frame: string, linkType: u32 = LINKTYPE_ETHERNET): bool {
  clear();
  put(frame);
  return same(linkType);
}

// Left to the walk, and nothing counted twice.
function left(frame: string, linkType: u32 = LINKTYPE_ETHERNET): bool {
  clear();
  put(frame);
  if (countAside(PACKET, size(), layoutOf(linkType))) return false;
  for (let p = COUNTERS; p < COUNTERS_END; p += 8) if (counter(p)) return false;
  return true;
}

describe("a frame without TCP", () => {
  it("is counted aside as the walk counts it", () => {
    expect(aside(MACS + "0806" + ARP)).toBe(true);
    expect(aside(MACS + "0800" + IPV4 + DATAGRAM)).toBe(true);
    expect(aside(MACS + "0800" + PING + DATAGRAM)).toBe(true);
    expect(aside(MACS + "86dd" + IPV6 + DATAGRAM)).toBe(true);
    expect(aside(MACS + "86dd" + PING6 + DATAGRAM)).toBe(true);
  });

  it("is so under one tag and two, with a trailer, and without a header of Ethernet", () => {
    expect(aside(MACS + "8100 0007 0806" + ARP)).toBe(true);
    expect(aside(MACS + "88a8 0007 8100 0008 0800" + IPV4 + DATAGRAM)).toBe(true);
    expect(aside(MACS + "9100 0007 8100 0008 86dd" + IPV6 + DATAGRAM)).toBe(true);
    expect(aside(MACS + "0800" + IPV4 + DATAGRAM + "000000000000")).toBe(true);
    expect(aside("0000 0001 0006 020000000001 0000 0800" + IPV4 + DATAGRAM, LINKTYPE_LINUX_SLL)).toBe(true);
    expect(aside("0000 0001 0006 020000000001 0000 0806" + ARP, LINKTYPE_LINUX_SLL)).toBe(true);
    expect(aside(IPV4 + DATAGRAM, LINKTYPE_RAW)).toBe(true);
    expect(aside(IPV6 + DATAGRAM, LINKTYPE_RAW)).toBe(true);
  });

  it("with UDP of length 0, which a jumbogram has, or longer than what carries it, is one too", () => {
    expect(aside(MACS + "0800" + IPV4 + "1001 01bb 0000 0000 01020304")).toBe(true);
    expect(aside(MACS + "0800" + IPV4 + "1001 01bb ffff 0000 01020304")).toBe(true);
  });

  it("is left to the walk where its UDP may be a tunnel, from either port", () => {
    // the lowest and the highest of these ports, and some between
    expect(left(MACS + "0800" + IPV4 + "06a5 d000 000c 0000 01020304")).toBe(true);
    expect(left(MACS + "0800" + IPV4 + "d000 2118 000c 0000 01020304")).toBe(true);
    expect(left(MACS + "0800" + IPV4 + "d000 12b5 000c 0000 01020304")).toBe(true);
    expect(left(MACS + "86dd" + IPV6 + "17c1 d000 000c 0000 01020304")).toBe(true);
    // their neighbours
    expect(aside(MACS + "0800" + IPV4 + "06a4 d000 000c 0000 01020304")).toBe(true);
    expect(aside(MACS + "0800" + IPV4 + "d000 2119 000c 0000 01020304")).toBe(true);
  });

  it("is left to the walk where a header is malformed, cut, fragmented, or has options or extensions", () => {
    expect(left(MACS + "0800" + IPV4 + "1001 01bb 0007 0000 01020304")).toBe(true);
    expect(left(MACS + "0800 4500001b 00000000 4011 0000 0a000001 0a000002" + DATAGRAM)).toBe(true);
    expect(left(MACS + "0800 45000020 00002000 4011 0000 0a000001 0a000002" + DATAGRAM)).toBe(true);
    expect(left(MACS + "0800 45000020 00000001 4011 0000 0a000001 0a000002" + DATAGRAM)).toBe(true);
    expect(left(MACS + "0800 46000024 00000000 4011 0000 0a000001 0a000002 01010100" + DATAGRAM)).toBe(true);
    expect(left(MACS + "86dd 60000000 0007 1140" + IPV6.substring(17) + DATAGRAM)).toBe(true);
    expect(left(MACS + "86dd 60000000 000c 0040" + IPV6.substring(17) + DATAGRAM)).toBe(true);
    expect(left(MACS + "0800" + IPV4 + "1001 01bb 000c 00")).toBe(true);
    expect(left(MACS + "86dd" + IPV6 + "1001 01bb 000c 00")).toBe(true);
    expect(left(MACS + "8100 0007 0800" + IPV4 + "1001 01bb")).toBe(true);
    expect(left(MACS + "8100 0007 8100 0008 8100 0009 0806" + ARP)).toBe(true);
  });

  it("is left to the walk where it is of another protocol", () => {
    expect(left(MACS + "0800 45000020 00000000 4059 0000 0a000001 0a000002" + DATAGRAM)).toBe(true);
    expect(left(MACS + "86dd 60000000 000c 0140" + IPV6.substring(17) + DATAGRAM)).toBe(true);
    expect(left(MACS + "88cc" + ARP)).toBe(true);
  });
});

describe("a run of segments", () => {
  beforeEach(clear);

  it("goes on behind other frames, and ends with the batch's last row", () => {
    const TCP: string =
      "00f15365 00000000 28000000 28000000" +
      "45000028 00000000 40060000 0a000001 0a000002 04d20050 01020304 05060708 5018 2000 6694 0000";
    const UDP: string = "01f15365 00000000 20000000 20000000" + IPV4 + DATAGRAM;
    configure(false, 1000, LINKTYPE_RAW, 16);
    put(TCP);
    put(UDP);
    put(UDP);
    put(TCP);
    const full = put(UDP);
    put(TCP);
    expect<u32>(parseRecords(PACKET, tail(), ROWS - 2)).toBe(ROWS);
    expect<u32>(cell32(ROWS - 2, FRAME)).toBe(1);
    expect<u32>(cell32(ROWS - 1, FRAME)).toBe(4);
    expect<u32>(load<u32>(STATE_CONSUMED)).toBe(full);
    expect(counter(COUNT_FRAMES)).toBe(4);
    expect(counter(COUNT_UDP)).toBe(2);
    expect(load<i64>(STATE_LATEST)).toBe(1_700_000_001_000_000_000);
  });
});
