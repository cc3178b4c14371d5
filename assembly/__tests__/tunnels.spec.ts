import { at, end, openFrame, tunnel, wire } from "../cursor";
import { gre } from "../gre";
import { COUNT_MALFORMED_IP, COUNT_MALFORMED_TUNNEL } from "../layout/state";
import { IPV4, IPV6 } from "../link";
import { ETHERNET, ETHERTYPE, IP, NOTHING, PPP_HEADER } from "../next";
import { udp } from "../udp";
import { PACKET, clear, counter, fill, openWhole, put, size } from "./packets";

/** A UDP header to a port and what it carries, with room behind. */
function datagram(port: string, length: string, payload: string): void {
  clear();
  put("c000 " + port + length + "0000 " + payload);
}

describe("GRE", () => {
  beforeEach(clear);

  it("announces an EtherType behind four bytes", () => {
    put("0000 86dd 60");
    openWhole();
    expect<u32>(gre()).toBe(ETHERTYPE | 0x86dd);
    expect<u32>(at).toBe(PACKET + 4);
    expect<u32>(tunnel).toBe(0);
  });

  it("with checksum, key and sequence number has them in front, and the key tells tunnels apart", () => {
    put("b000 0800 11112222 0000abcd 00000001 45");
    openWhole();
    expect<u32>(gre()).toBe(ETHERTYPE | 0x0800);
    expect<u32>(at).toBe(PACKET + 16);
    const first = tunnel;
    clear();
    put("b000 0800 11112222 0000abce 00000001 45");
    openWhole();
    gre();
    expect(first != 0 && tunnel != 0 && tunnel != first).toBe(true);
  });

  it("of PPTP has a sequence and an acknowledgment number, and PPP", () => {
    put("3081 880b 0004abcd 00000001 00000002 ff03");
    openWhole();
    expect<u32>(gre()).toBe(PPP_HEADER);
    expect<u32>(at).toBe(PACKET + 16);
    expect<u32>(tunnel).toBe(0);
  });

  it("of PPTP that only acknowledges holds nothing, and is not malformed", () => {
    put("2081 880b 0000abcd 00000002");
    openWhole();
    expect<u32>(gre()).toBe(NOTHING);
    expect(counter(COUNT_MALFORMED_TUNNEL)).toBe(0);
  });

  it("with source routes steps over them to the empty one", () => {
    put("4000 0800 00000000 0800 00 04 c0000201 0000 00 00 45");
    openWhole();
    expect<u32>(gre()).toBe(ETHERTYPE | 0x0800);
    expect<u32>(at).toBe(PACKET + 20);
  });

  it("whose source route reaches past the end is malformed", () => {
    put("4000 0800 00000000 0800 00 ff c0000201");
    openWhole();
    expect<u32>(gre()).toBe(NOTHING);
    expect(counter(COUNT_MALFORMED_TUNNEL)).toBe(1);
  });

  it("with source routes without end is given up", () => {
    put("4000 0800 00000000");
    for (let i = 0; i < 1000; i++) put("0800 00 00");
    openWhole();
    expect<u32>(gre()).toBe(NOTHING);
    expect(counter(COUNT_MALFORMED_TUNNEL)).toBe(1);
  });

  it("carries ERSPAN of the first type without sequence number, of the second with", () => {
    put("0000 88be 020000000001");
    openWhole();
    expect<u32>(gre()).toBe(ETHERNET);
    expect<u32>(at).toBe(PACKET + 4);
    clear();
    put("1000 88be 00000001 10010001 00000000 020000000001");
    openWhole();
    expect<u32>(gre()).toBe(ETHERNET);
    expect<u32>(at).toBe(PACKET + 16);
  });

  it("carries ERSPAN of the third type, with a subheader where a bit says so", () => {
    put("1000 22eb 00000001 20010001 00000000 0000 0000 020000000001");
    openWhole();
    expect<u32>(gre()).toBe(ETHERNET);
    expect<u32>(at).toBe(PACKET + 20);
    clear();
    put("1000 22eb 00000001 20010001 00000000 0000 0801 0000000000000000 45");
    openWhole();
    expect<u32>(gre()).toBe(IP);
    expect<u32>(at).toBe(PACKET + 28);
  });

  it("carries no ERSPAN of another version", () => {
    put("1000 88be 00000001 70010001 00000000 020000000001");
    openWhole();
    expect<u32>(gre()).toBe(NOTHING);
    expect(counter(COUNT_MALFORMED_TUNNEL)).toBe(1);
  });

  it("cut at any byte is malformed, and is not where the snapshot length cut it", () => {
    const header: u32 = 28;
    for (let kept: u32 = 0; kept < header; kept++) {
      clear();
      put("1000 22eb 00000001 20010001 00000000 0000 0801 0000000000000000");
      openFrame(PACKET, kept, kept);
      expect<u32>(gre()).toBe(NOTHING);
      // Eight bytes are a GRE header whole, with nothing in it.
      expect(counter(COUNT_MALFORMED_TUNNEL)).toBe(kept == 8 ? 0 : 1);
      openFrame(PACKET, kept, 1500);
      expect<u32>(gre()).toBe(NOTHING);
      expect(counter(COUNT_MALFORMED_TUNNEL)).toBe(kept == 8 ? 0 : 1);
      expect<bool>(at <= end).toBe(true);
    }
  });

  it("with all flags, in all versions, never steps past what was captured", () => {
    for (let flags: u32 = 0; flags < 0x10000; flags += 7) {
      for (let kept: u32 = 0; kept <= 40; kept += 5) {
        clear();
        fill(0xff, 64);
        store<u16>(PACKET, bswap<u16>(<u16>flags));
        openFrame(PACKET, kept, kept);
        gre();
        if (at > end || end > PACKET + kept) expect<u32>(flags).toBe(0xffffffff);
      }
    }
  });
});

