/** A filter that cannot be read: `offset` is the character at fault. */
export class FilterError extends Error {
  override readonly name = "FilterError";
  readonly reason: string;
  readonly filter: string;
  readonly offset: number;
  /** A name that nobody knows, and what it was meant to be. */
  readonly unknown: { readonly kind: "field" | "operator"; readonly text: string } | undefined;

  constructor(reason: string, filter: string, offset: number, unknown?: FilterError["unknown"]) {
    super(reason + pointer(filter, offset));
    this.reason = reason;
    this.filter = filter;
    this.offset = offset;
    this.unknown = unknown;
  }

  /** Lines with the filter and a mark beneath the character at fault, to stand behind the reason. */
  get pointer(): string {
    return pointer(this.filter, this.offset);
  }
}

function pointer(filter: string, offset: number): string {
  return filter.trim() === "" ? "" : `\n  ${filter}\n  ${" ".repeat(offset)}^`;
}

export type Operator = "==" | "!=" | ">" | ">=" | "<" | "<=" | "contains" | "&&" | "||" | "!" | "(" | ")";

/** `word` is a field name or a literal without quotes: a number, an address, a time. */
export interface Token {
  readonly kind: "word" | "string" | "operator" | "end";
  readonly text: string;
  readonly offset: number;
  /** What a string says: UTF-8, but for `\\xhh`, which is one byte (Wireshark's reading). */
  readonly bytes?: Uint8Array;
}

// Wireshark's spellings in letters, and C's.
export const words: Readonly<Record<string, Operator>> = {
  eq: "==",
  ne: "!=",
  gt: ">",
  ge: ">=",
  lt: "<",
  le: "<=",
  contains: "contains",
  and: "&&",
  or: "||",
  not: "!",
};
export const symbols: readonly Operator[] = ["==", "!=", ">=", "<=", "&&", "||", ">", "<", "!", "(", ")"];
// Signs that stand together are one operator, but for the negations behind it: `&&!` is two.
const run = /^(?:[()]|!(?!=)|[=<>&|~!]+?(?=!*(?:[^=<>&|~!]|$)))/;
const escapes: Record<string, string> = { n: "\n", r: "\r", t: "\t", "0": "\0", "\\": "\\", '"': '"' };

const encoder = new TextEncoder();

export function tokens(filter: string): Token[] {
  const found: Token[] = [];
  let at = 0;
  while (at < filter.length) {
    const c = filter[at];
    if (/\s/.test(c)) {
      at++;
      continue;
    }
    if (c === '"') {
      const [string, end] = quoted(filter, at);
      found.push(string);
      at = end;
      continue;
    }
    const signs = run.exec(filter.slice(at))?.[0];
    if (signs) {
      if (!symbols.includes(signs as Operator)) throw noOperator(signs, filter, at);
      found.push({ kind: "operator", text: signs, offset: at });
      at += signs.length;
      continue;
    }
    const word = /^[A-Za-z0-9_.:/-]+/.exec(filter.slice(at))?.[0];
    if (!word) throw new FilterError(`unexpected "${c}"`, filter, at);
    const operator = Object.hasOwn(words, word) ? words[word] : undefined;
    found.push({ kind: operator ? "operator" : "word", text: operator ?? word, offset: at });
    at += word.length;
  }
  found.push({ kind: "end", text: "", offset: filter.length });
  return found;
}

export function noOperator(text: string, filter: string, offset: number): FilterError {
  return new FilterError(`no operator "${text}"`, filter, offset, { kind: "operator", text });
}

function quoted(filter: string, start: number): [string: Token, end: number] {
  let text = "";
  const bytes: number[] = [];
  for (let at = start + 1; at < filter.length; ) {
    const c = String.fromCodePoint(filter.codePointAt(at)!);
    if (c === '"') {
      return [{ kind: "string", text, offset: start, bytes: Uint8Array.from(bytes) }, at + 1];
    }
    const byte = /^\\x([0-9a-fA-F]{2})/.exec(filter.slice(at, at + 4))?.[1];
    if (byte !== undefined) {
      text += String.fromCharCode(Number.parseInt(byte, 16));
      bytes.push(Number.parseInt(byte, 16));
      at += 4;
      continue;
    }
    const next = filter[at + 1] ?? "";
    if (c === "\\" && !Object.hasOwn(escapes, next)) {
      throw new FilterError(`unknown escape "\\${next}"`, filter, at);
    }
    const plain = c === "\\" ? escapes[next] : c;
    text += plain;
    bytes.push(...encoder.encode(plain));
    at += c === "\\" ? 2 : c.length;
  }
  throw new FilterError("a string without its closing quote", filter, start);
}
