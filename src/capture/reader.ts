import type { SegmentBatch } from "./batch.ts";
import type { CaptureError } from "./errors.ts";
import { GunzipSource, GzipError } from "./gzip/gunzip.ts";
import type { CaptureInfo } from "./info.ts";
import { CaptureParser } from "./parser.ts";
import {
  type ByteSource,
  byteSource,
  type CaptureSource,
  type SyncCaptureSource,
  syncByteSource,
} from "./sources.ts";
import type { CaptureTotals } from "./totals.ts";
import { takeWorkspace } from "./workspace.ts";

/** How a capture is to be read. */
export interface ReadOptions {
  /** What the input is called, for error messages and `info.name`: a file name. */
  name?: string;
  /** Whether the checksum of each segment is verified; true unless said otherwise. */
  verifyChecksums?: boolean;
  /** Called after each read with the bytes read from the source so far (compressed, where it is gzip). */
  onProgress?: (bytesRead: number) => void;
}

/** How a capture is to be read that may make one wait. */
export interface ReadCaptureOptions extends ReadOptions {
  /** Ends the reading; what waits for a batch rejects with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * Reads the TCP segments of a capture: pcap (either byte order, micro- or nanoseconds, Kuznetzov's variant)
 * or pcapng, plain or gzip, told apart by content. Memory is constant, about 3 MB however long the capture,
 * plus at most 46 MB while records of megabytes occur. A batch comes as soon as a read has brought a whole
 * record, so a live source is followed closely.
 *
 * @example
 * ```ts
 * import { readCapture } from "tcpwire/capture";
 *
 * const capture = readCapture(file); // a File from an <input>
 * for await (const batch of capture) {
 *   const { seq, payloadLength } = batch;
 *   for (let i = 0; i < batch.length; i++) console.log(seq[i], payloadLength[i]);
 * }
 * console.log(capture.info.format, capture.totals.segments);
 * ```
 *
 * @returns its batches, which are *borrowed* (see `SegmentBatch`) and can be iterated once. Leaving the loop closes
 *   the source
 * @throws {TypeError} at once, when `source` is nothing to read from. While iterating: `CaptureError` for input that
 *   is damaged, cut short or no capture, after all that could be read; the signal's reason; and whatever
 *   the source throws
 */
export function readCapture(source: CaptureSource, options: ReadCaptureOptions = {}): CaptureReader {
  return new CaptureReader(byteSource(source), options);
}

/**
 * `readCapture` for sources that make one wait for nothing: bytes, iterables, files (`tcpwire/node`).
 *
 * @example
 * ```ts
 * for (const batch of readCaptureSync(bytes)) total += batch.length;
 * ```
 *
 * @returns its batches, which are *borrowed* (see `SegmentBatch`) and can be iterated once
 * @throws as `readCapture`
 */
export function readCaptureSync(source: SyncCaptureSource, options: ReadOptions = {}): SyncCaptureReader {
  return new SyncCaptureReader(syncByteSource(source), options);
}

/** A capture that is being read. */
abstract class OpenCapture {
  /** @internal */
  protected readonly source: ByteSource;
  /** @internal */
  protected readonly parser: CaptureParser;
  readonly #gunzip: GunzipSource;
  #iterated = false;

  /** @internal */
  constructor(source: ByteSource, { name, verifyChecksums = true, onProgress }: ReadOptions) {
    this.source = onProgress ? counted(source, onProgress) : source;
    this.#gunzip = new GunzipSource(this.source);
    this.parser = new CaptureParser(name, takeWorkspace(verifyChecksums));
  }

  /** What the capture says of itself, as far as it was read. */
  get info(): CaptureInfo {
    return this.parser.info;
  }

  /** What was counted so far. */
  get totals(): CaptureTotals {
    return this.parser.totals;
  }

  /** Why the capture ended early, or what else is wrong with it: what iterating threw. */
  get error(): CaptureError | undefined {
    const { error, damage, finished } = this.parser;
    return error ?? (finished ? damage : undefined);
  }

  /** Bytes of WebAssembly memory that reading takes. */
  get memorySize(): number {
    return this.parser.memorySize;
  }

  /** @internal There is one position in the source, and one memory. */
  protected begin(): void {
    if (this.#iterated) throw new TypeError("a capture reader can be iterated once: call readCapture again");
    this.#iterated = true;
  }

  /** @internal Reads on. Damaged gzip data end the input, with an error of the capture's. */
  protected read(): number | PromiseLike<number> {
    try {
      const n = this.#gunzip.read(this.parser.space());
      return typeof n === "number" ? n : n.then(undefined, (error) => this.#damaged(error));
    } catch (error) {
      return this.#damaged(error);
    }
  }

  /** @internal */
  protected accept(bytes: number): void {
    if (this.#gunzip.isGzip) this.parser.unzipped();
    this.parser.filled(bytes);
  }

  #damaged(error: unknown): number {
    if (!(error instanceof GzipError)) throw error;
    this.parser.fail(error.status, error.message, this.parser.inputOffset);
    return 0;
  }
}

/** What `readCapture` returns: the batches of a capture, once, and what else there is to know of it. */
export class CaptureReader extends OpenCapture implements AsyncIterable<SegmentBatch> {
  readonly #signal: AbortSignal | undefined;

  /** @internal */
  constructor(source: ByteSource, options: ReadCaptureOptions) {
    super(source, options);
    this.#signal = options.signal;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<SegmentBatch, void, undefined> {
    this.begin();
    const { parser } = this;
    try {
      for (;;) {
        this.#signal?.throwIfAborted();
        const batch = parser.next();
        if (batch) yield batch;
        else if (parser.finished) break;
        else {
          const n = this.read();
          this.accept(typeof n === "number" ? n : await unlessAborted(n, this.#signal));
        }
      }
      // Only here: where reading is given up, the batch that it stopped at may still be looked at.
      parser.close();
      const { error } = this;
      if (error) throw error;
    } finally {
      const closed = Promise.resolve(this.source.close?.());
      // Where reading was given up, the source may hang, and its troubles do not matter.
      if (this.#signal?.aborted) closed.catch(() => {});
      else await closed;
    }
  }
}

/** What `readCaptureSync` returns: the batches of a capture, once, and what else there is to know of it. */
export class SyncCaptureReader extends OpenCapture implements Iterable<SegmentBatch> {
  *[Symbol.iterator](): Generator<SegmentBatch, void, undefined> {
    this.begin();
    const { parser } = this;
    try {
      for (;;) {
        const batch = parser.next();
        if (batch) yield batch;
        else if (parser.finished) break;
        else this.accept(this.read() as number);
      }
      // Only here: where reading is given up, the batch that it stopped at may still be looked at.
      parser.close();
      const { error } = this;
      if (error) throw error;
    } finally {
      this.source.close?.();
    }
  }
}

function counted(source: ByteSource, onProgress: (bytesRead: number) => void): ByteSource {
  let total = 0;
  const count = (n: number): number => {
    total += n;
    if (n > 0) onProgress(total);
    return n;
  };
  return {
    read(into) {
      const n = source.read(into);
      return typeof n === "number" ? count(n) : n.then(count);
    },
    close: () => source.close?.(),
  };
}

async function unlessAborted(n: PromiseLike<number>, signal: AbortSignal | undefined): Promise<number> {
  if (!signal) return n;
  let abort!: () => void;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
  });
  try {
    return await Promise.race([n, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
