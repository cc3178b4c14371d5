import { ScriptError } from "../script.ts";
import { type Token, type TokenKind, tokens } from "./lexer.ts";

/** Expressions within expressions, which take the stack of whoever reads and evaluates them. */
const DEEPEST = 100;

/** Reads tokens one after the other, and names what it wanted where it finds something else. */
export class Cursor {
  readonly source: string;
  readonly #tokens: readonly Token[];
  readonly #definitions: ReadonlyMap<string, Token>;
  #at = 0;
  #depth = 0;

  /** @param definitions what `--define=NAME=VALUE` puts in the place of a word */
  constructor(source: string, definitions: ReadonlyMap<string, string> = new Map()) {
    this.source = source;
    this.#tokens = tokens(source);
    this.#definitions = new Map([...definitions].map(([name, value]) => [name, tokens(value)[0]]));
  }

  /** The token `ahead` places further. */
  peek(ahead = 0): Token {
    const token = this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)];
    if (token.kind !== "word") return token;
    const defined = this.#definitions.get(token.text);
    return defined === undefined
      ? token
      : { ...token, kind: defined.kind === "end" ? "word" : defined.kind, text: defined.text };
  }

  next(): Token {
    const token = this.peek();
    if (this.#at < this.#tokens.length - 1) this.#at++;
    return token;
  }

  /** Whether the next token is of a kind, and says `text` where that is given. */
  is(kind: TokenKind, text?: string): boolean {
    const token = this.peek();
    return token.kind === kind && (text === undefined || token.text === text);
  }

  /** Takes the next token if it is that sign. */
  takes(sign: string): boolean {
    if (!this.is("sign", sign)) return false;
    this.next();
    return true;
  }

  /** Takes the next token if it is that word. */
  takesWord(word: string): boolean {
    if (!this.is("word", word)) return false;
    this.next();
    return true;
  }

  /** @throws {ScriptError} when the next token is not that sign */
  expect(sign: string): void {
    if (!this.takes(sign)) throw this.wanted(`\`${sign}\``);
  }

  /** @throws {ScriptError} when the next token is no integer between these */
  integer(what: string, least = 0, largest = 0xffffffff): number {
    if (!this.is("integer")) throw this.wanted(what);
    const { text, line } = this.next();
    const value = Number(text);
    if (!(value >= least && value <= largest)) throw new ScriptError(line, `${what} ${text} is out of range`);
    return value;
  }

  /** @throws {ScriptError} when the next token is no word */
  word(what: string): string {
    if (!this.is("word")) throw this.wanted(what);
    return this.next().text;
  }

  /**
   * Reads what may hold more of its kind.
   * @throws {ScriptError} when that goes deeper than any script needs
   */
  nested<T>(read: () => T): T {
    if (this.#depth === DEEPEST) throw new ScriptError(this.peek().line, "an expression is nested too deep");
    this.#depth++;
    const found = read();
    this.#depth--;
    return found;
  }

  /** The error of finding something else. */
  wanted(what: string): ScriptError {
    const { kind, text, line } = this.peek();
    return new ScriptError(line, `expected ${what}, found ${kind === "end" ? "the end" : `\`${text}\``}`);
  }

  /** The source from a token up to what has been taken, its blanks and comments as one space. */
  textSince(token: Token): string {
    const end = this.#at === 0 ? token.end : this.#tokens[this.#at - 1].end;
    const text = this.source.slice(token.start, end);
    return text
      .replace(/\/\/[^\n]*/g, " ")
      .replace(/\s+/g, " ")
      .trim();
  }

  /** Skips to where another event can begin. */
  skipEvent(): void {
    while (!this.is("end") && !(this.peek().first && startsEvent(this.peek()))) this.next();
  }
}

function startsEvent({ kind, text }: Token): boolean {
  return (
    kind === "integer" ||
    kind === "float" ||
    kind === "command" ||
    (kind === "sign" && (text === "+" || text === "*"))
  );
}
