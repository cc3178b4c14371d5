import { execFileSync, spawn } from "node:child_process";
import { closeSync, fstatSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";
import { CaptureError, readCapture } from "../../src/capture/index.ts";
import { fileSource, fileSourceSync, readCaptureFile, readCaptureFileSync } from "../../src/node/index.ts";
import { pcap, tcpFrame } from "../capture/captures.ts";
import { readSync, rowTexts } from "../capture/rows.ts";

const directory = mkdtempSync(join(tmpdir(), "tcpwire-"));
afterAll(() => rmSync(directory, { recursive: true }));

const capture = pcap(Array.from({ length: 2000 }, (_, i) => tcpFrame({ seq: i, payload: i % 1400 })));
const expected = readSync(capture).rows;
const path = join(directory, "capture.pcap");
writeFileSync(path, capture);

test.each([
  ["a path", path],
  ["a URL", pathToFileURL(path)],
])("%s is read as the bytes are", async (_, file) => {
  const rows: string[] = [];
  for await (const batch of readCaptureFile(file)) rows.push(...rowTexts(batch));
  expect(rows).toEqual(expected);
  rows.length = 0;
  for (const batch of readCaptureFileSync(file)) rows.push(...rowTexts(batch));
  expect(rows).toEqual(expected);
});

test("a descriptor is read from and stays open", async () => {
  const descriptor = openSync(path, "r");
  let rows = 0;
  for await (const batch of readCaptureFile(descriptor)) rows += batch.length;
  expect(rows).toBe(2000);
  expect(fstatSync(descriptor).isFile()).toBe(true);
  closeSync(descriptor);
});

test("a file is closed at the end, when the loop is left, and after damage", async () => {
  const broken = join(directory, "broken.pcap");
  writeFileSync(broken, capture.subarray(0, 1000));
  const before = descriptors();
  for await (const _ of readCaptureFile(path));
  for (const _ of readCaptureFileSync(path)) break;
  await expect(async () => {
    for await (const _ of readCaptureFile(broken));
  }).rejects.toThrow(CaptureError);
  expect(descriptors()).toEqual(before);
});

test("errors name the file, or what the options call it", () => {
  const broken = join(directory, "short.pcap");
  writeFileSync(broken, capture.subarray(0, 30));
  expect(() => [...readCaptureFileSync(broken)]).toThrow(broken);
  expect(() => [...readCaptureFileSync(broken, { name: "trace" })]).toThrow(/^trace: /);
});

test("a missing file and a directory fail at once, and leave nothing open", () => {
  const before = descriptors();
  expect(() => fileSource(join(directory, "none.pcap"))).toThrow(/ENOENT/);
  expect(() => fileSourceSync(join(directory, "none.pcap"))).toThrow(/ENOENT/);
  expect(() => fileSource(directory)).toThrow(/EISDIR/);
  expect(descriptors()).toEqual(before);
});

test("a file knows its size", () => {
  const source = fileSource(path);
  expect(source.size).toBe(capture.length);
  source.close?.();
});

test("a named pipe is waited for without holding up the event loop", async () => {
  const fifo = join(directory, "fifo");
  execFileSync("mkfifo", [fifo]);
  // The writer dawdles: a part, a pause, the rest.
  const writer = spawn("sh", [
    "-c",
    `(head -c 5000 '${path}'; sleep 0.2; tail -c +5001 '${path}') > '${fifo}'`,
  ]);
  let ticks = 0;
  const timer = setInterval(() => ticks++, 10);
  const rows: string[] = [];
  const source = fileSource(fifo);
  expect(source.size).toBeUndefined();
  for await (const batch of readCapture(source)) rows.push(...rowTexts(batch));
  clearInterval(timer);
  expect(rows).toEqual(expected);
  expect(ticks).toBeGreaterThan(0);
  writer.kill();
});

function descriptors(): string[] {
  return process.platform === "linux" ? readdirSync("/proc/self/fd") : [];
}
