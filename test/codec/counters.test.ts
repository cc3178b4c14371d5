// Each frame is counted where it belongs.
import { expect, test } from "vitest";
import { LINKTYPE_PPP } from "../../assembly/layout/capture.ts";
import { pcap } from "./files.ts";
import { Harness } from "./harness.ts";
import {
  ethernet,
  ethernet6,
  extension,
  ipv4,
  ipv6,
  join,
  label,
  tcp4,
  tcp6,
  u16,
  udp,
  vlan,
  zeros,
} from "./packets.ts";

const harness = new Harness();
const segment = ipv4(tcp4());
const nested = (n: number): Uint8Array => (n ? ipv4(nested(n - 1), { protocol: 4 }) : segment);
const tagged = (n: number): Uint8Array => (n ? vlan(1, 0x8100, tagged(n - 1)) : vlan(1, 0x0800, segment));
const labelled = (n: number): Uint8Array => (n ? label(n, false, labelled(n - 1)) : label(1, true, segment));
const extended = (n: number): Uint8Array =>
  n ? extension(60, zeros(6), extended(n - 1)) : extension(6, zeros(6), tcp6());

const frames: [
  string,
  Uint8Array | { bytes: Uint8Array; length: number },
  Record<string, number>,
  number?,
][] = [
  ["TCP over IPv4", ethernet(segment), { IPV4: 1, TCP: 1 }],
  ["TCP over IPv6", ethernet6(ipv6(tcp6())), { IPV6: 1, TCP: 1 }],
  ["UDP", ethernet(ipv4(udp(zeros(4), 5, 6), { protocol: 17 })), { IPV4: 1, UDP: 1 }],
  ["ICMP", ethernet(ipv4(zeros(8), { protocol: 1 })), { IPV4: 1, ICMP: 1 }],
  ["ICMPv6", ethernet6(ipv6(zeros(8), { next: 58 })), { IPV6: 1, ICMP: 1 }],
  ["OSPF", ethernet(ipv4(zeros(8), { protocol: 89 })), { IPV4: 1, OTHER_IP: 1 }],
  ["ARP", ethernet(zeros(46), 0x0806), { NON_IP: 1 }],
  ["a tunnel", ethernet(nested(1)), { IPV4: 2, TCP: 1, TUNNELLED: 1 }],
  [
    "a frame cut in its payload",
    cut(ethernet(ipv4(tcp4({ payload: zeros(50) }))), 60),
    { IPV4: 1, TCP: 1, CUT: 1 },
  ],
  ["a frame cut in its IP header", cut(ethernet(segment), 30), { NON_IP: 1, CUT: 1 }],
  ["an Ethernet header of 9 bytes", Uint8Array.from(zeros(9)), { NON_IP: 1, MALFORMED_LINK: 1 }],
  ["half a PPP header", Uint8Array.from(zeros(1)), { NON_IP: 1, MALFORMED_LINK: 1 }, LINKTYPE_PPP],
  ["an IPv4 header that ends early", ethernet(segment.slice(0, 19)), { NON_IP: 1, MALFORMED_IP: 1 }],
  ["an IPv4 header of 12 bytes", ethernet(ipv4(tcp4(), { headerWords: 3 })), { NON_IP: 1, MALFORMED_IP: 1 }],
  ["half a GRE header", ethernet(ipv4(zeros(3), { protocol: 47 })), { IPV4: 1, MALFORMED_TUNNEL: 1 }],
  [
    "a UDP length of 7",
    ethernet(ipv4(udp(zeros(4), 5, 6, 7), { protocol: 17 })),
    { IPV4: 1, UDP: 1, MALFORMED_IP: 1 },
  ],
  ["a data offset of 4", ethernet(ipv4(tcp4({ offset: 4 }))), { IPV4: 1, TCP: 1, MALFORMED_TCP: 1 }],
  ["an option of length 0", ethernet(ipv4(tcp4({ options: [8, 0] }))), { IPV4: 1, TCP: 1, MALFORMED_TCP: 1 }],
  ["34 packets in each other", ethernet(nested(33)), { IPV4: 29, TOO_DEEP: 1, TUNNELLED: 1 }],
  ["33 tags", ethernet(tagged(33), 0x8100), { NON_IP: 1, TOO_DEEP: 1 }],
  ["33 labels", ethernet(labelled(33), 0x8847), { NON_IP: 1, TOO_DEEP: 1 }],
  ["33 extension headers", ethernet6(ipv6(extended(33), { next: 60 })), { IPV6: 1, TOO_DEEP: 1 }],
  [
    "a chain of GTP-U extension headers of length 0",
    ethernet(
      ipv4(udp(join([0x34, 255], u16(8), zeros(4), [0, 0, 0, 1], zeros(4)), 9, 2152), { protocol: 17 }),
    ),
    { IPV4: 1, UDP: 1, MALFORMED_TUNNEL: 1 },
  ],
];

function cut(frame: Uint8Array, captured: number) {
  return { bytes: frame.slice(0, captured), length: frame.length };
}

test.each(frames)("%s", (_, frame, expected, linkType = 1) => {
  const content = frame instanceof Uint8Array ? { bytes: frame } : frame;
  const { counters } = harness.read(pcap([content], { linkType }));
  const { COUNT_FRAMES, COUNT_BYTES, COUNT_CAPTURED, COUNT_CHECKSUM, ...counts } = counters;
  expect(COUNT_FRAMES).toBe(1);
  expect(COUNT_CAPTURED).toBe(content.bytes.length);
  expect(COUNT_BYTES).toBe("length" in content ? content.length : content.bytes.length);
  const named = Object.entries(counts).map(([name, n]) => [name.slice("COUNT_".length), n] as const);
  expect(Object.fromEntries(named.filter(([, n]) => n > 0))).toEqual(expected);
});
