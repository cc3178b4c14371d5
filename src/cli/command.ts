import type { CaptureSource } from "../capture/index.ts";
import type { Arguments, OptionSpec } from "./arguments.ts";
import type { FileArgument } from "./files/file-argument.ts";
import type { FileThread } from "./files/file-task.ts";
import type { Sink } from "./terminal/sink.ts";

/** All that a command may touch of the world. */
export interface Io {
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Standard input; asked for once at most. */
  stdin(): CaptureSource;
  /** Somebody is typing there: nothing to read a capture from. */
  readonly stdinIsTerminal: boolean;
  /** Milliseconds from any origin. */
  clock(): number;
  /** A thread for one of several files; where there are none, files are read one after the other. */
  startThread?(): FileThread;
}

/** An example of the help, which a test runs; `capture.pcapng` in it is the sample of the repository. */
export interface Example {
  readonly says: string;
  readonly line: string;
}

/** A row of the command table: everything the dispatcher and the help know of a command. */
export interface Command {
  readonly name: string;
  /** What follows `tcpwire NAME` in the usage line. */
  readonly usage: string;
  /** One line of `tcpwire --help`. */
  readonly summary: string;
  /** Paragraphs of `tcpwire NAME --help`. */
  readonly description: readonly string[];
  readonly options: readonly OptionSpec[];
  readonly examples: readonly Example[];
  /** Further sections of the help: terms and what they mean, then paragraphs. */
  readonly sections?: readonly {
    readonly heading: string;
    readonly terms?: readonly (readonly [term: string, meaning: string])[];
    readonly text: readonly string[];
  }[];
  /**
   * @returns the exit status
   * @throws {UsageError | InputError | ClosedPipe}
   */
  run(args: Arguments, io: Io): Promise<number>;
  /**
   * Of a command that takes several files: runs it over one of them, perhaps in a thread.
   * @returns as `run`
   * @throws as `run`
   */
  readonly each?: (args: Arguments, file: FileArgument, io: Io) => Promise<number>;
}

/** Options that every command understands. */
export const COMMON_OPTIONS: readonly OptionSpec[] = [
  { name: "quiet", short: "q", help: "no notes and no progress on standard error, only errors" },
  { name: "help", short: "h", help: "this text" },
];
