import type { ScriptOutcome } from "../../packetdrill/index.ts";
import { escapeText } from "../terminal/escape.ts";
import type { Style } from "../terminal/style.ts";

/** `ok PATH`, or `not ok PATH:LINE` with what was expected and what came instead. */
export function outcomeText(path: string, outcome: ScriptOutcome, style: Style, withNotes: boolean): string {
  const lines = [firstLine(path, outcome, style)];
  if (outcome.status === "failed") {
    if (outcome.expected !== undefined) lines.push(`  expected  ${escapeText(outcome.expected)}`);
    if (outcome.got !== undefined) lines.push(`  got       ${escapeText(outcome.got)}`);
  }
  if (withNotes) lines.push(...outcome.notes.map((note) => style.faint(`  note      ${escapeText(note)}`)));
  return `${lines.join("\n")}\n`;
}

function firstLine(path: string, outcome: ScriptOutcome, style: Style): string {
  const name = escapeText(path);
  switch (outcome.status) {
    case "passed":
      return `${style.good("ok")} ${name}`;
    case "skipped":
      return `${style.warn("skipped")} ${name}:${outcome.line} needs ${escapeText(outcome.reason)}`;
    default:
      return `${style.bad("not ok")} ${name}:${outcome.line} ${escapeText(outcome.message)}`;
  }
}

export function jsonText(path: string, outcome: ScriptOutcome): string {
  return `${JSON.stringify({ script: path, ...outcome })}\n`;
}

/** The closing line. */
export function totalText({ passed, failed, skipped }: Record<ScriptOutcome["status"], number>): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}
