import { Arguments } from "../arguments.ts";
import { COMMON_OPTIONS } from "../command.ts";
import { commands } from "../commands.ts";
import { InputError, UsageError } from "../errors.ts";
import type { Sink } from "../terminal/sink.ts";
import { type FileEvent, type FileTask, sizeOf } from "./file-task.ts";

/** Bytes that a thread may be ahead of the printing. */
const MOST_AHEAD = 16 * 1024 * 1024;

/** Runs a command over one file, elsewhere than where its output goes. */
export class TaskRunner {
  readonly #say: (event: FileEvent) => void;
  readonly #clock: () => number;
  #ahead = 0;
  #wake: (() => void) | undefined;

  constructor(say: (event: FileEvent) => void, clock: () => number) {
    this.#say = say;
    this.#clock = clock;
  }

  printed(bytes: number): void {
    this.#ahead -= bytes;
    this.#wake?.();
  }

  async run({ command: name, options, file, isTerminal, width, env }: FileTask): Promise<void> {
    const command = commands.find((one) => one.name === name)!;
    const args = new Arguments([file.path], new Map(options), [...command.options, ...COMMON_OPTIONS]);
    this.#ahead = 0;
    try {
      const status = await command.each!(args, file, {
        stdout: this.#sink("stdout", isTerminal, width),
        // Nobody sees how far one of several is.
        stderr: this.#sink("stderr", false, width),
        env,
        stdin: () => new Uint8Array(0),
        stdinIsTerminal: false,
        clock: this.#clock,
      });
      this.#say({ status });
    } catch (error) {
      const kind = error instanceof InputError ? "input" : error instanceof UsageError ? "usage" : "bug";
      const { message, stack } = error as Error;
      this.#say({ error: { kind, message: kind === "bug" ? (stack ?? message) : message } });
    }
  }

  #sink(to: "stdout" | "stderr", isTerminal: boolean, width: number): Sink {
    return {
      isTerminal,
      width,
      write: async (chunk) => {
        this.#ahead += sizeOf(chunk);
        this.#say({ to, chunk });
        while (this.#ahead > MOST_AHEAD) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
      },
    };
  }
}
