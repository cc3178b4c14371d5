// Segments as one line of text, in tcpdump's and packetdrill's habits:
//
//   "P. 1:101(100) ack 1 win 257 <nop,nop,TS val 5 ecr 6>"
//
// with the IP header's ECN codepoint before it where it matters: "[ce] P. 1:101(100) ack 1".
// Written and read here byte by byte, apart from the code under test.
import { fillChecksum, formatFlags, parseFlags, verifyChecksum } from "../../src/wire/index.ts";

export interface Text {
  /** As in `CODEPOINTS`; undefined for any. */
  ecn?: number;
  flags: number;
  seq: number;
  length: number;
  ack?: number;
  win?: number;
  urg?: number;
  /** As written: "mss 1460", "sackOK", "TS val 1 ecr 2", "nop", "wscale 7", "sack 1:101 201:301", "uto 5000"... */
  options?: string[];
}

/** What the relative numbers of a direction count from, and the addresses. */
export interface Line {
  src: string;
  dst: string;
  srcPort: number;
  dstPort: number;
  /** ISN of the sender, and of the receiver. */
  iss: number;
  irs: number;
}

const PATTERN =
  /^(?:\[(?<ecn>noecn|ect1|ect0|ce)\] )?(?<flags>[FSRP.UEWe]+|none)(?: (?<seq>-?\d+)(?::(?<end>-?\d+))?\((?<len>\d+)\))?(?: ack (?<ack>-?\d+))?(?: win (?<win>\d+))?(?: urg (?<urg>\d+))?(?: <(?<options>.*)>)?$/;

const CODEPOINTS = ["noecn", "ect1", "ect0", "ce"];

/** Reads a line. Without `a:b(n)` the segment is empty and stands at `seq`. */
export function parseText(line: string): Text {
  const groups = PATTERN.exec(line.trim())?.groups;
  if (groups === undefined) throw new SyntaxError(`no segment: ${line}`);
  const number = (text: string | undefined) => (text === undefined ? undefined : Number(text));
  const length = number(groups.len) ?? 0;
  const seq = number(groups.seq) ?? Number.NaN;
  if (groups.end !== undefined && Number(groups.end) !== seq + length)
    throw new SyntaxError(`length: ${line}`);
  return {
    ecn: groups.ecn === undefined ? undefined : CODEPOINTS.indexOf(groups.ecn),
    flags: parseFlags(groups.flags),
    seq,
    length,
    ack: number(groups.ack),
    win: number(groups.win),
    urg: number(groups.urg),
    options: groups.options?.split(",").flatMap((option) => option.trim() || []),
  };
}

/** The byte with relative sequence number `n`: every position has a value that its neighbours lack. */
export function patternByte(n: number): number {
  return (n ^ (n >>> 8) ^ 0x5a) & 0xff;
}

export function pattern(from: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => patternByte((from + i) >>> 0));
}

/** The segment of a line, as bytes with a good checksum. */
export function encode(text: Text, line: Line): Uint8Array {
  const options = encodeOptions(text.options ?? [], line.irs);
  const header = 20 + options.length;
  const bytes = new Uint8Array(header + text.length);
  const dv = new DataView(bytes.buffer);
  dv.setUint16(0, line.srcPort);
  dv.setUint16(2, line.dstPort);
  dv.setUint32(4, line.iss + text.seq);
  dv.setUint32(8, text.ack === undefined ? 0 : line.irs + text.ack);
  dv.setUint16(12, ((header / 4) << 12) | text.flags);
  dv.setUint16(14, text.win ?? 0);
  dv.setUint16(18, text.urg ?? 0);
  bytes.set(options, 20);
  bytes.set(pattern(text.seq + (text.flags & 2 ? 1 : 0), text.length), header);
  fillChecksum(bytes, line);
  return bytes;
}

/** The line of a segment, complete. Throws when its checksum or its data are wrong. */
export function decode(bytes: Uint8Array, line: Line, ecn = 0): Text {
  const dv = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const verdict = verifyChecksum(bytes, line);
  if (verdict !== "good") throw new Error(`checksum ${verdict}`);
  if (dv.getUint16(0) !== line.srcPort || dv.getUint16(2) !== line.dstPort) throw new Error("ports");
  const header = (dv.getUint8(12) >> 4) * 4;
  const flags = dv.getUint16(12) & 0xfff;
  const seq = (dv.getUint32(4) - line.iss) | 0;
  const length = bytes.length - header;
  return {
    ecn,
    flags,
    seq,
    length,
    ack: flags & 0x10 ? (dv.getUint32(8) - line.irs) | 0 : undefined,
    win: dv.getUint16(14),
    urg: flags & 0x20 ? dv.getUint16(18) : undefined,
    options: decodeOptions(bytes, dv, header, line.irs),
  };
}

export function format(text: Text): string {
  const { seq, length } = text;
  const flags = formatFlags(text.flags).slice(1, -1);
  const parts = [
    ...(text.ecn ? [`[${CODEPOINTS[text.ecn]}]`] : []),
    flags,
    `${seq}:${seq + length}(${length})`,
  ];
  if (text.ack !== undefined) parts.push(`ack ${text.ack}`);
  if (text.win !== undefined) parts.push(`win ${text.win}`);
  if (text.urg !== undefined) parts.push(`urg ${text.urg}`);
  if (text.options?.length) parts.push(`<${text.options.join(",")}>`);
  return parts.join(" ");
}

