import { at, end, openFrame, wire } from "../cursor";
import { ipv4 } from "../ipv4";
import { COUNT_FRAGMENTS, COUNT_IPV4, COUNT_MALFORMED_IP } from "../layout/state";
import { NOTHING, PROTOCOL } from "../next";
import { fragmented, hopLimit, ipDestination, ipSource, pseudoDestination, trafficClass } from "../segment";
import { PACKET, clear, counter, fill, openWhole, put, size, word } from "./packets";

const TCP: u32 = PROTOCOL | 6;

describe("an IPv4 header", () => {
  beforeEach(clear);

  it("without options is 20 bytes, and its length leaves out the link's padding", () => {
    put("45b80028 00000000 40060000 0a000001 0a000002");
    fill(0, 26);
    openWhole();
    expect<u32>(ipv4()).toBe(TCP);
    expect<u32>(at).toBe(PACKET + 20);
    expect<u32>(wire).toBe(PACKET + 40);
    expect<u32>(end).toBe(PACKET + 40);
    expect<u32>(word(ipSource)).toBe(0x0a000001);
    expect<u32>(word(ipDestination)).toBe(0x0a000002);
    expect<u32>(hopLimit).toBe(64);
    expect<u32>(trafficClass).toBe(0xb8);
    expect(counter(COUNT_IPV4)).toBe(1);
  });

  it("with options is as long as it says", () => {
    put("4600002c 00000000 40060000 0a000001 0a000002 94040000");
    fill(0, 20);
    openWhole();
    expect<u32>(ipv4()).toBe(TCP);
    expect<u32>(at).toBe(PACKET + 24);
    expect<u32>(word(pseudoDestination)).toBe(0x0a000002);
  });

  it("with a source route not used up leads to the route's last address", () => {
    put("48000020 00000000 40060000 0a000001 0a000002 01 830b04 0a000003 0a000009");
    openWhole();
    expect<u32>(ipv4()).toBe(TCP);
    expect<u32>(word(ipDestination)).toBe(0x0a000009);
    expect<u32>(word(pseudoDestination)).toBe(0x0a000009);
  });

  it("with a source route used up leads where it says", () => {
    put("48000020 00000000 40060000 0a000001 0a000002 01 830b0c 0a000003 0a000009");
    openWhole();
    expect<u32>(ipv4()).toBe(TCP);
    expect<u32>(word(ipDestination)).toBe(0x0a000002);
  });

  it("with an option of length 0 before a source route does not follow it", () => {
    put("48000020 00000000 40060000 0a000001 0a000002 0700 8307 04 0a000003 000000");
    openWhole();
    expect<u32>(ipv4()).toBe(TCP);
    expect<u32>(word(ipDestination)).toBe(0x0a000002);
  });

  it("with a source route past its end does not follow it", () => {
    put("46000018 00000000 40060000 0a000001 0a000002 830b04 0a 000003 0a000009");
    openWhole();
    expect<u32>(ipv4()).toBe(TCP);
    expect<u32>(word(ipDestination)).toBe(0x0a000002);
  });

  it("of a length below 5 words is malformed", () => {
    put("44000028 00000000 40060000 0a000001 0a000002");
    openWhole();
    expect<u32>(ipv4()).toBe(NOTHING);
    expect(counter(COUNT_MALFORMED_IP)).toBe(1);
    expect(counter(COUNT_IPV4)).toBe(0);
  });

  it("of another version is malformed", () => {
    put("55000028 00000000 40060000 0a000001 0a000002");
    openWhole();
    expect<u32>(ipv4()).toBe(NOTHING);
    expect(counter(COUNT_MALFORMED_IP)).toBe(1);
  });

  it("longer than its packet is malformed", () => {
    put("46000014 00000000 40060000 0a000001 0a000002 00000000");
    openWhole();
    expect<u32>(ipv4()).toBe(NOTHING);
    expect(counter(COUNT_MALFORMED_IP)).toBe(1);
  });

  it("of which the wire had 19 bytes is malformed", () => {
    put("45000028 00000000 40060000 0a000001 0a0000");
    openWhole();
    expect<u32>(ipv4()).toBe(NOTHING);
    expect(counter(COUNT_MALFORMED_IP)).toBe(1);
  });

  it("of which the snapshot length left 19 bytes is not", () => {
    put("45000028 00000000 40060000 0a000001 0a0000");
    openFrame(PACKET, 19, 60);
    expect<u32>(ipv4()).toBe(NOTHING);
    expect(counter(COUNT_MALFORMED_IP)).toBe(0);
  });

  it("whose options the snapshot length cut is not read", () => {
    put("48000020 00000000 40060000 0a000001 0a000002 01 830b");
    openFrame(PACKET, size(), 60);
    expect<u32>(ipv4()).toBe(NOTHING);
    expect(counter(COUNT_MALFORMED_IP)).toBe(0);
    expect(counter(COUNT_IPV4)).toBe(0);
  });

  it("of length 0, as offload leaves it, takes all of the frame", () => {
    put("45000000 00000000 40060000 0a000001 0a000002");
    fill(0, 80);
    openWhole();
    expect<u32>(ipv4()).toBe(TCP);
    expect<u32>(wire).toBe(PACKET + 100);
  });

  it("that says more than the frame had ends with the frame", () => {
    put("450005dc 00000000 40060000 0a000001 0a000002");
    fill(0, 20);
    openWhole();
    expect<u32>(ipv4()).toBe(TCP);
    expect<u32>(wire).toBe(PACKET + 40);
  });

  it("of a fragment waits for the others", () => {
    put("4500001c 00012000 40060000 0a000001 0a000002 0102030405060708");
    openWhole();
    expect<u32>(ipv4()).toBe(NOTHING);
    expect(counter(COUNT_FRAGMENTS)).toBe(1);
  });

  it("of the fragment that completes a datagram goes on in the datagram", () => {
    put("4500001c 00022000 40060000 0a000001 0a000002 0102030405060708");
    openWhole();
    ipv4();
    clear();
    put("45000018 00020001 40060000 0a000001 0a000002 090a0b0c");
    openWhole();
    expect<u32>(ipv4()).toBe(TCP);
    expect<u32>(wire - at).toBe(12);
    expect<u32>(word(at)).toBe(0x01020304);
    expect<u32>(word(at + 8)).toBe(0x090a0b0c);
  });

  it("of a first fragment that was cut shows the segment, as a fragment", () => {
    put("4500041c 00032000 40060000 0a000001 0a000002 0102030405060708");
    openFrame(PACKET, size(), 1052);
    expect<u32>(ipv4()).toBe(TCP);
    expect(fragmented).toBe(true);
  });

  it("of a later fragment that was cut shows nothing", () => {
    put("4500041c 00032001 40060000 0a000001 0a000002 0102030405060708");
    openFrame(PACKET, size(), 1052);
    expect<u32>(ipv4()).toBe(NOTHING);
  });
});
