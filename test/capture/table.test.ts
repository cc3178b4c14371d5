import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  CaptureError,
  parseCapture,
  payloadBytes,
  readCaptureSync,
  readTable,
  SegmentTable,
} from "../../src/capture/index.ts";
import { COLUMN_NAMES } from "../../src/capture/table-columns.ts";
import { corpus, readCapture } from "../corpus/shared.ts";
import {
  concat,
  enhancedPacket,
  interfaceBlock,
  option,
  pcap,
  pcapng,
  sectionHeader,
  tcpFrame,
} from "./captures.ts";
import { rowTexts } from "./rows.ts";

const SACK = [1, 1, 5, 18, 0, 0, 0, 9, 0, 0, 0, 12, 0, 0, 0, 20, 0, 0, 0, 30];
/** IPv4 and IPv6 in turn, some with SACK blocks, some tagged. */
const frames = Array.from({ length: 3000 }, (_, i) =>
  tcpFrame({
    seq: i,
    payload: i % 300,
    ipVersion: i % 3 === 0 ? 6 : 4,
    src: i % 50,
    dst: i % 7,
    options: i % 5 === 0 ? SACK : [],
    vlan: i % 11 === 0 ? 100 + (i % 3) : undefined,
  }),
);
const capture = pcap(frames);

function batchTexts(bytes: Uint8Array, withPayload: boolean): string[] {
  const texts: string[] = [];
  for (const batch of readCaptureSync(bytes)) texts.push(...rowTexts(batch, withPayload));
  return texts;
}

describe("a table", () => {
  test.each([true, false])("holds what the batches held (payload %s)", (payload) => {
    const table = parseCapture(capture, { payload });
    expect(table.length).toBe(3000);
    expect(table.holdsPayload).toBe(payload);
    expect(rowTexts(table, payload)).toEqual(batchTexts(capture, payload));
  });

  test("without payloads says how long they were, and gives none", () => {
    const table = parseCapture(capture);
    expect(table.payloadLength[299]).toBe(299);
    expect(payloadBytes(table, 299).length).toBe(0);
  });

  test("keeps each IPv6 address once, so that equal indices are equal addresses", () => {
    const table = parseCapture(capture);
    expect(table.addresses.length / 16).toBe(50);
    expect(table.src[0]).toBe(table.dst[0]);
    expect(table.src[150]).toBe(table.src[300]);
  });

  test("is not touched by what becomes of the input and of later batches", () => {
    const bytes = capture.slice();
    const table = parseCapture(bytes, { payload: true });
    const before = rowTexts(table);
    bytes.fill(0xee);
    parseCapture(pcap([...frames].reverse()));
    expect(rowTexts(table)).toEqual(before);
  });

  test("columns taken out stay as they are when rows are appended", () => {
    const table = parseCapture(capture);
    const { seq, length } = table;
    const copy = seq.slice();
    table.append(parseCapture(capture));
    expect(table.length).toBe(2 * length);
    expect(seq).toEqual(copy);
    expect(table.seq.length).toBe(2 * length);
  });

  test("appended to a table gives the same rows", () => {
    const whole = new SegmentTable({ payload: true });
    const parts = parseCapture(capture, { payload: true });
    whole.append(parts.slice(0, 700)).append(parts.slice(700, 701)).append(parts.slice(701));
    expect(rowTexts(whole)).toEqual(rowTexts(parts));
    expect(whole.addresses).toEqual(parts.addresses);
  });

  test("without payloads cannot be appended to one that is to hold them", () => {
    const table = new SegmentTable({ payload: true });
    expect(() => table.append(parseCapture(capture))).toThrow(TypeError);
    expect(table.length).toBe(0);
  });

  test("takes the memory that its docstring says", () => {
    const table = parseCapture(pcap(frames.filter((_, i) => i % 3 !== 0 && i % 5 !== 0))).trim();
    const perRow = COLUMN_NAMES.reduce((sum, name) => sum + table[name].BYTES_PER_ELEMENT, 0);
    expect(perRow).toBe(101);
    expect(table.byteLength).toBe(table.length * (101 + 20));
  });

  test("grows to at most twice what it needs, and trim gives that back", () => {
    const table = new SegmentTable();
    for (let i = 0; i < 20; i++) table.append(parseCapture(capture));
    const grown = table.byteLength;
    const { excess } = table;
    const texts = rowTexts(table.slice(-10));
    table.trim();
    expect(grown).toBeLessThan(2 * table.byteLength);
    expect(table.byteLength / grown).toBeCloseTo(1 - excess);
    expect(table.excess).toBe(0);
    expect(rowTexts(table.slice(-10))).toEqual(texts);
  });
});

