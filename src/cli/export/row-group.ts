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

/** Gathers rows to groups of `GROUP_ROWS` or, as rows come in batches, a few more. */
export class GroupedRows<Source> implements RowWriter<Source> {
  readonly #columns: readonly Column<Source>[];
  readonly #write: (group: RowGroup) => Promise<void>;
  readonly #end: () => Promise<void>;
  #cells: Cell[][] = [];
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
    this.#clear();
  }

  add(source: Source, i: number): void {
    const columns = this.#columns;
    for (let k = 0; k < columns.length; k++) this.#cells[k].push(columns[k].value(source, i));
    this.#length++;
  }

  async flushFull(): Promise<void> {
    if (this.#length >= GROUP_ROWS) await this.#flush();
  }

  async finish(): Promise<void> {
    if (this.#length > 0 || this.#groups === 0) await this.#flush();
    await this.#end();
  }

  async #flush(): Promise<void> {
    const group = { length: this.#length, cells: this.#cells };
    this.#clear();
    this.#groups++;
    await this.#write(group);
  }

  #clear(): void {
    this.#cells = this.#columns.map(() => []);
    this.#length = 0;
  }
}
