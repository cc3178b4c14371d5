import type { SegmentBatch } from "../../capture/index.ts";
import type { InterfaceInfo } from "../../capture/info.ts";
import type { FlowRecord } from "../../flow/index.ts";
import type { RowFilter } from "../fields/filter.ts";
import { flowTracker } from "../flow-tracker.ts";
import type { CaptureInput } from "../input.ts";
import type { SegmentRows } from "./segment-columns.ts";

/** Takes what an export is made of: rows of a batch, or one record at a time (row 0). */
export interface Destination<Source> {
  /** Takes row `i`, whose time (nanoseconds since the epoch) says where it belongs. */
  add(source: Source, i: number, time: bigint): Promise<void> | undefined;
  flushFull(): Promise<void>;
}

/** Hands on every segment of a capture that the filter fits, with its analysis. */
export async function exportSegments(
  input: CaptureInput,
  filter: RowFilter | undefined,
  destination: Destination<SegmentRows>,
): Promise<void> {
  const tracker = flowTracker();
  for await (const segments of input.batches()) {
    const rows = { segments, interfaces: interfacesOf(input, segments), analysis: tracker.add(segments) };
    for (let i = 0; i < segments.length; i++) {
      if (filter && !filter.matches(rows, i)) continue;
      const opened = destination.add(rows, i, segments.time[i]);
      if (opened) await opened;
    }
    await destination.flushFull();
  }
}

/** Hands on the record of every conversation that has a segment which the filter fits. */
export async function exportFlows(
  input: CaptureInput,
  filter: RowFilter | undefined,
  destination: Destination<FlowRecord>,
): Promise<void> {
  const matching = filter && new Set<number>();
  let evicted: FlowRecord[] = [];
  const tracker = flowTracker((record) => evicted.push(record));
  const give = async (records: Iterable<FlowRecord>): Promise<void> => {
    for (const record of records) {
      if (matching && !matching.delete(record.stream)) continue;
      const opened = destination.add(record, 0, record.start);
      if (opened) await opened;
      await destination.flushFull();
    }
  };
  for await (const segments of input.batches()) {
    const analysis = tracker.add(segments);
    if (filter && matching) {
      const rows = { segments, analysis };
      for (let i = 0; i < segments.length; i++) if (filter.matches(rows, i)) matching.add(analysis.stream[i]);
    }
    if (evicted.length === 0) continue;
    await give(evicted);
    evicted = [];
  }
  await give(tracker.flows());
}

function interfacesOf(
  { reader }: CaptureInput,
  segments: SegmentBatch,
): readonly InterfaceInfo[] | undefined {
  return reader.info.format === "pcapng" ? segments.section.interfaces : undefined;
}
