import type { Arguments, OptionSpec } from "../arguments.ts";
import type { Io } from "../command.ts";

/** Of commands whose tables have more columns than a terminal may. */
export const WIDE_OPTION: OptionSpec = {
  name: "wide",
  help: "whole tables, also where a terminal has not the room",
};

/** Columns that a table may take: those of the terminal; into a pipe, and with --wide, any number. */
export function roomOf(args: Arguments, io: Io): number {
  return io.stdout.isTerminal && !args.has("wide") ? io.stdout.width : Number.POSITIVE_INFINITY;
}

/** Columns of a table that stay or go together. */
export interface ColumnGroup {
  /** What they are called where it is said that they are left out; of none it is never said. */
  readonly name: string;
  readonly columns: readonly number[];
}

/** Which columns of a table a screen has room for. */
export interface Fit {
  /** Columns that are shown, from left to right. */
  readonly shown: readonly number[];
  /** Names of the groups that are not, the most important first. */
  readonly leftOut: readonly string[];
  /** Between two columns. */
  readonly gap: number;
}

/**
 * Chooses the columns for which there is room: all of them two apart, else one apart as many as fit, in the order in which
 * they matter. The first group is always shown.
 */
export function fitColumns(widths: readonly number[], groups: readonly ColumnGroup[], room: number): Fit {
  const all = widths.map((_, column) => column);
  if (tableWidth(widths, all, 2) <= room) return { shown: all, leftOut: [], gap: 2 };
  const shown = new Set(groups[0].columns);
  const leftOut: string[] = [];
  for (const { name, columns } of groups.slice(1)) {
    const more = [...shown, ...columns];
    if (tableWidth(widths, more, 1) <= room) for (const column of columns) shown.add(column);
    else leftOut.push(name);
  }
  return { shown: all.filter((column) => shown.has(column)), leftOut, gap: 1 };
}

/** What a table leaves out, and how it is seen all the same. */
export function leftOutText(names: Iterable<string>): string {
  return `left out for want of room: ${[...names].join(", ")}; --wide shows all, as does a pipe`;
}

function tableWidth(widths: readonly number[], columns: readonly number[], gap: number): number {
  return columns.reduce((sum, column) => sum + widths[column], gap * (columns.length - 1));
}
