import type { Cell, Column, RowWriter } from "./column.ts";

/**
 * Rows that are written together: a row group of Parquet, a record batch of Arrow. It bounds the memory of an
 * export, and is what readers skip by.
 */
export const GROUP_ROWS = 65_536;

/** Columns of rows that are written together: `cells[k]` belongs to column k. */
export interface RowGroup {
  readonly length: number;
  readonly cells: readonly Cell[][];
}

/** Gathers rows to groups of `GROUP_ROWS`, in whatever batches they come. */
export class GroupedRows<Source> implements RowWriter<Source> {
  readonly #columns: readonly Column<Source>[];
  readonly #write: (group: RowGroup) => Promise<void>;
  readonly #end: () => Promise<void>;
  #cells: Cell[][];
  #length = 0;
  #groups = 0;

  /**
   * @param write writes a group
   * @param end writes what comes after the last of them. There is one at least, perhaps without rows.
   */
  constructor(
    columns: readonly Column<Source>[],
    write: (group: RowGroup) => Promise<void>,
    end: () => Promise<void>,
  ) {
    this.#columns = columns;
    this.#write = write;
    this.#end = end;
    this.#cells = columns.map(() => []);
  }

  add(source: Source, i: number): void {
    const columns = this.#columns;
    for (let k = 0; k < columns.length; k++) this.#cells[k].push(columns[k].value(source, i));
    this.#length++;
  }

  async flushFull(): Promise<void> {
    while (this.#length >= GROUP_ROWS) await this.#flush(GROUP_ROWS);
  }

  async finish(): Promise<void> {
    await this.flushFull();
    if (this.#length > 0 || this.#groups === 0) await this.#flush(this.#length);
    await this.#end();
  }

  async #flush(length: number): Promise<void> {
    const cells = this.#cells;
    this.#cells = cells.map((column) => column.splice(length));
    this.#length -= length;
    this.#groups++;
    await this.#write({ length, cells });
  }
}
