import { expect } from "vitest";
import type { Segments } from "../../../src/capture/segments.ts";
import { Diagnoser, type Diagnosis, FlowTracker } from "../../../src/flow/index.ts";
import { type Row, segmentsOf } from "../segments.ts";

/** What is diagnosed in rows, after `change` to their columns. */
export function diagnose(rows: readonly Row[], change?: (segments: Segments) => void): Diagnosis[] {
  const tracker = new FlowTracker({ random: (bytes) => bytes.fill(7) });
  const diagnoser = new Diagnoser();
  const segments = segmentsOf(rows);
  change?.(segments);
  diagnoser.add(segments, tracker.add(segments));
  return diagnoser.diagnose(tracker.flows());
}

export const names = (rows: readonly Row[]) => diagnose(rows).map(({ name }) => name);
/** The only diagnosis. */
export const only = (rows: readonly Row[], change?: (segments: Segments) => void) => {
  const found = diagnose(rows, change);
  expect(found.map(({ name }) => name)).toHaveLength(1);
  return found[0];
};
