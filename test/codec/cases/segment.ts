import { LINKTYPE_ETHERNET } from "../../../assembly/layout/capture.ts";
import { A4, B4, ethernet, ipv4, join, partialChecksum, pattern, tcp4, u32, zeros } from "../packets.ts";
import { type Case, on } from "./case.ts";

const ether = (name: string, ...frames: Case["frames"]) => on(LINKTYPE_ETHERNET, name, ...frames);
const whole = ethernet(
  ipv4(
    tcp4({ options: [2, 4, 5, 180, 1, 3, 3, 7, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2], payload: pattern(6) }),
  ),
);
const options = (name: string, bytes: number[], offset?: number) =>
  ether(name, ethernet(ipv4(tcp4({ options: bytes, offset, payload: pattern(5) }))));

// With this window the checksum of the empty segment comes to 0.
const zeroChecksum = (): number => {
  for (let window = 0; window < 65536; window++) {
    const segment = tcp4({ window });
    if (segment[16] === 0 && segment[17] === 0) return window;
  }
  throw new Error("no such window");
};

// The option's first value is there, the second is not.
const halfTimestamps = (n: number) =>
  n >= 36 && n < 40 ? { unlikeWireshark: "it shows half of a timestamp option" } : {};

export const segmentCases: Case[] = [
  ...Array.from({ length: whole.length - 33 }, (_, n) => ({
    ...ether(`${n} bytes captured of a segment of 46`, {
      bytes: whole.slice(0, 34 + n),
      length: whole.length,
    }),
    rows: n < 4 ? 0 : 1,
    ...halfTimestamps(n),
  })),
  ...Array.from({ length: 47 }, (_, n) => ({
    ...ether(`a segment that ends after ${n} bytes`, ethernet(ipv4(whole.slice(34, 34 + n)))),
    rows: n < 4 ? 0 : 1,
    ...halfTimestamps(n),
  })),
  ...Array.from({ length: 16 }, (_, offset) => ({
    ...ether(
      `data offset ${offset} in a segment of 40 bytes`,
      ethernet(ipv4(tcp4({ offset, payload: pattern(20) }))),
    ),
    ...(offset < 5 ? { unlikeWireshark: "it counts header bytes as payload" } : {}),
  })),
  ether("all flags and reserved bits", ethernet(ipv4(tcp4({ flags: 0xfff, urgent: 0xabcd })))),
  ether("a checksum off by one", ethernet(ipv4(tcp4({ checksum: 0x1234 })))),
  ether(
    "the sum of the pseudo-header, as offload leaves it",
    ethernet(ipv4(tcp4({ payload: pattern(7), checksum: partialChecksum(27, A4, B4) }))),
  ),
  ether("a checksum that comes to 0", ethernet(ipv4(tcp4({ window: zeroChecksum() })))),
  {
    ...ether(
      "0xffff stored for a checksum of 0",
      ethernet(ipv4(tcp4({ window: zeroChecksum(), checksum: 0xffff }))),
    ),
    unlikeWireshark: "RFC 1071 has the receiver sum to all ones, which both zeros do; it insists on 0x0000",
  },
  options("no operation, then the end, then rubbish", [1, 0, 9, 9]),
  options("an option of length 0", [2, 0, 5, 180]),
  options("an option of length 1", [253, 1, 5, 180]),
  options("an option past the end", [8, 10, 0, 0]),
  options("an option without its length", [1, 1, 1, 8]),
  options("an MSS of 3 bytes", [2, 3, 5, 1]),
  options("a timestamp of 9 bytes", [8, 9, 0, 0, 0, 1, 0, 0, 0]),
  options("a window scale of 4 bytes", [3, 4, 7, 7]),
  options("a window scale of 15", [3, 3, 15, 1]),
  options("SACK of one block", [1, 1, 5, 10, ...u32(1000), ...u32(2000)]),
  options("SACK of four blocks", [1, 1, 5, 34, ...Array.from({ length: 8 }, (_, i) => u32(i * 1000)).flat()]),
  {
    ...options("SACK with half a block", [1, 1, 5, 14, ...zeros(12)]),
    unlikeWireshark: "it shows the edges of an option of a length that it calls wrong itself",
  },
  options("SACK without blocks", [4, 2, 5, 2]),
  options("two SACK options", [1, 1, 5, 10, ...u32(1), ...u32(2), 1, 1, 5, 10, ...u32(3), ...u32(4)]),
  options("two MSS options", [2, 4, 5, 180, 2, 4, 2, 0]),
  options("an unknown kind", [170, 6, 1, 2, 3, 4]),
  options("40 bytes of no operation", new Array(40).fill(1)),
  options("MD5, fast open, multipath, user timeout", [
    ...[28, 4, 0x80, 1, 34, 10, 1, 2, 3, 4, 5, 6, 7, 8],
    ...[30, 3, 0x10, 253, 4, 1, 2],
  ]),
  options("experiments of every length", [254, 2, 1, 1, 253, 3, 1, 254, 4, 0xf9, 0x89]),
  ether("a segment with nothing behind the header", ethernet(ipv4(tcp4()))),
  ether("a payload of one byte", ethernet(ipv4(tcp4({ payload: [255] })))),
  ether("an odd payload", ethernet(ipv4(tcp4({ payload: pattern(1447) })))),
  ether("the longest IPv4 packet", ethernet(ipv4(tcp4({ payload: pattern(65495) })))),
  ether("rubbish behind the packet", ethernet(join(ipv4(tcp4({ payload: pattern(30) })), pattern(50)))),
];
