import { InputError } from "../errors.ts";

/** Where text and bytes go: standard output and error, or a test's memory. */
export interface Sink {
  readonly isTerminal: boolean;
  /** Columns of the terminal; 80 where there is none. */
  readonly width: number;
  /**
   * Resolves when the chunk has been taken, so that the producer goes at the pace of the consumer.
   * @throws {ClosedPipe} when the reader has gone away
   */
  write(chunk: string | Uint8Array): Promise<void>;
}

/** The reader of our output has gone away (`tcpwire ... | head`): not an error, but no reason to go on. */
export class ClosedPipe extends Error {
  override readonly name = "ClosedPipe";
}

/** The part of Node's `WriteStream` that a sink needs. */
export interface NodeWritable {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(chunk: string | Uint8Array, done: (error?: Error | null) => void): boolean;
  on(event: "error", listener: (error: Error) => void): unknown;
}

/** A sink over `process.stdout` or `process.stderr`. */
export function nodeSink(stream: NodeWritable): Sink {
  let failure: Error | undefined;
  stream.on("error", (error) => {
    failure ??= closedOr(error);
  });
  return {
    isTerminal: stream.isTTY === true,
    get width() {
      return stream.columns || 80;
    },
    write(chunk) {
      if (failure) return Promise.reject(failure);
      return new Promise((resolve, reject) => {
        stream.write(chunk, (error) => (error ? reject(closedOr(error)) : resolve()));
      });
    },
  };
}

/**
 * Gathers text and hands it on in pieces of some 64 KiB: one call of the operating system for hundreds of
 * rows. Nothing reaches the sink before `flush`, which the caller awaits once a batch.
 */
export class TextBuffer {
  readonly #sink: Sink;
  readonly #encoder = new TextEncoder();
  #text = "";
  #pieces: Uint8Array[] = [];

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  add(text: string): void {
    this.#text += text;
    // A text put together from many is a tree until it is encoded. Short-lived small trees cost the garbage
    // collector nothing; one of a whole batch took more time than all else together.
    if (this.#text.length >= PIECE) this.#encode();
  }

  /** Hands on what has come to be a piece; awaited between rows that come without batches. */
  async flushFull(): Promise<void> {
    if (this.#pieces.length > 0) await this.flush();
  }

  async flush(): Promise<void> {
    if (this.#text !== "") this.#encode();
    const pieces = this.#pieces;
    this.#pieces = [];
    for (const piece of pieces) await this.#sink.write(piece);
  }

  #encode(): void {
    this.#pieces.push(this.#encoder.encode(this.#text));
    this.#text = "";
  }
}

const PIECE = 1 << 16;

function closedOr(error: Error): Error {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "EPIPE" || code === "ERR_STREAM_DESTROYED" || code === "EOF") return new ClosedPipe();
  // A full disk, for one: nobody's bug.
  return code === undefined ? error : new InputError(`output: ${WORDS[code] ?? error.message}`);
}

const WORDS: Readonly<Record<string, string>> = {
  ENOSPC: "no space left",
  EDQUOT: "no space left to this user",
  EFBIG: "the file would be too large",
  EIO: "input/output error",
};
