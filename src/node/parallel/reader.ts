import { closeSync, openSync, readSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import {
  type CaptureError,
  type CaptureInfo,
  type CaptureTotals,
  type ReadCaptureOptions,
  readCapture,
  type SegmentBatch,
} from "../../capture/index.ts";
import { fileSource } from "../file-source.ts";
import { type CaptureHead, HEAD_BYTES, readCaptureHead } from "./capture-head.ts";
import { InOrder } from "./in-order.ts";
import type { Failure, Report, Task, WorkerSetup } from "./protocol.ts";
import type { RangePort } from "./ranges.ts";

/** How a capture is to be read by several threads. */
export interface ReadCaptureParallelOptions extends ReadCaptureOptions {
  /**
   * Threads that parse, beside the one that takes the batches. With 1 there are no others. Default: as many as the
   * machine runs at a time, at most 8; 1 where the file is below 256 MiB.
   */
  threads?: number;
}

/** What there is to know of a capture while its batches are taken. */
export interface OpenCaptureFile extends AsyncIterable<SegmentBatch> {
  /** What the capture says of itself, as far as it was read. */
  readonly info: CaptureInfo;
  /** What was counted so far. */
  readonly totals: CaptureTotals;
  /** Why the capture ended early, if it did: what iterating threw. */
  readonly error: CaptureError | undefined;
  /** Bytes of WebAssembly memory that reading takes, in all threads. */
  readonly memorySize: number;
}

/**
 * Reads the TCP segments of a capture file as `readCaptureFile` does, with the same rows, numbers, counts and errors in
 * the same order, but parses pieces of the file in several threads at a time. Batches are cut elsewhere, and their
 * columns are views of a `SharedArrayBuffer`. Each thread takes about 10 MB.
 *
 * It pays where less is done with a batch than parsing it: of a large capture counting and filtering by columns take
 * half of the time or less. A `FlowTracker` gains nothing, since columns that another core has written take it longer
 * to read.
 *
 * The file is read as far as it reached when that began. Compressed captures and what is no regular file cannot be taken to pieces: they are read by one thread.
 *
 * @example
 * ```ts
 * import { readCaptureParallel } from "tcpwire/node";
 *
 * let segments = 0;
 * for await (const batch of readCaptureParallel("trace.pcapng.gz", { threads: 2 })) segments += batch.length;
 * ```
 *
 * @param file a path or a `file:` URL
 * @throws what `fs.openSync` throws, when there is no such file; {RangeError} when `threads` is not 1 to 64; the rest
 *   as `readCapture`
 */
export function readCaptureParallel(
  file: string | URL,
  { threads, ...options }: ReadCaptureParallelOptions = {},
): OpenCaptureFile {
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1 && threads <= 64)) {
    throw new RangeError(`threads is 1 to 64, not ${threads}`);
  }
  const named = { name: String(file), ...options };
  const opened = threads === 1 ? undefined : lookAt(file);
  const count = opened ? (threads ?? sensibleThreads(opened.size)) : 1;
  if (!opened || count === 1) return readCapture(fileSource(file), named);
  return new ParallelCaptureReader(file, opened.head, opened.size, count, named);
}

// Starting takes 90 ms, and of 100 MB threads take about 60 ms off the one that takes the batches.
/** Bytes below which starting threads takes longer than they save. */
const LARGE = 256 * 1024 * 1024;
const MOST_THREADS = 8;

/** How many threads parse a file of so many bytes unless somebody says it. */
function sensibleThreads(size: number): number {
  return size < LARGE ? 1 : Math.min(MOST_THREADS, availableParallelism());
}

// Small enough that nearly every range is one batch: its columns, like its bytes, then stay in the cache.
const RANGE_SIZE = 512 * 1024;

function lookAt(file: string | URL): { readonly head: CaptureHead; readonly size: number } | undefined {
  // Asked before it is opened: a pipe can be opened once.
  const stats = statSync(file, { throwIfNoEntry: false });
  if (!stats?.isFile() || stats.size <= 2 * RANGE_SIZE) return undefined;
  const descriptor = openSync(file, "r");
  try {
    const bytes = new Uint8Array(HEAD_BYTES);
    const length = readSync(descriptor, bytes, 0, bytes.length, 0);
    const head = readCaptureHead(bytes.subarray(0, length));
    return head && { head, size: stats.size };
  } finally {
    closeSync(descriptor);
  }
}

class ParallelCaptureReader implements OpenCaptureFile {
  readonly #setup: WorkerSetup;
  readonly #options: ReadCaptureOptions;
  readonly #workers: LazyWorker[];
  readonly #inOrder: InOrder;
  #iterated = false;

  constructor(
    file: string | URL,
    head: CaptureHead,
    size: number,
    threads: number,
    options: ReadCaptureOptions,
  ) {
    const { name, verifyChecksums = true } = options;
    this.#options = options;
    const path = typeof file === "string" ? file : fileURLToPath(file);
    this.#setup = { path, name, verifyChecksums, format: head.format };
    const count = Math.min(threads, Math.ceil(size / RANGE_SIZE));
    this.#workers = Array.from({ length: count }, () => new LazyWorker());
    this.#inOrder = new InOrder({ head, name, size, rangeSize: RANGE_SIZE }, this.#workers);
  }

  get info(): CaptureInfo {
    return this.#inOrder.info;
  }

  get totals(): CaptureTotals {
    return this.#inOrder.totals;
  }

  get error(): CaptureError | undefined {
    return this.#inOrder.error;
  }

  get memorySize(): number {
    return this.#inOrder.memorySize;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<SegmentBatch, void, undefined> {
    if (this.#iterated) {
      throw new TypeError("a capture reader can be iterated once: call readCaptureParallel again");
    }
    this.#iterated = true;
    const { signal, onProgress } = this.#options;
    const abort = (): void => this.#inOrder.fail(signal?.reason);
    signal?.throwIfAborted();
    signal?.addEventListener("abort", abort, { once: true });
    try {
      for (const worker of this.#workers) worker.start(this.#setup, (error) => this.#inOrder.fail(error));
      for await (const batch of this.#inOrder.batches()) {
        onProgress?.(this.#inOrder.position);
        yield batch;
        signal?.throwIfAborted();
      }
    } finally {
      signal?.removeEventListener("abort", abort);
      await Promise.all(this.#workers.map((worker) => worker.terminate()));
    }
  }
}

/** A thread that begins when the capture is iterated: a reader that nobody asks for batches keeps no process alive. */
class LazyWorker implements RangePort {
  #worker: Worker | undefined;
  #listener: ((report: Report | Failure) => void) | undefined;

  start(setup: WorkerSetup, fail: (error: unknown) => void): void {
    // Beside the bundle that this is part of: dist/.
    this.#worker = new Worker(new URL("./parse-worker.js", import.meta.url), { workerData: setup });
    this.#worker.on("message", (report) => this.#listener?.(report));
    this.#worker.on("error", fail);
  }

  post(task: Task): void {
    this.#worker?.postMessage(task);
  }

  onReport(listener: (report: Report | Failure) => void): void {
    this.#listener = listener;
  }

  async terminate(): Promise<void> {
    await this.#worker?.terminate();
  }
}
