// Options by hand from their documents: the bytes as they go over the wire and what they say.
// Free of any runtime: usable in Node, Deno, Bun and browsers.
import { bytes } from "./bytes.ts";
import { mptcpVectors, type OptionVector } from "./mptcp.ts";

const plain: readonly OptionVector[] = [
  { name: "end of list, the header's last byte", hex: "00", option: { type: "eol" } },
  {
    name: "end of list with padding that is not zero",
    hex: "00000102",
    option: { type: "eol", padding: bytes("000102") },
  },
  { name: "no operation", hex: "01", option: { type: "nop" } },
  { name: "MSS 1460", hex: "020405b4", option: { type: "mss", value: 1460 } },
  { name: "MSS 65535", hex: "0204ffff", option: { type: "mss", value: 65535 } },
  { name: "window scale 7", hex: "030307", option: { type: "windowScale", shift: 7 } },
  { name: "window scale 15, above the limit", hex: "03030f", option: { type: "windowScale", shift: 15 } },
  { name: "SACK permitted", hex: "0402", option: { type: "sackPermitted" } },
  {
    name: "SACK of two blocks",
    hex: "05120000177000001b58fffffff000000010",
    option: {
      type: "sack",
      blocks: [
        { left: 6000, right: 7000 },
        { left: 0xfffffff0, right: 16 },
      ],
    },
  },
  { name: "SACK without blocks", hex: "0502", option: { type: "sack", blocks: [] } },
  { name: "echo", hex: "060601020304", option: { type: "echo", value: 0x01020304 } },
  { name: "echo reply", hex: "0706fffefdfc", option: { type: "echoReply", value: 0xfffefdfc } },
  {
    name: "timestamps",
    hex: "080a80000001ffffffff",
    option: { type: "timestamps", tsval: 0x80000001, tsecr: 0xffffffff },
  },
  { name: "partial order permitted", hex: "0902", option: { type: "partialOrderPermitted" } },
  {
    name: "partial order profile, the first of several",
    hex: "0a0380",
    option: { type: "partialOrderProfile", start: true, end: false },
  },
  {
    name: "partial order profile with filler bits set",
    hex: "0a0365",
    option: { type: "partialOrderProfile", start: false, end: true, reserved: 0x25 },
  },
  { name: "CC", hex: "0b0600000001", option: { type: "cc", count: 1 } },
  { name: "CC.NEW", hex: "0c06ffffffff", option: { type: "ccNew", count: 0xffffffff } },
  { name: "CC.ECHO", hex: "0d0680000000", option: { type: "ccEcho", count: 0x80000000 } },
  {
    name: "alternate checksum request for the 16-bit Fletcher",
    hex: "0e0302",
    option: { type: "alternateChecksumRequest", algorithm: 2 },
  },
  {
    name: "alternate checksum data",
    hex: "0f0612345678",
    option: { type: "alternateChecksumData", data: bytes("12345678") },
  },
  { name: "Skeeter", hex: "1005aabbcc", option: { type: "skeeter", data: bytes("aabbcc") } },
  { name: "Bubba", hex: "1102", option: { type: "bubba", data: bytes("") } },
  { name: "trailer checksum", hex: "12032a", option: { type: "trailerChecksum", value: 42 } },
  {
    name: "MD5 signature",
    hex: "1312000102030405060708090a0b0c0d0e0f",
    option: { type: "md5", digest: bytes("000102030405060708090a0b0c0d0e0f") },
  },
  {
    name: "SCPS capabilities",
    hex: "1404c801",
    option: { type: "scps", capabilities: 0xc8, connectionId: 1 },
  },
  {
    name: "SCPS capabilities, extended",
    hex: "1406c8019012",
    option: { type: "scps", capabilities: 0xc8, connectionId: 1, extended: bytes("9012") },
  },
  {
    name: "SCPS too short to say anything",
    hex: "1403c8",
    option: { type: "unknown", kind: 20, data: bytes("c8") },
  },
  { name: "SNACK", hex: "150600020001", option: { type: "snack", offset: 2, size: 1 } },
  {
    name: "SNACK with a bit vector",
    hex: "150800020001a0f0",
    option: { type: "snack", offset: 2, size: 1, bits: bytes("a0f0") },
  },
  { name: "record boundary", hex: "1602", option: { type: "recordBoundary", data: bytes("") } },
  { name: "corruption experienced", hex: "1702", option: { type: "corruptionExperienced", data: bytes("") } },
  { name: "SNAP", hex: "180401ff", option: { type: "snap", data: bytes("01ff") } },
  { name: "compression filter", hex: "1a030f", option: { type: "compressionFilter", data: bytes("0f") } },
  {
    name: "quick-start response at 640 kbit/s",
    hex: "1b0804ff1234567c",
    option: { type: "quickStart", rate: 4, ttlDifference: 255, nonce: 0x048d159f },
  },
  {
    name: "quick-start response with every bit set",
    hex: "1b08ffffffffffff",
    option: { type: "quickStart", rate: 15, ttlDifference: 255, nonce: 0x3fffffff, reserved: 0x3f },
  },
  {
    name: "user timeout of 30 minutes",
    hex: "1c04801e",
    option: { type: "userTimeout", unit: "minutes", value: 30 },
  },
  {
    name: "user timeout of 32767 seconds",
    hex: "1c047fff",
    option: { type: "userTimeout", unit: "seconds", value: 32767 },
  },
  {
    name: "TCP-AO with a MAC of 96 bits",
    hex: "1d103d54000102030405060708090a0b",
    option: { type: "tcpAo", keyId: 0x3d, rNextKeyId: 0x54, mac: bytes("000102030405060708090a0b") },
  },
  {
    name: "TCP-AO without MAC",
    hex: "1d040102",
    option: { type: "tcpAo", keyId: 1, rNextKeyId: 2, mac: bytes("") },
  },
  { name: "fast open, asking for a cookie", hex: "2202", option: { type: "fastOpen", cookie: bytes("") } },
  {
    name: "fast open with a cookie",
    hex: "220a0102030405060708",
    option: { type: "fastOpen", cookie: bytes("0102030405060708") },
  },
  {
    name: "fast open as the experiment it was",
    hex: "fe0cf9890102030405060708",
    option: { type: "fastOpen", cookie: bytes("0102030405060708"), experiment: 254 },
  },
  {
    name: "ENO of an active opener that offers TEP 0x21 with data, though it has none",
    hex: "450400a1",
    option: { type: "eno", suboptions: [{ global: 0 }, { tep: 0x21, data: bytes("") }] },
  },
  {
    name: "ENO of a passive opener with data in the middle and at the end",
    hex: "450b0121" + "82a2010203" + "a307",
    option: {
      type: "eno",
      suboptions: [
        { global: 1 },
        { tep: 0x21 },
        { tep: 0x22, data: bytes("010203") },
        { tep: 0x23, data: bytes("07") },
      ],
    },
  },
  {
    name: "ENO whose last suboption has a length byte it does not need",
    hex: "450580a105",
    option: { type: "eno", suboptions: [{ tep: 0x21, data: bytes("05"), explicitLength: true }] },
  },
  { name: "ENO without suboptions, as in the ACK", hex: "4502", option: { type: "eno", suboptions: [] } },
  {
    name: "ENO whose length byte reaches too far",
    hex: "450584a105",
    option: { type: "eno", data: bytes("84a105") },
  },
  {
    name: "ENO as an experiment",
    hex: "fd05454e21",
    option: { type: "eno", suboptions: [{ tep: 0x21 }], experiment: 253 },
  },
  { name: "AccECN without counters", hex: "ac02", option: { type: "accEcn", order: 0 } },
  {
    name: "AccECN, order 0, one counter",
    hex: "ac05000001",
    option: { type: "accEcn", order: 0, ee0b: 1 },
  },
  {
    name: "AccECN, order 0, all counters",
    hex: "ac0b000001000002ffffff",
    option: { type: "accEcn", order: 0, ee0b: 1, eceb: 2, ee1b: 0xffffff },
  },
  {
    name: "AccECN, order 1, two counters",
    hex: "ae08000003000002",
    option: { type: "accEcn", order: 1, ee1b: 3, eceb: 2 },
  },
  {
    name: "AccECN, order 1, as an experiment",
    hex: "fe0aacc1000003000002",
    option: { type: "accEcn", order: 1, ee1b: 3, eceb: 2, experiment: 254 },
  },
  {
    name: "an experiment of 16 bits: host ID",
    hex: "fd06034810fe",
    option: { type: "experiment", kind: 253, exid: 0x0348, data: bytes("10fe") },
  },
  {
    name: "an experiment of 32 bits: SMC-R",
    hex: "fe06e2d4c3d9",
    option: { type: "experiment", kind: 254, exid: 0xe2d4c3d9, data: bytes("") },
  },
  {
    name: "a kind that nobody has assigned",
    hex: "4d0401ff",
    option: { type: "unknown", kind: 77, data: bytes("01ff") },
  },
];

export const optionVectors: readonly OptionVector[] = [...plain, ...mptcpVectors];
