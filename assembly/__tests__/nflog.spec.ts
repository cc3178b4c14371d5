import { at, end, openFrame, wire } from "../cursor";
import { LINKTYPE_NFLOG } from "../layout/capture";
import { COUNT_MALFORMED_LINK } from "../layout/state";
import { IPV4, IPV6, link } from "../link";
import { IP, NOTHING } from "../next";
import { PACKET, clear, counter, fill, openWhole, put } from "./packets";

describe("NFLOG", () => {
  beforeEach(clear);

  it("has the packet in one of its items, each padded to four bytes", () => {
    put("02 00 0001  0500 0a00 78 000000  1800 0900");
    fill(0x45, 20);
    openWhole();
    expect<u32>(link(LINKTYPE_NFLOG)).toBe(IPV4);
    expect<u32>(at).toBe(PACKET + 16);
    expect<u32>(wire).toBe(PACKET + 36);
  });

  it("has items in the byte order of the machine that captured", () => {
    put("0a 00 0001  0005 000a 78 000000  002c 0009");
    fill(0x60, 40);
    openWhole();
    expect<u32>(link(LINKTYPE_NFLOG)).toBe(IPV6);
    expect<u32>(at).toBe(PACKET + 16);
  });

  it("of another family holds what the packet shows", () => {
    put("00 00 0001  1800 0900");
    fill(0x45, 20);
    openWhole();
    expect<u32>(link(LINKTYPE_NFLOG)).toBe(IP);
  });

  it("without a packet is malformed", () => {
    put("02 00 0001  0500 0a00 78 000000");
    openWhole();
    expect<u32>(link(LINKTYPE_NFLOG)).toBe(NOTHING);
    expect(counter(COUNT_MALFORMED_LINK)).toBe(1);
  });

  it("with an item of no length, or of one beyond the frame, is malformed, not endless", () => {
    put("02 00 0001  0000 0000 0000 0000");
    openWhole();
    expect<u32>(link(LINKTYPE_NFLOG)).toBe(NOTHING);
    expect(counter(COUNT_MALFORMED_LINK)).toBe(1);
    clear();
    put("02 00 0001  ffff 0a00 78 000000");
    openWhole();
    expect<u32>(link(LINKTYPE_NFLOG)).toBe(NOTHING);
    expect(counter(COUNT_MALFORMED_LINK)).toBe(1);
  });

  it("cut at any byte holds no more of the packet than is there", () => {
    for (let kept: u32 = 0; kept < 36; kept++) {
      clear();
      put("02 00 0001  0500 0a00 78 000000  1800 0900");
      fill(0x45, 20);
      openFrame(PACKET, kept, 36);
      const next = link(LINKTYPE_NFLOG);
      expect<u32>(next).toBe(kept < 16 ? NOTHING : IPV4);
      expect<bool>(at <= end && end == PACKET + kept).toBe(true);
    }
  });

  it("with items of any length never steps past what was captured", () => {
    for (let length: u32 = 0; length < 0x10000; length += 3) {
      clear();
      put("02 00 0001  0000 0a00");
      fill(0, 24);
      store<u16>(PACKET + 4, <u16>length);
      openWhole();
      link(LINKTYPE_NFLOG);
      if (at > end) expect<u32>(length).toBe(0xffffffff);
    }
  });
});
