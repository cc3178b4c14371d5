import { at, end, openFrame, wire } from "../cursor";
import { anyFrame } from "../frame";
import { ipv6 } from "../ipv6";
import { LINKTYPE_IPV6 } from "../layout/capture";
import { CHECKSUM_STATUS } from "../layout/columns";
import { COUNT_FRAGMENTS, COUNT_IPV6, COUNT_MALFORMED_IP, COUNT_TOO_DEEP } from "../layout/state";
import { CHECKSUM_BAD, CHECKSUM_GOOD } from "../layout/status";
import { NOTHING, PROTOCOL } from "../next";
import {
  hopLimit,
  ipDestination,
  ipSource,
  pseudoDestination,
  pseudoSource,
  setVerify,
  trafficClass,
} from "../segment";
import { PACKET, cell8, clear, counter, fill, openWhole, put, size } from "./packets";

const TCP: u32 = PROTOCOL | 6;
const ONE = "20010db8000000000000000000000001"; // the source
const TWO = "20010db8000000000000000000000002"; // the destination
const END = "20010db80000000000000000000000ff"; // the end of a route
// A segment that is good from ONE to END.
const SEGMENT = "04d20050 01020304 05060708 5018 2000 1e25 0000";

// A header from ONE to TWO: what comes next, and how long it says that is.
function header(next: string, length: string): void {
  put("60000000" + length + next + "40" + ONE + TWO);
}

function endsIn(address: u32, last: u8): bool {
  return bswap<u64>(load<u64>(address)) == 0x20010db800000000 && bswap<u64>(load<u64>(address, 8)) == last;
}

describe("an IPv6 header", () => {
  beforeEach(clear);

  it("is 40 bytes, and its length leaves out what follows the packet", () => {
    put("6b8fffff 0014 06 40" + ONE + TWO);
    fill(0, 26);
    openWhole();
    expect<u32>(ipv6()).toBe(TCP);
    expect<u32>(at).toBe(PACKET + 40);
    expect<u32>(wire).toBe(PACKET + 60);
    expect<u32>(end).toBe(PACKET + 60);
    expect<u32>(hopLimit).toBe(64);
    expect<u32>(trafficClass).toBe(0xb8);
    expect(endsIn(ipSource, 1)).toBe(true);
    expect(endsIn(ipDestination, 2)).toBe(true);
    expect(counter(COUNT_IPV6)).toBe(1);
  });

  it("of another version is malformed", () => {
    put("70000000 0000 06 40" + ONE + TWO);
    openWhole();
    expect<u32>(ipv6()).toBe(NOTHING);
    expect(counter(COUNT_MALFORMED_IP)).toBe(1);
  });

  it("of 39 bytes is malformed, unless the snapshot length cut it", () => {
    header("06", "0014");
    openFrame(PACKET, 39, 39);
    expect<u32>(ipv6()).toBe(NOTHING);
    expect(counter(COUNT_MALFORMED_IP)).toBe(1);
    openFrame(PACKET, 39, 60);
    expect<u32>(ipv6()).toBe(NOTHING);
    expect(counter(COUNT_MALFORMED_IP)).toBe(1);
  });

  it("of length 0 without a jumbo option takes all of the frame", () => {
    header("06", "0000");
    fill(0, 100);
    openWhole();
    expect<u32>(ipv6()).toBe(TCP);
    expect<u32>(wire).toBe(PACKET + 140);
  });

  it("of length 0 is as long as its jumbo option says", () => {
    header("00", "0000");
    put("0600 c204 00011170");
    fill(0, 20);
    openFrame(PACKET, size(), 100_000);
    expect<u32>(ipv6()).toBe(TCP);
    expect<u32>(at).toBe(PACKET + 48);
    expect<u32>(wire).toBe(PACKET + 40 + 70_000);
  });

  it("with a length does not heed a jumbo option", () => {
    header("00", "001c");
    put("0600 c204 00000008");
    fill(0, 40);
    openWhole();
    expect<u32>(ipv6()).toBe(TCP);
    expect<u32>(wire).toBe(PACKET + 68);
  });
});

