import { findingWords, isTrouble } from "../finding-words.ts";
import { aligned, alignedWithin, bar } from "../terminal/chart.ts";
import type { ColumnGroup } from "../terminal/fit.ts";
import { bytesText, counted, grouped, percent } from "../terminal/numbers.ts";
import type { Style } from "../terminal/style.ts";
import { columns, wrap } from "../terminal/wrap.ts";
import type { Report } from "./report.ts";

const LABEL = 13;
const BAR_CELLS = 32;
const LEAST_CELLS = 8;
const BENEATH = "    ";
const TEXT_WIDTH = 96;

export function flagsBlock(report: Report, style: Style, room: number): string[] {
  const rows = Object.entries(report.flags).map(([name, count]) => ({ name, count }));
  return chart("Flags", rows, report, style, room);
}

export function optionsBlock(report: Report, style: Style, room: number): string[] {
  return chart("Options", report.options, report, style, room);
}

/** Verdicts, and what they mean. */
export function checksumBlock(report: Report, style: Style, room: number): string[] {
  const { checksums } = report;
  const rows = [
    { name: "good", count: checksums.good, paint: style.good },
    { name: "partial", count: checksums.partial, paint: style.warn },
    {
      name: "bad",
      count: checksums.bad,
      paint: style.bad,
      note: framesText(checksums.bad, checksums.badFrames),
    },
    { name: "unverified", count: checksums.unverified, paint: style.faint },
  ];
  const lines = chart("Checksums", rows, report, style, room);
  if (checksums.partial > 0) lines.push(...prose(partialText(checksums), room));
  if (checksums.bad > 0) lines.push(...prose(BAD_TEXT, room));
  return lines;
}

function partialText({ partial, partialSenders }: Report["checksums"]): string {
  const [most] = partialSenders;
  const where =
    most.count === partial
      ? `All of them were sent by ${most.address}, so the capture was taken there`
      : `Most were sent by ${most.address}`;
  return `Partial means that only the pseudo-header has been summed: the sending host leaves the rest to its network card (checksum offload), and the capture saw the packet before that. ${where}; on the wire they were whole. Not an error.`;
}

const BAD_TEXT =
  "A bad checksum means that the segment was changed on its way, or by whoever wrote the capture (address rewriting, anonymising); a receiver drops it without a word, and the sender has to retransmit.";

export function findingsBlock(report: Report, style: Style, room: number): string[] {
  const rows = report.findings.map(({ name, count, frames }) => ({
    name: findingWords(name),
    count,
    paint: isTrouble(name) ? style.bad : style.warn,
    note: framesText(count, frames),
  }));
  return chart("Findings", rows, report, style, room);
}

export function malformedBlock(report: Report, style: Style, room: number): string[] {
  if (report.malformed.length === 0) return [];
  const rows = report.malformed.map(({ where, says, count }) => [
    where === "depth" ? "layers" : where,
    grouped(count),
    says,
  ]);
  const notes = report.malformed.map(({ count, frames }) => (frames ? framesText(count, frames) : ""));
  return [style.heading("Malformed"), ...noted(aligned(rows, [false, true, false]), notes, room)];
}

export function pairsBlock(report: Report, style: Style, room: number, leftOut: Set<string>): string[] {
  const { pairs } = report;
  if (pairs.busiest.length === 0) return [];
  const most = Math.max(...pairs.busiest.map(({ bytes }) => bytes[0] + bytes[1]));
  const rows = pairs.busiest.map(({ a, b, segments, bytes }) => [
    a,
    style.faint("↔"),
    b,
    grouped(segments[0]),
    grouped(segments[1]),
    bytesText(bytes[0]),
    bytesText(bytes[1]),
    style.bar(bar((bytes[0] + bytes[1]) / most, 16)),
  ]);
  const head = ["", "", "", "segments →", "←", "bytes →", "←", ""].map((text) => style.faint(text));
  const right = [false, false, false, true, true, true, true, false];
  const table = alignedWithin([head, ...rows], right, PAIR_GROUPS, room - 2, leftOut);
  const left = pairs.count - pairs.busiest.length;
  const rest = [
    left > 0 && `${counted(left, "pair")} more`,
    pairs.forgotten > 0 && `${grouped(pairs.forgotten)} small ones forgotten to bound memory`,
  ].filter((text) => text !== false);
  return [
    style.heading("Busiest address pairs"),
    // With no figures left there is nothing for a head to say.
    ...table.filter((text) => text !== "").map((text) => `  ${text}`),
    ...(rest.length > 0 ? [`  ${style.faint(rest.join(", "))}`] : []),
  ];
}

// A bar is nothing that would be missed.
const PAIR_GROUPS: readonly ColumnGroup[] = [
  { name: "addresses", columns: [0, 1, 2] },
  { name: "bytes", columns: [5, 6] },
  { name: "segments", columns: [3, 4] },
  { name: "bars", columns: [7] },
];

interface ChartRow {
  readonly name: string;
  readonly count: number;
  readonly paint?: (text: string) => string;
  readonly note?: string;
}

/** Counts of segments as figures, shares of all and bars; nothing for those that did not occur. */
function chart(
  heading: string,
  all: readonly ChartRow[],
  { segments }: Report,
  style: Style,
  room: number,
): string[] {
  const rows = all.filter(({ count }) => count > 0);
  if (rows.length === 0) return [];
  const figures = (cells: number) =>
    aligned(
      rows.map(({ name, count, paint = style.bar }) => [
        name.padEnd(LABEL),
        grouped(count),
        percent(count, segments.count),
        paint(bar(count / segments.count, cells)),
      ]),
      [false, true, true, false],
    );
  const notes = rows.map(({ note = "" }) => (note === "" ? "" : style.faint(note)));
  // Bars are shorter, as far as they are bars, where notes would not fit behind them.
  const excess = Math.max(...noted(figures(BAR_CELLS), notes, Number.POSITIVE_INFINITY).map(columns)) - room;
  const cells = excess > 0 ? Math.max(LEAST_CELLS, BAR_CELLS - excess) : BAR_CELLS;
  return [style.heading(heading), ...noted(figures(cells), notes, room)];
}

/** Lines of a table, each with its note: behind it, or beneath it where there is no room. */
function noted(lines: readonly string[], notes: readonly string[], room: number): string[] {
  const width = Math.max(...lines.map(columns));
  return lines.flatMap((line, i) => {
    const [note, pad] = [notes[i], " ".repeat(width - columns(line))];
    if (note !== "" && 4 + width + columns(note) <= room) return [`  ${line}${pad}  ${note}`];
    const fits = 2 + columns(line) <= room;
    const parts = fits ? [line] : wrap(line.replace(/ +/g, " "), room - BENEATH.length);
    const own = parts.map((part, n) => (n === 0 ? "  " : BENEATH) + part);
    return note === "" ? own : [...own, ...wrap(note, room - BENEATH.length).map((part) => BENEATH + part)];
  });
}

function framesText(count: number, frames: readonly number[]): string {
  return `frame${count === 1 ? "" : "s"} ${frames.join(", ")}${count > frames.length ? " ..." : ""}`;
}

function prose(text: string, room: number): string[] {
  return wrap(text, Math.min(TEXT_WIDTH, room) - 2).map((part) => `  ${part}`);
}
