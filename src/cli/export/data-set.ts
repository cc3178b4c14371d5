import { existsSync, readdirSync } from "node:fs";
import { mkdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { UsageError } from "../errors.ts";
import { isoTime } from "../segments/time-text.ts";
import type { Column, RowWriter } from "./column.ts";
import type { Destination } from "./export-rows.ts";
import { type Format, rowWriter } from "./format.ts";
import { OutputFile, reporting } from "./output-file.ts";

/** What bounds the memory of an export. */
export interface ShareLimits {
  /** Files of a capture that are open at a time: rows come in the order of time, or nearly so. */
  readonly open: number;
  /** Rows of a file at most: the footer of a Parquet file is kept in memory until it is whole. */
  readonly rows: number;
}

const LIMITS: ShareLimits = { open: 3, rows: 16_777_216 };

const DAY = 86_400_000_000_000n;

interface Part<Source> {
  readonly day: bigint;
  readonly file: OutputFile;
  readonly writer: RowWriter<Source>;
  rows: number;
}

/**
 * One capture's share of a partitioned data set: `capture=NAME/date=YYYY-MM-DD/part-N.FORMAT` under a folder, the
 * layout of Hive, which databases read as one table with two further columns. A day is that of UTC.
 *
 * The parts get their names together, once all are written, and then take the place of an earlier export's: one that
 * fails leaves what was there.
 */
export class DataSetShare<Source> implements Destination<Source> {
  readonly #folder: string;
  readonly #format: Format;
  readonly #columns: readonly Column<Source>[];
  readonly #limits: ShareLimits;
  /** Parts of an earlier export. */
  readonly #earlier: readonly string[];
  readonly #numbers = new Map<bigint, number>();
  /** The one written to last stands at the end. */
  #open: Part<Source>[] = [];
  /** Files that are written, under no name yet. */
  readonly #written: OutputFile[] = [];
  #rows = 0;

  /**
   * @param folder the data set's
   * @param replace whether the files of an earlier export of the same capture give way
   * @throws {UsageError} when there are such files and they may not be replaced
   */
  static async create<Source>(
    folder: string,
    capture: string,
    format: Format,
    columns: readonly Column<Source>[],
    replace: boolean,
    limits = LIMITS,
  ): Promise<DataSetShare<Source>> {
    const own = join(folder, `capture=${partitionValue(capture)}`);
    const earlier = partsIn(own);
    if (earlier.length > 0 && !replace) {
      throw new UsageError(`${own} holds an export already; --force replaces it`);
    }
    await reporting(own, async () => {
      for (const path of earlier.filter(isPartial)) await unlink(path);
    });
    const whole = earlier.filter((path) => !isPartial(path));
    return new DataSetShare(own, format, columns, whole, limits);
  }

  private constructor(
    folder: string,
    format: Format,
    columns: readonly Column<Source>[],
    earlier: readonly string[],
    limits: ShareLimits,
  ) {
    this.#folder = folder;
    this.#format = format;
    this.#columns = columns;
    this.#earlier = earlier;
    this.#limits = limits;
  }

  add(source: Source, i: number, time: bigint): Promise<void> | undefined {
    const part = this.#open.at(-1);
    if (part === undefined || time < part.day || time >= part.day + DAY || part.rows >= this.#limits.rows) {
      return this.#turnTo(dayOf(time)).then((other) => put(other));
    }
    put(part);
    return undefined;

    function put(into: Part<Source>): void {
      into.writer.add(source, i);
      into.rows++;
    }
  }

  async flushFull(): Promise<void> {
    for (const { writer } of this.#open) await writer.flushFull();
  }

  async finish(): Promise<void> {
    while (this.#open.length > 0) await this.#close(this.#open[0]);
    for (const file of this.#written) await file.finish();
    const replaced = new Set(this.#written.map(({ path }) => path));
    await reporting(this.#folder, async () => {
      for (const path of this.#earlier) if (!replaced.has(path)) await unlink(path);
    });
  }

  async discard(): Promise<void> {
    for (const { file } of this.#open) await file.discard();
    for (const file of this.#written) await file.discard();
  }

  /** What it has come to. */
  get written(): { folder: string; rows: number; files: number; bytes: number } {
    const bytes = this.#written.reduce((sum, { size }) => sum + size, 0);
    return { folder: this.#folder, rows: this.#rows, files: this.#written.length, bytes };
  }

  /** Makes the part of a day the one that is written to. */
  async #turnTo(day: bigint): Promise<Part<Source>> {
    let part = this.#open.find((open) => open.day === day);
    if (part && part.rows >= this.#limits.rows) {
      await this.#close(part);
      part = undefined;
    }
    if (!part) {
      if (this.#open.length === this.#limits.open) await this.#close(this.#open[0]);
      part = await this.#begin(day);
    }
    this.#open = [...this.#open.filter((open) => open !== part), part];
    return part;
  }

  async #begin(day: bigint): Promise<Part<Source>> {
    const number = this.#numbers.get(day) ?? 0;
    this.#numbers.set(day, number + 1);
    const folder = join(this.#folder, `date=${isoTime(day).slice(0, 10)}`);
    await reporting(folder, () => mkdir(folder, { recursive: true }));
    const file = await OutputFile.create(join(folder, `part-${number}.${this.#format}`), true);
    return { day, file, writer: await rowWriter(this.#format, this.#columns, file), rows: 0 };
  }

  async #close(part: Part<Source>): Promise<void> {
    await part.writer.finish();
    await part.file.close();
    this.#written.push(part.file);
    this.#rows += part.rows;
    this.#open = this.#open.filter((open) => open !== part);
  }
}

/**
 * A value as Hive writes it in a path: what a file system or the syntax could stumble over is `%` and two digits.
 * Readers undo it.
 */
export function partitionValue(text: string): string {
  return Array.from(text, (character) =>
    UNSAFE.test(character)
      ? Array.from(new TextEncoder().encode(character), (byte) => `%${hex(byte)}`).join("")
      : character,
  ).join("");
}

// Hive's own list (FileUtils), with what Windows forbids, what globs mean, and characters that cannot be seen.
const UNSAFE = /[\p{Cc}\p{Cf}\p{Z}"#%'*+/:=?\\{}[\]^<>|&;$`!~,]/u;

function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, "0");
}

function dayOf(time: bigint): bigint {
  return time - (((time % DAY) + DAY) % DAY);
}

function isPartial(path: string): boolean {
  return path.endsWith(".partial");
}

/** Files of an earlier export, of any format. */
function partsIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.startsWith("date="))
    .flatMap((date) =>
      readdirSync(join(folder, date))
        .filter((name) => /^part-\d+\.\w+(\.partial)?$/.test(name))
        .map((name) => join(folder, date, name)),
    );
}
