import { TcpError } from "../../tcp/index.ts";
import { Arguments, integer } from "../calls/arguments.ts";
import { type Attempt, Errno, Mismatch, Unsupported } from "../calls/outcome.ts";
import type { Process } from "../calls/process.ts";
import { CALLS } from "../calls/table.ts";
import type { Call, Expression } from "../script.ts";
import { Failure } from "./outcome.ts";

/** A call that has begun: one that is not through waits for something to happen. */
export class PendingCall {
  readonly call: Call;
  readonly line: number;
  readonly #attempt: Attempt | Errno;

  /**
   * @throws {Unsupported} for a call that is not here
   * @throws {Failure} for arguments that do not suit it
   */
  constructor(call: Call, line: number, process: Process) {
    this.call = call;
    this.line = line;
    if (!Object.hasOwn(CALLS, call.name)) throw new Unsupported(`${call.name}()`);
    const begin = CALLS[call.name];
    const wanted = resultOf(call.result) ?? -1;
    this.#attempt = this.#checked(() => begin({ args: new Arguments(call.args), process, wanted }));
  }

  /** When it is to be tried again though nothing has happened. */
  get deadline(): number {
    return this.#attempt instanceof Errno
      ? Number.POSITIVE_INFINITY
      : (this.#attempt.deadline ?? Number.POSITIVE_INFINITY);
  }

  /**
   * Tries it.
   * @returns whether it is through
   * @throws {Failure} when it gave something else than the script says
   */
  isThrough(): boolean {
    const attempt = this.#attempt;
    const result = attempt instanceof Errno ? attempt : this.#checked(attempt);
    if (result === null) return false;
    this.#check(
      result instanceof Errno ? "-1" : String(result),
      result instanceof Errno ? result.errno : null,
    );
    return true;
  }

  #checked<T>(run: () => T): T | Errno {
    try {
      return run();
    } catch (error) {
      if (error instanceof Errno) return error;
      if (error instanceof TcpError) return new Errno(error.errno);
      if (error instanceof Mismatch) {
        throw new Failure(this.line, `${this.call.name}: not what it gives`, error.expected, error.got);
      }
      if (error instanceof TypeError) throw new Failure(this.line, `${this.call.name}: ${error.message}`);
      throw error;
    }
  }

  #check(value: string, errno: string | null): void {
    const wanted = resultOf(this.call.result);
    const expected = wanted === null ? null : String(wanted);
    // Which error it is matters where the script names one.
    const isError = this.call.errno === errno || (this.call.errno === null && expected === "-1");
    if ((expected === null || expected === value) && isError) return;
    const show = (result: string, name: string | null) =>
      `${this.call.name}() = ${result}${name === null ? "" : ` ${name}`}`;
    throw new Failure(
      this.line,
      "the call gives another result",
      show(expected ?? "...", this.call.errno),
      show(value, errno),
    );
  }
}

/** The number a call has to give; null for any. */
function resultOf(expression: Expression): number | null {
  return expression.type === "any" ? null : integer(expression);
}
