import { ScriptError } from "../script.ts";

export type TokenKind =
  /** `connect`, `sackOK`, `abcd1234`. */
  | "word"
  | "integer"
  | "float"
  | "string"
  /** A shell line in backticks. */
  | "command"
  /** `%{ ... }%`. */
  | "code"
  /** `--name`. */
  | "option"
  | "address"
  /** `...`. */
  | "ellipsis"
  /** Any other character. */
  | "sign"
  | "end";

export interface Token {
  readonly kind: TokenKind;
  /** Its characters; for strings, commands and code what stands between the delimiters. */
  readonly text: string;
  readonly line: number;
  /** Offsets in the source. */
  readonly start: number;
  readonly end: number;
  /** Nothing but blanks stands before it on its line. */
  readonly first: boolean;
}

const BLANK = /(?:\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)+/y;
// The longest match wins, as in every lex; of equal ones the first.
const RULES: readonly (readonly [TokenKind, RegExp])[] = [
  ["code", /%\{([\s\S]*?)\}%/y],
  ["command", /`((?:\\[\s\S]|[^`\\])*)`/y],
  ["string", /"((?:\\[\s\S]|[^"\\])*)"/y],
  ["option", /--([A-Za-z_]\w*)|-(D)(?=\s)/y],
  ["ellipsis", /\.\.\./y],
  ["address", /\d+\.\d+\.\d+\.\d+/y],
  // Only those with "::" or all eight groups: `1:1001` is a range of sequence numbers.
  [
    "address",
    /(?:[\da-fA-F]{1,4}:){7}[\da-fA-F]{1,4}|(?:[\da-fA-F]{1,4}(?::[\da-fA-F]{1,4})*)?::(?:[\da-fA-F]{1,4}(?::[\da-fA-F]{1,4})*)?(?::\d+\.\d+\.\d+\.\d+)?/y,
  ],
  ["integer", /0x[\da-fA-F]+|-?\d+/y],
  ["float", /-?\d*\.\d+/y],
  ["word", /\w+/y],
  ["sign", /[^\s]/y],
];

/**
 * The tokens of a script, ended by one of kind `end`.
 * @throws {ScriptError} for a comment, string, command or snippet without an end
 */
export function tokens(source: string): Token[] {
  const found: Token[] = [];
  let line = 1;
  let at = 0;
  let lineStart = true;
  const pass = (text: string): void => {
    for (const c of text) if (c === "\n") line++;
    if (text.includes("\n")) lineStart = true;
  };
  for (;;) {
    BLANK.lastIndex = at;
    const blank = BLANK.exec(source);
    if (blank !== null) {
      pass(blank[0]);
      at = BLANK.lastIndex;
    }
    if (at >= source.length) break;
    const [kind, text, end] = longest(source, at);
    const unended = kind === "sign" ? (UNENDED[source.slice(at, at + 2)] ?? UNENDED[text]) : undefined;
    if (unended !== undefined) throw new ScriptError(line, `${unended} without an end`);
    found.push({ kind, text, line, start: at, end, first: lineStart });
    pass(source.slice(at, end));
    lineStart = false;
    at = end;
  }
  found.push({ kind: "end", text: "", line, start: source.length, end: source.length, first: true });
  return found;
}

const UNENDED: Readonly<Record<string, string>> = {
  "/*": "a comment",
  "%{": "a code snippet",
  "`": "a shell line",
  '"': "a string",
};

function longest(source: string, at: number): [TokenKind, string, number] {
  let kind: TokenKind = "sign";
  let text = "";
  let end = at;
  for (const [candidate, rule] of RULES) {
    rule.lastIndex = at;
    const match = rule.exec(source);
    if (match === null || rule.lastIndex <= end) continue;
    kind = candidate;
    text = match[1] ?? match[2] ?? match[0];
    end = rule.lastIndex;
  }
  return [kind, text, end];
}