describe("IPv6 extension headers", () => {
  beforeEach(clear);

  it("are stepped over by their length", () => {
    header("00", "0034");
    put("3c00 0104 00000000"); // hop by hop
    put("3301 010c 000000000000000000000000"); // destination options, 16 bytes
    put("0602 0000 00000000 00000000 00000000"); // authentication: in words less two
    fill(0, 20);
    openWhole();
    expect<u32>(ipv6()).toBe(TCP);
    expect<u32>(at).toBe(PACKET + 40 + 8 + 16 + 16);
  });

  it("that reach past the packet are malformed", () => {
    header("00", "0008");
    put("0601 0104 00000000");
    openWhole();
    expect<u32>(ipv6()).toBe(NOTHING);
    expect(counter(COUNT_MALFORMED_IP)).toBe(1);
  });

  it("beyond the bound end the walk", () => {
    header("00", "0108");
    for (let i = 0; i < 33; i++) put("0000 0104 00000000");
    openWhole();
    expect<u32>(ipv6()).toBe(NOTHING);
    expect(counter(COUNT_TOO_DEEP)).toBe(1);
  });

  it("may hold a home address, which the checksum covers and the row does not", () => {
    header("3c", "0018");
    put("0602 0000 c910" + END + "0000");
    openWhole();
    expect<u32>(ipv6()).toBe(TCP);
    expect(endsIn(pseudoSource, 0xff)).toBe(true);
    expect(endsIn(ipSource, 1)).toBe(true);
  });

  it("may say that nothing is fragmented", () => {
    header("2c", "001c");
    put("0600 0000 00000001");
    fill(0, 20);
    openWhole();
    expect<u32>(ipv6()).toBe(TCP);
    expect<u32>(at).toBe(PACKET + 48);
    expect(counter(COUNT_FRAGMENTS)).toBe(0);
  });

  it("join two fragments, with the protocol that the first names", () => {
    header("2c", "0010");
    put("1100 0008 00000009 090a0b0c0d0e0f10"); // the last, which lies about the protocol
    openWhole();
    expect<u32>(ipv6()).toBe(NOTHING);
    clear();
    header("2c", "0010");
    put("0600 0001 00000009 0102030405060708");
    openWhole();
    expect<u32>(ipv6()).toBe(TCP);
    expect<u32>(wire - at).toBe(16);
    expect<u64>(load<u64>(at)).toBe(0x0807060504030201);
    expect<u64>(load<u64>(at, 8)).toBe(0x100f0e0d0c0b0a09);
  });
});

describe("an IPv6 routing header", () => {
  beforeEach(() => {
    clear();
    setVerify(true);
  });

  it("with segments left puts its last address in the pseudo-header, and not in the row", () => {
    header("2b", "0028");
    put("0604 0002 00000000" + TWO + END);
    openWhole();
    expect<u32>(ipv6()).toBe(TCP);
    expect(endsIn(pseudoDestination, 0xff)).toBe(true);
    expect(endsIn(ipDestination, 2)).toBe(true);
  });

  it("without segments left changes nothing", () => {
    header("2b", "0018");
    put("0602 0000 00000000" + END);
    openWhole();
    expect<u32>(ipv6()).toBe(TCP);
    expect(endsIn(pseudoDestination, 2)).toBe(true);
  });

  it("with more segments left than it has addresses changes nothing", () => {
    header("2b", "0018");
    put("0602 0002 00000000" + END);
    openWhole();
    expect<u32>(ipv6()).toBe(TCP);
    expect(endsIn(pseudoDestination, 2)).toBe(true);
  });

  it("for segment routing has its list in reverse", () => {
    header("2b", "0028");
    put("0604 0401 01000000" + END + TWO);
    openWhole();
    expect<u32>(ipv6()).toBe(TCP);
    expect(endsIn(pseudoDestination, 0xff)).toBe(true);
  });

  it("for RPL has only the bytes in which the last address differs", () => {
    header("2b", "0010");
    put("0601 0301 0f700000 ff 00000000000000"); // 15 bytes shared, 7 of padding
    openWhole();
    expect<u32>(ipv6()).toBe(TCP);
    expect(endsIn(pseudoDestination, 0xff)).toBe(true);
  });

  it("makes the checksum of a whole frame good", () => {
    header("2b", "002c");
    put("0602 0001 00000000" + END + SEGMENT);
    expect<u32>(anyFrame(0, PACKET, size(), size(), LINKTYPE_IPV6, 0, false)).toBe(1);
    expect<u32>(cell8(0, CHECKSUM_STATUS)).toBe(CHECKSUM_GOOD);
  });

  it("that is used up leaves the same segment's checksum bad", () => {
    header("2b", "002c");
    put("0602 0000 00000000" + END + SEGMENT);
    expect<u32>(anyFrame(0, PACKET, size(), size(), LINKTYPE_IPV6, 0, false)).toBe(1);
    expect<u32>(cell8(0, CHECKSUM_STATUS)).toBe(CHECKSUM_BAD);
  });
});
