import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** A program that answers one line for one line. */
export class LineProcess {
  readonly #name: string;
  readonly #start: () => ChildProcessWithoutNullStreams;
  readonly #restarts: boolean;
  #child: ChildProcessWithoutNullStreams;
  #lines: AsyncIterator<string>;
  #ended = false;

  /** `restarts`: one that has ended is started again by the next line, because no line depends on those before. */
  constructor(name: string, program: string, args: readonly string[], restarts = false) {
    this.#name = name;
    this.#start = () => spawn(program, args);
    this.#restarts = restarts;
    this.#child = this.#start();
    this.#lines = linesOf(this.#child);
  }

  /** @throws what the program says after "error ", or how it ended */
  async ask(line: string): Promise<string> {
    if (this.#ended && this.#restarts) {
      this.#child = this.#start();
      this.#lines = linesOf(this.#child);
      this.#ended = false;
    }
    const child = this.#child;
    child.stdin.write(`${line}\n`);
    const { value, done } = await this.#lines.next();
    if (done) {
      this.#ended = true;
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      throw new Error(`${this.#name} ended (${child.signalCode ?? child.exitCode}) at: ${line}`);
    }
    if (value.startsWith("error ")) throw new Error(value.slice(6));
    return value;
  }

  close(): void {
    this.#child.stdin.end();
  }
}

function linesOf(child: ChildProcessWithoutNullStreams): AsyncIterator<string> {
  child.stderr.resume();
  // Where it has ended there is nobody to write to: its lines end, too.
  child.stdin.on("error", () => {});
  return createInterface({ input: child.stdout })[Symbol.asyncIterator]();
}