describe("UDP", () => {
  beforeEach(clear);

  it("ends where its length says", () => {
    datagram("12b5", "0018", "08000000 00002a00 020000000001 0200");
    fill(0, 20);
    openWhole();
    udp();
    expect<u32>(wire).toBe(PACKET + 24);
    expect<u32>(end).toBe(PACKET + 24);
  });

  it("whose length is below its header's is malformed", () => {
    datagram("12b5", "0007", "08000000 00002a00");
    openWhole();
    expect<u32>(udp()).toBe(NOTHING);
    expect(counter(COUNT_MALFORMED_IP)).toBe(1);
  });

  it("whose length is beyond the packet's is taken as far as there is", () => {
    datagram("12b5", "ffff", "08000000 00002a00 0200");
    openWhole();
    expect<u32>(udp()).toBe(ETHERNET);
    expect<u32>(end).toBe(PACKET + size());
  });

  it("of length 0 is a jumbogram (RFC 2675 4), as long as the packet", () => {
    datagram("12b5", "0000", "08000000 00002a00 0200");
    openWhole();
    expect<u32>(udp()).toBe(ETHERNET);
  });

  it("to no tunnel's port holds nothing", () => {
    datagram("0035", "0010", "08000000 00002a00");
    openWhole();
    expect<u32>(udp()).toBe(NOTHING);
    expect(counter(COUNT_MALFORMED_TUNNEL)).toBe(0);
  });

  it("from a tunnel's port holds the tunnel too", () => {
    put("12b5 c000 0012 0000 08000000 00002a00 0200");
    openWhole();
    expect<u32>(udp()).toBe(ETHERNET);
  });
});

describe("VXLAN", () => {
  it("holds Ethernet behind eight bytes, and its network tells tunnels apart", () => {
    datagram("12b5", "0012", "08000000 00002a00 0200");
    openWhole();
    expect<u32>(udp()).toBe(ETHERNET);
    expect<u32>(at).toBe(PACKET + 16);
    const first = tunnel;
    datagram("12b5", "0012", "08000000 00002b00 0200");
    openWhole();
    udp();
    expect(first != 0 && first != tunnel).toBe(true);
  });

  it("with a protocol of its own (GPE) says what it holds", () => {
    datagram("12b6", "0012", "0c000001 00002a00 4500");
    openWhole();
    expect<u32>(udp()).toBe(IPV4);
    datagram("12b6", "0012", "0c000002 00002a00 6000");
    openWhole();
    expect<u32>(udp()).toBe(IPV6);
    datagram("12b6", "0012", "0c0000ee 00002a00 6000");
    openWhole();
    expect<u32>(udp()).toBe(NOTHING);
  });

  it("cut at any byte is malformed, unless the snapshot length cut it", () => {
    cutAnywhere("12b5", "08000000 00002a00", 8);
    cutAnywhere("12b6", "0c000001 00002a00", 8);
  });
});

describe("Geneve", () => {
  it("names an EtherType, behind options of so many words", () => {
    datagram("17c1", "0018", "0200 6558 00002a00 0001 00 01 00000000");
    openWhole();
    expect<u32>(udp()).toBe(ETHERTYPE | 0x6558);
    expect<u32>(at).toBe(PACKET + 24);
  });

  it("whose options reach past the end is malformed", () => {
    datagram("17c1", "0014", "3f00 6558 00002a00 00000000");
    openWhole();
    expect<u32>(udp()).toBe(NOTHING);
    expect(counter(COUNT_MALFORMED_TUNNEL)).toBe(1);
  });

  it("of another version is malformed", () => {
    datagram("17c1", "0010", "4000 6558 00002a00");
    openWhole();
    expect<u32>(udp()).toBe(NOTHING);
    expect(counter(COUNT_MALFORMED_TUNNEL)).toBe(1);
  });

  it("cut at any byte is malformed, unless the snapshot length cut it", () => {
    cutAnywhere("17c1", "0200 0800 00002a00 0001 00 01 00000000", 16);
  });
});

