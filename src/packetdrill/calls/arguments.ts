import { CONSTANTS } from "../constants.ts";
import type { Expression, Field } from "../script.ts";
import { Errno, Unsupported } from "./outcome.ts";

/** The arguments of a call, read as the call wants them. */
export class Arguments {
  readonly #expressions: readonly Expression[];

  constructor(expressions: readonly Expression[]) {
    this.#expressions = expressions;
  }

  get count(): number {
    return this.#expressions.length;
  }

  /** @throws {TypeError} when there are fewer */
  at(index: number): Expression {
    const found = this.#expressions[index];
    if (found === undefined) throw new TypeError(`argument ${index + 1} is missing`);
    return found;
  }

  integer(index: number): number {
    return integer(this.at(index));
  }

  /** The value, or `fallback` for `...` and for arguments that are not there. */
  optional(index: number, fallback: number): number {
    const found = this.#expressions[index];
    return found === undefined || found.type === "any" ? fallback : integer(found);
  }

  /** The number in `[21000]`. */
  inBrackets(index: number): number {
    return integer(single(this.at(index)));
  }
}

/**
 * @throws {Errno} EFAULT for no buffer at all
 * @throws {Unsupported} for a buffer given by its address, which a script does to have a bad one
 */
export function refuseBadPointer(buffer: Expression | undefined): void {
  if (buffer?.type === "name" && buffer.name === "NULL") throw new Errno("EFAULT");
  if (buffer?.type === "number" || buffer?.type === "unary") throw new Unsupported("bad pointers (EFAULT)");
}

/** What stands in `[...]` alone, or the expression itself. */
export function single(expression: Expression): Expression {
  return expression.type === "list" && expression.items.length === 1 ? expression.items[0] : expression;
}

/** @throws {Unsupported} for a name without a number, which is something that is not here */
export function integer(expression: Expression): number {
  switch (expression.type) {
    case "number":
      return expression.value;
    case "name":
      return constant(expression.name);
    case "unary": {
      const value = integer(expression.operand);
      return expression.operator === "-"
        ? -value
        : expression.operator === "~"
          ? ~value
          : Number(value === 0);
    }
    case "binary":
      return compute(expression.operator, integer(expression.left), integer(expression.right));
    case "call":
      if (expression.name === "htons" || expression.name === "htonl") return integer(expression.args[0]);
      throw new Unsupported(`${expression.name}()`);
    default:
      throw new TypeError("expected a number");
  }
}

function constant(name: string): number {
  if (Object.hasOwn(CONSTANTS, name)) return CONSTANTS[name as keyof typeof CONSTANTS];
  throw new Unsupported(name);
}

function compute(operator: string, a: number, b: number): number {
  switch (operator) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return Math.trunc(a / b);
    case "%":
      return a % b;
    case "<<":
      return a * 2 ** b;
    case ">>":
      return Math.floor(a / 2 ** b);
    case "|":
      return (a | b) >>> 0;
    case "&":
      return (a & b) >>> 0;
    case "^":
      return (a ^ b) >>> 0;
    case "==":
      return Number(a === b);
    case "!=":
      return Number(a !== b);
    case "<":
      return Number(a < b);
    case ">":
      return Number(a > b);
    case "<=":
      return Number(a <= b);
    default:
      return Number(a >= b);
  }
}

/** The field of a structure, by name; undefined where it is not said. */
export function field(expression: Expression, name: string): Expression | undefined {
  return fields(expression).find((f) => f.name === name)?.value;
}

/** @throws {TypeError} for what is no structure */
export function fields(expression: Expression): readonly Field[] {
  if (expression.type !== "struct") throw new TypeError("expected a structure");
  return expression.fields;
}

/** @throws {TypeError} for what is no list */
export function items(expression: Expression): readonly Expression[] {
  if (expression.type !== "list") throw new TypeError("expected a list");
  return expression.items;
}
