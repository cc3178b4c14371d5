import type { SchemaElement } from "hyparquet";
import type { Cell, Column, ColumnType, Output, RowWriter } from "./column.ts";
import { GroupedRows } from "./row-group.ts";

/**
 * Rows as Parquet, compressed with Snappy. Times are microseconds, which every reader of Parquet knows as a
 * timestamp (Spark refuses nanoseconds, DuckDB cuts those that are in UTC): the columns ending in `_ns` are exact.
 */
export async function parquetWriter<Source>(
  columns: readonly Column<Source>[],
  output: Output,
): Promise<RowWriter<Source>> {
  const { ByteWriter, ParquetWriter } = await import("hyparquet-writer");
  const bytes = new ByteWriter(1 << 20);
  const drain = async (): Promise<void> => {
    const ready = bytes.getBytes().slice();
    bytes.index = 0;
    await output.write(ready);
  };
  const writer = new ParquetWriter({
    writer: bytes,
    schema: [{ name: "root", num_children: columns.length }, ...columns.flatMap(schemaOf)],
    createdBy: "tcpwire",
  });
  return new GroupedRows(
    columns,
    async ({ length, cells }) => {
      if (length > 0) {
        const columnData = columns.map(({ name, type }, k) => ({ name, data: physical(type, cells[k]) }));
        writer.write({ columnData, rowGroupSize: length });
      }
      await drain();
    },
    async () => {
      writer.finish();
      await drain();
    },
  );
}

function schemaOf({ name, type }: Column<never>): SchemaElement[] {
  const list = LISTS[type];
  if (!list) return [{ name, repetition_type: "OPTIONAL", ...LEAVES[type] }];
  return [
    { name, repetition_type: "OPTIONAL", num_children: 1, converted_type: "LIST" },
    { name: "list", repetition_type: "REPEATED", num_children: 1 },
    { name: "element", repetition_type: "REQUIRED", ...LEAVES[list] },
  ];
}

const LISTS: Partial<Record<ColumnType, ColumnType>> = { texts: "text", u32s: "u32" };

// Unsigned by their converted types alone: hyparquet-writer 0.17.0 writes the width of the logical type INTEGER as
// a number of four bytes where the format has one, and DuckDB refuses the file.
const LEAVES: Partial<Record<ColumnType, Partial<SchemaElement>>> = {
  u8: { type: "INT32", converted_type: "UINT_8" },
  u16: { type: "INT32", converted_type: "UINT_16" },
  u32: { type: "INT32", converted_type: "UINT_32" },
  i64: { type: "INT64" },
  f64: { type: "DOUBLE" },
  time: {
    type: "INT64",
    converted_type: "TIMESTAMP_MICROS",
    logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MICROS" },
  },
  text: { type: "BYTE_ARRAY", converted_type: "UTF8", logical_type: { type: "STRING" } },
  bool: { type: "BOOLEAN" },
};

function physical(type: ColumnType, cells: Cell[]): Cell[] {
  return type === "time" ? cells.map((cell) => cell && microseconds(cell as bigint)) : cells;
}

/** Rounded down, before 1970 too. */
function microseconds(nanoseconds: bigint): bigint {
  const rest = ((nanoseconds % 1000n) + 1000n) % 1000n;
  return (nanoseconds - rest) / 1000n;
}
