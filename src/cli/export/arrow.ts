import type { Batch, DataType } from "@uwdata/flechette";
import type { Cell, Column, ColumnType, Output, RowWriter } from "./column.ts";
import { GroupedRows } from "./row-group.ts";

type Flechette = typeof import("@uwdata/flechette");
type Footer = typeof import("@uwdata/flechette/src/encode/footer.js");

/** A message of the file: what its footer lists of record batches. */
interface Block {
  readonly offset: number;
  readonly metadataLength: number;
  readonly bodyLength: number;
}

/**
 * Rows as an Arrow IPC file (Feather 2), not compressed.
 *
 * The library encodes tables that are whole. A group is one to it, as a stream: schema, record batch, end. Of these
 * the schema is kept once, and the record batches go behind each other with the file's frame around them, so that
 * what stays in memory is one group and 24 bytes a group for the footer.
 */
export async function arrowWriter<Source>(
  columns: readonly Column<Source>[],
  output: Output,
): Promise<RowWriter<Source>> {
  const flechette = await import("@uwdata/flechette");
  const { Builder } = await import("@uwdata/flechette/src/encode/builder.js");
  const { writeFooter } = await import("@uwdata/flechette/src/encode/footer.js");
  const types = columns.map(({ type }) => arrowType(flechette, type));
  const fields = columns.map(({ name }, k) => flechette.field(name, types[k], true));
  const schema = {
    version: flechette.Version.V5,
    endianness: flechette.Endianness.Little,
    fields,
    metadata: null,
  };
  const blocks: Block[] = [];
  let offset = 0;
  const put = async (bytes: Uint8Array): Promise<void> => {
    offset += bytes.length;
    await output.write(bytes);
  };

  return new GroupedRows(
    columns,
    async ({ length, cells }) => {
      const data = columns.map(
        ({ type }, k) =>
          new flechette.Column(
            length === 0 ? [] : [batchOf(flechette, type, types[k], cells[k], length)],
            types[k],
          ),
      );
      const stream = flechette.tableToIPC(new flechette.Table(schema, data), { format: "stream" })!;
      const schemaEnd = messageEnd(stream, 0);
      if (offset === 0) {
        await put(MAGIC);
        await put(stream.subarray(0, schemaEnd));
      }
      const batch = stream.subarray(schemaEnd, stream.length - END_OF_STREAM.length);
      if (length === 0) return;
      const metadataLength = messageEnd(batch, 0);
      blocks.push({ offset, metadataLength, bodyLength: batch.length - metadataLength });
      await put(batch);
    },
    async () => {
      await put(END_OF_STREAM);
      await put(footerBytes(Builder, writeFooter, schema, blocks));
    },
  );
}

/** "ARROW1", padded to 8 bytes. */
const MAGIC = Uint8Array.of(0x41, 0x52, 0x52, 0x4f, 0x57, 0x31, 0, 0);
const END_OF_STREAM = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0);

/** Where the metadata of the encapsulated message at `at` ends: a marker, its length, itself. */
function messageEnd(bytes: Uint8Array, at: number): number {
  return at + 8 + new DataView(bytes.buffer, bytes.byteOffset).getInt32(at + 4, true);
}

function footerBytes(
  Builder: typeof import("@uwdata/flechette/src/encode/builder.js").Builder,
  writeFooter: Footer["writeFooter"],
  schema: unknown,
  blocks: readonly Block[],
): Uint8Array {
  const parts: Uint8Array[] = [];
  const sink = { write: (part: Uint8Array) => void parts.push(part.slice()) };
  writeFooter(new Builder(sink), schema, [], blocks, null);
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function arrowType(arrow: Flechette, type: ColumnType): DataType {
  switch (type) {
    case "u8":
      return arrow.uint8();
    case "u16":
      return arrow.uint16();
    case "u32":
      return arrow.uint32();
    case "i64":
      return arrow.int64();
    case "f64":
      return arrow.float64();
    case "time":
      return arrow.timestamp(arrow.TimeUnit.NANOSECOND, "UTC");
    case "text":
      return arrow.utf8();
    case "bool":
      return arrow.bool();
    case "texts":
      return arrow.list(arrow.field("item", arrow.utf8(), false));
    case "u32s":
      return arrow.list(arrow.field("item", arrow.uint32(), false));
  }
}

/** The cells of a column. Numbers are put into arrays of their own here: the library takes times as milliseconds. */
function batchOf(
  arrow: Flechette,
  column: ColumnType,
  type: DataType,
  cells: readonly Cell[],
  length: number,
): Batch<unknown> {
  const values = numbersFor(column, length);
  if (!values) {
    const present = cells.map((cell) => cell ?? null);
    return arrow.columnFromArray(present, type).data[0];
  }
  const validity = new Uint8Array(Math.ceil(length / 8));
  let nullCount = 0;
  for (let i = 0; i < length; i++) {
    const cell = cells[i];
    if (cell === undefined) {
      nullCount++;
      continue;
    }
    validity[i >> 3] |= 1 << (i & 7);
    values[i] = cell as never;
  }
  return new arrow.Batch({
    length,
    nullCount,
    type,
    validity: nullCount === 0 ? new Uint8Array(0) : validity,
    values,
  });
}

function numbersFor(type: ColumnType, length: number) {
  switch (type) {
    case "u8":
      return new Uint8Array(length);
    case "u16":
      return new Uint16Array(length);
    case "u32":
      return new Uint32Array(length);
    case "f64":
      return new Float64Array(length);
    case "i64":
    case "time":
      return new BigInt64Array(length);
    default:
      return undefined;
  }
}
