import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parquetReadObjects } from "hyparquet";
import { afterAll, describe, expect, test } from "vitest";
import type { Column } from "../../src/cli/export/column.ts";
import { DataSetShare, type ShareLimits } from "../../src/cli/export/data-set.ts";
import type { Format } from "../../src/cli/export/format.ts";

const root = mkdtempSync(join(tmpdir(), "tcpwire-data-set-"));
afterAll(() => rmSync(root, { recursive: true }));
let folders = 0;
const newFolder = () => join(root, `${folders++}`);

const DAY = 86_400_000_000_000n;
/** A row is its number; `day` says in which file it belongs. */
type Row = { readonly n: number; readonly day: number };
const columns: Column<Row[]>[] = [
  { name: "n", type: "u32", about: "", value: (rows, i) => rows[i].n },
  { name: "day", type: "u32", about: "", value: (rows, i) => rows[i].day },
];

interface Made {
  folder: string;
  days: readonly number[];
  format?: Format;
  limits?: ShareLimits;
  replace?: boolean;
  /** How many rows are written between two chances to flush. */
  batch?: number;
}

async function begun({ folder, days, format = "ndjson", limits, replace = false, batch = 5 }: Made) {
  const share = await DataSetShare.create<Row[]>(folder, "c", format, columns, replace, limits);
  const rows = days.map((day, n) => ({ n, day }));
  for (let i = 0; i < rows.length; i++) {
    await share.add(rows, i, BigInt(days[i]) * DAY + BigInt(i));
    if (i % batch === 0) await share.flushFull();
  }
  return share;
}

async function written(made: Made): Promise<void> {
  await (await begun(made)).finish();
}

/** Every file below, as `date=.../part-N.FORMAT`. */
function files(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, "capture=c/").length))
    .sort();
}

function rowsIn(folder: string, file: string): Row[] {
  const text = readFileSync(join(folder, "capture=c", file), "utf8");
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

describe("a part of a partitioned data set", () => {
  test("ends when it has as many rows as one may have, and the next goes on", async () => {
    const folder = newFolder();
    await written({ folder, days: Array(23).fill(0), limits: { open: 3, rows: 10 } });
    expect(files(folder)).toEqual([0, 1, 2].map((n) => `date=1970-01-01/part-${n}.ndjson`));
    const parts = files(folder).map((file) => rowsIn(folder, file).map(({ n }) => n));
    expect(parts.map(({ length }) => length)).toEqual([10, 10, 3]);
    expect(parts.flat()).toEqual(Array.from({ length: 23 }, (_, n) => n));
  });

  test("has the rows of one day, in their order, whatever the order of the days", async () => {
    const folder = newFolder();
    const days = [0, 1, 0, 2, 1, 0, 2, 2, 1, 0];
    await written({ folder, days, limits: { open: 3, rows: 100 } });
    expect(files(folder)).toEqual([1, 2, 3].map((n) => `date=1970-01-0${n}/part-0.ndjson`));
    for (const [day, file] of files(folder).entries()) {
      const expected = days.flatMap((each, n) => (each === day ? [{ n, day }] : []));
      expect(rowsIn(folder, file)).toEqual(expected);
    }
  });

  test("that was closed to make room is not written over when its day comes again", async () => {
    const folder = newFolder();
    const days = Array.from({ length: 40 }, (_, n) => (n * 7) % 5);
    await written({ folder, days, limits: { open: 2, rows: 3 } });
    const rows = files(folder).flatMap((file) => {
      const part = rowsIn(folder, file);
      expect(part.length).toBeGreaterThan(0);
      expect(part.length).toBeLessThanOrEqual(3);
      for (const { day } of part) expect(file).toContain(`date=1970-01-0${day + 1}/`);
      return part;
    });
    expect(rows.map(({ n }) => n).sort((a, b) => a - b)).toEqual(days.map((_, n) => n));
  });

  test("is closed when it was not written to for longest", async () => {
    const folder = newFolder();
    // Day 0 is written to again before day 2 comes: it is day 1 that makes room, and begins a second part.
    await written({ folder, days: [0, 1, 0, 2, 0, 1], limits: { open: 2, rows: 100 } });
    expect(files(folder)).toEqual([
      "date=1970-01-01/part-0.ndjson",
      "date=1970-01-02/part-0.ndjson",
      "date=1970-01-02/part-1.ndjson",
      "date=1970-01-03/part-0.ndjson",
    ]);
  });

  test("in Parquet is whole when it ends early", async () => {
    const folder = newFolder();
    await written({ folder, days: Array(25).fill(0), format: "parquet", limits: { open: 1, rows: 10 } });
    const rows: number[] = [];
    for (const file of files(folder)) {
      const bytes = readFileSync(join(folder, "capture=c", file));
      const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
      for (const row of await parquetReadObjects({ file: buffer })) rows.push(Number(row.n));
    }
    expect(rows).toEqual(Array.from({ length: 25 }, (_, n) => n));
  });
});

describe("an export to a data set", () => {
  const limits = { open: 2, rows: 4 };

  test("has no names before all of it is written", async () => {
    const folder = newFolder();
    const share = await begun({ folder, days: Array(10).fill(0), limits });
    expect(files(folder)).toEqual([0, 1, 2].map((n) => `date=1970-01-01/part-${n}.ndjson.partial`));
    await share.finish();
    expect(files(folder)).toEqual([0, 1, 2].map((n) => `date=1970-01-01/part-${n}.ndjson`));
  });

  test("that fails leaves the earlier one as it was, and nothing of its own", async () => {
    const folder = newFolder();
    await written({ folder, days: [0, 0, 1] });
    const earlier = files(folder).map((file) => [file, rowsIn(folder, file)]);
    const share = await begun({ folder, days: [0, 0, 0, 0, 0, 0, 3], limits, replace: true });
    await share.discard();
    expect(files(folder).map((file) => [file, rowsIn(folder, file)])).toEqual(earlier);
  });

  test("takes the place of an earlier one, parts and formats that it has not itself included", async () => {
    const folder = newFolder();
    await written({ folder, days: [0, 1, 2], format: "csv" });
    await written({ folder, days: [1, 1], replace: true });
    expect(files(folder)).toEqual(["date=1970-01-02/part-0.ndjson"]);
  });

  test("asks before it takes the place of an earlier one, or of one that was killed", async () => {
    const folder = newFolder();
    await written({ folder, days: [0] });
    await expect(begun({ folder, days: [0] })).rejects.toThrow("--force replaces it");
    const killed = newFolder();
    await begun({ folder: killed, days: [0] });
    await expect(begun({ folder: killed, days: [0] })).rejects.toThrow("--force replaces it");
    await written({ folder: killed, days: [1], replace: true });
    expect(files(killed)).toEqual(["date=1970-01-02/part-0.ndjson"]);
  });
});
