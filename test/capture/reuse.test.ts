// A reader that is done leaves its memory to the next one. Nothing of one capture may be seen in another.
import { expect, test } from "vitest";
import { generateCapture } from "../../src/bench/captures.ts";
import { readCapture, readCaptureSync } from "../../src/capture/index.ts";
import { ethernet, ipv4, tcp4 } from "../codec/packets.ts";
import { pcap, pcapng, tcpFrame } from "./captures.ts";
import { readSync, rowTexts } from "./rows.ts";

/** Captures that leave something behind in every column, pool, counter and setting there is. */
const others: [string, () => Uint8Array<ArrayBuffer>][] = [
  ["of all kinds of frames", () => generateCapture("mixed", 9000)],
  ["with VLAN tags", () => generateCapture("vlan", 500)],
  ["with every option", () => generateCapture("options", 500)],
  ["over IPv6", () => generateCapture("ipv6", 500)],
  ["in pcapng, big-endian", () => pcapng(frames(300), { bigEndian: true })],
  ["in nanoseconds and raw IP", () => pcap(frames(300), { magic: 0xa1b23c4d, linkType: 101 })],
  ["that ends within a record", () => pcap(frames(3)).subarray(0, -1)],
  ["with a record that lies about its length", () => lying()],
  ["with a record larger than the window", () => pcap([new Uint8Array(3_000_000), tcpFrame()])],
  ["without frames", () => pcap([])],
];

function frames(n: number): Uint8Array[] {
  return Array.from({ length: n }, (_, i) =>
    tcpFrame({ seq: i, payload: i % 1400, ipVersion: i % 3 ? 4 : 6, vlan: i % 5 ? undefined : i }),
  );
}

function lying(): Uint8Array<ArrayBuffer> {
  const bytes = pcap(frames(4));
  new DataView(bytes.buffer).setUint32(24 + 8, 0x7fffffff, true);
  return bytes;
}

const capture = pcap([...frames(400), ...frames(20)]);
const fresh = everything(capture);

function everything(bytes: Uint8Array<ArrayBuffer>) {
  const reader = readCaptureSync(bytes);
  const rows: string[] = [];
  for (const batch of reader) rows.push(...rowTexts(batch));
  return { rows, info: reader.info, totals: reader.totals };
}

test.each(others)("after a capture %s, another is read as if it were the first", (_, make) => {
  readSync(make());
  expect(everything(capture)).toEqual(fresh);
});

test("whether checksums are verified is asked of each reader", () => {
  const verdicts = (options: { verifyChecksums?: boolean }) => {
    const reader = readCaptureSync(capture, options);
    for (const _ of reader);
    return reader.totals.checksums;
  };
  const { unverified } = verdicts({ verifyChecksums: false });
  expect(unverified).toBe(fresh.rows.length);
  expect(verdicts({})).toEqual(fresh.totals.checksums);
});

test("a fragment does not wait for the rest in another capture", () => {
  const segment = tcp4({ payload: new Uint8Array(100) });
  const part = (from: number, to: number, fragment: number) =>
    ethernet(ipv4(segment.subarray(from, to), { id: 7, fragment }));
  const first = pcap([part(0, 64, 0x2000)]);
  const last = pcap([part(64, segment.length, 8)]);
  expect(readSync(pcap([part(0, 64, 0x2000), part(64, segment.length, 8)])).rows).toHaveLength(1);
  expect(readSync(first).rows).toHaveLength(0);
  expect(readSync(last).rows).toHaveLength(0);
});

test("a batch at which reading was given up stays as it is while others read", () => {
  const reader = readCaptureSync(capture);
  for (const batch of reader) {
    const before = rowTexts(batch);
    const iterator = readCaptureSync(capture)[Symbol.iterator]();
    const held = iterator.next().value!;
    iterator.return?.();
    for (const [, make] of others) readSync(make());
    expect(rowTexts(held)).toEqual(rowTexts(batch));
    expect(rowTexts(batch)).toEqual(before);
    break;
  }
  expect(everything(capture)).toEqual(fresh);
});

test("two captures read in turn, batch by batch, do not meet", async () => {
  readSync(capture);
  const bytes = [generateCapture("mixed", 20_000), generateCapture("acks", 20_000)];
  const alone = bytes.map((bytes) => readSync(bytes).rows);
  const together: string[][] = [[], []];
  const iterators = bytes.map((bytes) => readCapture(bytes)[Symbol.asyncIterator]());
  for (let running = 2; running > 0; ) {
    running = 0;
    for (const [i, iterator] of iterators.entries()) {
      const { value, done } = await iterator.next();
      if (done) continue;
      together[i].push(...rowTexts(value));
      running++;
    }
  }
  expect(together).toEqual(alone);
});

test("a source that fails midway leaves nothing to the next reader", () => {
  const failing = {
    given: 0,
    read(into: Uint8Array) {
      if (this.given > 0) throw new Error("gone");
      this.given = 5000;
      into.set(generateCapture("mixed", 100).subarray(0, 5000));
      return 5000;
    },
  };
  expect(() => {
    for (const _ of readCaptureSync(failing));
  }).toThrow("gone");
  expect(everything(capture)).toEqual(fresh);
});

test("what a finished reader says of its capture does not change with the next one", () => {
  const reader = readCaptureSync(capture);
  for (const _ of reader);
  const { memorySize } = reader;
  for (const [, make] of others) readSync(make());
  expect(reader.totals).toEqual(fresh.totals);
  expect(reader.info).toEqual(fresh.info);
  expect(reader.memorySize).toBe(memorySize);
});