/** `expected` as `actual` would look if it agreed: what it does not name is taken over. */
export function completed(expected: Text, actual: Text): Text {
  return {
    ecn: expected.ecn ?? actual.ecn,
    flags: expected.flags,
    seq: Number.isNaN(expected.seq) ? actual.seq : expected.seq,
    length: Number.isNaN(expected.seq) ? actual.length : expected.length,
    ack: expected.ack ?? actual.ack,
    win: expected.win ?? actual.win,
    urg: expected.urg ?? actual.urg,
    options: expected.options === undefined ? actual.options : agree(expected.options, actual.options ?? []),
  };
}

/** Options compare without padding and in any order; "TS" alone stands for any timestamps. */
function agree(expected: string[], actual: string[]): string[] {
  const meant = (list: string[]) => list.filter((option) => option !== "nop" && option !== "eol");
  const rest = meant(actual);
  for (const option of meant(expected)) {
    const found = rest.findIndex((other) => other === option || (option === "TS" && other.startsWith("TS ")));
    if (found < 0) return expected;
    rest.splice(found, 1);
  }
  return rest.length === 0 ? actual : expected;
}

function encodeOptions(options: string[], irs: number): Uint8Array {
  const bytes: number[] = [];
  const u16 = (n: number) => [(n >>> 8) & 255, n & 255];
  const u32 = (n: number) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255];
  for (const option of options) {
    const [name, ...rest] = option.split(" ");
    if (name === "nop") bytes.push(1);
    else if (name === "eol") bytes.push(0);
    else if (name === "mss") bytes.push(2, 4, ...u16(Number(rest[0])));
    else if (name === "wscale") bytes.push(3, 3, Number(rest[0]));
    else if (name === "sackOK") bytes.push(4, 2);
    else if (name === "TS") bytes.push(8, 10, ...u32(Number(rest[1])), ...u32(Number(rest[3])));
    else if (name === "uto") bytes.push(28, 4, ...u16(Number(rest[0])));
    else if (name === "FO") bytes.push(34, 2 + (rest[0] ?? "").length / 2, ...hexBytes(rest[0] ?? ""));
    else if (name === "FOEXP")
      bytes.push(254, 4 + (rest[0] ?? "").length / 2, 0xf9, 0x89, ...hexBytes(rest[0] ?? ""));
    else if (name === "ecn0" || name === "ecn1") {
      const counters = rest.flatMap((n) => u32(Number(n)).slice(1));
      bytes.push(name === "ecn0" ? 172 : 174, 2 + counters.length, ...counters);
    } else if (name === "raw") bytes.push(...rest.map((hex) => Number.parseInt(hex, 16)));
    else if (name === "sack") {
      const edges = rest.flatMap((block) => block.split(":").map((n) => irs + Number(n)));
      bytes.push(5, 2 + 4 * edges.length, ...edges.flatMap(u32));
    } else throw new SyntaxError(`option: ${option}`);
  }
  while (bytes.length % 4) bytes.push(1);
  return Uint8Array.from(bytes);
}

function decodeOptions(bytes: Uint8Array, dv: DataView, header: number, irs: number): string[] {
  const options: string[] = [];
  for (let i = 20; i < header; ) {
    const kind = bytes[i];
    const length = kind < 2 ? 1 : bytes[i + 1];
    if (kind === 0) options.push("eol");
    else if (kind === 1) options.push("nop");
    else if (kind === 2) options.push(`mss ${dv.getUint16(i + 2)}`);
    else if (kind === 3) options.push(`wscale ${bytes[i + 2]}`);
    else if (kind === 4) options.push("sackOK");
    else if (kind === 8) options.push(`TS val ${dv.getUint32(i + 2)} ecr ${dv.getUint32(i + 6)}`);
    else if (kind === 28) options.push(`uto ${dv.getUint16(i + 2)}`);
    else if (kind === 34) options.push(["FO", hexText(bytes.subarray(i + 2, i + length))].join(" ").trim());
    else if (kind === 254 && dv.getUint16(i + 2) === 0xf989)
      options.push(["FOEXP", hexText(bytes.subarray(i + 4, i + length))].join(" ").trim());
    else if (kind === 172 || kind === 174) {
      const counters: number[] = [];
      for (let p = i + 2; p < i + length; p += 3) counters.push(dv.getUint32(p - 1) & 0xffffff);
      options.push(`ecn${kind === 172 ? 0 : 1} ${counters.join(" ")}`.trim());
    } else if (kind === 5) {
      const edges: string[] = [];
      for (let p = i + 2; p < i + length; p += 8) {
        edges.push(`${(dv.getUint32(p) - irs) | 0}:${(dv.getUint32(p + 4) - irs) | 0}`);
      }
      options.push(`sack ${edges.join(" ")}`);
    } else options.push(`raw ${[...bytes.subarray(i, i + length)].map((b) => b.toString(16)).join(" ")}`);
    i += Math.max(1, length);
  }
  return options;
}

function hexBytes(hex: string): number[] {
  return (hex.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16));
}

function hexText(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
