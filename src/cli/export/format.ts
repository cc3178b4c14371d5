import type { Column, Output, RowWriter } from "./column.ts";
import { csvWriter, ndjsonWriter } from "./text-rows.ts";

/** Formats of an export, which are the endings of its files too. */
export const FORMATS = ["csv", "ndjson", "arrow", "parquet"] as const;

export type Format = (typeof FORMATS)[number];

/** A writer of rows; the libraries of the binary formats are loaded here, and by nothing else. */
export async function rowWriter<Source>(
  format: Format,
  columns: readonly Column<Source>[],
  output: Output,
): Promise<RowWriter<Source>> {
  switch (format) {
    case "csv":
      return csvWriter(columns, output);
    case "ndjson":
      return ndjsonWriter(columns, output);
    case "arrow":
      return (await import("./arrow.ts")).arrowWriter(columns, output);
    case "parquet":
      return (await import("./parquet.ts")).parquetWriter(columns, output);
  }
}

/** The format that a file's ending asks for. */
export function formatOf(path: string): Format | undefined {
  return FORMATS.find((format) => path.toLowerCase().endsWith(`.${format}`));
}
