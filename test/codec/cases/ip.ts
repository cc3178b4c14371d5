import { LINKTYPE_ETHERNET } from "../../../assembly/layout/capture.ts";
import {
  A4,
  A6,
  B4,
  B6,
  C6,
  ethernet,
  ethernet6,
  extension,
  ipv4,
  ipv6,
  join,
  pattern,
  tcp4,
  tcp6,
  u16,
  u32,
  zeros,
} from "../packets.ts";
import { type Case, on } from "./case.ts";

const ether = (name: string, ...frames: Case["frames"]) => on(LINKTYPE_ETHERNET, name, ...frames);
const four = tcp4({ payload: pattern(20) });
const six = tcp6({ payload: pattern(21) });
const routed = tcp6({ payload: pattern(21), to: C6 });
const fromHome = tcp6({ payload: pattern(21), from: C6 });
const route = (type: number, left: number, content: number[]) => [type, left, 0, 0, 0, 0, ...content];
const option = (type: number, value: number[]) => [type, value.length, ...value];

export const ipCases: Case[] = [
  ether("IPv4 with 40 bytes of options", ethernet(ipv4(four, { options: [7, 39, 4, ...zeros(36), 0] }))),
  ether("IPv4 with NOPs and an end of options", ethernet(ipv4(four, { options: [1, 1, 1, 0] }))),
  ether("traffic class and TTL of IPv4", ethernet(ipv4(four, { trafficClass: 0xb9, ttl: 3 }))),
  ether("traffic class and hop limit of IPv6", ethernet6(ipv6(six, { trafficClass: 0xb9, hopLimit: 3 }))),
  ether(
    "a loose source route not used up: the checksum covers the last hop",
    ethernet(
      ipv4(tcp4({ to: [10, 0, 0, 9], payload: pattern(5) }), {
        options: [131, 11, 4, 10, 0, 0, 8, 10, 0, 0, 9, 0],
      }),
    ),
  ),
  ether(
    "a strict source route used up: the checksum covers the destination",
    ethernet(ipv4(four, { options: [137, 7, 8, 10, 0, 0, 8, 0] })),
  ),
  ether(
    "total length 0: segmentation offload",
    ethernet(ipv4(tcp4({ payload: pattern(3000) }), { length: 0 })),
  ),
  ether("IPv4 length beyond the frame", ethernet(ipv4(four, { length: 900 }))),
  ether("IPv4 length inside the TCP header", ethernet(ipv4(four, { length: 36 }))),
  { ...ether("IPv4 length inside its own header", ethernet(ipv4(four, { length: 19 }))), rows: 0 },
  { ...ether("an IPv4 header of 16 bytes", ethernet(ipv4(four, { headerWords: 4 }))), rows: 0 },
  ether("IPv6 under the EtherType of IPv4", ethernet(ipv6(six))),
  { ...ether("IPv4 under the EtherType of IPv6", ethernet6(ipv4(four))), rows: 0 },
  ether("IPv6 length beyond the frame", ethernet6(ipv6(six, { length: 900 }))),
  ether("hop-by-hop options", ethernet6(ipv6(extension(6, option(5, [0, 0]), six), { next: 0 }))),
  ether("destination options", ethernet6(ipv6(extension(6, [1, 0, 0, 0, 0, 0], six), { next: 60 }))),
  ether(
    "a home address: the checksum covers it instead of the source",
    ethernet6(ipv6(extension(6, [1, 2, 0, 0, ...option(201, C6)], fromHome), { next: 60 })),
  ),
  ether(
    "routing header 0 with two segments left: the checksum covers the last address",
    ethernet6(ipv6(extension(6, route(0, 2, [...A6, ...C6]), routed), { next: 43 })),
  ),
  ether(
    "routing header 0 used up: the checksum covers the destination",
    ethernet6(ipv6(extension(6, route(0, 0, [...A6, ...C6]), six), { next: 43 })),
  ),
  ether(
    "routing header 2: the checksum covers the home address",
    ethernet6(ipv6(extension(6, route(2, 1, C6), routed), { next: 43 })),
  ),
  ether(
    "a segment routing header: the checksum covers its first entry",
    ethernet6(ipv6(extension(6, [4, 1, 1, 0, 0, 0, ...C6, ...A6], routed), { next: 43 })),
  ),
  ether(
    "an RPL source route: the last address is put together",
    ethernet6(ipv6(extension(6, [3, 1, 0xff, 0x70, 0, 0, 3, ...zeros(7)], routed), { next: 43 })),
  ),
  ether("an atomic fragment", ethernet6(ipv6(join([6, 0], u16(0), u32(77), six), { next: 44 }))),
  ether(
    "an authentication header in IPv6",
    ethernet6(ipv6(join([6, 4, 0, 0], u32(1), u32(2), zeros(12), six), { next: 51 })),
  ),
  ether(
    "an authentication header in IPv4",
    ethernet(ipv4(join([6, 4, 0, 0], u32(1), u32(2), zeros(12), four), { protocol: 51 })),
  ),
  ether(
    "five extension headers",
    ethernet6(
      ipv6(
        extension(
          60,
          zeros(6),
          extension(
            43,
            [1, 4, 0, 0, 0, 0],
            extension(51, route(0, 0, B6), join([60, 4, 0, 0], zeros(20), extension(6, zeros(14), six))),
          ),
        ),
        { next: 0 },
      ),
    ),
  ),
  {
    ...ether(
      "a mobility header before TCP",
      ethernet6(ipv6(extension(6, [0, 0, 0, 0, 0, 0], six), { next: 135 })),
    ),
    unlikeWireshark: "it shows what follows a mobility header as data",
  },
  {
    ...ether(
      "a host identity header before TCP",
      ethernet6(ipv6(extension(6, [1, 0x21, ...zeros(36)], six), { next: 139 })),
    ),
    unlikeWireshark: "it shows nothing behind a host identity header",
  },
  ether(
    "a Shim6 header before TCP",
    ethernet6(ipv6(extension(6, [0x80, 0, 0, 0, 0, 1], six), { next: 140 })),
  ),
  ether(
    "a jumbo payload",
    ethernet6(
      ipv6(extension(6, [0xc2, 4, ...u32(70028)], tcp6({ payload: pattern(70000) })), { next: 0, length: 0 }),
    ),
  ),
  {
    ...ether(
      "length 0 without the jumbo option: BIG TCP",
      ethernet6(ipv6(tcp6({ payload: pattern(80000) }), { length: 0 })),
    ),
    unlikeWireshark: "it takes 0 at its word unless told of segmentation offload",
  },
  { ...ether("UDP gives no row", ethernet(ipv4(zeros(30), { protocol: 17 }))), rows: 0 },
  {
    ...ether(
      "the segment quoted in an ICMP error gives no row",
      ethernet(ipv4(join([3, 1, 0, 0], zeros(4), ipv4(four)), { protocol: 1, from: B4, to: A4 })),
    ),
    rows: 0,
  },
];
