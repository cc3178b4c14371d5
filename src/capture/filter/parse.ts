import { FilterError, noOperator, type Operator, type Token, tokens } from "./lexer.ts";

export type Comparison = "==" | "!=" | ">" | ">=" | "<" | "<=" | "contains";

/** A filter as a tree. Every node that can be wrong later carries the offset it stands at. */
export type FilterNode =
  | { readonly kind: "present"; readonly field: Token }
  | { readonly kind: "compare"; readonly field: Token; readonly how: Comparison; readonly literal: Token }
  | { readonly kind: "not"; readonly of: FilterNode }
  | { readonly kind: "and" | "or"; readonly parts: readonly FilterNode[] };

const comparisons: readonly string[] = ["==", "!=", ">", ">=", "<", "<=", "contains"] satisfies Comparison[];

// Parentheses and negations deeper than this are nobody's filter.
const MAX_DEPTH = 200;

/**
 * Reads a display filter. `!` binds tightest, then `&&`, then `||`, as in Wireshark 4.
 * @throws {FilterError} naming the character at fault
 */
export function parseFilter(filter: string): FilterNode {
  const list = tokens(filter);
  let at = 0;
  const fail = (reason: string, token: Token): never => {
    throw new FilterError(reason, filter, token.offset);
  };
  const is = (operator: Operator) => list[at].kind === "operator" && list[at].text === operator;

  function either(depth: number): FilterNode {
    return chain("or", "||", () => both(depth));
  }

  function both(depth: number): FilterNode {
    return chain("and", "&&", () => single(depth));
  }

  function chain(kind: "and" | "or", operator: Operator, part: () => FilterNode): FilterNode {
    const parts = [part()];
    while (is(operator)) {
      at++;
      parts.push(part());
    }
    return parts.length === 1 ? parts[0] : { kind, parts };
  }

  function single(depth: number): FilterNode {
    const token = list[at];
    if (depth > MAX_DEPTH) fail("nested too deeply", token);
    if (is("!")) {
      at++;
      return { kind: "not", of: single(depth + 1) };
    }
    if (is("(")) {
      at++;
      const inner = either(depth + 1);
      if (!is(")")) fail(`expected ")" for the "(" at ${token.offset + 1}`, list[at]);
      at++;
      return inner;
    }
    if (token.kind !== "word")
      fail(token.kind === "end" ? "expected a field, but the filter ends here" : "expected a field", token);
    at++;
    const operator = list[at];
    if (operator.kind === "word" && /^[A-Za-z]/.test(operator.text))
      throw noOperator(operator.text, filter, operator.offset);
    if (operator.kind === "word" || operator.kind === "string")
      fail("expected an operator before the value", operator);
    if (operator.kind !== "operator" || !comparisons.includes(operator.text))
      return { kind: "present", field: token };
    at++;
    const literal = list[at];
    if (literal.kind !== "word" && literal.kind !== "string")
      fail(`expected a value after "${operator.text}"`, literal);
    at++;
    return { kind: "compare", field: token, how: operator.text as Comparison, literal };
  }

  if (list[0].kind === "end") fail("the filter is empty", list[0]);
  const tree = either(0);
  if (list[at].kind !== "end") fail(`unexpected "${list[at].text}"`, list[at]);
  return tree;
}
