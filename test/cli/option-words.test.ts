// Each option of the vectors, as `tcpwire segments` puts it.
import { describe, expect, test } from "vitest";
import { pcap, tcpFrame } from "../capture/captures.ts";
import { bytes } from "../vectors/bytes.ts";
import { optionVectors } from "../vectors/options.ts";
import { tcpwire } from "./harness.ts";

const words: Readonly<Record<string, string>> = {
  "00": "eol",
  "00000102": "eol",
  "01": "nop",
  "020405b4": "mss 1460",
  "0204ffff": "mss 65535",
  "030307": "wscale 7",
  "03030f": "wscale 15",
  "0402": "sackOK",
  "05120000177000001b58fffffff000000010": "sack 2 {6000:7000}{4294967280:16}",
  "0502": "sack",
  "060601020304": "echo 16909060",
  "0706fffefdfc": "echoreply 4294901244",
  "080a80000001ffffffff": "TS val 2147483649 ecr 4294967295",
  "0902": "partial-order ok",
  "0a0380": "partial-order start",
  "0a0365": "partial-order end",
  "0b0600000001": "cc 1",
  "0c06ffffffff": "ccnew 4294967295",
  "0d0680000000": "ccecho 2147483648",
  "0e0302": "altcksum fletcher16",
  "0f0612345678": "altcksum data 0x12345678",
  "1005aabbcc": "skeeter 0xaabbcc",
  "1102": "bubba",
  "12032a": "trailer-checksum 42",
  "1312000102030405060708090a0b0c0d0e0f": "md5 0x000102030405060708090a0b0c0d0e0f",
  "1404c801": "scps bets+snack1+nlts id 1",
  "1406c8019012": "scps bets+snack1+nlts id 1 extended 0x9012",
  "1403c8": "scps 0xc8",
  "150600020001": "snack offset 2 size 1",
  "150800020001a0f0": "snack offset 2 size 1 bits 0xa0f0",
  "1602": "record-boundary",
  "1702": "corruption-experienced",
  "180401ff": "snap 0x01ff",
  "1a030f": "compression-filter 0x0f",
  "1b0804ff1234567c": "quickstart 640 kbit/s ttl-diff 255 nonce 0x048d159f",
  "1b08ffffffffffff": "quickstart 1310.72 Mbit/s ttl-diff 255 nonce 0x3fffffff",
  "1c04801e": "uto 30 min",
  "1c047fff": "uto 32767 s",
  "1d103d54000102030405060708090a0b": "tcp-ao keyid 61 rnextkeyid 84 mac 0x000102030405060708090a0b",
  "1d040102": "tcp-ao keyid 1 rnextkeyid 2",
  "2202": "tfo cookiereq",
  "220a0102030405060708": "tfo cookie 0x0102030405060708",
  fe0cf9890102030405060708: "exp tfo cookie 0x0102030405060708",
  "450400a1": "eno active tep 0x21",
  "450b012182a2010203a307": "eno passive tep 0x21 tep 0x22 data 0x010203 tep 0x23 data 0x07",
  "450580a105": "eno tep 0x21 data 0x05",
  "4502": "eno",
  "450584a105": "eno 0x84a105",
  fd05454e21: "exp eno tep 0x21",
  ac02: "accecn0",
  ac05000001: "accecn0 ee0b 1",
  ac0b000001000002ffffff: "accecn0 ee0b 1 eceb 2 ee1b 16777215",
  ae08000003000002: "accecn1 ee1b 3 eceb 2",
  fe0aacc1000003000002: "exp accecn1 ee1b 3 eceb 2",
  fd06034810fe: "exp Host ID (0x0348) 0x10fe",
  fe06e2d4c3d9: "exp Shared Memory Communications over RDMA (0xe2d4c3d9)",
  "4d0401ff": "unknown-77 0x01ff",
  "1e040181": "mptcp capable v1 checksums hmac-sha256",
  "1e0c01010123456789abcdef": "mptcp capable v1 hmac-sha256 key 0x0123456789abcdef",
  "1e1400010123456789abcdeffedcba9876543210":
    "mptcp capable v0 hmac-sha1 key 0x0123456789abcdef peer-key 0xfedcba9876543210",
  "1e1601010123456789abcdeffedcba98765432100064":
    "mptcp capable v1 hmac-sha256 key 0x0123456789abcdef peer-key 0xfedcba9876543210 maps 100",
  "1e1801810123456789abcdeffedcba98765432100064beef":
    "mptcp capable v1 checksums hmac-sha256 key 0x0123456789abcdef peer-key 0xfedcba9876543210 maps 100 csum 0xbeef",
  "1e0c1102deadbeefcafebabe": "mptcp join backup id 2 token 0xdeadbeef nonce 0xcafebabe",
  "1e1010030102030405060708cafebabe": "mptcp join id 3 hmac 0x0102030405060708 nonce 0xcafebabe",
  "1e181000000102030405060708090a0b0c0d0e0f10111213":
    "mptcp join hmac 0x000102030405060708090a0b0c0d0e0f10111213",
  "1e181abc000102030405060708090a0b0c0d0e0f10111213":
    "mptcp join hmac 0x000102030405060708090a0b0c0d0e0f10111213 reserved 0xabc",
  "1e0820010a0b0c0d": "mptcp dss ack 168496141",
  "1e1c201f010203040506070811121314151617180000000105a0abcd":
    "mptcp dss ack 72623859790382856 seq 1230066625199609624 subseq 1 maps 1440 csum 0xabcd fin",
  "1e0e2004111213140000000105a0": "mptcp dss seq 286397204 subseq 1 maps 1440",
  "1e042002": "mptcp dss reserved 0x2",
  "1e0520010a": "mptcp dss 0x20010a",
  "1e123005c00002011f900102030405060708": "mptcp add-addr id 5 192.0.2.1 port 8080 hmac 0x0102030405060708",
  "1e14310620010db8000000000000000000000001": "mptcp add-addr echo id 6 2001:db8::1",
  "1e083405c0000201": "mptcp add-addr id 5 192.0.2.1",
  "1e05400102": "mptcp remove-addr id 1 id 2",
  "1e0351": "mptcp prio backup",
  "1e045007": "mptcp prio regular id 7",
  "1e0c60000102030405060708": "mptcp fail seq 72623859790382856",
  "1e0c7000fedcba9876543210": "mptcp fastclose key 0xfedcba9876543210",
  "1e048102": "mptcp reset transient (lack of resources)",
  "1e05f10203": "mptcp subtype-15 0xf10203",
};

