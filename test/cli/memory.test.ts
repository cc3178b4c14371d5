// What the built program holds of a capture made to fill its memory.
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { LINKTYPE_RAW } from "../../assembly/layout/capture.ts";
import { ACK } from "../../assembly/layout/wire.ts";
import { PcapWriter } from "../../src/capture/index.ts";
import { addressBytes } from "../../src/wire/address.ts";
import { buildSegment } from "../../src/wire/build.ts";

const CONVERSATIONS = 160;
// As many as are remembered of a direction at most.
const SEGMENTS = 10_000;
// Of which Node, the program and the columns are some 75. 32 are for segments that wait for an ACK; these would take
// 65 more without that bound.
const MOST_MEBIBYTES = 140;

const folder = mkdtempSync(join(tmpdir(), "tcpwire-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("1.6 million segments that nobody acknowledges take the report no more than it allows itself", () => {
  const path = join(folder, "hostile.pcap");
  writeUnacknowledged(path);
  const tell = 'process.on("exit", () => process.stderr.write("KiB " + process.resourceUsage().maxRSS));';
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", `data:text/javascript,${encodeURIComponent(tell)}`, "dist/cli.js", path],
    { encoding: "utf8" },
  );
  expect([status, stdout]).toEqual([0, expect.stringContaining("1,600,000")]);
  const mebibytes = Number(/KiB (\d+)$/.exec(stderr)?.[1]) / 1024;
  expect(mebibytes).toBeLessThan(MOST_MEBIBYTES);
}, 120_000);

/** Each conversation's client sends a byte at a time, from one sequence number to the next, and hears nothing. */
function writeUnacknowledged(path: string): void {
  const segments = Array.from({ length: CONVERSATIONS }, (_, i) => packet(1024 + i));
  const file = openSync(path, "w");
  let header = true;
  for (let n = 0, time = 0n; n < SEGMENTS; n += 100) {
    const writer = new PcapWriter({ linkType: LINKTYPE_RAW });
    for (let k = n; k < n + 100; k++) {
      for (const bytes of segments) {
        new DataView(bytes.buffer).setUint32(24, k);
        writer.write({ time: (time += 1000n), bytes });
      }
    }
    const bytes = writer.take();
    writeSync(file, header ? bytes : bytes.subarray(24));
    header = false;
  }
  closeSync(file);
}

function packet(srcPort: number): Uint8Array {
  const [src, dst] = [addressBytes("10.0.0.1"), addressBytes("10.0.0.2")];
  const payload = Uint8Array.of(0);
  const segment = buildSegment(
    { srcPort, dstPort: 80, seq: 0, ack: 1, flags: ACK, window: 1000, payload },
    { src, dst },
  );
  const bytes = new Uint8Array(20 + segment.length);
  bytes.set([0x45, 0, 0, bytes.length, 0, 0, 0, 0, 64, 6]);
  bytes.set(src, 12);
  bytes.set(dst, 16);
  bytes.set(segment, 20);
  return bytes;
}
