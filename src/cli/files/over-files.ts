import { statSync } from "node:fs";
import { availableParallelism } from "node:os";
import type { Arguments, OptionSpec } from "../arguments.ts";
import type { Command, Io } from "../command.ts";
import { EXIT_DONE, EXIT_INPUT, InputError, UsageError } from "../errors.ts";
import { escapeText } from "../terminal/escape.ts";
import type { Sink } from "../terminal/sink.ts";
import { type FileArgument, fileArguments } from "./file-argument.ts";
import { type FileEvent, type FileTask, type FileThread, sizeOf } from "./file-task.ts";

/** Of every command that takes several files. */
export const THREADS_OPTION: OptionSpec = {
  name: "threads",
  value: "N",
  help: "threads at work: of several files each has one, a single file is parsed by them (1, or one a core for several large files)",
};

/** A paragraph of the help of commands that print lines. */
export const SEVERAL_FILES =
  "Of several FILEs each is read by itself, with numbers of its own, and printed in their order: above text stands the file's name, as head(1) has it, and objects of --json begin with it (file). The exit status is the worst of all.";

/**
 * Bytes that have to lie beside the largest of several files before threads take them off. A thread costs 150 ms (a
 * runtime of its own, and code to compile once more); the command that does least, `flows`, takes 2.5 ms a MiB of full-size
 * packets, of small ones 5. Threads that share one file are another matter (`CaptureInput`).
 */
const LARGE = 64 * 1024 * 1024;

/** @throws {UsageError} without files, or where standard input is among them twice */
export function filesOf(command: string, args: Arguments): FileArgument[] {
  const paths = args.positionals;
  if (paths.length === 0) throw new UsageError(`${command} wants a FILE, or - for standard input`);
  if (paths.filter((path) => path === "-").length > 1)
    throw new UsageError("standard input can be read once");
  return fileArguments(paths.map((path) => ({ path, name: path })));
}

/** `--threads`. @throws {UsageError} when it is none or more than there can be */
export function threadsOf(args: Arguments): number | undefined {
  const threads = args.integer("threads", 1);
  if (threads !== undefined && threads > 64) throw new UsageError(`--threads is at most 64, not ${threads}`);
  return threads;
}

/** Threads that parse a file: with several files each has one. */
export function fileThreads(args: Arguments, { isOneOfSeveral }: FileArgument): number | undefined {
  return isOneOfSeveral ? 1 : threadsOf(args);
}

/**
 * Runs a command over its files and prints what comes of each in their order. One that is bad does not keep the others
 * from being read.
 *
 * @param separator what stands between the outputs of two files
 * @returns the worst of the exit statuses
 */
export async function overFiles(
  command: Command,
  args: Arguments,
  io: Io,
  files: readonly FileArgument[],
  separator = "",
): Promise<number> {
  const threads = threadsOf(args) ?? sensibleThreads(files);
  if (files.length === 1) return command.each!(args, files[0], io);
  const stdout = separated(io.stdout, separator);
  const count = Math.min(threads, files.length);
  const crew = count > 1 && io.startThread ? new Crew(command, args, io, files, count) : undefined;
  let status = EXIT_DONE;
  try {
    for (const file of files) {
      stdout.turn();
      try {
        // Standard input is this thread's alone.
        const ended =
          crew && file.path !== "-"
            ? await crew.print(file, stdout, io.stderr)
            : await command.each!(args, file, { ...io, stdout });
        status = Math.max(status, ended);
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        for (const line of error.message.split("\n")) {
          await io.stderr.write(`tcpwire: ${escapeText(line)}\n`);
        }
        status = Math.max(status, EXIT_INPUT);
      }
    }
    return status;
  } finally {
    await crew?.end();
  }
}

function sensibleThreads(files: readonly FileArgument[]): number {
  const sizes = files.map(({ path }) => statSync(path, { throwIfNoEntry: false })?.size ?? 0);
  const others = sizes.reduce((sum, size) => sum + size, 0) - Math.max(...sizes);
  return others < LARGE ? 1 : availableParallelism();
}

/** A sink that puts something between what is written in one turn and in the next. */
function separated(sink: Sink, separator: string): Sink & { turn(): void } {
  let isWritten = false;
  let isDue = false;
  return {
    isTerminal: sink.isTerminal,
    width: sink.width,
    turn() {
      isDue = isWritten;
    },
    async write(chunk) {
      if (chunk.length === 0) return;
      if (isDue && separator !== "") await sink.write(separator);
      isDue = false;
      isWritten = true;
      await sink.write(chunk);
    },
  };
}

/** Threads that take files one after the other, and what they have said of each so far. */
class Crew {
  readonly #threads: FileThread[];
  readonly #tasks: Map<FileArgument, FileTask>;
  readonly #queues = new Map<FileArgument, Queue>();

  constructor(command: Command, args: Arguments, io: Io, files: readonly FileArgument[], count: number) {
    const { isTerminal, width } = io.stdout;
    const common = {
      command: command.name,
      options: [...args.values],
      isTerminal,
      width,
      env: { ...io.env },
    };
    this.#tasks = new Map(
      files.filter(({ path }) => path !== "-").map((file) => [file, { ...common, file }] as const),
    );
    for (const file of this.#tasks.keys()) this.#queues.set(file, new Queue());
    this.#threads = Array.from({ length: Math.min(count, this.#tasks.size) }, () => io.startThread!());
    for (const thread of this.#threads) this.#give(thread);
  }

  /** Prints what comes of a file until it is done. */
  async print(file: FileArgument, stdout: Sink, stderr: Sink): Promise<number> {
    const queue = this.#queues.get(file)!;
    for (;;) {
      const event = await queue.next();
      if ("status" in event) return event.status;
      if ("error" in event) throw errorOf(event.error);
      await (event.to === "stdout" ? stdout : stderr).write(event.chunk);
      queue.thread?.printed(sizeOf(event.chunk));
    }
  }

  async end(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.end()));
  }

  #give(thread: FileThread): void {
    const [entry] = this.#tasks;
    if (entry === undefined) return;
    const [file, task] = entry;
    this.#tasks.delete(file);
    const queue = this.#queues.get(file)!;
    queue.thread = thread;
    thread.run(task, (event) => {
      if ("to" in event) return queue.add(event);
      queue.thread = undefined;
      queue.add(event);
      this.#give(thread);
    });
  }
}

function errorOf({ kind, message }: { kind: "input" | "usage" | "bug"; message: string }): Error {
  if (kind === "input") return new InputError(message);
  return kind === "usage" ? new UsageError(message) : new Error(message);
}

/** What a thread has said and nobody has printed. */
class Queue {
  /** Who is at the file. */
  thread: FileThread | undefined;
  readonly #events: FileEvent[] = [];
  #wake: (() => void) | undefined;

  add(event: FileEvent): void {
    this.#events.push(event);
    this.#wake?.();
  }

  async next(): Promise<FileEvent> {
    while (this.#events.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#events.shift()!;
  }
}