describe("a slice", () => {
  const table = parseCapture(capture, { payload: true });
  const texts = rowTexts(table);

  test("has the rows that Array.slice would have", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -4000, max: 4000 }),
        fc.integer({ min: -4000, max: 4000 }),
        (start, end) => {
          const slice = table.slice(start, end);
          const wanted = texts.slice(start, end);
          expect(slice.length).toBe(wanted.length);
          if (wanted.length > 0) {
            expect(rowTexts(slice.slice(0, 1))[0]).toBe(wanted[0]);
            expect(rowTexts(slice.slice(-1))[0]).toBe(wanted.at(-1));
          }
        },
      ),
    );
    expect(rowTexts(table.slice(1000, 1100))).toEqual(texts.slice(1000, 1100));
  });

  test("and its table do not see what is appended to either", () => {
    const whole = parseCapture(capture, { payload: true });
    const slice = whole.slice(0, 500);
    slice.append(parseCapture(pcap([tcpFrame({ seq: 99, ipVersion: 6, src: 200 })]), { payload: true }));
    whole.append(parseCapture(pcap([tcpFrame({ seq: 77, ipVersion: 6, src: 201 })]), { payload: true }));
    expect(rowTexts(slice).slice(0, 500)).toEqual(texts.slice(0, 500));
    expect(rowTexts(whole).slice(0, 3000)).toEqual(texts);
    expect(slice.addresses[slice.src[500] * 16 + 15]).toBe(200);
    expect(whole.addresses[whole.src[3000] * 16 + 15]).toBe(201);
  });
});

describe("between threads", () => {
  test.each([true, false])("a table arrives whole (moved: %s)", (move) => {
    const table = parseCapture(capture, { payload: true });
    const texts = rowTexts(table);
    const { data, transfer } = table.toTransferable();
    const { port1, port2 } = new MessageChannel();
    port1.postMessage(data, move ? transfer : []);
    const arrived = SegmentTable.from(receiveMessageOnPort(port2)?.message);
    port1.close();
    expect(rowTexts(arrived)).toEqual(texts);
    expect(arrived.info).toEqual(table.info);
    expect(arrived.totals).toEqual(table.totals);
    expect(data.columns.seq.length).toBe(move ? 0 : texts.length);
    arrived.append(parseCapture(capture, { payload: true }));
    expect(rowTexts(arrived.slice(3000))).toEqual(texts);
  });

  test("a slice moves without its table", () => {
    const table = parseCapture(capture);
    const { data, transfer } = table.slice(10, 20).toTransferable();
    expect(transfer.reduce((sum, buffer) => sum + buffer.byteLength, 0)).toBeLessThan(10_000);
    structuredClone(data, { transfer });
    expect(table.seq.length).toBe(3000);
  });

  test("what is no table is refused", () => {
    expect(() => SegmentTable.from({} as never)).toThrow(TypeError);
    expect(() => SegmentTable.from(undefined as never)).toThrow(TypeError);
  });
});

