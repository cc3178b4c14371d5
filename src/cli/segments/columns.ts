import type { Arguments } from "../arguments.ts";
import { UsageError } from "../errors.ts";
import { type Field, fieldText, type Rows } from "../fields/field.ts";

/** How `-T fields` separates and quotes: tshark's `-E` options. */
export interface Separators {
  readonly header: boolean;
  readonly separator: string;
  readonly aggregator: string;
  readonly occurrence: "f" | "l" | "a";
  readonly quote: string;
}

/**
 * What the `-E` options of a command line ask for.
 * @throws {UsageError} for one that tshark does not know either
 */
export function parseSeparators(args: Arguments): Separators {
  const found = {
    header: false,
    separator: "\t",
    aggregator: ",",
    occurrence: "a" as "f" | "l" | "a",
    quote: "",
  };
  for (const setting of args.texts("E")) {
    const [name, value] = splitAt(setting, "=");
    switch (name) {
      case "header":
        found.header = oneOf(setting, value, { y: true, n: false });
        break;
      case "separator":
      case "aggregator":
        if (value === "") throw new UsageError(`-E ${name}= wants a text, /t for a tab or /s for a space`);
        found[name] = value === "/t" ? "\t" : value === "/s" ? " " : value;
        break;
      case "occurrence":
        found.occurrence = oneOf(setting, value, { f: "f", l: "l", a: "a" });
        break;
      case "quote":
        found.quote = oneOf(setting, value, { d: '"', s: "'", n: "" });
        break;
      default:
        throw new UsageError(`-E ${setting}: known are header, separator, aggregator, occurrence and quote`);
    }
  }
  return found;
}

/** The header line: the fields' names. */
export function headerRow(fields: readonly Field[], how: Separators): string {
  return `${fields.map(({ name }) => name).join(how.separator)}\n`;
}

/** One row as `tshark -T fields` prints it. */
export function fieldRow(fields: readonly Field[], how: Separators, rows: Rows, i: number): string {
  let text = "";
  for (let k = 0; k < fields.length; k++) {
    const field = fields[k];
    if (k > 0) text += how.separator;
    let value = field.value(rows, i);
    if (typeof value === "object" && how.occurrence !== "a")
      value = value.at(how.occurrence === "f" ? 0 : -1);
    const cell = fieldText(field, value, how.aggregator);
    text += how.quote === "" || cell === "" ? cell : how.quote + cell + how.quote;
  }
  return `${text}\n`;
}

function oneOf<T>(setting: string, value: string, choices: Readonly<Record<string, T>>): T {
  if (Object.hasOwn(choices, value)) return choices[value];
  throw new UsageError(`-E ${setting}: the value is one of ${Object.keys(choices).join(", ")}`);
}

function splitAt(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
