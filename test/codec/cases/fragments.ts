import { LINKTYPE_ETHERNET } from "../../../assembly/layout/capture.ts";
import {
  B4,
  type Bytes,
  ethernet,
  ethernet6,
  ipv4,
  ipv6,
  join,
  pattern,
  tcp4,
  tcp6,
  u16,
  u32,
  udp,
} from "../packets.ts";
import type { Case } from "./case.ts";

const MORE = 0x2000;

/** Bytes [from, to) of an IPv4 payload, as a fragment; the last one where `to` is its end. */
const piece = (payload: Bytes, id: number, from: number, to: number, protocol = 6) =>
  ethernet(
    ipv4(payload.slice(from, to), { id, protocol, fragment: (to < payload.length ? MORE : 0) | (from >> 3) }),
  );
const piece6 = (payload: Bytes, id: number, from: number, to: number) =>
  ethernet6(
    ipv6(join([6, 0], u16(from | (to < payload.length ? 1 : 0)), u32(id), payload.slice(from, to)), {
      next: 44,
    }),
  );
const cut = (frame: Uint8Array, captured: number) => ({
  bytes: frame.slice(0, captured),
  length: frame.length,
});
const ether = (name: string, rows: number, ...frames: Case["frames"]): Case => ({
  name,
  linkType: LINKTYPE_ETHERNET,
  frames,
  rows,
});

const four = tcp4({ payload: pattern(2000), options: [1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2] });
const six = tcp6({ payload: pattern(3001) });
const end4 = four.length;
const end6 = six.length;
const changed = (bytes: Uint8Array) => bytes.map((b) => b ^ 0xff);
const inVxlan = udp(join([8, 0, 0, 0], u32(256), ethernet(ipv4(four, { to: B4 }))), 50001, 4789);

export const fragmentCases: Case[] = [
  ether("two fragments in order", 1, piece(four, 1, 0, 1480), piece(four, 1, 1480, end4)),
  ether("two fragments in the wrong order", 1, piece(four, 2, 1480, end4), piece(four, 2, 0, 1480)),
  ether(
    "the TCP header itself in three fragments",
    1,
    piece(four, 3, 0, 8),
    piece(four, 3, 8, 16),
    piece(four, 3, 16, end4),
  ),
  ether("a fragment twice", 1, piece(four, 4, 0, 1480), piece(four, 4, 0, 1480), piece(four, 4, 1480, end4)),
  ether("fragments that overlap and agree", 1, piece(four, 5, 0, 1480), piece(four, 5, 1000, end4)),
  ether(
    "fragments that overlap and disagree: the one that starts first is believed",
    1,
    piece(changed(four), 6, 800, 1480),
    piece(four, 6, 0, 1000),
    piece(four, 6, 1480, end4),
  ),
  ether(
    "fragments that start together and disagree: the one that came first is believed",
    1,
    piece(four, 7, 0, 1000),
    piece(changed(four), 7, 0, 1480),
    piece(four, 7, 1000, end4),
  ),
  ether(
    "two datagrams in turn",
    2,
    piece(four, 8, 0, 1480),
    piece(four, 9, 0, 1480),
    piece(four, 8, 1480, end4),
    piece(four, 9, 1480, end4),
  ),
  ether("a datagram that never completes", 0, piece(four, 10, 0, 1480), piece(four, 10, 1488, end4)),
  ether(
    "three fragments of IPv6",
    1,
    piece6(six, 1, 0, 1448),
    piece6(six, 1, 1448, 2896),
    piece6(six, 1, 2896, end6),
  ),
  ether(
    "IPv6 fragments backwards",
    1,
    piece6(six, 2, 2896, end6),
    piece6(six, 2, 1448, 2896),
    piece6(six, 2, 0, 1448),
  ),
  ether("a first fragment cut by the snapshot length stands alone", 1, cut(piece(four, 11, 0, 1480), 100)),
  ether("a later fragment cut by the snapshot length says nothing", 0, cut(piece(four, 12, 1480, end4), 100)),
  ether(
    "a first IPv6 fragment cut by the snapshot length says nothing",
    0,
    cut(piece6(six, 3, 0, 1448), 200),
  ),
  ether(
    "a tunnel in fragments",
    1,
    piece(inVxlan, 13, 0, 1480, 17),
    piece(inVxlan, 13, 1480, inVxlan.length, 17),
  ),
  ether(
    "fragments inside a tunnel",
    1,
    ethernet(ipv4(piece(four, 14, 0, 1480).slice(14), { protocol: 4, from: [192, 0, 2, 1] })),
    ethernet(ipv4(piece(four, 14, 1480, end4).slice(14), { protocol: 4, from: [192, 0, 2, 1] })),
  ),
];
