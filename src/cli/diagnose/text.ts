import type { Diagnosis, Severity } from "../../flow/index.ts";
import { grouped } from "../terminal/numbers.ts";
import type { Style } from "../terminal/style.ts";
import { wrap } from "../terminal/wrap.ts";

const INDENT = 10;

/** A diagnosis as a paragraph: what happened, why, where it shows, and what to do. */
export function diagnosisText(diagnosis: Diagnosis, width: number, style: Style): string {
  const { explanation, advice } = diagnosis;
  const lines = [
    ...diagnosisHead(diagnosis, width, style),
    ...indented(explanation, width),
    ...(advice === "" ? [] : indented(advice, width, "→ ")),
    ...indented(where(diagnosis), width).map(style.faint),
  ];
  return `${lines.join("\n")}\n`;
}

/** How grave it is and what happened: the lines that a diagnosis begins with. */
export function diagnosisHead({ severity, title }: Diagnosis, width: number, style: Style): string[] {
  const [head, ...rest] = wrap(title, width - INDENT);
  return [
    `${paint(severity, style)(severity.padEnd(INDENT - 1))} ${style.strong(head)}`,
    ...rest.map((line) => " ".repeat(INDENT) + style.strong(line)),
  ];
}

/** What is said where nothing is wrong. */
export function quietText(conversations: number): string {
  if (conversations === 0) return "No TCP conversation in the capture.\n";
  return `Nothing wrong was found in ${conversations === 1 ? "the one conversation" : `${grouped(conversations)} conversations`}.\n`;
}

function where({ conversations, streams, frames }: Diagnosis): string {
  const shown = streams.slice(0, 8).join(", ");
  const more = conversations > 8 ? ` and ${grouped(conversations - 8)} more` : "";
  return `${conversations === 1 ? "conversation" : `${grouped(conversations)} conversations:`} ${shown}${more}; frames ${frames.slice(0, 12).join(", ")}${frames.length > 12 ? "..." : ""}`;
}

function indented(text: string, width: number, mark = ""): string[] {
  return wrap(text, width - INDENT - mark.length).map(
    (line, i) => " ".repeat(INDENT) + (i === 0 ? mark : " ".repeat(mark.length)) + line,
  );
}

function paint(severity: Severity, style: Style): (text: string) => string {
  if (severity === "problem") return style.bad;
  return severity === "warning" ? style.warn : style.faint;
}
