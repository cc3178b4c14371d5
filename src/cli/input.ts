import { statSync } from "node:fs";
import { CaptureError, type CaptureSource, readCapture, type SegmentBatch } from "../capture/index.ts";
import { type OpenCaptureFile, type ReadCaptureParallelOptions, readCaptureParallel } from "../node/index.ts";
import type { Io } from "./command.ts";
import { InputError, UsageError } from "./errors.ts";
import { escapeText } from "./terminal/escape.ts";
import { grouped } from "./terminal/numbers.ts";
import { Progress } from "./terminal/progress.ts";
import { wantsColor } from "./terminal/style.ts";

/** A capture named on the command line, on its way through the reader. */
export class CaptureInput {
  /** As it is shown: a path, or `standard input`. */
  readonly name: string;
  /** Bytes of the file, where it is one. */
  readonly size: number | undefined;
  readonly reader: OpenCaptureFile;
  /** Why reading stopped before the end: known when `batches` is done. */
  failure: InputError | undefined;
  readonly #progress: Progress | undefined;
  #bytesRead = 0;

  /**
   * Opens a capture.
   * @param path `-` for standard input
   * @param progress whether a bar may be drawn on standard error, where that is a terminal
   * @param threads that parse. One unless said, whatever the size: parsing is a tenth of the least that a command does
   *   with a segment, and following conversations in columns that another core has just written takes what it takes to
   *   parse them first (14.4 million ACKs: 4.1 s either way, and 1.2 s of the parsing threads on top)
   * @throws {InputError} when there is no such file or it may not be read
   */
  constructor(path: string, io: Io, progress: boolean, threads = 1) {
    this.name = path === "-" ? "standard input" : escapeText(path);
    const options = { name: this.name, onProgress: (bytes: number) => void (this.#bytesRead = bytes) };
    if (path === "-") this.reader = readCapture(standardInput(io), options);
    else {
      const { reader, size } = open(path, { ...options, threads });
      this.reader = reader;
      this.size = size;
    }
    if (progress && io.stderr.isTerminal) {
      this.#progress = new Progress(io.stderr, io.clock, wantsColor(true, io.env));
    }
  }

  /**
   * The segments, batch by batch; each is borrowed until the next. Ends quietly where the capture is damaged
   * and leaves the reason in `failure`, so that what was read can be printed first.
   * @throws {InputError} when it is no capture at all: there is nothing to print then
   */
  async *batches(): AsyncGenerator<SegmentBatch, void, undefined> {
    try {
      for await (const batch of this.reader) {
        await this.#progress?.update(this.#bytesRead, this.size);
        yield batch;
      }
    } catch (error) {
      const failure = inputError(error, this.name);
      if (!failure) throw error;
      if (this.reader.info.format === undefined) throw failure;
      this.failure = failure;
    } finally {
      await this.#progress?.clear();
    }
  }
}

function standardInput(io: Io): CaptureSource {
  if (io.stdinIsTerminal) throw new UsageError("standard input is a terminal: pipe a capture into it");
  return io.stdin();
}

function open(path: string, options: ReadCaptureParallelOptions & { name: string }) {
  try {
    const reader = readCaptureParallel(path, options);
    const stats = statSync(path);
    return { reader, size: stats.isFile() ? stats.size : undefined };
  } catch (error) {
    throw inputError(error, options.name) ?? error;
  }
}

/** What a reader or the file system had to say, as one sentence with the file's name; undefined for our own bugs. */
export function inputError(error: unknown, name: string): InputError | undefined {
  if (error instanceof CaptureError) {
    return new InputError(`${name}: byte ${grouped(error.offset)}: ${escapeText(error.reason)}`);
  }
  const code = (error as { code?: unknown } | undefined)?.code;
  if (typeof code !== "string" || !(error instanceof Error)) return undefined;
  return new InputError(`${name}: ${SYSTEM_ERRORS[code] ?? escapeText(error.message)}`);
}

const SYSTEM_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  EISDIR: "is a directory",
  ENOTDIR: "not a directory",
  ELOOP: "too many levels of symbolic links",
  EMFILE: "too many open files",
  EIO: "input/output error",
};
