/** A token of the assertion language: `number`, `string`, `name`, `sign`, or `newline`, which ends a statement. */
export interface CodeToken {
  readonly kind: "number" | "string" | "name" | "sign" | "newline" | "end";
  readonly text: string;
}

const SKIPPED = /(?:[ \t\r]+|\\\n|#[^\n]*)+/y;
const RULES: readonly (readonly [CodeToken["kind"], RegExp])[] = [
  ["newline", /[\n;]/y],
  ["number", /0[xX][\da-fA-F]+|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+/y],
  ["string", /[rRfFbBuU]?(?:'(?:\\[\s\S]|[^'\\\n])*'|"(?:\\[\s\S]|[^"\\\n])*")/y],
  ["name", /[A-Za-z_]\w*/y],
  ["sign", /\*\*|\/\/=?|<<|>>|[-+*/%&|^=!<>]=|[-+*/%&|^~<>=(),[\]:.]/y],
];

/** @throws {SyntaxError} for a character that begins nothing */
export function codeTokens(source: string): CodeToken[] {
  const found: CodeToken[] = [];
  let at = 0;
  let depth = 0; // within brackets a line's end ends nothing
  while (at < source.length) {
    SKIPPED.lastIndex = at;
    if (SKIPPED.test(source)) at = SKIPPED.lastIndex;
    if (at >= source.length) break;
    const [kind, text] = tokenAt(source, at);
    if ("([".includes(text)) depth++;
    if (")]".includes(text)) depth--;
    if (kind !== "newline" || depth === 0) found.push({ kind, text });
    at += text.length;
  }
  found.push({ kind: "end", text: "" });
  return found;
}

function tokenAt(source: string, at: number): [CodeToken["kind"], string] {
  for (const [kind, rule] of RULES) {
    rule.lastIndex = at;
    const match = rule.exec(source);
    if (match !== null) return [kind, match[0]];
  }
  throw new SyntaxError(`\`${source[at]}\` begins nothing in an assertion`);
}
