import { addressBytes } from "../../wire/address.ts";
import { FilterError, type Token } from "./lexer.ts";
import { type Comparison, type FilterNode, parseFilter } from "./parse.ts";

/**
 * What a field's values are, and so what they can be compared with:
 * - `integer`: numbers, decimal or `0x`
 * - `boolean`: `1`, `0`, `true`, `false`
 * - `flag`: there or not; nothing to compare (Wireshark's FT_NONE)
 * - `seconds`: values in nanoseconds (bigint), compared with seconds
 * - `address`: IPv4 or IPv6 bytes, with an optional prefix length (`10.0.0.0/8`)
 * - `text`: strings; `contains` looks for a part
 * - `bytes`: `contains` looks for a string's bytes (UTF-8, `\xhh` for any) or for `hh:hh:hh`
 */
export type FilterType = "integer" | "boolean" | "flag" | "seconds" | "address" | "text" | "bytes";

export type FilterValue = number | bigint | boolean | string | Uint8Array;

/** A field as a filter sees it. `C` is what the values are read from. */
export interface FilterField<C> {
  readonly type: FilterType;
  /** The field's values in row `i`; undefined where the row has none. */
  value(context: C, i: number): FilterValue | readonly FilterValue[] | undefined;
}

export type Predicate<C> = (context: C, i: number) => boolean;

/**
 * Makes a predicate of a display filter: field names, `== != > >= < <= contains`, `&& || !` (also
 * `eq ne gt ge lt le and or not`), parentheses. A field alone asks whether it is there. Where a row has
 * several values, one that fits is enough; `a != b` is `!(a == b)` of a field that is there (Wireshark 4).
 *
 * @param lookup the field of a name, undefined where there is none
 * @throws {FilterError} naming the character at fault: unknown field, wrong kind of value, bad syntax
 */
export function compileFilter<C>(
  filter: string,
  lookup: (name: string) => FilterField<C> | undefined,
): Predicate<C> {
  return compile(parseFilter(filter), filter, lookup);
}

function compile<C>(
  node: FilterNode,
  filter: string,
  lookup: (name: string) => FilterField<C> | undefined,
): Predicate<C> {
  switch (node.kind) {
    case "not": {
      const inner = compile(node.of, filter, lookup);
      return (context, i) => !inner(context, i);
    }
    case "and":
    case "or": {
      const parts = node.parts.map((part) => compile(part, filter, lookup));
      return node.kind === "and" ? all(parts) : any(parts);
    }
    case "present": {
      const field = find(node.field, filter, lookup);
      return (context, i) => isPresent(field.value(context, i), field.type);
    }
    case "compare": {
      const field = find(node.field, filter, lookup);
      // `!=` is the negation of `==` wherever there is a value at all.
      const how = node.how === "!=" ? "==" : node.how;
      const negate = node.how === "!=";
      const test = single(field.type, how, node, filter);
      return (context, i) => {
        const value = field.value(context, i);
        if (!isPresent(value, field.type)) return false;
        const some = Array.isArray(value) ? value.some(test) : test(value as FilterValue);
        return some !== negate;
      };
    }
  }
}

function all<C>(parts: readonly Predicate<C>[]): Predicate<C> {
  return (context, i) => {
    for (const part of parts) if (!part(context, i)) return false;
    return true;
  };
}

function any<C>(parts: readonly Predicate<C>[]): Predicate<C> {
  return (context, i) => {
    for (const part of parts) if (part(context, i)) return true;
    return false;
  };
}

function find<C>(
  token: Token,
  filter: string,
  lookup: (name: string) => FilterField<C> | undefined,
): FilterField<C> {
  const field = lookup(token.text);
  if (!field) {
    const unknown = { kind: "field", text: token.text } as const;
    throw new FilterError(`no field "${token.text}"`, filter, token.offset, unknown);
  }
  return field;
}

function isPresent(value: FilterValue | readonly FilterValue[] | undefined, type: FilterType): boolean {
  if (value === undefined) return false;
  if (type === "flag") return value === true || value === 1;
  return !Array.isArray(value) || value.length > 0;
}

const BOOLEANS: ReadonlyMap<string, number> = new Map([
  ...["1", "true", "True", "TRUE"].map((yes) => [yes, 1] as const),
  ...["0", "false", "False", "FALSE"].map((no) => [no, 0] as const),
]);

