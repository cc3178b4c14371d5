import { at, openFrame, tags, wire } from "../cursor";
import { ethertype, pseudowire } from "../ethertype";
import {
  ETHERTYPE_MPLS,
  ETHERTYPE_PPPOE_SESSION,
  ETHERTYPE_QINQ,
  ETHERTYPE_VLAN,
  LINKTYPE_ETHERNET,
  LINKTYPE_LINUX_SLL,
  LINKTYPE_LINUX_SLL2,
  LINKTYPE_LOOP,
  LINKTYPE_NULL,
} from "../layout/capture";
import { COUNT_MALFORMED_LINK, COUNT_TOO_DEEP } from "../layout/state";
import { IPV4, IPV6, ethernet, link, llc } from "../link";
import { ETHERNET, ETHERTYPE, LLC, NOTHING, PSEUDOWIRE } from "../next";
import { PACKET, clear, counter, fill, openWhole, put } from "./packets";

const MACS = "020000000001 020000000002";

describe("Ethernet", () => {
  beforeEach(clear);

  it("announces the type of what follows", () => {
    put(MACS + "86dd");
    openWhole();
    expect<u32>(link(LINKTYPE_ETHERNET)).toBe(ETHERNET);
    expect<u32>(ethernet()).toBe(ETHERTYPE | 0x86dd);
    expect<u32>(at).toBe(PACKET + 14);
  });

  it("with a length in place of the type has LLC, and ends there", () => {
    put(MACS + "0010");
    fill(0, 46);
    openWhole();
    expect<u32>(ethernet()).toBe(LLC);
    expect<u32>(wire).toBe(PACKET + 14 + 16);
  });

  it("with LLC and SNAP announces a type as well", () => {
    put("aaaa03 000000 0800");
    openWhole();
    expect<u32>(llc()).toBe(ETHERTYPE | 0x0800);
    expect<u32>(at).toBe(PACKET + 8);
  });

  it("of 13 bytes is malformed, unless the snapshot length cut it", () => {
    put(MACS + "08");
    openWhole();
    expect<u32>(ethernet()).toBe(NOTHING);
    expect(counter(COUNT_MALFORMED_LINK)).toBe(1);
    openFrame(PACKET, 13, 60);
    expect<u32>(ethernet()).toBe(NOTHING);
    expect(counter(COUNT_MALFORMED_LINK)).toBe(1);
  });
});

describe("VLAN tags", () => {
  beforeEach(clear);

  it("alone are the row's tag, priority included", () => {
    put("a064 0800");
    openWhole();
    expect<u32>(ethertype(ETHERTYPE_VLAN)).toBe(ETHERTYPE | 0x0800);
    expect<u32>(tags).toBe(0xa064);
    expect<u32>(at).toBe(PACKET + 4);
  });

  it("in two are outer and inner", () => {
    put("0064 8100 00c8 86dd");
    openWhole();
    expect<u32>(ethertype(ETHERTYPE_QINQ)).toBe(ETHERTYPE | 0x86dd);
    expect<u32>(tags).toBe(0x006400c8);
  });

  it("in a stack are the outermost and the innermost", () => {
    put("0001 9100 0002 88a8 0003 8100 0004 0800");
    openWhole();
    expect<u32>(ethertype(ETHERTYPE_VLAN)).toBe(ETHERTYPE | 0x0800);
    expect<u32>(tags).toBe(0x00010004);
    expect<u32>(at).toBe(PACKET + 16);
  });

  it("may come before a length", () => {
    put("0001 0010");
    fill(0, 40);
    openWhole();
    expect<u32>(ethertype(ETHERTYPE_VLAN)).toBe(LLC);
    expect<u32>(wire).toBe(PACKET + 4 + 16);
  });

  it("that are cut off are malformed", () => {
    put("0064 8100 00c8");
    openWhole();
    expect<u32>(ethertype(ETHERTYPE_VLAN)).toBe(NOTHING);
    expect(counter(COUNT_MALFORMED_LINK)).toBe(1);
  });

  it("without end are given up", () => {
    for (let i = 0; i < 40; i++) put("0001 8100");
    openWhole();
    expect<u32>(ethertype(ETHERTYPE_VLAN)).toBe(NOTHING);
    expect(counter(COUNT_TOO_DEEP)).toBe(1);
  });
});

describe("PPPoE", () => {
  beforeEach(clear);

  it("carries IPv4, for as long as it says", () => {
    put("1100 0001 0016 0021");
    fill(0, 40);
    openWhole();
    expect<u32>(ethertype(ETHERTYPE_PPPOE_SESSION)).toBe(ETHERTYPE | 0x0800);
    expect<u32>(at).toBe(PACKET + 8);
    expect<u32>(wire).toBe(PACKET + 6 + 22);
  });

  it("carries IPv6, its protocol number in one byte", () => {
    put("1100 0001 0029 57");
    fill(0, 40);
    openWhole();
    expect<u32>(ethertype(ETHERTYPE_PPPOE_SESSION)).toBe(ETHERTYPE | 0x86dd);
    expect<u32>(at).toBe(PACKET + 7);
  });

  it("carries control protocols, which are not followed", () => {
    put("1100 0001 0006 c021 01010004");
    openWhole();
    expect<u32>(ethertype(ETHERTYPE_PPPOE_SESSION)).toBe(NOTHING);
    expect(counter(COUNT_MALFORMED_LINK)).toBe(0);
  });

  it("of another version is malformed", () => {
    put("2100 0001 0016 0021");
    openWhole();
    expect<u32>(ethertype(ETHERTYPE_PPPOE_SESSION)).toBe(NOTHING);
    expect(counter(COUNT_MALFORMED_LINK)).toBe(1);
  });

  it("whose length leaves no room for a protocol is malformed", () => {
    put("1100 0001 0001 0021");
    fill(0, 40);
    openWhole();
    expect<u32>(ethertype(ETHERTYPE_PPPOE_SESSION)).toBe(NOTHING);
    expect(counter(COUNT_MALFORMED_LINK)).toBe(1);
  });
});

