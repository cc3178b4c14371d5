// npm packages that parse and build single segments, through the interface that any codec has.
import { createRequire } from "node:module";
import { ACK, CWR, ECE, FIN, PSH, RST, SYN, URG } from "../../assembly/layout/wire.ts";
import type { Codec, SegmentFields, SegmentSpec } from "../../src/bench/adapter.ts";

// biome-ignore lint/suspicious/noExplicitAny: packages without types
type Untyped = any;

const packages: readonly [module: string, make: (loaded: Untyped) => Codec][] = [
  ["tcp-builder", tcpBuilder],
  ["cap/lib/Decoders.js", capDecoders],
];

/** The packages that are installed in `directory`. */
export function npmCodecs(directory: string): Codec[] {
  const require = createRequire(`${directory}/package.json`);
  return packages.flatMap(([module, make]) => {
    try {
      return [make(silently(() => require(module)))];
    } catch {
      return [];
    }
  });
}

function capDecoders(decoders: Untyped): Codec {
  return {
    name: "npm cap",
    parseOne: (bytes) => decoders.TCP(asBuffer(bytes)),
    fields: ({ info, hdrlen }: Untyped) => ({
      srcPort: info.srcport,
      dstPort: info.dstport,
      seq: info.seqno,
      ack: info.ackno ?? 0,
      flags: info.flags,
      window: info.window,
      checksum: info.checksum,
      headerLength: hdrlen,
    }),
  };
}

const bits: Readonly<Record<string, number>> = { FIN, SYN, RST, PSH, ACK, URG, ECE, CWR };

function tcpBuilder({ tcp, optionBuilder }: Untyped): Codec {
  return {
    name: "npm tcp-builder",
    parseOne: (bytes) => tcp.Decode(asBuffer(bytes)),
    fields: decodedFields,
    buildOne(spec) {
      return silently(() =>
        tcp.Encode(
          spec.src,
          spec.dst,
          spec.srcPort,
          spec.dstPort,
          spec.seq,
          spec.ack,
          flagsByName(spec.flags),
          spec.window,
          spec.urgentPointer,
          optionBytes(optionBuilder, spec),
          asBuffer(spec.payload),
        ),
      );
    },
  };
}

/** tcp-builder prints when it is loaded, and both addresses whenever it computes a checksum. */
function silently<T>(work: () => T): T {
  const { log } = console;
  console.log = () => {};
  try {
    return work();
  } finally {
    console.log = log;
  }
}

function flagsByName(flags: number): Record<string, boolean> {
  return Object.fromEntries(
    Object.entries(bits).map(([name, bit]) => [name.toLowerCase(), (flags & bit) !== 0]),
  );
}

function optionBytes(build: Untyped, { mss, sackPermitted, tsval, tsecr, windowScale }: SegmentSpec): Buffer {
  return Buffer.concat([
    ...(mss === undefined ? [] : [build.optMSS(mss)]),
    ...(sackPermitted ? [build.optSACK()] : []),
    ...(tsval === undefined ? [] : [build.optTimestamp(tsval, tsecr)]),
    ...(windowScale === undefined ? [] : [build.optWScale(windowScale)]),
  ]);
}

function decodedFields(segment: Untyped): Partial<SegmentFields> {
  const data = (kind: number): Buffer | undefined =>
    segment.options.find((option: Untyped) => option.kind === kind)?.data;
  const [mss, windowScale, sackPermitted, times] = [2, 3, 4, 8].map(data);
  return {
    srcPort: segment.sourcePort,
    dstPort: segment.destinationPort,
    seq: segment.sequenceNumber,
    ack: segment.acknowledgmentNumber,
    headerLength: segment.dataOffset * 4,
    flags: segment.flags.reduce((sum: number, name: string) => sum | bits[name], 0),
    window: segment.windowSize,
    checksum: segment.checksum,
    urgentPointer: segment.urgentPointer,
    payloadLength: segment.dataPayload.length,
    ...(mss && { mss: mss.readUInt16BE(0) }),
    ...(windowScale && { windowScale: windowScale[0] }),
    ...(sackPermitted && { sackPermitted: true }),
    ...(times && { tsval: times.readUInt32BE(0), tsecr: times.readUInt32BE(4) }),
  };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
