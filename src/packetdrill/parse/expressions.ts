import type { Expression, Field } from "../script.ts";
import type { Cursor } from "./cursor.ts";

// C's binary operators, the loosest first.
const LEVELS: readonly (readonly string[])[] = [
  ["|"],
  ["^"],
  ["&"],
  ["==", "!="],
  ["<", ">", "<=", ">="],
  ["<<", ">>"],
  ["+", "-"],
  ["*", "/", "%"],
];

/** An argument or a result: C's arithmetic over numbers and names, strings, lists, structures. */
export function expression(cursor: Cursor, level = 0): Expression {
  if (level === LEVELS.length) return unary(cursor);
  let left = expression(cursor, level + 1);
  for (;;) {
    // `5 -1` comes as two integers.
    if (LEVELS[level].includes("-") && isNegative(cursor)) {
      left = { type: "binary", operator: "+", left, right: expression(cursor, level + 1) };
      continue;
    }
    const operator = operatorAt(cursor);
    if (operator === undefined || !LEVELS[level].includes(operator)) return left;
    for (let i = 0; i < operator.length; i++) cursor.next();
    left = { type: "binary", operator, left, right: expression(cursor, level + 1) };
  }
}

function isNegative(cursor: Cursor): boolean {
  const { kind, text, first } = cursor.peek();
  return kind === "integer" && text.startsWith("-") && !first;
}

function operatorAt(cursor: Cursor): string | undefined {
  const first = cursor.peek();
  // The `+` or `*` of the next event's time stands first on its line.
  if (first.kind !== "sign" || first.first) return undefined;
  const second = cursor.peek(1);
  const pair = first.text + second.text;
  const isPair = second.kind === "sign" && second.start === first.end;
  return isPair && LEVELS.some((level) => level.includes(pair)) ? pair : first.text;
}

function unary(cursor: Cursor): Expression {
  for (const operator of ["-", "~", "!"] as const) {
    if (cursor.takes(operator))
      return { type: "unary", operator, operand: cursor.nested(() => unary(cursor)) };
  }
  return cursor.nested(() => primary(cursor));
}

function primary(cursor: Cursor): Expression {
  const { kind, text } = cursor.peek();
  switch (kind) {
    case "ellipsis":
      cursor.next();
      return { type: "any" };
    case "integer":
    case "float":
      cursor.next();
      return { type: "number", value: Number(text) };
    case "string":
      return strings(cursor);
    case "word":
      cursor.next();
      return cursor.is("sign", "(")
        ? { type: "call", name: text, args: between(cursor, "(", ")") }
        : { type: "name", name: text };
    default:
      if (text === "[") return { type: "list", items: between(cursor, "[", "]") };
      if (text === "{") return structure(cursor);
      if (cursor.takes("(")) {
        const inner = expression(cursor);
        cursor.expect(")");
        return inner;
      }
      throw cursor.wanted("an expression");
  }
}

/** Strings that follow each other are one, as in C; `"abc"...` begins with those. */
function strings(cursor: Cursor): Expression {
  let value = "";
  while (cursor.is("string")) value += unescaped(cursor.next().text);
  if (cursor.is("ellipsis")) cursor.next();
  return { type: "string", value };
}

function unescaped(text: string): string {
  const named: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", 0: "\0" };
  return text.replace(/\\(x[\da-fA-F]{2}|[\s\S])/g, (_, c: string) =>
    c.length > 1 ? String.fromCharCode(Number.parseInt(c.slice(1), 16)) : (named[c] ?? c),
  );
}

/** A list in the given brackets. */
export function between(cursor: Cursor, open: string, close: string): Expression[] {
  cursor.expect(open);
  const items: Expression[] = [];
  while (!cursor.is("sign", close)) {
    if (items.length > 0) cursor.expect(",");
    items.push(expression(cursor));
  }
  cursor.expect(close);
  return items;
}

function structure(cursor: Cursor): Expression {
  cursor.expect("{");
  const fields: Field[] = [];
  while (!cursor.is("sign", "}")) {
    if (fields.length > 0) cursor.expect(",");
    const value = expression(cursor);
    // `msg_iov(2)=[...]` reads as a call up to its sign.
    const name = value.type === "name" || value.type === "call" ? value.name : null;
    if (name !== null && cursor.takes("=")) fields.push({ name, value: expression(cursor) });
    else fields.push({ name: null, value });
  }
  cursor.expect("}");
  return { type: "struct", fields };
}