async function shown(options: Uint8Array): Promise<string> {
  const padded = new Uint8Array(Math.ceil(options.length / 4) * 4).fill(1);
  padded.set(options);
  const { status, out } = await tcpwire(["segments", "-S", "-"], {
    stdin: pcap([tcpFrame({ options: Array.from(padded) })]),
  });
  expect(status).toBe(0);
  return out.match(/options \[(.*?)\]/)![1].replace(/(,nop)*$/, "");
}

describe("the text of an option", () => {
  test.each(optionVectors)("$name: $hex", async ({ hex }) => {
    expect(await shown(bytes(hex))).toBe(words[hex]);
  });

  test.each([
    ["020305", "mss 0x05"],
    ["08060102abcd", "TS 0x0102abcd"],
    ["050600000001", "sack 0x00000001"],
    ["1e020101", "mptcp"],
    ["220301", "tfo 0x01"],
    ["ac04abcd", "accecn0 0xabcd"],
    ["fd03ac", "exp 0xac"],
    ["1b03ff", "quickstart 0xff"],
    ["1c031e", "uto 0x1e"],
  ])("whose length is wrong is its name and its bytes: %s", async (hex, text) => {
    expect(await shown(bytes(hex))).toBe(text);
  });

  test.each([
    ["1e0481ff", "mptcp reset transient (reason 255)"],
    ["1e048401", "mptcp reset (mptcp error) flags 0x4"],
    ["1e04017a", "mptcp capable v1 extensible no-joins-here flags 0x1a"],
    ["1b0800000000000c", "quickstart no rate ttl-diff 0 nonce 0x00000003"],
    ["14040701", "scps 0x07 id 1"],
    ["14040001", "scps none id 1"],
    ["0a0300", "partial-order middle"],
    ["0e0309", "altcksum 9"],
    ["4503" + "1e", "eno active app-aware bits 0x1c"],
    ["fd041234", "exp 0x1234"],
    ["fd05acc0ff", "exp Accurate ECN order 0 (0xacc0) 0xff"],
  ])("says every bit of it: %s", async (hex, text) => {
    expect(await shown(bytes(hex))).toBe(text);
  });
});
