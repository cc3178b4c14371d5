import {
  compileFilter,
  type FilterField,
  type FilterType,
  type Predicate,
} from "../../capture/filter/compile.ts";
import { FilterError, symbols, words } from "../../capture/filter/lexer.ts";
import { addressBytes } from "../../wire/address.ts";
import { didYouMean } from "../arguments.ts";
import { UsageError } from "../errors.ts";
import type { Field, FieldKind, Rows } from "./field.ts";
import { findField, likelyField } from "./registry.ts";

/** A display filter (`-Y`), and whether the fields it asks for need the flow tracker. */
export interface RowFilter {
  readonly needsFlow: boolean;
  readonly matches: Predicate<Rows>;
}

/**
 * Compiles a display filter over the registered fields.
 * @throws {UsageError} that points at what is wrong
 */
export function parseRowFilter(filter: string): RowFilter {
  let needsFlow = false;
  const lookup = (name: string): FilterField<Rows> | undefined => {
    if (Object.hasOwn(PROTOCOLS, name)) return PROTOCOLS[name];
    const field = findField(name);
    if (field?.needs === "flow") needsFlow = true;
    return field && filterField(field);
  };
  try {
    return { matches: compileFilter(filter, lookup), needsFlow };
  } catch (error) {
    if (error instanceof FilterError)
      throw new UsageError(`-Y: ${error.reason}${hint(error)}${error.pointer}`);
    throw error;
  }
}

function hint({ unknown }: FilterError): string {
  if (unknown === undefined) return "";
  if (unknown.kind === "field") return likelyField(unknown.text);
  const typed = unknown.text.toLowerCase();
  if (Object.hasOwn(ELSEWHERE, typed)) return `, did you mean ${ELSEWHERE[typed]}?`;
  return (
    didYouMean(typed, Object.keys(words)) || `; there are ${symbols.slice(0, -2).join(" ")} and contains`
  );
}

/** Operators of other languages. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  "=": "==",
  "===": "==",
  is: "==",
  equals: "==",
  "!==": "!=",
  "<>": "!=",
  "=>": ">=",
  "=<": "<=",
  "&": "&&",
  "|": "||",
  has: "contains",
  includes: "contains",
};

/** Protocol names ask whether a row has the protocol; every row has TCP. */
const PROTOCOLS: Readonly<Record<string, FilterField<Rows>>> = {
  tcp: { type: "flag", value: () => true },
  ip: { type: "flag", value: ({ segments }, i) => segments.ipVersion[i] === 4 },
  ipv6: { type: "flag", value: ({ segments }, i) => segments.ipVersion[i] === 6 },
};

const TYPES: Readonly<Record<FieldKind, FilterType>> = {
  number: "integer",
  hex: "integer",
  boolean: "boolean",
  flag: "flag",
  seconds: "seconds",
  address: "address",
  bytes: "bytes",
  text: "text",
};

function filterField(field: Field): FilterField<Rows> {
  const type = TYPES[field.kind];
  if (type !== "address") return { type, value: (rows, i) => field.value(rows, i) };
  return {
    type,
    value(rows, i) {
      const value = field.value(rows, i);
      return value === undefined ? undefined : addressOf(value as string);
    },
  };
}

// Rows come from few addresses, one after another.
let lastText = "";
let lastBytes = new Uint8Array(0);

function addressOf(text: string): Uint8Array {
  if (text !== lastText) {
    lastText = text;
    lastBytes = addressBytes(text);
  }
  return lastBytes;
}
