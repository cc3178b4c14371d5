// Multipath TCP options by hand from RFC 8684 3.1 to 3.7, and RFC 6824 for version 0.
import type { TcpOption } from "../../src/wire/index.ts";
import { bytes } from "./bytes.ts";

export interface OptionVector {
  readonly name: string;
  readonly hex: string;
  readonly option: TcpOption;
}

export const mptcpVectors: readonly OptionVector[] = [
  {
    name: "MP_CAPABLE of a SYN",
    hex: "1e040181",
    option: { type: "mptcp", subtype: "MP_CAPABLE", version: 1, flags: 0x81 },
  },
  {
    name: "MP_CAPABLE of a SYN-ACK",
    hex: "1e0c01010123456789abcdef",
    option: { type: "mptcp", subtype: "MP_CAPABLE", version: 1, flags: 1, senderKey: 0x0123456789abcdefn },
  },
  {
    name: "MP_CAPABLE of the ACK, version 0",
    hex: "1e1400010123456789abcdeffedcba9876543210",
    option: {
      type: "mptcp",
      subtype: "MP_CAPABLE",
      version: 0,
      flags: 1,
      senderKey: 0x0123456789abcdefn,
      receiverKey: 0xfedcba9876543210n,
    },
  },
  {
    name: "MP_CAPABLE with data",
    hex: "1e1601010123456789abcdeffedcba98765432100064",
    option: {
      type: "mptcp",
      subtype: "MP_CAPABLE",
      version: 1,
      flags: 1,
      senderKey: 0x0123456789abcdefn,
      receiverKey: 0xfedcba9876543210n,
      dataLength: 100,
    },
  },
  {
    name: "MP_CAPABLE with data and its checksum",
    hex: "1e1801810123456789abcdeffedcba98765432100064beef",
    option: {
      type: "mptcp",
      subtype: "MP_CAPABLE",
      version: 1,
      flags: 0x81,
      senderKey: 0x0123456789abcdefn,
      receiverKey: 0xfedcba9876543210n,
      dataLength: 100,
      checksum: 0xbeef,
    },
  },
  {
    name: "MP_JOIN of a SYN, as a backup",
    hex: "1e0c1102deadbeefcafebabe",
    option: {
      type: "mptcp",
      subtype: "MP_JOIN",
      phase: "syn",
      backup: true,
      addressId: 2,
      token: 0xdeadbeef,
      random: 0xcafebabe,
    },
  },
  {
    name: "MP_JOIN of a SYN-ACK",
    hex: "1e1010030102030405060708cafebabe",
    option: {
      type: "mptcp",
      subtype: "MP_JOIN",
      phase: "syn-ack",
      backup: false,
      addressId: 3,
      hmac: bytes("0102030405060708"),
      random: 0xcafebabe,
    },
  },
  {
    name: "MP_JOIN of the ACK",
    hex: "1e181000000102030405060708090a0b0c0d0e0f10111213",
    option: {
      type: "mptcp",
      subtype: "MP_JOIN",
      phase: "ack",
      hmac: bytes("000102030405060708090a0b0c0d0e0f10111213"),
    },
  },
  {
    name: "MP_JOIN of the ACK with reserved bits",
    hex: "1e181abc000102030405060708090a0b0c0d0e0f10111213",
    option: {
      type: "mptcp",
      subtype: "MP_JOIN",
      phase: "ack",
      hmac: bytes("000102030405060708090a0b0c0d0e0f10111213"),
      reserved: 0xabc,
    },
  },
  {
    name: "DSS with a data acknowledgment of 4 bytes",
    hex: "1e0820010a0b0c0d",
    option: { type: "mptcp", subtype: "DSS", dataFin: false, dataAck: 0x0a0b0c0d },
  },
  {
    name: "DSS with everything in its longest form",
    hex: "1e1c201f" + "0102030405060708" + "1112131415161718" + "00000001" + "05a0" + "abcd",
    option: {
      type: "mptcp",
      subtype: "DSS",
      dataFin: true,
      dataAck: 0x0102030405060708n,
      mapping: { dataSeq: 0x1112131415161718n, subflowSeq: 1, length: 1440, checksum: 0xabcd },
    },
  },
  {
    name: "DSS with a mapping alone, without checksum",
    hex: "1e0e2004" + "11121314" + "00000001" + "05a0",
    option: {
      type: "mptcp",
      subtype: "DSS",
      dataFin: false,
      mapping: { dataSeq: 0x11121314, subflowSeq: 1, length: 1440 },
    },
  },
  {
    name: "DSS that announces 8 bytes of an acknowledgment it does not have",
    hex: "1e042002",
    option: { type: "mptcp", subtype: "DSS", dataFin: false, reserved: 2 },
  },
  {
    name: "DSS of a length that its flags do not give",
    hex: "1e0520010a",
    option: { type: "mptcp", subtype: "OTHER", number: 2, data: bytes("20010a") },
  },
  {
    name: "ADD_ADDR of an IPv4 address with port and HMAC",
    hex: "1e123005c0000201" + "1f90" + "0102030405060708",
    option: {
      type: "mptcp",
      subtype: "ADD_ADDR",
      version: 1,
      echo: false,
      addressId: 5,
      address: "192.0.2.1",
      port: 8080,
      hmac: bytes("0102030405060708"),
    },
  },
  {
    name: "ADD_ADDR of an IPv6 address, echoed",
    hex: "1e143106" + "20010db8000000000000000000000001",
    option: {
      type: "mptcp",
      subtype: "ADD_ADDR",
      version: 1,
      echo: true,
      addressId: 6,
      address: "2001:db8::1",
    },
  },
  {
    name: "ADD_ADDR of version 0",
    hex: "1e083405c0000201",
    option: {
      type: "mptcp",
      subtype: "ADD_ADDR",
      version: 0,
      echo: false,
      addressId: 5,
      address: "192.0.2.1",
    },
  },
  {
    name: "REMOVE_ADDR of two",
    hex: "1e05400102",
    option: { type: "mptcp", subtype: "REMOVE_ADDR", addressIds: [1, 2] },
  },
  { name: "MP_PRIO", hex: "1e0351", option: { type: "mptcp", subtype: "MP_PRIO", backup: true } },
  {
    name: "MP_PRIO of version 0 with an address ID",
    hex: "1e045007",
    option: { type: "mptcp", subtype: "MP_PRIO", backup: false, addressId: 7 },
  },
  {
    name: "MP_FAIL",
    hex: "1e0c60000102030405060708",
    option: { type: "mptcp", subtype: "MP_FAIL", dataSeq: 0x0102030405060708n },
  },
  {
    name: "MP_FASTCLOSE",
    hex: "1e0c7000fedcba9876543210",
    option: { type: "mptcp", subtype: "MP_FASTCLOSE", receiverKey: 0xfedcba9876543210n },
  },
  {
    name: "MP_TCPRST, transient, for lack of resources",
    hex: "1e048102",
    option: { type: "mptcp", subtype: "MP_TCPRST", flags: 1, reason: 2 },
  },
  {
    name: "a private MPTCP subtype",
    hex: "1e05f10203",
    option: { type: "mptcp", subtype: "OTHER", number: 15, data: bytes("f10203") },
  },
];
