import { CaptureError } from "./errors.ts";
import { type ReadCaptureOptions, type ReadOptions, readCapture, readCaptureSync } from "./reader.ts";
import type { CaptureSource, SyncCaptureSource } from "./sources.ts";
import { SegmentTable, type TableOptions } from "./table.ts";

/**
 * Reads all TCP segments of a capture into a table.
 *
 * @example
 * ```ts
 * import { parseCapture } from "tcpwire/capture";
 *
 * const table = parseCapture(bytes, { payload: true });
 * if (table.error) console.warn(table.error.message); // the rows before the damage are there
 * ```
 *
 * @param source a capture in memory, or any source that makes one wait for nothing; gzip too
 * @returns its segments, with `info` and `totals`. Where the capture is damaged or cut short, the segments before,
 *   and why in `error`
 * @throws {CaptureError} when the input is no capture at all: nothing in it could be read. {TypeError} when
 *   `source` is nothing to read from; what the source throws
 */
export function parseCapture(
  source: SyncCaptureSource,
  options: TableOptions & ReadOptions = {},
): SegmentTable {
  const table = new SegmentTable(options);
  const reader = readCaptureSync(source, options);
  // Most of a capture is payload.
  if (options.payload) table.reserve(0, (source as { byteLength?: number }).byteLength ?? 0);
  try {
    for (const batch of reader) table.append(batch);
  } catch (error) {
    keep(error, reader);
  }
  return finish(table, reader);
}

/**
 * `parseCapture` for any source.
 *
 * @example
 * ```ts
 * const table = await readTable(file); // a File from an <input>
 * ```
 *
 * @returns as `parseCapture`
 * @throws as `parseCapture`; and the signal's reason
 */
export async function readTable(
  source: CaptureSource,
  options: TableOptions & ReadCaptureOptions = {},
): Promise<SegmentTable> {
  const table = new SegmentTable(options);
  const reader = readCapture(source, options);
  try {
    for await (const batch of reader) table.append(batch);
  } catch (error) {
    keep(error, reader);
  }
  return finish(table, reader);
}

type Reader = Pick<ReturnType<typeof readCapture>, "info" | "totals" | "error">;

/** Damage behind the first header is data; everything else goes up. */
function keep(error: unknown, { info }: Reader): void {
  if (!(error instanceof CaptureError) || info.sections.length === 0) throw error;
}

function finish(table: SegmentTable, reader: Reader): SegmentTable {
  table.info = reader.info;
  table.totals = reader.totals;
  table.error = reader.error;
  return table.excess > MAX_EXCESS ? table.trim() : table;
}

/** What more memory a finished table may take than it needs: less is not worth a copy. */
const MAX_EXCESS = 0.25;
