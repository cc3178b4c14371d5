// A flood of conversations that are one segment each: scans, floods of SYNs.
import { expect, test } from "vitest";
import { ROWS } from "../../assembly/layout/columns.ts";
import { ACK, SYN } from "../../assembly/layout/wire.ts";
import { FlowTracker } from "../../src/flow/index.ts";
import { segmentsOf } from "./segments.ts";
import { random } from "./talk.ts";

const MOST = 50_000;
const BATCHES = 64;

test.each([
  ["SYNs", SYN],
  ["ACKs out of nowhere, with data that nobody acknowledges", ACK],
])("half a million conversations of one segment take the memory of those that are held: %s", (_, flags) => {
  const all = BATCHES * ROWS;
  const asked = new Uint8Array(all);
  let wanted = 0;
  let told = 0;
  const tracker = new FlowTracker({
    random,
    maxFlows: MOST,
    onEvicted: ({ client, server }) => {
      told++;
      expect(client.packets + server.packets).toBe(1);
    },
    // To be told of each takes longer than to follow it.
    wantsEvicted: (stream) => {
      asked[stream]++;
      if (stream % 64 !== 0) return false;
      wanted++;
      return true;
    },
  });
  const data = flags === ACK ? 100 : 0;
  const row = { src: "10.0.0.1", dst: "192.0.2.1", srcPort: 1, dstPort: 80, flags, length: data };
  const segments = segmentsOf(
    Array.from({ length: ROWS }, (_, i) => ({ ...row, frame: i + 1, time: 0n, seq: i })),
  );
  const full = Math.ceil(MOST / ROWS);
  let memory = 0;
  for (let batch = 0; batch < BATCHES; batch++) {
    for (let i = 0; i < ROWS; i++) {
      segments.src[i] = 0x0a000000 + batch * ROWS + i;
      segments.time[i] = BigInt(batch * ROWS + i) * 1000n;
    }
    tracker.add(segments);
    expect(tracker.heldCount).toBeLessThanOrEqual(MOST);
    if (batch === full) memory = tracker.memoryBytes;
  }
  expect(tracker.streamCount).toBe(all);
  expect(tracker.heldCount).toBe(MOST);
  expect(tracker.evictedCount).toBe(all - MOST);
  // Each that was given up was asked about, once.
  expect(asked.reduce((sum, times) => sum + Number(times === 1), 0)).toBe(all - MOST);
  expect(Math.max(...new Set(asked))).toBe(1);
  expect(told).toBe(wanted);
  expect(told).toBeGreaterThan(7000);
  expect(tracker.memoryBytes).toBe(memory);
});
