import { LINKTYPE_ETHERNET } from "../../../assembly/layout/capture.ts";
import {
  A6,
  type Bytes,
  C6,
  ethernet,
  ethernet6,
  ipv4,
  ipv6,
  join,
  label,
  pattern,
  tcp4,
  tcp6,
  u16,
  u32,
  udp,
  vlan,
  zeros,
} from "../packets.ts";
import { type Case, on } from "./case.ts";

const outer = { from: [192, 0, 2, 1], to: [192, 0, 2, 2] };
const outer6 = { from: A6, to: C6 };
const v4 = ipv4(tcp4({ payload: pattern(31) }));
const v6 = ipv6(tcp6({ payload: pattern(30) }));
const over = (protocol: number, payload: Bytes) => ethernet(ipv4(payload, { ...outer, protocol }));
const over6 = (next: number, payload: Bytes) => ethernet6(ipv6(payload, { ...outer6, next }));
// A source port each: Wireshark remembers what it has found on a pair of them.
let source = 50000;
const port = (number: number, payload: Bytes) => over(17, udp(payload, source++, number));
const ether = (name: string, frame: Uint8Array) => on(LINKTYPE_ETHERNET, name, frame);
const gre = (flags: number, type: number, fields: Bytes, payload: Bytes) =>
  over(47, join(u16(flags), u16(type), fields, payload));

