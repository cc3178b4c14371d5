// What the package writes: captures in both formats, options and segments, and what it reads of them again.
import { PcapngWriter, PcapWriter, readCapture, readCaptureSync } from "tcpwire/capture";
import { buildOptions, buildSegment, parseOptions, parseSegment, SYN } from "tcpwire/wire";
import { rows } from "./capture-cases.js";
import { digest } from "./digest.js";
import { optionHexes } from "./options.js";
import { conversations, frames, generator, pcap } from "./vectors.js";

const list = frames(10, 400);
const start = 1_700_000_000_123_456_789n;

export const writtenCases = {
  "pcap as written": () =>
    [{}, { bigEndian: true }, { nanoseconds: false }, { snapLength: 60 }].map((options) =>
      filled(new PcapWriter(options)).take(),
    ),

  "pcapng as written": () => [{}, { bigEndian: true }].map(everyBlock),

  "captures as written, read again": () =>
    [filled(new PcapWriter()).take(), everyBlock({}), everyBlock({ bigEndian: true })].map((bytes) =>
      rows(readCaptureSync(bytes)),
    ),

  "every option, parsed and built": () =>
    optionHexes.map((hex) => {
      const options = parseOptions(bytesOf(hex));
      const built = buildOptions(options);
      if (hexOf(built) !== hex) throw new Error(`${hex} is built as ${hexOf(built)}`);
      return options;
    }),

  "segments with every option, built and parsed": () =>
    optionHexes.map((hex, i) => {
      const payload = new Uint8Array(i).fill(i);
      const fields = { srcPort: 1024 + i, dstPort: 80, seq: i * 0x01010101, ack: 0, flags: SYN, window: i };
      const ends = { src: Uint8Array.of(192, 0, 2, 1), dst: Uint8Array.of(192, 0, 2, 2) };
      const bytes = buildSegment({ ...fields, options: parseOptions(bytesOf(hex)), payload }, ends);
      return [bytes, parseSegment(bytes)];
    }),

  "gzip of several members": async () => {
    const plain = pcap(conversations(13, 20, 6));
    const random = generator(14);
    const members = [];
    for (let at = 0; at < plain.length; ) {
      const end = Math.min(plain.length, at + random.below(20_000));
      members.push(await gzip(plain.subarray(at, end)));
      at = end;
    }
    // As a Blob and in pieces that respect no member.
    const whole = new Blob(members);
    const told = [await counted(whole), await counted(whole.stream()), await counted(piecesOf(whole))];
    const expected = await digest(await counted(plain));
    for (const each of told) {
      if ((await digest(each)) !== expected) throw new Error("other rows than from bytes");
    }
    return [members.length, ...told];
  },
};

function filled(writer) {
  for (const [i, bytes] of list.entries()) writer.write({ time: start + BigInt(i) * 1_000_007n, bytes });
  return writer;
}

/** Two sections with all that the writer knows. */
function everyBlock(order) {
  const first = { name: "eth0", linkType: 1, snapLength: 100, ticksPerSecond: 1e6, description: "the first" };
  const writer = new PcapngWriter({
    ...order,
    application: "suite",
    os: "any",
    hardware: "none",
    comments: ["written everywhere", "alike: ä 한"],
    interfaces: [first, { name: "lo", linkType: 1, ticksPerSecond: 2 ** 20, timeOffset: 3600 }],
  });
  writer.writeNames([
    { address: "192.0.2.1", names: ["a.example", "b.example"] },
    { address: "2001:db8::1", names: ["six.example"] },
  ]);
  list.forEach((bytes, i) => {
    const packet = { time: start + BigInt(i) * 999_983n, bytes, interfaceId: i & 1 };
    if (i % 5 === 0) Object.assign(packet, { comments: [`packet ${i}`], direction: "inbound", dropped: i });
    if (i % 7 === 0) Object.assign(packet, { length: bytes.length + i });
    writer.write(packet);
  });
  writer.writeSecrets(0x544c534b, Uint8Array.of(1, 2, 3, 4, 5));
  writer.writeStatistics(0, { time: start, start, end: start, received: 400, dropped: 3, accepted: 397 });
  writer.startSection({ comments: ["another"] });
  return filled(writer).take();
}

async function counted(source) {
  const reader = readCapture(source);
  let sum = 0;
  for await (const { seq, ack, length } of reader) {
    for (let i = 0; i < length; i++) sum = (sum * 31 + seq[i] + ack[i]) | 0;
  }
  return [sum, reader.totals];
}

function gzip(bytes) {
  return new Response(new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"))).arrayBuffer();
}

async function* piecesOf(blob) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  for (let at = 0; at < bytes.length; at += 777) yield bytes.subarray(at, at + 777);
}

function bytesOf(hex) {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function hexOf(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
