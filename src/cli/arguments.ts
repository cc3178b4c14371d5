import { parseArgs } from "node:util";
import { UsageError } from "./errors.ts";

/** One option of a command, as the parser and the help see it. */
export interface OptionSpec {
  /** Long name, without dashes. Absent for the few that tools of the trade know by a letter only (`-e`). */
  readonly name: string;
  readonly short?: string;
  /** What the help calls its value; an option without one is a switch. */
  readonly value?: string;
  readonly multiple?: boolean;
  readonly help: string;
}

/** What was given on the command line, checked against a command's options. */
export class Arguments {
  readonly positionals: readonly string[];
  readonly #values: ReadonlyMap<string, readonly string[]>;
  readonly #specs: readonly OptionSpec[];
  readonly #typed: ReadonlyMap<string, string>;

  constructor(
    positionals: readonly string[],
    values: ReadonlyMap<string, readonly string[]>,
    specs: readonly OptionSpec[],
    typed: ReadonlyMap<string, string> = new Map(),
  ) {
    this.positionals = positionals;
    this.#values = values;
    this.#specs = specs;
    this.#typed = typed;
  }

  /** All options that were given. */
  get values(): ReadonlyMap<string, readonly string[]> {
    return this.#values;
  }

  /** Whether a switch is on. */
  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** The value of an option; of several the last. */
  text(name: string): string | undefined {
    return this.#values.get(name)?.at(-1);
  }

  /** Every value given to an option that may be repeated. */
  texts(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  /** @throws {UsageError} when the value is no whole number from `least` on */
  integer(name: string, least = 0): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least && value <= Number.MAX_SAFE_INTEGER)) {
      throw new UsageError(`${this.spell(name)} wants a whole number from ${least} on, not "${text}"`);
    }
    return value;
  }

  /** @throws {UsageError} when the value is none of `choices` */
  choice<T extends string>(name: string, choices: readonly T[]): T | undefined {
    const text = this.text(name);
    if (text === undefined || choices.includes(text as T)) return text as T | undefined;
    throw new UsageError(`${this.spell(name)} is one of ${choices.join(", ")}, not "${text}"`);
  }

  /** An option as it was typed, or as one would type it: `-c`, `--json`. */
  spell(name: string): string {
    const typed = this.#typed.get(name);
    if (typed !== undefined) return typed;
    const spec = this.#specs.find((s) => s.name === name);
    return spec?.short ? `-${spec.short}` : `--${name}`;
  }
}

/**
 * Parses what follows the command's name.
 * @throws {UsageError} for an unknown option, a value that is missing or one too many
 */
export function parseArguments(argv: readonly string[], specs: readonly OptionSpec[]): Arguments {
  const byName = new Map(specs.map((spec) => [spec.name, spec]));
  // Not strict: the messages of strict mode differ between runtimes.
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(
      specs.map((spec) => [
        spec.name,
        {
          type: spec.value === undefined ? ("boolean" as const) : ("string" as const),
          multiple: true,
          ...(spec.short === undefined ? {} : { short: spec.short }),
        },
      ]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const positionals: string[] = [];
  const values = new Map<string, string[]>();
  const typed = new Map<string, string>();
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const spec = byName.get(token.name);
    if (!spec) throw new UsageError(`unknown option ${token.rawName}${suggestion(token.name, specs)}`);
    const given = values.get(spec.name) ?? [];
    values.set(spec.name, given);
    typed.set(spec.name, token.rawName);
    if (spec.value === undefined) {
      if (token.value !== undefined) throw new UsageError(`${token.rawName} takes no value`);
      continue;
    }
    if (token.value === undefined) throw new UsageError(`${token.rawName} wants a value: ${spec.value}`);
    if (given.length > 0 && !spec.multiple) throw new UsageError(`${token.rawName} is given twice`);
    given.push(token.value);
  }
  return new Arguments(positionals, values, specs, typed);
}

/** `, did you mean X?` for the nearest of the names a user may have meant, or nothing. */
export function didYouMean(typed: string, known: Iterable<string>): string {
  let best: string | undefined;
  // Of a word of three letters two others are another word.
  let least = (typed.length <= 3 ? 1 : Math.max(2, Math.floor(typed.length / 3))) + 1;
  for (const name of known) {
    const distance = editDistance(typed, name);
    if (distance < least) {
      least = distance;
      best = name;
    }
  }
  return best === undefined ? "" : `, did you mean ${best}?`;
}

function suggestion(typed: string, specs: readonly OptionSpec[]): string {
  if (typed.length < 2) return "";
  const names = specs.filter((s) => s.name.length > 1).map((s) => s.name);
  return didYouMean(typed, names).replace("mean ", "mean --");
}

/** Letters to add, to leave out, to change, or to swap with their neighbour. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
      const areSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (areSwapped) next[j] = Math.min(next[j], before[j - 2] + 1);
    }
    before = row;
    row = next;
  }
  return row[b.length];
}
