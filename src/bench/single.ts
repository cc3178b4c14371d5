// Races of one segment at a time: parsing to an object, building from one.
import {
  ETHERTYPE_IPV4,
  LINKTYPE_ETHERNET,
  PCAP_CAPTURED_FIRST,
  PCAP_RECORD_HEADER,
} from "../../assembly/layout/capture.ts";
import {
  ACKNOWLEDGMENT,
  CHECKSUM,
  DST_PORT,
  FLAGS,
  PAYLOAD_LENGTH,
  SEQ,
  SRC_PORT,
  URGENT,
  WINDOW,
} from "../../assembly/layout/columns.ts";
import { SLACK } from "../../assembly/layout/limits.ts";
import { ACK, IPPROTO_TCP, PSH, SYN } from "../../assembly/layout/wire.ts";
import { instantiateCodec } from "../wasm/load.ts";
import { CodecMemory } from "../wasm/memory.ts";
import { buildSegment, SegmentView, verifyChecksum } from "../wire/index.ts";
import type { Codec, SegmentFields, SegmentSpec } from "./adapter.ts";
import { optionSet, wireFields } from "./codecs.ts";
import type { Contender, Outcome, Race } from "./race.ts";
import { Random } from "./random.ts";

/** What is parsed and built: `name` in the race's name. */
export interface SegmentKind {
  readonly name: string;
  readonly title: string;
  readonly spec: (random: Random) => SegmentSpec;
}

export const segmentKinds: readonly SegmentKind[] = [
  { name: "bare", title: "no options", spec: (random) => spec(random, ACK, 0) },
  {
    name: "timestamps",
    title: "timestamps, 100 bytes of payload",
    spec: (random) => ({ ...spec(random, ACK | PSH, 100), tsval: random.next(), tsecr: random.next() }),
  },
  {
    name: "syn",
    title: "a SYN's options",
    spec: (random) => ({
      ...spec(random, SYN, 0),
      ack: 0,
      mss: 1460,
      sackPermitted: true,
      tsval: random.next(),
      tsecr: 0,
      windowScale: 7,
    }),
  },
];

let sink = 0;

/** What was computed for nothing but the clock. */
export function drain(): number {
  return sink;
}

export function parseRace({ name, title, spec }: SegmentKind, ours: Codec, others: readonly Codec[]): Race {
  const segments = specs(spec).map(build);
  return {
    name: `parse/${name}`,
    title: `one segment to an object: ${title}`,
    amount: 1,
    unit: "segment",
    reference: parseContender(ours, segments),
    others: [
      viewContender(segments),
      batchOfOne(segments),
      ...others.filter((codec) => codec.parseOne).map((codec) => parseContender(codec, segments)),
    ],
  };
}

function parseContender(codec: Codec, segments: readonly Uint8Array[]): Contender {
  const parse = codec.parseOne!.bind(codec);
  return {
    name: codec.name,
    run(repeats) {
      for (let i = 0; i < repeats; i++) if (parse(segments[i & 15])) sink++;
      return undefined;
    },
    outcome: () => joined(segments.map((bytes) => codec.fields!(parse(bytes)))),
  };
}

/** The lazy view, moved from segment to segment, with the fields read that every receiver needs. */
function viewContender(segments: readonly Uint8Array[]): Contender {
  const view = new SegmentView(segments[0]);
  return {
    name: "tcpwire, SegmentView",
    run(repeats) {
      for (let i = 0; i < repeats; i++) {
        view.reset(segments[i & 15]);
        sink ^= view.srcPort ^ view.dstPort ^ view.seq ^ view.ack ^ view.flags ^ view.window;
      }
      return undefined;
    },
    outcome: () =>
      joined(
        segments.map((bytes) => {
          const { srcPort, dstPort, seq, ack, flags, window } = view.reset(bytes);
          return { srcPort, dstPort, seq, ack, flags, window };
        }),
      ),
    note: "six fields read",
  };
}

