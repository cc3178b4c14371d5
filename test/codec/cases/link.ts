import * as link from "../../../assembly/layout/capture.ts";
import {
  type Bytes,
  ethernet,
  ethernet6,
  ipv4,
  ipv6,
  join,
  label,
  pattern,
  snap,
  tcp4,
  tcp6,
  u16,
  u32,
  vlan,
  zeros,
} from "../packets.ts";
import { type Case, on } from "./case.ts";

const v4 = ipv4(tcp4({ payload: pattern(11) }));
const v6 = ipv6(tcp6({ payload: pattern(12) }));
const ether = (name: string, ...frames: Case["frames"]) => on(link.LINKTYPE_ETHERNET, name, ...frames);
// Wireshark tells a pseudowire by makers of network cards that it knows.
const KNOWN = [0, 0x0c, 0x29, 0, 0, 1, 0, 0x50, 0x56, 0, 0, 2];
const le16 = (n: number) => [n & 0xff, n >> 8];
const item = (order: (n: number) => number[], type: number, value: Bytes) =>
  join(order(value.length + 4), order(type), value, zeros((4 - (value.length % 4)) % 4));
const longer = (type: number, payload: Bytes, trailer: Bytes) => ethernet(join(payload, trailer), type);

export const linkCases: Case[] = [
  ether("Ethernet II carries IPv4", ethernet(v4)),
  ether("Ethernet II carries IPv6", ethernet6(v6)),
  ether("padding to 60 bytes is no payload", longer(0x0800, ipv4(tcp4()), zeros(6))),
  ether("a trailer behind IPv6 is no payload", longer(0x86dd, v6, pattern(9))),
  ether("802.3 with a length, LLC and SNAP", ethernet(snap(0, 0x0800, v4), v4.length + 8)),
  ether("802.3 with padding behind its length", longer(v4.length + 8, snap(0, 0x0800, v4), zeros(20))),
  ether("SNAP with Cisco's number", ethernet(snap(0xf8, 0x86dd, v6), v6.length + 8)),
  ether("LLC with the service access point of IP", ethernet(join([6, 6, 3], v4), v4.length + 3)),
  ether("a frame bridged in SNAP", ethernet(snap(0x80c2, 7, join([0, 0], ethernet(v4))), v4.length + 24)),
  ether("an 802.1Q tag", ethernet(vlan(0x2064, 0x0800, v4), 0x8100)),
  ether("a priority tag of VLAN 0", ethernet(vlan(0xe000, 0x86dd, v6), 0x8100)),
  ether("802.1ad with two tags", ethernet(vlan(100, 0x8100, vlan(200, 0x0800, v4)), 0x88a8)),
  ether("two tags with the old type", ethernet(vlan(100, 0x8100, vlan(200, 0x86dd, v6)), 0x9100)),
  ether(
    "five tags",
    ethernet(vlan(1, 0x8100, vlan(2, 0x8100, vlan(3, 0x8100, vlan(4, 0x8100, vlan(5, 0x0800, v4))))), 0x8100),
  ),
  ether("LLC and SNAP behind a tag", ethernet(vlan(7, v4.length + 8, snap(0, 0x0800, v4)), 0x8100)),
  ether("one MPLS label over IPv4", ethernet(label(1000, true, v4), 0x8847)),
  ether(
    "three MPLS labels over IPv6",
    ethernet(label(1, false, label(17, false, label(18, true, v6))), 0x8847),
  ),
  ether("MPLS explicit null for IPv4", ethernet(label(0, true, v4), 0x8847)),
  ether("MPLS explicit null for IPv6, multicast", ethernet(label(2, true, v6), 0x8848)),
  ether(
    "an Ethernet pseudowire with control word",
    ethernet(label(99, true, join(zeros(4), ethernet(v4, 0x0800, KNOWN))), 0x8847),
  ),
  ether(
    "an Ethernet pseudowire without control word",
    ethernet(label(99, true, ethernet(v6, 0x86dd, KNOWN)), 0x8847),
  ),
  {
    ...ether(
      "an Ethernet pseudowire to an address that starts like IPv4",
      ethernet(
        label(99, true, ethernet(v4, 0x0800, [0x44, 0x38, 0x39, 0, 0, 1, 0, 0x50, 0x56, 0, 0, 2])),
        0x8847,
      ),
    ),
    unlikeWireshark: "version 4.0 takes every payload that starts with 4 for IPv4",
  },
  ether("PPPoE with IPv4", ethernet(join([0x11, 0, 0, 1], u16(v4.length + 2), [0, 0x21], v4), 0x8864)),
  ether(
    "PPPoE with IPv6 in a VLAN, padded",
    ethernet(vlan(9, 0x8864, join([0x11, 0, 0, 1], u16(v6.length + 2), [0, 0x57], v6, zeros(4))), 0x8100),
  ),
  ether("a provider backbone frame", ethernet(join(u32(0x00012345), ethernet(v4)), 0x88e7)),
  ether(
    "a network service header before IPv4",
    ethernet(join([0x0f, 0xc6, 1, 1], u32(0x1234ff), zeros(16), v4), 0x894f),
  ),
  on(link.LINKTYPE_PPP, "PPP without address and control", join([0, 0x21], v4)),
  on(link.LINKTYPE_PPP, "PPP with address and control", join([0xff, 3, 0, 0x57], v6)),
  on(link.LINKTYPE_PPP_HDLC, "PPP in HDLC framing", join([0xff, 3, 0, 0x21], v4)),
  on(link.LINKTYPE_PPP_HDLC, "PPP with a compressed protocol field", join([0xff, 3, 0x21], v4)),
  on(link.LINKTYPE_PPP_HDLC, "Cisco HDLC where PPP was expected", join([0x0f, 0, 8, 0], v4)),
  on(link.LINKTYPE_PPP_HDLC, "MPLS over PPP", join([0xff, 3, 2, 0x81], label(1000, true, v4))),
  on(
    link.LINKTYPE_PPP_ETHER,
    "a PPPoE session by itself",
    join([0x11, 0, 0, 1], u16(v4.length + 2), [0, 0x21], v4),
  ),
  on(link.LINKTYPE_C_HDLC, "Cisco HDLC with IPv4", join([0x0f, 0, 8, 0], v4)),
  on(link.LINKTYPE_C_HDLC, "Cisco HDLC with IPv6", join([0x0f, 0, 0x86, 0xdd], v6)),
  on(link.LINKTYPE_LINUX_SLL, "Linux cooked capture", join([0, 0, 0, 1, 0, 6], zeros(8), [8, 0], v4)),
  on(
    link.LINKTYPE_LINUX_SLL,
    "Linux cooked capture with a VLAN tag",
    join([0, 4, 0, 1, 0, 6], zeros(8), [0x81, 0], vlan(5, 0x86dd, v6)),
  ),
  on(
    link.LINKTYPE_LINUX_SLL,
    "Linux cooked capture with LLC",
    join([0, 0, 0, 1, 0, 6], zeros(8), [0, 4], snap(0, 0x0800, v4)),
  ),
  on(
    link.LINKTYPE_LINUX_SLL2,
    "Linux cooked capture, version 2",
    join([0x86, 0xdd, 0, 0, 0, 0, 0, 3, 0, 1, 0, 6], zeros(8), v6),
  ),
  on(link.LINKTYPE_RAW, "raw IP of version 4", v4),
  on(link.LINKTYPE_RAW, "raw IP of version 6", v6),
  on(link.LINKTYPE_RAW_12, "raw IP by a number of old", v4),
  on(link.LINKTYPE_RAW_14, "raw IP by another number of old", v6),
  on(link.LINKTYPE_IPV4, "raw IPv4", v4),
  on(link.LINKTYPE_IPV6, "raw IPv6", v6),
  on(link.LINKTYPE_NULL, "loopback with the family in little-endian order", join([2, 0, 0, 0], v4)),
  on(link.LINKTYPE_NULL, "loopback with the family in big-endian order", join([0, 0, 0, 2], v4)),
  on(link.LINKTYPE_NULL, "loopback with NetBSD's IPv6", join([24, 0, 0, 0], v6)),
  on(link.LINKTYPE_NULL, "loopback with FreeBSD's IPv6", join([28, 0, 0, 0], v6)),
  on(link.LINKTYPE_NULL, "loopback with Darwin's IPv6", join([0, 0, 0, 30], v6)),
  {
    ...on(link.LINKTYPE_NULL, "loopback with Linux' IPv6", join([10, 0, 0, 0], v6)),
    unlikeWireshark: "it knows the BSDs' numbers alone",
  },
  on(link.LINKTYPE_LOOP, "OpenBSD's loopback", join([0, 0, 0, 24], v6)),
  on(
    link.LINKTYPE_NFLOG,
    "NFLOG of a little-endian machine",
    join([2, 0, 0, 0], item(le16, 1, [8, 0, 1, 0]), item(le16, 10, text0("prefix")), item(le16, 9, v4)),
  ),
  {
    ...on(
      link.LINKTYPE_NFLOG,
      "NFLOG of a big-endian machine with IPv6",
      join([10, 0, 0, 0], item(u16, 1, [0x86, 0xdd, 1, 0]), item(u16, 5, u32(3)), item(u16, 9, v6)),
    ),
    unlikeWireshark: "it takes the items to be in its own machine's order",
  },
];

function text0(s: string): Uint8Array {
  return join(new TextEncoder().encode(s), [0]);
}
