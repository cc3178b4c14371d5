// The batch parser in assembly/ and the single-segment codec in src/wire read the same headers: held together
// over every (kind, length, bytes left) and over random headers.
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  SEEN_MALFORMED,
  SEEN_MSS,
  SEEN_OTHER,
  SEEN_SACK,
  SEEN_SACK_PERMITTED,
  SEEN_TIMESTAMPS,
  SEEN_WINDOW_SCALE,
} from "../../assembly/layout/columns.ts";
import { CHECKSUM_UNVERIFIED, SEGMENT_OFFSET_SMALL, SEGMENT_OK } from "../../assembly/layout/status.ts";
import { parseCapture, type SegmentTable } from "../../src/capture/index.ts";
import {
  addressSum,
  CommonOptions,
  checksumStatus,
  fillChecksum,
  headerStatus,
  pseudoHeaderSum,
  SegmentView,
} from "../../src/wire/index.ts";
import { pcap } from "../codec/files.ts";
import { headerBytes } from "./arbitraries.ts";
import { toHex } from "./oracle.ts";

const LINKTYPE_RAW = 101;
const addresses = { src: 0x0a000001, dst: 0x0a000002 };

test("every (kind, length, bytes left) has the same status and the same values in both", () => {
  const kinds = [
    2, 3, 4, 5, 6, 8, 9, 10, 11, 14, 15, 18, 19, 20, 27, 28, 29, 30, 34, 69, 77, 172, 174, 253, 254,
  ];
  const segments: Uint8Array[] = [];
  for (const kind of kinds) {
    for (let length = 0; length <= 42; length++) {
      for (let left = 1; left <= 40; left++) {
        const segment = new Uint8Array(60).fill(1, 20);
        segment[12] = 0xf0;
        segment[60 - left] = kind;
        if (left > 1) segment[61 - left] = length;
        segments.push(segment);
      }
    }
  }
  expectSame(segments);
});

test("random headers, whole or broken, with right, wrong and partial checksums, read the same in both", () => {
  const segments = fc
    .sample(headerBytes, { numRuns: 20_000, seed: 9293 })
    .filter((bytes) => bytes.length >= 20);
  for (const [i, bytes] of segments.entries()) {
    if (i % 3 === 0) fillChecksum(bytes, addresses);
    if (i % 3 === 1) {
      const partial = pseudoHeaderSum(addresses, bytes.length);
      bytes.set([partial >> 8, partial & 255], 16);
    }
  }
  expectSame(segments);
});

function expectSame(segments: Uint8Array[]): void {
  const table = parseCapture(
    pcap(
      segments.map((segment) => ({ bytes: packet(segment) })),
      { linkType: LINKTYPE_RAW },
    ),
  );
  expect(table.length).toBe(segments.length);
  const common = new CommonOptions();
  const statuses = new Set<number>();
  for (const [i, bytes] of segments.entries()) {
    const expected = expectedRow(bytes, common);
    statuses.add(expected.status);
    const actual = actualRow(table, i, expected.status);
    if (JSON.stringify(actual) !== JSON.stringify(expected)) expect(actual, toHex(bytes)).toEqual(expected);
  }
  expect(statuses.size).toBeGreaterThan(2);
}

function expectedRow(bytes: Uint8Array, common: CommonOptions) {
  const sum = addressSum(addresses.src, addresses.dst);
  const checksum = checksumStatus(bytes, 0, bytes.length, sum);
  const status = headerStatus(bytes, 0, bytes.length);
  // With a data offset below 5 words a batch verifies no checksum, as Wireshark does not.
  if (status === SEGMENT_OFFSET_SMALL) return { status, checksum: CHECKSUM_UNVERIFIED };
  if (status !== SEGMENT_OK) return { status, checksum };
  const view = new SegmentView(bytes);
  view.readOptions(common);
  return {
    status: common.status,
    checksum,
    ports: [view.srcPort, view.dstPort],
    numbers: [view.seq, view.ack],
    flags: view.flags,
    window: view.window,
    urgent: view.urgentPointer,
    lengths: [view.headerLength, view.payloadLength],
    seen: seen(common.seen),
    mss: common.mss,
    windowScale: common.windowScale,
    timestamps: [common.tsval, common.tsecr],
    edges: [...common.sackEdges.subarray(0, 2 * common.sackCount)],
  };
}

function actualRow(table: SegmentTable, i: number, status: number): unknown {
  const own = { status: table.status[i], checksum: table.checksumStatus[i] };
  if (headerBroken(status)) return own;
  const start = 2 * table.sackStart[i];
  return {
    ...own,
    ports: [table.srcPort[i], table.dstPort[i]],
    numbers: [table.seq[i], table.ack[i]],
    flags: table.flags[i],
    window: table.window[i],
    urgent: table.urgentPointer[i],
    lengths: [table.headerLength[i], table.payloadLength[i]],
    seen: seen(table.optionsSeen[i]),
    mss: table.mss[i],
    windowScale: table.windowScale[i],
    timestamps: [table.tsval[i], table.tsecr[i]],
    edges:
      table.sackCount[i] === 0 ? [] : [...table.sackEdges.subarray(start, start + 2 * table.sackCount[i])],
  };
}

/** 1 to 3: the fixed header or its data offset. */
const headerBroken = (status: number): boolean => status >= 1 && status <= 3;

function seen(bits: number): string {
  const names = {
    SEEN_MSS,
    SEEN_WINDOW_SCALE,
    SEEN_SACK_PERMITTED,
    SEEN_SACK,
    SEEN_TIMESTAMPS,
    SEEN_OTHER,
    SEEN_MALFORMED,
  };
  return Object.entries(names)
    .filter(([, bit]) => bits & bit)
    .map(([name]) => name)
    .join();
}

function packet(segment: Uint8Array): Uint8Array {
  const length = 20 + segment.length;
  return Uint8Array.from([
    ...[0x45, 0, length >> 8, length & 255, 0, 1, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2],
    ...segment,
  ]);
}
