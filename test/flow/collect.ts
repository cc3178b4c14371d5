import { expect } from "vitest";
import {
  type Conflict,
  type GapReason,
  StreamAssembler,
  type StreamLimits,
} from "../../src/flow/reassembly/stream.ts";

export const text = (s: string) => new TextEncoder().encode(s);

/** A stream, and what it tells: that its offsets are right is checked as it does. */
export function collect(limits: Partial<StreamLimits> = {}) {
  const out: string[] = [];
  const gaps: [number, number, GapReason][] = [];
  const conflicts: Conflict[] = [];
  let expected = 0;
  const stream = new StreamAssembler(
    { policy: "first", maxHeldBytes: 1 << 20, maxHeldSegments: 4096, history: 64, ...limits },
    {
      data(bytes, offset) {
        expect(offset).toBe(expected);
        expected += bytes.length;
        out.push(new TextDecoder("latin1").decode(bytes));
      },
      gap(offset, length, reason) {
        expect(offset).toBe(expected);
        expected += length;
        gaps.push([offset, length, reason]);
      },
      conflict: (c) => conflicts.push(c),
    },
  );
  const push = (seq: number, s: string) => stream.push(seq, text(s), s.length);
  return { stream, push, gaps, conflicts, text: () => out.join("") };
}