/** Each in a frame of its own through the batch parser: what a call and a copy cost for so little work. */
function batchOfOne(segments: readonly Uint8Array[]): Contender {
  const memory = new CodecMemory(instantiateCodec());
  const { exports } = memory;
  const records = segments.map(recordOf);
  const at = memory.allocate(records[0].length + SLACK);
  const { buffer } = exports.memory;
  const long = (address: number) => new Uint32Array(buffer, address, 1);
  const short = (address: number) => new Uint16Array(buffer, address, 1);
  const columns = {
    srcPort: short(SRC_PORT),
    dstPort: short(DST_PORT),
    seq: long(SEQ),
    ack: long(ACKNOWLEDGMENT),
    flags: short(FLAGS),
    window: short(WINDOW),
    checksum: short(CHECKSUM),
    urgentPointer: short(URGENT),
    payloadLength: long(PAYLOAD_LENGTH),
  };
  exports.configurePcap(0, 1000, LINKTYPE_ETHERNET, PCAP_RECORD_HEADER, PCAP_CAPTURED_FIRST);
  const parse = (record: Uint8Array) => {
    memory.u8.set(record, at);
    exports.parse(at, at + record.length, 0);
    return columns.seq[0];
  };
  return {
    name: "WebAssembly, a batch of one",
    run(repeats) {
      for (let i = 0; i < repeats; i++) sink ^= parse(records[i & 15]);
      return undefined;
    },
    outcome: () =>
      joined(
        records.map((record) => {
          parse(record);
          return Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, column[0]]));
        }),
      ),
    note: "in a frame, copied in, checksum verified",
  };
}

/** A pcap record: Ethernet, IPv4, the segment. */
function recordOf(segment: Uint8Array): Uint8Array {
  const length = 34 + segment.length;
  const record = new Uint8Array(PCAP_RECORD_HEADER + length);
  const view = new DataView(record.buffer);
  view.setUint32(8, length, true);
  view.setUint32(12, length, true);
  view.setUint16(PCAP_RECORD_HEADER + 12, ETHERTYPE_IPV4);
  const ip = PCAP_RECORD_HEADER + 14;
  view.setUint16(ip, 0x4500);
  view.setUint16(ip + 2, 20 + segment.length);
  view.setUint16(ip + 8, 0x4000 | IPPROTO_TCP);
  record.set(segment, ip + 20);
  return record;
}

export function buildRace({ name, title, spec }: SegmentKind, ours: Codec, others: readonly Codec[]): Race {
  const inputs = specs(spec);
  return {
    name: `build/${name}`,
    title: `one segment from an object, checksum filled in: ${title}`,
    amount: 1,
    unit: "segment",
    reference: buildContender(ours, inputs),
    others: others.filter((codec) => codec.buildOne).map((codec) => buildContender(codec, inputs)),
  };
}

function buildContender(codec: Codec, inputs: readonly SegmentSpec[]): Contender {
  const buildOne = codec.buildOne!.bind(codec);
  return {
    name: codec.name,
    run(repeats) {
      for (let i = 0; i < repeats; i++) sink += buildOne(inputs[i & 15]).length;
      return undefined;
    },
    outcome: () =>
      joined(
        inputs.map((input) => {
          const bytes = buildOne(input);
          // Order and padding are free, and with them the checksum: whether it is good is what counts.
          const { checksum: _, headerLength: __, ...fields } = wireFields(bytes);
          return { ...fields, verdict: verifyChecksum(bytes, input) };
        }),
      ),
  };
}

function build({ src, dst, ...fields }: SegmentSpec): Uint8Array {
  return buildSegment({ ...fields, options: optionSet(fields) }, { src, dst });
}

function specs(spec: (random: Random) => SegmentSpec): SegmentSpec[] {
  const random = new Random();
  return Array.from({ length: 16 }, () => spec(random));
}

function spec(random: Random, flags: number, payload: number): SegmentSpec {
  return {
    src: "10.0.0.1",
    dst: "192.168.0.1",
    srcPort: 1024 + random.below(60000),
    dstPort: 443,
    seq: random.next(),
    ack: random.next(),
    flags,
    window: random.below(0x10000),
    urgentPointer: 0,
    payload: Uint8Array.from({ length: payload }, () => random.next()),
  };
}

/** Each field's values over all segments, as one outcome. */
function joined(all: readonly (Partial<SegmentFields> & { readonly verdict?: string })[]): Outcome {
  const names = Object.keys(all[0]) as (keyof SegmentFields)[];
  return Object.fromEntries(names.map((name) => [name, all.map((fields) => fields[name]).join(" ")]));
}
