import { type ColumnGroup, type Fit, fitColumns } from "./fit.ts";

/** A share from 0 to 1 as a bar of at most `cells` characters, exact to an eighth of one. */
export function bar(share: number, cells: number): string {
  const eighths = Math.max(share > 0 ? 1 : 0, Math.round(Math.min(1, share) * cells * 8));
  return "█".repeat(eighths >> 3) + (eighths & 7 ? EIGHTHS[eighths & 7] : "");
}

/** Counts as a line of bars, each a character high; a count of zero is blank, the least bar something. */
export function sparkline(counts: readonly number[]): string {
  const most = Math.max(...counts);
  return counts.map((n) => (n === 0 ? " " : HEIGHTS[Math.ceil((n / most) * HEIGHTS.length) - 1])).join("");
}

/** Columns of a table that line up: text to the left, figures (`right`) to the right. */
export function aligned(rows: readonly (readonly string[])[], right: readonly boolean[]): string[] {
  const widths = widthsOf(
    rows,
    right.map(() => 0),
  );
  return rows.map((row) => alignedTo(row, widths, right));
}

/**
 * The same where a screen has `room` columns: what it has no room for, of the groups behind the first, goes into
 * `leftOut`.
 */
export function alignedWithin(
  rows: readonly (readonly string[])[],
  right: readonly boolean[],
  groups: readonly ColumnGroup[],
  room: number,
  leftOut: Set<string>,
): string[] {
  const widths = widthsOf(
    rows,
    right.map(() => 0),
  );
  const fit = fitColumns(widths, groups, room);
  for (const name of fit.leftOut) leftOut.add(name);
  return rows.map((row) => alignedTo(row, widths, right, fit));
}

/** How wide each column has to be for these rows, and at least. */
export function widthsOf(rows: readonly (readonly string[])[], least: readonly number[]): number[] {
  return least.map((width, column) => rows.reduce((most, row) => Math.max(most, shown(row[column])), width));
}

/** A row in columns of these widths, `gap` apart; `shown` are those that are to be seen. */
export function alignedTo(
  row: readonly string[],
  widths: readonly number[],
  right: readonly boolean[],
  { shown: columns, gap }: Pick<Fit, "shown" | "gap"> = { shown: row.map((_, i) => i), gap: 2 },
): string {
  return columns
    .map((column) => {
      const cell = row[column];
      const pad = " ".repeat(Math.max(0, widths[column] - shown(cell)));
      return right[column] ? pad + cell : cell + pad;
    })
    .join(" ".repeat(gap))
    .trimEnd();
}

const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
const HEIGHTS = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/** Characters that show; colours do not. */
function shown(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ESC is what begins a colour
  return [...text.replace(/\x1b\[[\d;]*m/g, "")].length;
}