describe("GTP-U", () => {
  it("holds IP or PPP, as the first byte shows, for as long as it says", () => {
    datagram("0868", "0020", "30 ff 0004 00000001 45000000");
    fill(0, 12);
    openWhole();
    expect<u32>(udp()).toBe(IP);
    expect<u32>(at).toBe(PACKET + 16);
    expect<u32>(end).toBe(PACKET + 20);
    datagram("0868", "0012", "30 ff 0002 00000001 ff03");
    openWhole();
    expect<u32>(udp()).toBe(PPP_HEADER);
    expect<u32>(tunnel).toBe(0);
  });

  it("holds IPv4 whose header is the longest there is, where that fits, else PPP", () => {
    // 60 bytes of header and 4 of data
    datagram("0868", "0050", "30 ff 0040 00000001 4f00 0040");
    fill(0, 60);
    openWhole();
    expect<u32>(udp()).toBe(IP);
    expect<u32>(at).toBe(PACKET + 16);
    // a total length that no such header has, then one that there is no room for
    datagram("0868", "0050", "30 ff 0040 00000001 4f00 003b");
    fill(0, 60);
    openWhole();
    expect<u32>(udp()).toBe(PPP_HEADER);
    datagram("0868", "0050", "30 ff 0040 00000001 4f00 0041");
    fill(0, 60);
    openWhole();
    expect<u32>(udp()).toBe(PPP_HEADER);
    datagram("0868", "0013", "30 ff 0003 00000001 4f00 00");
    openWhole();
    expect<u32>(udp()).toBe(PPP_HEADER);
  });

  it("steps over sequence numbers and extension headers", () => {
    datagram("0868", "0024", "34 ff 000d 00000001 0000 00 85 01 10 09 c0 01 00 00 00 60");
    openWhole();
    expect<u32>(udp()).toBe(IP);
    expect<u32>(at).toBe(PACKET + 28);
  });

  it("with an extension header of no length is malformed, not endless", () => {
    datagram("0868", "0020", "34 ff 0010 00000001 0000 00 85 00 10 09 85 60000000");
    openWhole();
    expect<u32>(udp()).toBe(NOTHING);
    expect(counter(COUNT_MALFORMED_TUNNEL)).toBe(1);
  });

  it("with extension headers without end is given up", () => {
    datagram("0868", "0000", "34 ff ffff 00000001 0000 00 85");
    for (let i = 0; i < 1000; i++) put("01 10 09 85");
    openWhole();
    expect<u32>(udp()).toBe(NOTHING);
    expect(counter(COUNT_MALFORMED_TUNNEL)).toBe(1);
  });

  it("with an extension header longer than the packet is malformed", () => {
    datagram("0868", "001c", "34 ff 000c 00000001 0000 00 85 ff 10 09 c0 60000000");
    openWhole();
    expect<u32>(udp()).toBe(NOTHING);
    expect(counter(COUNT_MALFORMED_TUNNEL)).toBe(1);
  });

  it("that signals holds nothing", () => {
    datagram("0868", "0010", "32 01 0000 00000000");
    openWhole();
    expect<u32>(udp()).toBe(NOTHING);
    expect(counter(COUNT_MALFORMED_TUNNEL)).toBe(0);
  });

  it("cut at any byte is malformed, unless the snapshot length cut it", () => {
    cutAnywhere("0868", "34 ff 000c 00000001 0000 00 85 01 10 09 00", 16);
  });
});

describe("Teredo", () => {
  it("holds IPv6, behind an authentication and an origin where there are any", () => {
    datagram("0dd8", "000a", "6000");
    openWhole();
    expect<u32>(udp()).toBe(IPV6);
    expect<u32>(at).toBe(PACKET + 8);
    datagram("0dd8", "0024", "0001 02 01 aabb cc 0102030405060708 00 0000 1234 c0000201 6000");
    openWhole();
    expect<u32>(udp()).toBe(IPV6);
    expect<u32>(at).toBe(PACKET + 8 + 16 + 8);
  });

  it("that holds no IPv6 holds nothing", () => {
    datagram("0dd8", "000a", "4500");
    openWhole();
    expect<u32>(udp()).toBe(NOTHING);
  });

  it("whose authentication is longer than the packet is malformed", () => {
    datagram("0dd8", "001c", "0001 ff ff aabb cc 0102030405060708 00 6000");
    openWhole();
    expect<u32>(udp()).toBe(NOTHING);
    expect(counter(COUNT_MALFORMED_TUNNEL)).toBe(1);
  });

  it("cut at any byte is malformed, unless the snapshot length cut it", () => {
    cutAnywhere("0dd8", "0001 02 01 aabb cc 0102030405060708 00 0000 1234 c0000201", 24);
  });
});

/**
 * Every prefix of a tunnel's header holds nothing. It is malformed where the datagram is so short, but not where the
 * capture alone ends there.
 */
function cutAnywhere(port: string, header: string, length: u32): void {
  for (let kept: u32 = 0; kept < length; kept++) {
    datagram(port, "0000", header);
    fill(0x60, 40);
    openFrame(PACKET, 8 + kept, 8 + kept);
    expect<u32>(udp()).toBe(NOTHING);
    expect(counter(COUNT_MALFORMED_TUNNEL)).toBe(1);
    openFrame(PACKET, 8 + kept, 1500);
    expect<u32>(udp()).toBe(NOTHING);
    expect(counter(COUNT_MALFORMED_TUNNEL)).toBe(1);
    expect<bool>(at <= end).toBe(true);
  }
}
