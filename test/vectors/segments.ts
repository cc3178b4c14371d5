// Whole segments with the addresses they travelled under. The checksums come from a separate implementation
// and from tshark. Free of any runtime: usable in Node, Deno, Bun and browsers.
import type { ChecksumVerdict, SegmentFields } from "../../src/wire/index.ts";
import { bytes } from "./bytes.ts";

export interface SegmentVector {
  readonly name: string;
  readonly src: string;
  readonly dst: string;
  readonly hex: string;
  /** What it says; the options as a list, as parsing gives them. */
  readonly fields: SegmentFields & { readonly options: readonly unknown[] };
  readonly verdict: ChecksumVerdict;
}

const v4 = { src: "192.0.2.1", dst: "192.0.2.2" };
const back = { src: "192.0.2.2", dst: "192.0.2.1" };
const v6 = { src: "2001:db8::1", dst: "2001:db8::2" };
const ten = { src: "10.0.0.1", dst: "10.0.0.2" };
const telnet = { src: "198.51.100.7", dst: "203.0.113.9" };

export const segmentVectors: readonly SegmentVector[] = [
  {
    name: "a SYN as Linux sends it",
    ...v4,
    hex: "c35001bb1234567800000000a002faf09b520000020405b40402080a000000010000000001030307",
    fields: {
      srcPort: 50000,
      dstPort: 443,
      seq: 0x12345678,
      ack: 0,
      flags: 0x002,
      window: 64240,
      checksum: 0x9b52,
      urgentPointer: 0,
      options: [
        { type: "mss", value: 1460 },
        { type: "sackPermitted" },
        { type: "timestamps", tsval: 1, tsecr: 0 },
        { type: "nop" },
        { type: "windowScale", shift: 7 },
      ],
      payload: bytes(""),
    },
    verdict: "good",
  },
  {
    name: "its SYN-ACK, the last sequence number before the wrap",
    ...back,
    hex: "01bbc350ffffffff12345679a012fe8897a40000020405b40402080a000000050000000101030307",
    fields: {
      srcPort: 443,
      dstPort: 50000,
      seq: 0xffffffff,
      ack: 0x12345679,
      flags: 0x012,
      window: 65160,
      checksum: 0x97a4,
      urgentPointer: 0,
      options: [
        { type: "mss", value: 1460 },
        { type: "sackPermitted" },
        { type: "timestamps", tsval: 5, tsecr: 1 },
        { type: "nop" },
        { type: "windowScale", shift: 7 },
      ],
      payload: bytes(""),
    },
    verdict: "good",
  },
  {
    name: "its ACK with timestamps",
    ...v4,
    hex: "c35001bb1234567900000000801001f6c30300000101080a0000000200000005",
    fields: {
      srcPort: 50000,
      dstPort: 443,
      seq: 0x12345679,
      ack: 0,
      flags: 0x010,
      window: 502,
      checksum: 0xc303,
      urgentPointer: 0,
      options: [{ type: "nop" }, { type: "nop" }, { type: "timestamps", tsval: 2, tsecr: 5 }],
      payload: bytes(""),
    },
    verdict: "good",
  },
  {
    name: "data over IPv6",
    ...v6,
    hex: "c3500050000000010000000250180200b0020000474554202f20485454502f312e300d0a0d0a",
    fields: {
      srcPort: 50000,
      dstPort: 80,
      seq: 1,
      ack: 2,
      flags: 0x018,
      window: 512,
      checksum: 0xb002,
      urgentPointer: 0,
      options: [],
      payload: bytes("474554202f20485454502f312e300d0a0d0a"),
    },
    verdict: "good",
  },
  {
    name: "an odd number of bytes over IPv6",
    ...v6,
    hex: "c3500050000000010000000250180200f36b0000474554",
    fields: {
      srcPort: 50000,
      dstPort: 80,
      seq: 1,
      ack: 2,
      flags: 0x018,
      window: 512,
      checksum: 0xf36b,
      urgentPointer: 0,
      options: [],
      payload: bytes("474554"),
    },
    verdict: "good",
  },
  {
    name: "an acknowledgment with two SACK blocks, around 2^31",
    ...telnet,
    hex:
      "823500160000006480000000d0100001aba10000" +
      "0101080a000000ff000000fe0101051280000100800002008000030080000400",
    fields: {
      srcPort: 33333,
      dstPort: 22,
      seq: 100,
      ack: 0x80000000,
      flags: 0x010,
      window: 1,
      checksum: 0xaba1,
      urgentPointer: 0,
      options: [
        { type: "nop" },
        { type: "nop" },
        { type: "timestamps", tsval: 255, tsecr: 254 },
        { type: "nop" },
        { type: "nop" },
        {
          type: "sack",
          blocks: [
            { left: 0x80000100, right: 0x80000200 },
            { left: 0x80000300, right: 0x80000400 },
          ],
        },
      ],
      payload: bytes(""),
    },
    verdict: "good",
  },
  {
    name: "urgent data of a telnet interrupt",
    ...telnet,
    hex: "8235001700000064000000c850382000a5ff0004fff4fff2",
    fields: {
      srcPort: 33333,
      dstPort: 23,
      seq: 100,
      ack: 200,
      flags: 0x038,
      window: 8192,
      checksum: 0xa5ff,
      urgentPointer: 4,
      options: [],
      payload: bytes("fff4fff2"),
    },
    verdict: "good",
  },
  {
    name: "a reset without ACK",
    ...telnet,
    hex: "82350017000000640000000050040000c6eb0000",
    fields: {
      srcPort: 33333,
      dstPort: 23,
      seq: 100,
      ack: 0,
      flags: 0x004,
      window: 0,
      checksum: 0xc6eb,
      urgentPointer: 0,
      options: [],
      payload: bytes(""),
    },
    verdict: "good",
  },
  {
    name: "a segment whose checksum is left to the network card",
    src: "127.0.0.1",
    dst: "127.0.0.1",
    hex: `9c40c350000000050000000680180200fe5000000101080a0000000200000005${"78".repeat(40)}`,
    fields: {
      srcPort: 40000,
      dstPort: 50000,
      seq: 5,
      ack: 6,
      flags: 0x018,
      window: 512,
      checksum: 0xfe50,
      urgentPointer: 0,
      options: [{ type: "nop" }, { type: "nop" }, { type: "timestamps", tsval: 2, tsecr: 5 }],
      payload: bytes("78".repeat(40)),
    },
    verdict: "partial",
  },
  {
    name: "a SYN padded with an end of list",
    ...ten,
    hex: "0001000200000003000000047002000577ad00000204021800000000",
    fields: {
      srcPort: 1,
      dstPort: 2,
      seq: 3,
      ack: 4,
      flags: 0x002,
      window: 5,
      checksum: 0x77ad,
      urgentPointer: 0,
      options: [
        { type: "mss", value: 536 },
        { type: "eol", padding: bytes("000000") },
      ],
      payload: bytes(""),
    },
    verdict: "good",
  },
  {
    name: "every field at its largest, the header too",
    ...ten,
    hex: `ffffffffffffffffffffffffffffffffd7a6ffff${"01".repeat(40)}`,
    fields: {
      srcPort: 65535,
      dstPort: 65535,
      seq: 0xffffffff,
      ack: 0xffffffff,
      flags: 0xfff,
      window: 65535,
      checksum: 0xd7a6,
      urgentPointer: 65535,
      options: Array(40).fill({ type: "nop" }),
      payload: bytes(""),
    },
    verdict: "good",
  },
  {
    name: "a SYN that offers accurate ECN",
    ...ten,
    hex: "03e80050000000070000000061c2ffff7e250000020405b4",
    fields: {
      srcPort: 1000,
      dstPort: 80,
      seq: 7,
      ack: 0,
      flags: 0x1c2,
      window: 65535,
      checksum: 0x7e25,
      urgentPointer: 0,
      options: [{ type: "mss", value: 1460 }],
      payload: bytes(""),
    },
    verdict: "good",
  },
  {
    name: "a checksum of zero",
    ...ten,
    hex: "03e80050000000070000000850100200000000009589",
    fields: {
      srcPort: 1000,
      dstPort: 80,
      seq: 7,
      ack: 8,
      flags: 0x010,
      window: 512,
      checksum: 0,
      urgentPointer: 0,
      options: [],
      payload: bytes("9589"),
    },
    verdict: "good",
  },
];
