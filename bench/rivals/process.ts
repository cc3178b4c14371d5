// npm packages that read captures, each as its README says to use it: file in, an object a packet out. Of each
// object the fields that there are go into arrays, so that results can be compared. They run in a process of
// their own, so that the garbage they make is not collected in anybody else's time:
//
//   list                  JSON array of readers, each with what is missing or not
//   time NAME FRAMES PATH NANOSECONDS
//   outcome NAME FRAMES PATH   JSON
import { createReadStream, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { performance } from "node:perf_hooks";
import { createInterface } from "node:readline";
import { ColumnDigest, type PartialSegments } from "../../src/bench/digest.ts";
import type { Outcome } from "../../src/bench/race.ts";

/** A package that reads a capture file: calls back for each frame, with its columns' values where it is TCP. */
interface CaptureReader {
  readonly name: string;
  /** By which it is asked for. */
  readonly id: string;
  /** To find out whether it is installed. */
  readonly module: string;
  readonly note?: string;
  read(path: string, rows: Rows): Promise<void>;
}

/** What a reader found, a row for each TCP header. */
class Rows {
  frames = 0;
  length = 0;
  readonly srcPort: Uint16Array;
  readonly dstPort: Uint16Array;
  readonly seq: Uint32Array;
  readonly ack: Uint32Array;
  readonly window: Uint16Array;
  readonly checksum: Uint16Array;
  readonly headerLength: Uint8Array;

  constructor(room: number) {
    this.srcPort = new Uint16Array(room);
    this.dstPort = new Uint16Array(room);
    this.seq = new Uint32Array(room);
    this.ack = new Uint32Array(room);
    this.window = new Uint16Array(room);
    this.checksum = new Uint16Array(room);
    this.headerLength = new Uint8Array(room);
  }

  outcome(): Outcome {
    // A reader of records alone has frames and no rows.
    if (this.length === 0) return { frames: String(this.frames) };
    const digest = new ColumnDigest();
    const { frames: _, ...columns } = this;
    digest.add(columns as PartialSegments);
    return { frames: String(this.frames), ...digest.result() };
  }
}

// The bundle lies in bench/.cache, the packages in bench/rivals.
const require = createRequire(new URL("../rivals/package.json", import.meta.url));

function list(): string {
  return JSON.stringify(
    readers().map(({ name, id, module, note }) => ({ name, id, note, installed: isInstalled(module) })),
  );
}

function isInstalled(module: string): boolean {
  try {
    require(module);
    return true;
  } catch {
    return false;
  }
}

async function perform(command: string, id: string, frames: number, path: string): Promise<string> {
  const reader = readers().find((r) => r.id === id);
  if (!reader) throw new Error(`no reader ${id}`);
  const rows = new Rows(frames);
  const start = performance.now();
  await reader.read(path, rows);
  const nanoseconds = (performance.now() - start) * 1e6;
  return command === "time" ? String(nanoseconds) : JSON.stringify(rows.outcome());
}

// biome-ignore lint/suspicious/noExplicitAny: packages without types
type Untyped = any;

function readers(): CaptureReader[] {
  return [
    {
      name: "npm pcap (libpcap)",
      id: "pcap",
      module: "pcap",
      read: (path, rows) =>
        new Promise((resolve, reject) => {
          const pcap: Untyped = require("pcap");
          const session = pcap.createOfflineSession(path, {});
          session.on("packet", (raw: Untyped) => {
            rows.frames++;
            try {
              addPcap(rows, pcap.decode.packet(raw));
            } catch (error) {
              session.removeAllListeners("packet");
              reject(error);
            }
          });
          session.on("complete", () => {
            session.close();
            resolve();
          });
        }),
    },
    {
      name: "npm cap (decoders)",
      id: "cap",
      module: "cap/lib/Decoders.js",
      note: "the records are found for it",
      read: async (path, rows) => readWithCap(require("cap/lib/Decoders.js"), readFileSync(path), rows),
    },
    {
      name: "npm pcap-parser",
      id: "pcap-parser",
      module: "pcap-parser",
      note: "finds the records and looks at nothing in them",
      read: (path, rows) => readWithParser(path, () => rows.frames++),
    },
    {
      name: "npm pcap-parser, headers by hand",
      id: "pcap-parser-headers",
      module: "pcap-parser",
      note: "with the shortest code that reads the TCP headers in its records; no checksum is verified",
      read: (path, rows) => readWithParser(path, (frame) => addFrame(rows, frame)),
    },
    {
      name: "npm pcap-decoder",
      id: "pcap-decoder",
      module: "pcap-decoder",
      note: "finds the records and looks at nothing in them",
      read: (path, rows) => readWithDecoder(path, () => rows.frames++),
    },
    {
      name: "npm pcap-decoder, headers by hand",
      id: "pcap-decoder-headers",
      module: "pcap-decoder",
      note: "with the shortest code that reads the TCP headers in its records; no checksum is verified",
      read: (path, rows) => readWithDecoder(path, (frame) => addFrame(rows, frame)),
    },
  ];
}

function readWithParser(path: string, take: (frame: Uint8Array) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const parser: Untyped = require("pcap-parser").parse(createReadStream(path));
    parser.on("packet", ({ data }: Untyped) => take(data));
    parser.on("end", resolve);
    parser.on("error", reject);
  });
}

