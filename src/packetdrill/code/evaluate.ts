import { type CodeToken, codeTokens } from "./lexer.ts";
import { areEqual, format, isTrue, number, show, UnknownFigure, type Value } from "./values.ts";

/** What a snippet has to work with. */
export interface CodeScope {
  /** Names that snippets have set; they last from one to the next. */
  readonly variables: Map<string, Value>;
  /** A figure or constant by its name; undefined for one that does not exist, or is not known. */
  figure(name: string): Value | undefined;
}

/** A snippet's verdict. */
export interface CodeOutcome {
  /** The first assertion that does not hold: its message. */
  readonly failure: string | null;
  /** Figures that were asked for and are not known: what asks for them was not checked. */
  readonly unknown: readonly string[];
}

/**
 * Runs a `%{ }%` snippet: the part of Python that scripts use. Statements are `assert`, assignments, `print` and
 * `pass`; expressions have `and or not in`, chained comparisons, C's operators, `**`, `//`, tuples, lists, `%` formats
 * and min, max, abs, int, float, round, len, str. Nothing can be looped, imported or reached outside.
 *
 * @throws {SyntaxError} for anything else
 * @throws {TypeError} when an operator does not suit its values
 */
export function runCode(source: string, scope: CodeScope): CodeOutcome {
  return new Evaluator(codeTokens(source), scope).run();
}

const FUNCTIONS: Readonly<Record<string, (...args: Value[]) => Value>> = {
  min: (...args) => Math.min(...numbers(args)),
  max: (...args) => Math.max(...numbers(args)),
  abs: (x) => Math.abs(number(x)),
  int: (x) => Math.trunc(Number(x)),
  float: (x) => Number(x),
  round: (x, digits = 0) => Number(number(x).toFixed(number(digits))),
  len: (x) => items(x).length,
  str: (x) => show(x),
  print: () => null,
};

/** @throws {TypeError} for what holds nothing */
function items(value: Value): string | readonly Value[] {
  if (typeof value === "string" || Array.isArray(value)) return value;
  throw new TypeError(`${show(value)} has no length`);
}

function numbers(args: readonly Value[]): number[] {
  return (args.length === 1 && Array.isArray(args[0]) ? args[0] : args).map(number);
}

const BINARY: readonly (readonly string[])[] = [
  ["|"],
  ["^"],
  ["&"],
  ["<<", ">>"],
  ["+", "-"],
  ["*", "//", "/", "%"],
];
const COMPARISONS = ["==", "!=", "<=", ">=", "<", ">"];

/** Python's statements that this is not. */
const KEYWORDS = [
  "import",
  "from",
  "for",
  "while",
  "if",
  "def",
  "class",
  "return",
  "with",
  "try",
  "raise",
  "del",
];

class Evaluator {
  readonly #tokens: readonly CodeToken[];
  readonly #scope: CodeScope;
  readonly #unknown: string[] = [];
  #at = 0;

  constructor(tokens: readonly CodeToken[], scope: CodeScope) {
    this.#tokens = tokens;
    this.#scope = scope;
  }

  run(): CodeOutcome {
    let failure: string | null = null;
    while (failure === null && this.#peek().kind !== "end") {
      if (this.#peek().kind === "newline") this.#at++;
      else failure = this.#guarded();
    }
    return { failure, unknown: this.#unknown };
  }

  /** A statement that asks for what is not known is passed over. */
  #guarded(): string | null {
    try {
      return this.#statement();
    } catch (error) {
      if (!(error instanceof UnknownFigure)) throw error;
      this.#unknown.push(error.figure);
      while (this.#peek().kind !== "newline" && this.#peek().kind !== "end") this.#at++;
      return null;
    }
  }

  #statement(): string | null {
    if (this.#takes("pass")) return null;
    if (this.#takes("assert")) return this.#assertion();
    const target = this.#peek();
    if (KEYWORDS.includes(target.text))
      throw new SyntaxError(`\`${target.text}\` is more than an assertion needs`);
    const operator = this.#tokens[this.#at + 1]?.text ?? "";
    if (target.kind === "name" && /^([-+*/%&|^]|\/\/)?=$/.test(operator)) {
      this.#at += 2;
      const right = this.#expression();
      const before = operator === "=" ? right : this.#name(target.text);
      const value = operator === "=" ? right : binary(operator.slice(0, -1), before, right);
      this.#scope.variables.set(target.text, value);
    } else {
      this.#expression();
    }
    this.#endStatement();
    return null;
  }

  #assertion(): string | null {
    const from = this.#at;
    const holds = isTrue(this.#or());
    const text = this.#tokens
      .slice(from, this.#at)
      .map((token) => token.text)
      .join(" ");
    const message = this.#takes(",") ? show(this.#expression()) : null;
    this.#endStatement();
    if (holds) return null;
    return message === null ? text : `${text}, found ${message}`;
  }

  #endStatement(): void {
    const { kind, text } = this.#peek();
    if (kind !== "newline" && kind !== "end") throw new SyntaxError(`\`${text}\` is not understood`);
  }

  /** An expression, or several with commas: a tuple. */
  #expression(): Value {
    const first = this.#or();
    if (this.#peek().text !== ",") return first;
    const items = [first];
    while (this.#takes(",")) if (this.#peek().text !== ")") items.push(this.#or());
    return items;
  }

  #or(): Value {
    let left = this.#and();
    while (this.#takes("or")) {
      const right = this.#and();
      left = isTrue(left) ? left : right;
    }
    return left;
  }

  #and(): Value {
    let left = this.#not();
    while (this.#takes("and")) {
      const right = this.#not();
      left = isTrue(left) ? right : left;
    }
    return left;
  }

  #not(): Value {
    return this.#takes("not") ? !isTrue(this.#not()) : this.#comparison();
  }

  /** `a <= b <= c` holds when both do. */
  #comparison(): Value {
    let left = this.#binary(0);
    let holds: Value | undefined;
    for (;;) {
      const operator = this.#comparisonOperator();
      if (operator === undefined) return holds ?? left;
      const right = this.#binary(0);
      holds = holds !== false && compare(operator, left, right);
      left = right;
    }
  }