describe("MPLS", () => {
  beforeEach(clear);

  it("is followed to the bottom of the stack, where the first four bits tell IPv4", () => {
    put("0001003f 0001113f 45000014 00000000 40060000 0a000001 0a000002");
    openWhole();
    expect<u32>(ethertype(ETHERTYPE_MPLS)).toBe(IPV4);
    expect<u32>(at).toBe(PACKET + 8);
  });

  it("tells IPv6 in the same way", () => {
    put("0001113f 60000000 0000 06 40");
    fill(0, 32);
    openWhole();
    expect<u32>(ethertype(ETHERTYPE_MPLS)).toBe(IPV6);
  });

  it("with the explicit null label of IPv6 carries IPv6, whatever the bits", () => {
    put("0000213f 45000014");
    openWhole();
    expect<u32>(ethertype(ETHERTYPE_MPLS)).toBe(IPV6);
  });

  it("with an address that starts like IPv4 carries Ethernet when the length does not fit", () => {
    put("0001113f 4500ffff0001 020000000002 0800");
    openWhole();
    expect<u32>(ethertype(ETHERTYPE_MPLS)).toBe(PSEUDOWIRE);
  });

  it("with a control word steps over it to the Ethernet header", () => {
    put("0001113f 00000000" + MACS + "0800 0000");
    openWhole();
    expect<u32>(ethertype(ETHERTYPE_MPLS)).toBe(PSEUDOWIRE);
    expect<u32>(pseudowire()).toBe(ETHERNET);
    expect<u32>(at).toBe(PACKET + 8);
  });

  it("without a control word stays at the Ethernet header", () => {
    put("0001113f 000000000001 020000000002 0800 45000014");
    openWhole();
    expect<u32>(ethertype(ETHERTYPE_MPLS)).toBe(PSEUDOWIRE);
    expect<u32>(pseudowire()).toBe(ETHERNET);
    expect<u32>(at).toBe(PACKET + 4);
  });

  it("that ends without a bottom is malformed", () => {
    put("0001003f 0001003f");
    openWhole();
    expect<u32>(ethertype(ETHERTYPE_MPLS)).toBe(NOTHING);
    expect(counter(COUNT_MALFORMED_LINK)).toBe(1);
  });

  it("without end is given up", () => {
    for (let i = 0; i < 40; i++) put("0001003f");
    openWhole();
    expect<u32>(ethertype(ETHERTYPE_MPLS)).toBe(NOTHING);
    expect(counter(COUNT_TOO_DEEP)).toBe(1);
  });
});

describe("Linux cooked captures", () => {
  beforeEach(clear);

  it("announce their EtherType behind 16 bytes", () => {
    put("0000 0001 0006 0200000000010000 86dd");
    openWhole();
    expect<u32>(link(LINKTYPE_LINUX_SLL)).toBe(ETHERTYPE | 0x86dd);
    expect<u32>(at).toBe(PACKET + 16);
  });

  it("of the second version announce it in front of the rest of 20 bytes", () => {
    put("0800 0000 00000001 0001 00 06 0200000000010000");
    openWhole();
    expect<u32>(link(LINKTYPE_LINUX_SLL2)).toBe(ETHERTYPE | 0x0800);
    expect<u32>(at).toBe(PACKET + 20);
  });

  it("may hold LLC", () => {
    put("0000 0001 0006 0200000000010000 0004");
    openWhole();
    expect<u32>(link(LINKTYPE_LINUX_SLL)).toBe(LLC);
  });

  it("with a number below the EtherTypes that is not known hold nothing", () => {
    put("0000 0001 0006 0200000000010000 000c");
    openWhole();
    expect<u32>(link(LINKTYPE_LINUX_SLL)).toBe(NOTHING);
  });

  it("of 15 bytes are malformed", () => {
    put("0000 0001 0006 0200000000010000 08");
    openWhole();
    expect<u32>(link(LINKTYPE_LINUX_SLL)).toBe(NOTHING);
    expect(counter(COUNT_MALFORMED_LINK)).toBe(1);
  });
});

describe("loopback captures", () => {
  beforeEach(clear);

  it("name the family in the byte order of either machine", () => {
    put("02000000");
    openWhole();
    expect<u32>(link(LINKTYPE_NULL)).toBe(IPV4);
    clear();
    put("0000001e");
    openWhole();
    expect<u32>(link(LINKTYPE_NULL)).toBe(IPV6);
  });

  it("in network order name it so", () => {
    put("00000018");
    openWhole();
    expect<u32>(link(LINKTYPE_LOOP)).toBe(IPV6);
    expect<u32>(at).toBe(PACKET + 4);
  });
});
