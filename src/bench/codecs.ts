import { PCAP_FILE_HEADER } from "../../assembly/layout/capture.ts";
import { readCaptureSync, type SegmentBatch } from "../capture/index.ts";
import {
  buildSegment,
  type OptionSet,
  parseSegment,
  type Segment,
  checksum as wireChecksum,
} from "../wire/index.ts";
import type { Codec, SegmentFields, SegmentSpec } from "./adapter.ts";
import { checkFileHeader, parseRecords } from "./javascript/batch.ts";
import { checksum as plainChecksum } from "./javascript/checksum.ts";
import { segments } from "./javascript/columns.ts";
import { buildPlain, parsePlain } from "./javascript/segment.ts";

interface Rows {
  readonly length: number;
  readonly bytes: Uint8Array;
}

/** tcpwire as its users have it: what is passed in is copied into WebAssembly, and the copy counts. */
export function tcpwireCodec(): Codec<Segment, SegmentBatch> {
  return {
    name: "tcpwire",
    checksum: (bytes) => wireChecksum(bytes),
    parseOne: (bytes) => parseSegment(bytes),
    fields: segmentFields,
    buildOne: (spec) => buildSegment(fieldsOf(spec), spec),
    parseBatch(capture, take) {
      for (const batch of readCaptureSync(capture)) take(batch);
    },
    columns: (batch) => batch,
  };
}

/** The best that plain JavaScript was found to do (javascript/). */
export function plainJavaScriptCodec(): Codec<SegmentFields, Rows> {
  return {
    name: "plain JavaScript",
    checksum: plainChecksum,
    parseOne: parsePlain,
    fields: (segment) => segment,
    buildOne: buildPlain,
    parseBatch(capture, take) {
      const view = new DataView(capture.buffer, capture.byteOffset, capture.byteLength);
      checkFileHeader(view);
      const position = { at: PCAP_FILE_HEADER, frame: 0 };
      for (;;) {
        const before = position.at;
        const length = parseRecords(view, capture.length, position, true);
        if (position.at === before) return;
        take({ length, bytes: capture });
      }
    },
    columns: ({ length, bytes }) => segments(length, bytes),
  };
}

/** The fields of a segment's bytes in the benchmark's terms. */
export function wireFields(bytes: Uint8Array): SegmentFields {
  return segmentFields(parseSegment(bytes));
}

/** A segment's options by name, out of the benchmark's flat ones. */
export function optionSet({
  mss,
  windowScale,
  sackPermitted,
  tsval,
  tsecr = 0,
}: Partial<SegmentSpec>): OptionSet {
  return {
    ...(mss !== undefined && { mss }),
    ...(windowScale !== undefined && { windowScale }),
    ...(sackPermitted !== undefined && { sackPermitted }),
    ...(tsval !== undefined && { timestamps: { tsval, tsecr } }),
  };
}

// The translation to the package's own terms is the caller's work: each spec is translated once.
const translated = new WeakMap<SegmentSpec, Parameters<typeof buildSegment>[0]>();

function fieldsOf(spec: SegmentSpec): Parameters<typeof buildSegment>[0] {
  let fields = translated.get(spec);
  if (!fields) {
    fields = { ...spec, options: optionSet(spec) };
    translated.set(spec, fields);
  }
  return fields;
}

function segmentFields(segment: Segment): SegmentFields {
  const { srcPort, dstPort, seq, ack, flags, window, checksum, urgentPointer } = segment;
  const headerLength = segment.dataOffset * 4;
  const payloadLength = segment.payload.length;
  let found: Partial<SegmentFields> = {};
  for (const option of segment.options) {
    if (option.type === "mss") found = { ...found, mss: option.value };
    else if (option.type === "windowScale") found = { ...found, windowScale: option.shift };
    else if (option.type === "sackPermitted") found = { ...found, sackPermitted: true };
    else if (option.type === "timestamps") found = { ...found, tsval: option.tsval, tsecr: option.tsecr };
    else if (option.type === "sack") {
      found = { ...found, sackEdges: option.blocks.flatMap(({ left, right }) => [left, right]) };
    }
  }
  return {
    srcPort,
    dstPort,
    seq,
    ack,
    headerLength,
    flags,
    window,
    checksum,
    urgentPointer,
    payloadLength,
    ...found,
  };
}