/** The test of one value against the literal. */
function single(
  type: FilterType,
  how: Exclude<Comparison, "!=">,
  node: { field: Token; literal: Token },
  filter: string,
): (value: FilterValue) => boolean {
  const { field, literal } = node;
  const refuse = (reason: string): never => {
    throw new FilterError(`${field.text} ${reason}`, filter, literal.offset);
  };
  if (how === "contains" && type !== "text" && type !== "bytes") refuse("has no parts to contain");
  switch (type) {
    case "flag":
      return refuse("is there or not; it has no value to compare");
    case "integer": {
      const wanted = /^(0x[0-9a-fA-F]+|-?\d+)$/.test(literal.text)
        ? Number(literal.text)
        : refuse("wants a number");
      return ordered(how, wanted, (value) => Number(value));
    }
    case "boolean": {
      const wanted = BOOLEANS.get(literal.text);
      return ordered(how, wanted ?? refuse("wants 1 or 0"), (value) => (value ? 1 : 0));
    }
    case "seconds": {
      const match = /^(-?)(\d+)(?:\.(\d{1,9}))?$/.exec(literal.text);
      if (!match) return refuse("wants seconds, with up to nine decimals");
      const size = BigInt(match[2]) * 1_000_000_000n + BigInt((match[3] ?? "").padEnd(9, "0"));
      return ordered(how, match[1] ? -size : size, (value) => BigInt(value as bigint));
    }
    case "address":
      return address(how, literal, refuse);
    case "text":
      if (how === "contains") return (value) => (value as string).includes(literal.text);
      return ordered(how, literal.text, (value) => value as string);
    case "bytes": {
      if (how !== "contains" && how !== "==") refuse("can be compared with == != and contains");
      const wanted = literalBytes(literal);
      if (how === "==")
        return (value) =>
          startsAt(value as Uint8Array, wanted, 0) && (value as Uint8Array).length === wanted.length;
      return (value) => indexOf(value as Uint8Array, wanted) >= 0;
    }
  }
}

function ordered<T extends number | bigint | string>(
  how: Exclude<Comparison, "!=">,
  wanted: T,
  read: (value: FilterValue) => T,
): (value: FilterValue) => boolean {
  switch (how) {
    case ">":
      return (value) => read(value) > wanted;
    case ">=":
      return (value) => read(value) >= wanted;
    case "<":
      return (value) => read(value) < wanted;
    case "<=":
      return (value) => read(value) <= wanted;
    default:
      return (value) => read(value) === wanted;
  }
}

function address(
  how: Exclude<Comparison, "!=">,
  literal: Token,
  refuse: (reason: string) => never,
): (value: FilterValue) => boolean {
  const [text, prefix, ...rest] = literal.text.split("/");
  let wanted: Uint8Array;
  try {
    wanted = addressBytes(text);
  } catch {
    return refuse("wants an IPv4 or IPv6 address");
  }
  const longest = wanted.length * 8;
  const bits = prefix === undefined ? longest : /^\d+$/.test(prefix) ? Number(prefix) : Number.NaN;
  if (!(bits <= longest) || rest.length > 0) {
    refuse(`wants a prefix length of 0 to ${longest}`);
  }
  return (value) => {
    const bytes = value as Uint8Array;
    if (bytes.length !== wanted.length) return false;
    const order = comparePrefix(bytes, wanted, bits);
    return ordered(how, 0, () => order)(order);
  };
}

function comparePrefix(a: Uint8Array, b: Uint8Array, bits: number): number {
  for (let i = 0; i * 8 < bits; i++) {
    const mask = bits - i * 8 >= 8 ? 0xff : (0xff00 >> (bits - i * 8)) & 0xff;
    const difference = (a[i] & mask) - (b[i] & mask);
    if (difference !== 0) return difference;
  }
  return 0;
}

function literalBytes(literal: Token): Uint8Array {
  if (literal.kind === "word" && /^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2})*$/.test(literal.text)) {
    return Uint8Array.from(literal.text.split(":"), (byte) => Number.parseInt(byte, 16));
  }
  return literal.bytes ?? new TextEncoder().encode(literal.text);
}

function indexOf(bytes: Uint8Array, wanted: Uint8Array): number {
  if (wanted.length === 0) return 0;
  for (let at = bytes.indexOf(wanted[0]); at >= 0; at = bytes.indexOf(wanted[0], at + 1)) {
    if (at + wanted.length > bytes.length) return -1;
    if (startsAt(bytes, wanted, at)) return at;
  }
  return -1;
}

function startsAt(bytes: Uint8Array, wanted: Uint8Array, at: number): boolean {
  if (at + wanted.length > bytes.length) return false;
  for (let i = 0; i < wanted.length; i++) if (bytes[at + i] !== wanted[i]) return false;
  return true;
}
