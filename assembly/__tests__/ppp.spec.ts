import { at, end, openFrame } from "../cursor";
import { LINKTYPE_C_HDLC, LINKTYPE_PPP, LINKTYPE_PPP_HDLC } from "../layout/capture";
import { COUNT_MALFORMED_LINK } from "../layout/state";
import { link } from "../link";
import { ETHERTYPE, NOTHING, PPP_HEADER } from "../next";
import { pppHeader } from "../ppp";
import { PACKET, clear, counter, openWhole, put } from "./packets";

describe("PPP and Cisco's HDLC", () => {
  beforeEach(clear);

  it("have address and control bytes, or not", () => {
    put("ff03 0021 45");
    openWhole();
    expect<u32>(link(LINKTYPE_PPP_HDLC)).toBe(PPP_HEADER);
    expect<u32>(pppHeader()).toBe(ETHERTYPE | 0x0800);
    expect<u32>(at).toBe(PACKET + 4);
    clear();
    put("0057 60");
    openWhole();
    expect<u32>(link(LINKTYPE_PPP)).toBe(PPP_HEADER);
    expect<u32>(pppHeader()).toBe(ETHERTYPE | 0x86dd);
    expect<u32>(at).toBe(PACKET + 2);
  });

  it("of Cisco announce an EtherType, to one and to all", () => {
    put("0f00 0800 45");
    openWhole();
    expect<u32>(link(LINKTYPE_C_HDLC)).toBe(ETHERTYPE | 0x0800);
    expect<u32>(at).toBe(PACKET + 4);
    clear();
    put("8f00 86dd 60");
    openWhole();
    expect<u32>(pppHeader()).toBe(ETHERTYPE | 0x86dd);
    expect<u32>(at).toBe(PACKET + 4);
  });

  it("in one fragment of a bundle are followed, in several are not", () => {
    put("ff03 003d c0000001 0021 45");
    openWhole();
    expect<u32>(pppHeader()).toBe(ETHERTYPE | 0x0800);
    clear();
    put("ff03 003d 80000001 0021 45");
    openWhole();
    expect<u32>(pppHeader()).toBe(NOTHING);
    expect(counter(COUNT_MALFORMED_LINK)).toBe(0);
  });

  it("cut at any byte are malformed, unless the snapshot length cut them", () => {
    cutAnywhere(LINKTYPE_C_HDLC, "0f00 0800", 4);
    cutAnywhere(LINKTYPE_PPP, "ff03 0021", 4);
    cutAnywhere(LINKTYPE_PPP, "ff03 21", 3);
  });
});

/** Every prefix of a header holds nothing, and is malformed where the frame is so short. */
function cutAnywhere(linkType: u32, header: string, length: u32): void {
  for (let kept: u32 = 0; kept < length; kept++) {
    clear();
    put(header);
    openFrame(PACKET, kept, kept);
    expect<u32>(behind(linkType)).toBe(NOTHING);
    expect(counter(COUNT_MALFORMED_LINK)).toBe(1);
    openFrame(PACKET, kept, 1500);
    expect<u32>(behind(linkType)).toBe(NOTHING);
    expect(counter(COUNT_MALFORMED_LINK)).toBe(1);
    expect<bool>(at <= end).toBe(true);
  }
}

function behind(linkType: u32): u32 {
  const next = link(linkType);
  return next == PPP_HEADER ? pppHeader() : next;
}