  #comparisonOperator(): string | undefined {
    const found = COMPARISONS.find((operator) => this.#takes(operator));
    if (found !== undefined) return found;
    if (this.#takes("in")) return "in";
    if (this.#peek().text !== "not" || this.#tokens[this.#at + 1]?.text !== "in") return undefined;
    this.#at += 2;
    return "not in";
  }

  #binary(level: number): Value {
    if (level === BINARY.length) return this.#unary();
    let left = this.#binary(level + 1);
    for (;;) {
      const operator = BINARY[level].find((text) => this.#takes(text));
      if (operator === undefined) return left;
      left = binary(operator, left, this.#binary(level + 1));
    }
  }

  #unary(): Value {
    if (this.#takes("-")) return -number(this.#unary());
    if (this.#takes("+")) return number(this.#unary());
    if (this.#takes("~")) return ~number(this.#unary());
    const base = this.#primary();
    return this.#takes("**") ? number(base) ** number(this.#unary()) : base;
  }

  #primary(): Value {
    const { kind, text } = this.#peek();
    this.#at++;
    if (kind === "number") return Number(text);
    if (kind === "string") return unquoted(text);
    if (kind === "name") return this.#peek().text === "(" ? this.#call(text) : this.#name(text);
    if (text === "(" || text === "[") {
      const close = text === "(" ? ")" : "]";
      const value = this.#peek().text === close ? [] : this.#expression();
      this.#wants(close);
      return text === "[" && !Array.isArray(value) ? [value] : value;
    }
    throw new SyntaxError(kind === "end" ? "an expression is missing" : `\`${text}\` is not understood`);
  }

  #call(name: string): Value {
    const call = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
    if (call === undefined) throw new SyntaxError(`there is no function ${name}`);
    this.#wants("(");
    const args: Value[] = [];
    while (this.#peek().text !== ")") {
      args.push(this.#or());
      if (!this.#takes(",")) break;
    }
    this.#wants(")");
    return call(...args);
  }

  #name(name: string): Value {
    if (name === "True" || name === "False") return name === "True";
    if (name === "None") return null;
    const value = this.#scope.variables.get(name);
    if (value !== undefined) return value;
    const figure = this.#scope.figure(name);
    if (figure === undefined) throw new UnknownFigure(name);
    return figure;
  }

  #peek(): CodeToken {
    return this.#tokens[this.#at];
  }

  #takes(text: string): boolean {
    const token = this.#peek();
    if (token.text !== text || token.kind === "string") return false;
    this.#at++;
    return true;
  }

  #wants(text: string): void {
    if (!this.#takes(text)) throw new SyntaxError(`\`${text}\` is missing before \`${this.#peek().text}\``);
  }
}

function unquoted(text: string): string {
  return text.replace(/^[a-zA-Z]?['"]|['"]$/g, "").replace(/\\(.)/g, (_, c) => (c === "n" ? "\n" : c));
}

function compare(operator: string, a: Value, b: Value): boolean {
  switch (operator) {
    case "==":
      return areEqual(a, b);
    case "!=":
      return !areEqual(a, b);
    case "in":
    case "not in": {
      const whole = items(b);
      const found = typeof whole === "string" ? whole.includes(show(a)) : whole.some((x) => areEqual(a, x));
      return found === (operator === "in");
    }
    case "<":
      return number(a) < number(b);
    case "<=":
      return number(a) <= number(b);
    case ">":
      return number(a) > number(b);
    default:
      return number(a) >= number(b);
  }
}

function binary(operator: string, a: Value, b: Value): Value {
  if (operator === "%" && typeof a === "string") return format(a, b);
  if (operator === "+" && typeof a === "string" && typeof b === "string") return a + b;
  const x = number(a);
  const y = number(b);
  if (y === 0 && ["/", "//", "%"].includes(operator)) throw new RangeError("division by zero");
  switch (operator) {
    case "+":
      return x + y;
    case "-":
      return x - y;
    case "*":
      return x * y;
    case "/":
      return x / y;
    case "//":
      return Math.floor(x / y);
    case "%":
      return x - y * Math.floor(x / y);
    case "&":
      return Number(BigInt(x) & BigInt(y));
    case "|":
      return Number(BigInt(x) | BigInt(y));
    case "^":
      return Number(BigInt(x) ^ BigInt(y));
    case "<<":
      return x * 2 ** y;
    default:
      return Math.floor(x / 2 ** y);
  }
}