async function readWithDecoder(path: string, take: (frame: Uint8Array) => void): Promise<void> {
  const { default: Decoder }: Untyped = require("pcap-decoder");
  const decoder = new Decoder();
  for await (const chunk of createReadStream(path)) {
    for (const { body } of decoder.decode(chunk)) take(body);
  }
}

const VLAN_TAGS = [0x8100, 0x88a8];

/** Ethernet, tags, IPv4 or IPv6 without extensions, TCP: what the generated captures have, and nothing checked. */
function addFrame(rows: Rows, frame: Uint8Array): void {
  rows.frames++;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  let at = 12;
  while (VLAN_TAGS.includes(view.getUint16(at))) at += 4;
  const six = view.getUint16(at) === 0x86dd;
  at += 2;
  if (frame[at + (six ? 6 : 9)] !== 6) return;
  at += six ? 40 : (frame[at] & 15) * 4;
  const i = rows.length++;
  rows.srcPort[i] = view.getUint16(at);
  rows.dstPort[i] = view.getUint16(at + 2);
  rows.seq[i] = view.getUint32(at + 4);
  rows.ack[i] = view.getUint32(at + 8);
  rows.headerLength[i] = (frame[at + 12] >> 4) * 4;
  rows.window[i] = view.getUint16(at + 14);
  rows.checksum[i] = view.getUint16(at + 16);
}

function addPcap(rows: Rows, packet: Untyped): void {
  let layer = packet.payload?.payload;
  while (layer && layer.headerLength === undefined && layer.payload) layer = layer.payload;
  const tcp = layer?.sport === undefined ? layer?.payload : layer;
  if (tcp?.seqno === undefined) return;
  const i = rows.length++;
  rows.srcPort[i] = tcp.sport;
  rows.dstPort[i] = tcp.dport;
  rows.seq[i] = tcp.seqno;
  rows.ack[i] = tcp.ackno;
  rows.window[i] = tcp.windowSize;
  rows.checksum[i] = tcp.checksum;
  rows.headerLength[i] = tcp.headerLength;
}

function readWithCap(decoders: Untyped, file: Buffer, rows: Rows): void {
  const { PROTOCOL } = decoders;
  for (let at = 24; at + 16 <= file.length; ) {
    const frame = file.subarray(at + 16, at + 16 + file.readUInt32LE(at + 8));
    at += 16 + frame.length;
    rows.frames++;
    const ethernet = decoders.Ethernet(frame);
    const six = ethernet.info.type === PROTOCOL.ETHERNET.IPV6;
    if (!six && ethernet.info.type !== PROTOCOL.ETHERNET.IPV4) continue;
    const ip = six ? decoders.IPV6(frame, ethernet.offset) : decoders.IPV4(frame, ethernet.offset);
    if (ip.info.protocol !== PROTOCOL.IP.TCP) continue;
    const { info, hdrlen } = decoders.TCP(frame, ip.offset);
    const i = rows.length++;
    rows.srcPort[i] = info.srcport;
    rows.dstPort[i] = info.dstport;
    rows.seq[i] = info.seqno;
    rows.ack[i] = info.ackno ?? 0;
    rows.window[i] = info.window;
    rows.checksum[i] = info.checksum;
    rows.headerLength[i] = hdrlen;
  }
}

// Last: what it needs is there by then.
for await (const line of createInterface({ input: process.stdin })) {
  const [, command, name, frames, path] = /^(\S+)(?: (\S+) (\d+) (.*))?$/.exec(line) ?? [];
  try {
    process.stdout.write(
      `${command === "list" ? list() : await perform(command, name, Number(frames), path)}\n`,
    );
  } catch (error) {
    process.stdout.write(`error ${error instanceof Error ? error.message.split("\n")[0] : error}\n`);
  }
}