describe("sections", () => {
  const section = (application: string, n: number): Uint8Array =>
    concat(
      sectionHeader({}, option(4, application)),
      interfaceBlock(1),
      ...frames.slice(0, n).map((frame) => enhancedPacket(frame)),
    );

  test("of the rows are known, in slices and after appending too", () => {
    const table = parseCapture(concat(section("first", 3), section("second", 2), section("third", 4)));
    const names = (of: SegmentTable): (string | undefined)[] =>
      Array.from({ length: of.length }, (_, i) => of.sectionOf(i)?.application);
    const all = ["first", "first", "first", "second", "second", "third", "third", "third", "third"];
    expect(names(table)).toEqual(all);
    expect(names(table.slice(2, 6))).toEqual(all.slice(2, 6));
    expect(names(new SegmentTable().append(table).append(table.slice(4)))).toEqual([...all, ...all.slice(4)]);
  });
});

describe("parseCapture", () => {
  test("knows what the capture says of itself and what was counted", () => {
    const table = parseCapture(capture, { name: "trace" });
    expect(table.info).toMatchObject({ name: "trace", format: "pcap" });
    expect(table.totals).toMatchObject({ frames: 3000, segments: 3000, ipv6: 1000, ipv4: 2000 });
    expect(table.error).toBeUndefined();
  });

  test("gives the rows before the damage, and why there are no more", () => {
    const table = parseCapture(capture.subarray(0, capture.length - 1), { payload: true });
    expect(table.length).toBe(2999);
    expect(table.error).toMatchObject({ code: "cut-short" });
    expect(rowTexts(table)).toEqual(batchTexts(capture, true).slice(0, 2999));
  });

  test.each([
    ["nothing", new Uint8Array(0)],
    ["a text", new TextEncoder().encode("Dear Sir or Madam, I have no packets to declare")],
    ["half a file header", capture.subarray(0, 12)],
    ["gzip of a text", new Uint8Array(gzipSync("Dear Sir or Madam"))],
    ["half a gzip header", gzipSync(capture).subarray(0, 5)],
  ])("throws where nothing could be read: %s", (_, bytes) => {
    expect(() => parseCapture(bytes)).toThrow(CaptureError);
  });

  test("takes gzip", () => {
    expect(rowTexts(parseCapture(gzipSync(capture)))).toEqual(rowTexts(parseCapture(capture)));
  });
});

describe("readTable", () => {
  test("gives the table that parseCapture gives, from any source", async () => {
    const bytes = pcapng(frames);
    const table = await readTable(new Blob([bytes]), { payload: true });
    expect(rowTexts(table)).toEqual(rowTexts(parseCapture(bytes, { payload: true })));
  });

  test("keeps damage as data, and throws the rest", async () => {
    const table = await readTable(new Blob([capture.subarray(0, 5000)]));
    expect(table.error).toBeInstanceOf(CaptureError);
    expect(table.length).toBeGreaterThan(0);
    await expect(readTable(new Blob(["nothing"]))).rejects.toThrow(CaptureError);
    await expect(readTable(new Blob([capture]), { signal: AbortSignal.abort("no") })).rejects.toBe("no");
  });

  test("of any source knows where each frame is, so that its bytes can be fetched later", async () => {
    const blob = new Blob([capture]);
    const table = await readTable(blob);
    for (const i of [0, 1, 1500, 2999]) {
      const start = table.fileOffset[i];
      const frame = await blob.slice(start, start + table.frameCaptured[i]).arrayBuffer();
      expect(new Uint8Array(frame)).toEqual(frames[i]);
    }
  });
});

describe("over real captures", () => {
  if (!corpus) {
    console.log("skipped: no ../shared with corpus and truth beside the repository (or TCPWIRE_SHARED=path)");
    test.runIf(process.env.CI)("in CI the captures are there", () => expect(corpus).toBeDefined());
    return;
  }
  test.each(corpus)("a table of %s holds what its batches held", (name) => {
    const bytes = readCapture(name);
    const texts: string[] = [];
    const reader = readCaptureSync(bytes);
    try {
      for (const batch of reader) texts.push(...rowTexts(batch));
    } catch {
      expect(reader.error).toBeInstanceOf(CaptureError);
    }
    if (reader.info.sections.length > 0) {
      expect(rowTexts(parseCapture(bytes, { payload: true }))).toEqual(texts);
    }
  });
});
