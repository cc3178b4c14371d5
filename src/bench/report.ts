import type { RaceResult, Standing } from "./race.ts";
import type { Summary } from "./statistics.ts";

/** What was faster than the reference of its race: the package shows where it loses. */
export interface Loss {
  readonly race: string;
  readonly to: string;
  /** Its time as a share of the reference's, below 1. */
  readonly ratio: number;
}

export function losses(results: readonly RaceResult[]): Loss[] {
  return results.flatMap((race) =>
    race.standings.flatMap(({ name, ratio }) =>
      ratio && ratio.median < 1 ? [{ race: race.name, to: name, ratio: ratio.median }] : [],
    ),
  );
}

/**
 * The size in bytes from which on `a` is faster than `b` in the races called `prefix/SIZE`; `undefined` when no
 * smaller size shows the opposite, or when it is not even at the largest.
 */
export function crossover(
  results: readonly RaceResult[],
  prefix: string,
  a: string,
  b: string,
): number | undefined {
  let from: number | undefined;
  let lost = false;
  for (const race of results) {
    if (!race.name.startsWith(`${prefix}/`)) continue;
    const ours = race.standings.find((s) => s.name === a);
    const theirs = race.standings.find((s) => s.name === b);
    if (!ours?.time || !theirs?.time) continue;
    if (ours.time.median > theirs.time.median) {
      from = undefined;
      lost = true;
    } else from ??= race.amount;
  }
  return lost ? from : undefined;
}

/** What a run of races comes to: how to read it, and where something was faster than tcpwire. */
export function formatSummary(results: readonly RaceResult[]): string {
  const lines = [
    "×: how many times as long as the first line, taken round by round; quartiles in parentheses. ≥: it did less.",
  ];
  const copyPays = crossover(results, "checksum", "WebAssembly, copied in", "plain JavaScript");
  if (copyPays !== undefined) {
    lines.push(
      `A checksum in WebAssembly, its copy counted, is faster than plain JavaScript from ${copyPays} bytes on.`,
    );
  }
  const lost = losses(results);
  if (lost.length > 0) lines.push("Faster than the first line:");
  for (const { race, to, ratio } of lost) lines.push(`  ${race}: ${to}, ${significant(ratio)} of the time`);
  return `${lines.join("\n")}\n`;
}

/** A race as lines of text, ending with a newline. */
export function formatRace(result: RaceResult): string {
  const rows = result.standings.map((standing) => [
    standing.name,
    ...(standing.time ? times(result, standing.time) : ["", "", ""]),
    standing.ratio ? formatRatio(standing) : "",
    remarks(standing),
  ]);
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const lines = rows.map((row) =>
    row.map((cell, i) =>
      i === 0 || i === row.length - 1 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]),
    ),
  );
  return `${result.name}  ${result.title}\n${lines.map((cells) => `  ${cells.join("  ").trimEnd()}\n`).join("")}`;
}

/** Median, spread, rate. */
function times({ unit, amount }: RaceResult, { median, q1, q3 }: Summary): string[] {
  if (unit === "byte") {
    return [
      `${significant(median * amount)} ns`,
      `${significant(q1 * amount)}–${significant(q3 * amount)}`,
      `${significant(1 / median)} GB/s`,
    ];
  }
  if (unit === "memory") return [`${significant(median)} bytes`, `${significant(q1)}–${significant(q3)}`, ""];
  if (unit === "start") {
    return [`${significant(median / 1e6)} ms`, `${significant(q1 / 1e6)}–${significant(q3 / 1e6)}`, ""];
  }
  return [
    `${significant(median)} ns/${unit}`,
    `${significant(q1)}–${significant(q3)}`,
    `${significant(1e3 / median)} M/s`,
  ];
}

function formatRatio({ ratio, lacks }: Standing): string {
  const { median, q1, q3 } = ratio!;
  return `${lacks ? "≥ " : ""}${significant(median)}× (${significant(q1)}–${significant(q3)})`;
}

function remarks({ differs, lacks, failed, note }: Standing): string {
  const parts: string[] = [];
  if (failed) parts.push(`failed: ${failed}`);
  if (differs) parts.push(`no ratio: other results in ${some(differs)}`);
  if (lacks) parts.push(`without ${some(lacks)}`);
  if (note) parts.push(note);
  return parts.join("; ");
}

function some(names: readonly string[]): string {
  return names.length > 5 ? `${names.slice(0, 5).join(", ")} and ${names.length - 5} more` : names.join(", ");
}

/** Three significant digits, without an exponent. */
export function significant(x: number): string {
  if (!Number.isFinite(x)) return String(x);
  const digits = x === 0 ? 0 : Math.floor(Math.log10(Math.abs(x)));
  return x.toFixed(Math.max(0, 2 - digits));
}
