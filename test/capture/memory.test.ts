// A capture of any length streams through in constant memory. TCPWIRE_LONG=1 (and CI) streams 2 GiB instead of 256 MiB.
import { expect, test } from "vitest";
import {
  type ByteSource,
  readCapture,
  readCaptureSync,
  type SyncByteSource,
} from "../../src/capture/index.ts";
import { pcap, tcpFrame } from "./captures.ts";

const MIB = 1024 * 1024;
const total = process.env.TCPWIRE_LONG || process.env.CI ? 2048 * MIB : 256 * MIB;

const frames = Array.from({ length: 700 }, (_, i) =>
  tcpFrame({ seq: i, payload: i % 2 ? 1400 : 0, ipVersion: i % 5 ? 4 : 6 }),
);
const header = pcap([]);
const records = pcap(frames).subarray(header.length);

/** A capture of `total` bytes that is made as it is read. */
function endless(): SyncByteSource & { given: number } {
  return {
    given: 0,
    read(into) {
      if (this.given === 0) {
        into.set(header);
        this.given = header.length;
        return header.length;
      }
      const at = (this.given - header.length) % records.length;
      const n = Math.min(into.length, records.length - at);
      if (this.given >= total && at === 0) return 0;
      into.set(records.subarray(at, at + n));
      this.given += n;
      return n;
    },
  };
}

function heap(): number {
  globalThis.gc?.();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + external + arrayBuffers;
}

test.each([
  ["at once", (source: SyncByteSource): ByteSource => source],
  ["with waiting", (source: SyncByteSource): ByteSource => ({ read: async (into) => source.read(into) })],
])(
  `${total / MIB} MiB read %s take a few MiB of memory, from start to end`,
  async (_, make) => {
    const source = endless();
    const reader = readCapture(make(source));
    let rows = 0;
    let early = 0;
    let peak = 0;
    let batches = 0;
    for await (const batch of reader) {
      rows += batch.length;
      if (++batches % 64 !== 0) continue;
      if (batches === 64) early = reader.memorySize;
      peak = Math.max(peak, heap());
    }
    expect(source.given).toBeGreaterThanOrEqual(total);
    expect(rows).toBe(((source.given - header.length) / records.length) * frames.length);
    expect(reader.memorySize).toBe(early);
    expect(early).toBeLessThan(5 * MIB);
    expect(peak).toBeLessThan(150 * MIB);
  },
  120_000,
);

test("readers that were dropped leave their memory to the collector, not to each other", () => {
  for (let i = 0; i < 200; i++) {
    const reader = readCaptureSync(pcap([frames[i]]));
    for (const batch of reader) expect(batch.seq[0]).toBe(i);
    expect(reader.memorySize).toBeLessThan(5 * MIB);
  }
});
