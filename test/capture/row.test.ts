import { expect, test } from "vitest";
import { parseCapture, readCaptureSync, rows, SegmentRow } from "../../src/capture/index.ts";
import { concat, pcap, pcapHeader, pcapRecord, tcpFrame } from "./captures.ts";

const MSS_AND_SCALE = [2, 4, 5, 180, 1, 3, 3, 7];
const SACK = [1, 1, 5, 10, 0, 0, 0, 9, 0, 0, 0, 12];
const capture = pcap([
  tcpFrame({ srcPort: 40000, dstPort: 443, seq: 5, ack: 6, payload: 4, options: MSS_AND_SCALE }),
  tcpFrame({ ipVersion: 6, src: 1, dst: 0xff, payload: 0, options: SACK, vlan: 0x2064 }),
]);

test("a row tells what its columns hold, in words where there are words", () => {
  const [batch] = readCaptureSync(capture);
  const row = new SegmentRow(batch);
  expect(row).toMatchObject({
    index: 0,
    frame: 1,
    time: 1_600_000_000_000_000_000n,
    fileOffset: 40,
    frameLength: 66,
    frameCaptured: 66,
    src: "10.0.0.1",
    dst: "10.0.0.2",
    srcPort: 40000,
    dstPort: 443,
    seq: 5,
    ack: 6,
    flags: 0x10,
    flagNames: ["ACK"],
    window: 1024,
    checksumStatus: "good",
    urgentPointer: 0,
    headerLength: 28,
    payloadLength: 4,
    missing: 0,
    status: "OK",
    ipVersion: 4,
    ttl: 64,
    trafficClass: 0,
    tunnel: 0,
    vlans: [],
    interfaceId: 0,
    sack: [],
  });
  expect(row.options).toEqual([
    { type: "mss", value: 1460 },
    { type: "nop" },
    { type: "windowScale", shift: 7 },
  ]);
  expect([...row.payload]).toEqual([0, 1, 2, 3]);
  expect(row.header.length).toBe(28);

  expect(row.at(1)).toBe(row);
  expect(row).toMatchObject({
    index: 1,
    frame: 2,
    src: "2001:db8::1",
    dst: "2001:db8::ff",
    vlans: [100],
    payloadLength: 0,
  });
  expect(row.sack).toEqual([{ left: 9, right: 12 }]);
});

test("rows goes through all of them with one row that moves", () => {
  const [batch] = readCaptureSync(capture);
  const seen: SegmentRow[] = [];
  const sources: string[] = [];
  for (const row of rows(batch)) {
    seen.push(row);
    sources.push(row.src);
  }
  expect(sources).toEqual(["10.0.0.1", "2001:db8::1"]);
  expect(seen[0]).toBe(seen[1]);
});

test("rows of a table without payloads are empty of them, and have all else", () => {
  const table = parseCapture(capture);
  const [batch] = readCaptureSync(capture);
  const ofTable = Array.from(rows(table), (row) => [
    row.src,
    row.options,
    row.header.length,
    row.payload.length,
  ]);
  const ofBatch = Array.from(rows(batch), (row) => [row.src, row.options, row.header.length, 0]);
  expect(ofTable).toEqual(ofBatch);
});

test("a header that was cut gives the options that are there, and an impossible one gives none", () => {
  const frame = tcpFrame({ options: MSS_AND_SCALE });
  const cut = frame.subarray(0, 14 + 20 + 24);
  const small = frame.slice();
  small[14 + 20 + 12] = 4 << 4;
  const table = parseCapture(
    concat(pcapHeader(), pcapRecord(cut, { length: frame.length }), pcapRecord(small)),
  );
  const [first, second] = Array.from(rows(table), (row) => [row.status, row.options, row.header.length]);
  expect(first).toEqual(["HEADER_TRUNCATED", [{ type: "mss", value: 1460 }], 24]);
  expect(second).toEqual(["OFFSET_SMALL", [], 20]);
});

test.each([[-1], [2], [0.5], [Number.NaN]])("there is no row %s of two", (index) => {
  expect(() => new SegmentRow(parseCapture(capture)).at(index)).toThrow(RangeError);
});
