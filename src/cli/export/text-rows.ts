import { isoTime } from "../segments/time-text.ts";
import type { Cell, Column, Output, RowWriter } from "./column.ts";

type RowText<Source> = (source: Source, i: number) => string;

/**
 * Rows as comma-separated values (RFC 4180, but lines end with LF): a header, nothing where a cell is absent,
 * the entries of a list separated by spaces, times as RFC 3339.
 */
export function csvWriter<Source>(columns: readonly Column<Source>[], output: Output): RowWriter<Source> {
  const header = `${columns.map(({ name }) => name).join(",")}\n`;
  return new TextRows(output, header, (source, i) => {
    let line = "";
    for (let k = 0; k < columns.length; k++) {
      const column = columns[k];
      if (k > 0) line += ",";
      line += csvCell(column, column.value(source, i));
    }
    return `${line}\n`;
  });
}

/** Rows as an object a line: null where a cell is absent, times as RFC 3339. */
export function ndjsonWriter<Source>(columns: readonly Column<Source>[], output: Output): RowWriter<Source> {
  const keys = columns.map(({ name }, k) => `${k === 0 ? "{" : ","}"${name}":`);
  return new TextRows(output, "", (source, i) => {
    let line = "";
    for (let k = 0; k < columns.length; k++) {
      line += keys[k] + jsonCell(columns[k], columns[k].value(source, i));
    }
    return `${line}}\n`;
  });
}

function csvCell({ type }: Column<never>, cell: Cell): string {
  if (cell === undefined) return "";
  switch (type) {
    case "time":
      return isoTime(cell as bigint);
    case "text":
      return quoted(cell as string);
    case "texts":
    case "u32s":
      return quoted((cell as readonly unknown[]).join(" "));
    default:
      return `${cell}`;
  }
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function jsonCell({ type }: Column<never>, cell: Cell): string {
  if (cell === undefined) return "null";
  switch (type) {
    case "time":
      return `"${isoTime(cell as bigint)}"`;
    case "text":
    case "texts":
      return JSON.stringify(cell);
    case "u32s":
      return `[${cell as readonly number[]}]`;
    default:
      return `${cell}`;
  }
}

/** Gathers lines and writes them in pieces of some 64 KiB or a batch. */
class TextRows<Source> implements RowWriter<Source> {
  readonly #output: Output;
  readonly #row: RowText<Source>;
  readonly #encoder = new TextEncoder();
  #text: string;
  #pieces: Uint8Array[] = [];

  constructor(output: Output, header: string, row: RowText<Source>) {
    this.#output = output;
    this.#text = header;
    this.#row = row;
  }

  add(source: Source, i: number): void {
    this.#text += this.#row(source, i);
    if (this.#text.length >= PIECE) this.#encode();
  }

  async flushFull(): Promise<void> {
    const pieces = this.#pieces;
    this.#pieces = [];
    for (const piece of pieces) await this.#output.write(piece);
  }

  async finish(): Promise<void> {
    this.#encode();
    await this.flushFull();
  }

  #encode(): void {
    if (this.#text !== "") this.#pieces.push(this.#encoder.encode(this.#text));
    this.#text = "";
  }
}

const PIECE = 1 << 16;
