import { findingWords, isTrouble } from "../finding-words.ts";
import { aligned, bar } from "../terminal/chart.ts";
import { bytesText, counted, grouped, percent } from "../terminal/numbers.ts";
import type { Style } from "../terminal/style.ts";
import { wrap } from "../terminal/wrap.ts";
import type { Report } from "./report.ts";

const LABEL = 13;
const BAR_CELLS = 32;
const TEXT_WIDTH = 96;

export function flagsBlock(report: Report, style: Style): string[] {
  const rows = Object.entries(report.flags).map(([name, count]) => ({ name, count }));
  return chart("Flags", rows, report, style);
}

export function optionsBlock(report: Report, style: Style): string[] {
  return chart("Options", report.options, report, style);
}

/** Verdicts, and what they mean. */
export function checksumBlock(report: Report, style: Style): string[] {
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
  const lines = chart("Checksums", rows, report, style);
  if (checksums.partial > 0) lines.push(...prose(partialText(checksums)));
  if (checksums.bad > 0) lines.push(...prose(BAD_TEXT));
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

export function findingsBlock(report: Report, style: Style): string[] {
  const rows = report.findings.map(({ name, count, frames }) => ({
    name: findingWords(name),
    count,
    paint: isTrouble(name) ? style.bad : style.warn,
    note: framesText(count, frames),
  }));
  return chart("Findings", rows, report, style);
}

export function malformedBlock(report: Report, style: Style): string[] {
  if (report.malformed.length === 0) return [];
  const rows = report.malformed.map(({ where, says, count, frames }) => [
    where === "depth" ? "layers" : where,
    grouped(count),
    says,
    frames ? framesText(count, frames) : "",
  ]);
  return [
    style.heading("Malformed"),
    ...aligned(rows, [false, true, false, false]).map((text) => `  ${text}`),
  ];
}

export function pairsBlock(report: Report, style: Style): string[] {
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
  const table = aligned([head, ...rows], [false, false, false, true, true, true, true, false]);
  const left = pairs.count - pairs.busiest.length;
  const rest = [
    left > 0 && `${counted(left, "pair")} more`,
    pairs.forgotten > 0 && `${grouped(pairs.forgotten)} small ones forgotten to bound memory`,
  ].filter((text) => text !== false);
  return [
    style.heading("Busiest address pairs"),
    ...table.map((text) => `  ${text}`),
    ...(rest.length > 0 ? [`  ${style.faint(rest.join(", "))}`] : []),
  ];
}

interface ChartRow {
  readonly name: string;
  readonly count: number;
  readonly paint?: (text: string) => string;
  readonly note?: string;
}

/** Counts of segments as figures, shares of all and bars; nothing for those that did not occur. */
function chart(heading: string, all: readonly ChartRow[], { segments }: Report, style: Style): string[] {
  const rows = all.filter(({ count }) => count > 0);
  if (rows.length === 0) return [];
  const table = rows.map(({ name, count, paint = style.bar, note = "" }) => [
    name.padEnd(LABEL),
    grouped(count),
    percent(count, segments.count),
    paint(bar(count / segments.count, BAR_CELLS)),
    style.faint(note),
  ]);
  return [
    style.heading(heading),
    ...aligned(table, [false, true, true, false, false]).map((text) => `  ${text}`),
  ];
}

function framesText(count: number, frames: readonly number[]): string {
  return `frame${count === 1 ? "" : "s"} ${frames.join(", ")}${count > frames.length ? " ..." : ""}`;
}

function prose(text: string): string[] {
  return wrap(text, TEXT_WIDTH - 2).map((part) => `  ${part}`);
}
