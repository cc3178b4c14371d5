import { type ColumnGroup, fitColumns } from "../terminal/fit.ts";
import { columns } from "../terminal/wrap.ts";

const HEADS = [
  "Proto",
  "Recv-Q",
  "Send-Q",
  "Local Address",
  "Foreign Address",
  "State",
  "PID/Program name",
  "Timer",
];
const RIGHT = [false, true, true, false, false, false, false, false];
const ROW = /^(tcp6?) +(\d+) +(\d+) +(\S+) +(\S+) +(\S+) +(\S+) +(\S.*)$/;
/** What stays longest, first. */
const GROUPS: readonly ColumnGroup[] = [
  { name: "addresses", columns: [3, 4, 5] },
  { name: "Timer", columns: [7] },
  { name: "Recv-Q and Send-Q", columns: [1, 2] },
  { name: "PID/Program name", columns: [6] },
  { name: "Proto", columns: [0] },
];

/** A table of sockets for a screen, and the columns that it has no room for. */
export interface SocketTable {
  readonly lines: readonly string[];
  readonly leftOut: readonly string[];
}

/** What `formatSockets` prints, line by line, where there are only `room` columns: closer together, and fewer. */
export function fitSockets(lines: readonly string[], room: number): SocketTable {
  if (lines.every((line) => columns(line.trimEnd()) <= room)) return { lines, leftOut: [] };
  const cells = lines.map((line) => (line.startsWith("Proto ") ? HEADS : ROW.exec(line)?.slice(1)));
  const widths = HEADS.map((_, i) => Math.max(...cells.map((row) => row?.[i].length ?? 0)));
  const { shown, leftOut, gap } = fitColumns(widths, GROUPS, room);
  const fitted = lines.map((line, n) => {
    const row = cells[n];
    if (row === undefined) return line;
    const padded = shown.map((i) => (RIGHT[i] ? row[i].padStart(widths[i]) : row[i].padEnd(widths[i])));
    return padded.join(" ".repeat(gap)).trimEnd();
  });
  return { lines: fitted, leftOut };
}
