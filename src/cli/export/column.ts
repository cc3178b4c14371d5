/**
 * What a column's cells are:
 * - `u8`, `u16`, `u32`: unsigned numbers
 * - `i64`: bigints
 * - `f64`: numbers
 * - `time`: nanoseconds since the epoch, a bigint
 * - `text`, `bool`: as they are
 * - `texts`, `u32s`: lists of them
 */
export type ColumnType = "u8" | "u16" | "u32" | "i64" | "f64" | "time" | "text" | "bool" | "texts" | "u32s";

/** One cell; undefined where the row has no such thing. */
export type Cell = number | bigint | string | boolean | readonly string[] | readonly number[] | undefined;

/** A column of an export, in any format. */
export interface Column<Source> {
  /** In lower case with underscores, so that SQL needs no quotes. */
  readonly name: string;
  readonly type: ColumnType;
  readonly about: string;
  /** The cell of row `i`. */
  value(source: Source, i: number): Cell;
}

/** Takes the rows of an export and writes them, some at a time. */
export interface RowWriter<Source> {
  /** Takes row `i`, which may be borrowed until then. */
  add(source: Source, i: number): void;
  /** Writes what has come to be a piece of the output's usual size. Awaited at least once every few thousand rows. */
  flushFull(): Promise<void>;
  /** Writes the rest, and what ends the output. */
  finish(): Promise<void>;
}

/** Where an export's bytes go. */
export interface Output {
  write(bytes: Uint8Array): Promise<void>;
}