export const tunnelCases: Case[] = [
  ether("IPv4 in IPv4", over(4, v4)),
  ether("IPv6 in IPv4", over(41, v6)),
  ether("IPv4 in IPv6", over6(4, v4)),
  ether("IPv6 in IPv6", over6(41, v6)),
  ether("GRE", gre(0, 0x0800, [], v4)),
  ether("GRE with IPv6", gre(0, 0x86dd, [], v6)),
  ether("GRE with a checksum", gre(0x8000, 0x0800, zeros(4), v4)),
  ether("GRE with key and sequence number", gre(0x3000, 0x0800, join(u32(7), u32(1)), v4)),
  ether(
    "GRE with everything and a source route",
    gre(0xf000, 0x0800, join(zeros(4), u32(7), u32(1), [8, 0, 0, 4], [10, 0, 0, 7], zeros(4)), v4),
  ),
  ether("GRE with Ethernet", gre(0x2000, 0x6558, u32(5), ethernet(v4))),
  ether("GRE with MPLS", gre(0, 0x8847, [], label(44, true, v4))),
  ether("GRE over IPv6", over6(47, join(u16(0), u16(0x0800), v4))),
  ether("web cache redirection", gre(0, 0x883e, [], v4)),
  ether("web cache redirection, version 2", gre(0, 0x883e, [0, 1, 2, 0], v4)),
  ether("PPTP", gre(0x3001, 0x880b, join(u16(v4.length + 4), u16(9), u32(1)), join([0xff, 3, 0, 0x21], v4))),
  ether(
    "PPTP with acknowledgment and compressed PPP",
    gre(0x3081, 0x880b, join(u16(v4.length + 1), u16(9), u32(1), u32(8)), join([0x21], v4)),
  ),
  ether("ERSPAN without a header", gre(0, 0x88be, [], ethernet(v4))),
  ether("ERSPAN type II", gre(0x1000, 0x88be, join(u32(1), u32(0x10640001), u32(3)), ethernet(v4))),
  ether("ERSPAN type III", gre(0x1000, 0x22eb, join(u32(1), u32(0x20640001), zeros(8)), ethernet(v4))),
  ether(
    "ERSPAN type III with a subheader",
    gre(
      0x1000,
      0x22eb,
      join(u32(1), u32(0x20640001), zeros(6), u16(1), u32(3 << 26), zeros(4)),
      ethernet(v4),
    ),
  ),
  {
    ...ether(
      "ERSPAN type III with a bare IP packet",
      gre(0x1000, 0x22eb, join(u32(1), u32(0x20640001), zeros(6), u16(2 << 10)), v4),
    ),
    unlikeWireshark: "it shows frame types other than Ethernet as data",
  },
  ether("VXLAN", port(4789, join([8, 0, 0, 0], u32(5 << 8), ethernet(v4)))),
  {
    ...ether(
      "VXLAN on Linux' first port, with a tag inside",
      port(8472, join([8, 0, 0, 0], u32(5 << 8), ethernet(vlan(3, 0x86dd, v6), 0x8100))),
    ),
    unlikeWireshark: "version 4.0 wants to be told of it, later ones know it",
  },
  ether("VXLAN over IPv6", over6(17, udp(join([8, 0, 0, 0], u32(5 << 8), ethernet(v4)), 50001, 4789))),
  ether("VXLAN-GPE with IPv4", port(4790, join([0x0c, 0, 0, 1], u32(5 << 8), v4))),
  ether("VXLAN-GPE with Ethernet", port(4790, join([0x0c, 0, 0, 3], u32(5 << 8), ethernet(v6, 0x86dd)))),
  ether("Geneve with Ethernet", port(6081, join([0, 0], u16(0x6558), u32(9 << 8), ethernet(v4)))),
  ether(
    "Geneve with options and IPv6",
    port(6081, join([2, 0], u16(0x86dd), u32(9 << 8), u16(0x102), [0x80, 1], zeros(4), v6)),
  ),
  ether("GTP-U", port(2152, join([0x30, 255], u16(v4.length), u32(77), v4))),
  ether(
    "GTP-U with a sequence number and IPv6",
    port(2152, join([0x32, 255], u16(v6.length + 4), u32(77), u16(1), [0, 0], v6)),
  ),
  ether(
    "GTP-U with two extension headers",
    port(
      2152,
      join([0x34, 255], u16(v4.length + 12), u32(77), u16(0), [0, 0x85], [1, 0, 9, 0xc0], [1, 0, 1, 0], v4),
    ),
  ),
  ether("Teredo", port(3544, v6)),
  ether(
    "Teredo with authentication and origin",
    port(3544, join([0, 1, 4, 4], zeros(8 + 8 + 1), [0, 0], u16(1234), u32(0x01020304), v6)),
  ),
  ether("EtherIP", over(97, join([0x30, 0], ethernet(v4)))),
  ether(
    "L2TP with length, sequence and offset",
    port(
      1701,
      join(
        u16(0x4a02),
        u16(16 + 4 + v4.length),
        u16(1),
        u16(2),
        u16(5),
        u16(6),
        u16(2),
        [0, 0],
        [0xff, 3, 0, 0x21],
        v4,
      ),
    ),
  ),
  ether("L2TP without any", port(1701, join(u16(2), u16(1), u16(2), [0xff, 3, 0, 0x57], v6))),
  ether("MPLS in UDP", port(6635, label(44, true, v4))),
  ether("MPLS in IP", over(137, label(44, true, v4))),
  ether("LISP", port(4341, join(zeros(8), v4))),
  ether(
    "VXLAN in GRE in a VLAN",
    ethernet(
      vlan(
        5,
        0x0800,
        ipv4(
          join(
            u16(0),
            u16(0x0800),
            ipv4(udp(join([8, 0, 0, 0], u32(256), ethernet(v4)), 50001, 4789), { protocol: 17 }),
          ),
          { ...outer, protocol: 47 },
        ),
      ),
      0x8100,
    ),
  ),
  ether(
    "six packets in each other",
    over(4, ipv4(ipv4(ipv4(ipv4(v4, { protocol: 4 }), { protocol: 4 }), { protocol: 4 }), { protocol: 4 })),
  ),
  { ...ether("a GTP-U echo", port(2152, join([0x32, 1], u16(4), u32(0), u32(0)))), rows: 0 },
  { ...ether("an L2TP control message", port(1701, join(u16(0xc802), u16(12), zeros(8)))), rows: 0 },
];
