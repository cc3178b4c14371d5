import { expect, test } from "vitest";
import { FlowTracker } from "../../src/flow/index.ts";
import { segmentsOf } from "./segments.ts";
import { random } from "./talk.ts";

// The tunnel identity whose context (assembly/flow/keys.ts) is all ones: an odd multiplier has an inverse modulo 2^32.
const MULTIPLIER = 0x85ebca77n;
const TWO_32 = 1n << 32n;
let inverse = 1n;
for (let i = 0; i < 5; i++) inverse = (inverse * (TWO_32 + 2n - ((MULTIPLIER * inverse) % TWO_32))) % TWO_32;
const ALL_ONES = Number((inverse * 0xffffffffn) % TWO_32);

test.each([1, ALL_ONES])("ports and a tunnel (%i) that hash to all ones are a key as any other", (tunnel) => {
  const row = (src: string, dst: string) =>
    ({ time: 1n, src, dst, srcPort: 65535, dstPort: 65535, seq: 1, flags: 2, tunnel }) as const;
  const tracker = new FlowTracker({ random, separateTunnels: true });
  const rows = [row("2001:db8::1", "2001:db8::2"), row("2001:db8::3", "2001:db8::4")];
  const { stream } = tracker.add(segmentsOf(rows));
  expect([...stream.subarray(0, 2)]).toEqual([0, 1]);
});
