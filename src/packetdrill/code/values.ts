/** What expressions of the assertion language give. */
export type Value = number | boolean | string | null | readonly Value[];

/** A figure that a script asks for and nobody has: what depends on it is neither true nor false. */
export class UnknownFigure extends Error {
  readonly figure: string;

  constructor(figure: string) {
    super(`there is no figure for ${figure}`);
    this.figure = figure;
  }
}

/** Python's notion of truth. */
export function isTrue(value: Value): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

/** As Python's `str()` shows it. */
export function show(value: Value): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "object") return `(${value.map(show).join(", ")})`;
  return String(value);
}

export function areEqual(a: Value, b: Value): boolean {
  if (typeof a === "object" && typeof b === "object" && a !== null && b !== null) {
    return a.length === b.length && a.every((item, i) => areEqual(item, b[i]));
  }
  return a === b || (isNumeric(a) && isNumeric(b) && Number(a) === Number(b));
}

/** @throws {TypeError} for what cannot be counted with */
export function number(value: Value): number {
  if (isNumeric(value)) return Number(value);
  throw new TypeError(`${show(value)} is no number`);
}

function isNumeric(value: Value): value is number | boolean {
  return typeof value === "number" || typeof value === "boolean";
}

/** Python's `template % values`. */
export function format(template: string, values: Value): string {
  const list = Array.isArray(values) ? [...values] : [values as Value];
  return template.replace(/%(%|[-+ 0#]*\d*(?:\.(\d+))?([a-zA-Z]))/g, (all, rest, digits, kind) => {
    if (rest === "%") return "%";
    const value = list.shift() ?? null;
    if (kind === "s" || kind === "r") return show(value);
    if (kind === "x") return Math.trunc(number(value)).toString(16);
    if (kind === "d" || kind === "i" || kind === "u") return String(Math.trunc(number(value)));
    if (kind === "f" || kind === "g" || kind === "e") return number(value).toFixed(Number(digits ?? 6));
    throw new TypeError(`${all} is no format`);
  });
}
