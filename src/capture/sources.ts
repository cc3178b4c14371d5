/**
 * What a capture can be read from: bytes in memory (an `ArrayBuffer` or any view of one), a `Blob` or
 * `File`, a web `ReadableStream` of bytes, an iterable or async iterable of byte chunks (a Node stream is
 * one), or a `ByteSource`. All are read piece by piece, and none is held on to.
 */
export type CaptureSource =
  | SyncCaptureSource
  | Blob
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>
  | ByteSource;

/** What a capture can be read from without waiting. */
export type SyncCaptureSource = ArrayBufferLike | ArrayBufferView | Iterable<Uint8Array> | SyncByteSource;

/**
 * The fastest way in: bytes are written straight into the reader's window in WebAssembly memory.
 * `tcpwire/node` has one for files.
 */
export interface ByteSource {
  /**
   * Writes bytes to the start of `into` and says how many: from 1 to `into.length`, or 0 at the end.
   * `into` is borrowed until the call returns, or its promise settles.
   */
  read(into: Uint8Array<ArrayBuffer>): number | PromiseLike<number>;
  /** Called once: after the end, an error, or when the reader is abandoned. */
  close?(): void | PromiseLike<void>;
}

/** A `ByteSource` that never makes one wait. */
export interface SyncByteSource extends ByteSource {
  read(into: Uint8Array<ArrayBuffer>): number;
  close?(): void;
}

/**
 * Any source as a `ByteSource`.
 * @throws {TypeError} when it is none
 */
export function byteSource(source: CaptureSource): ByteSource {
  const sync = trySyncByteSource(source);
  if (sync) return sync;
  if (isBlob(source)) return blobSource(source);
  if (typeof (source as ReadableStream).getReader === "function") {
    return streamSource(source as ReadableStream<Uint8Array>);
  }
  const iterable = source as AsyncIterable<Uint8Array>;
  if (typeof iterable[Symbol.asyncIterator] === "function") return asyncIterableSource(iterable);
  // Behind the streams of Node, which have another `read`.
  if (typeof (source as ByteSource).read === "function") return checkedSource(source as ByteSource);
  throw new TypeError(`${EXPECTED}, a Blob, a stream, an async iterable or a ByteSource`);
}

/**
 * A source that can be read without waiting as a `SyncByteSource`.
 * @throws {TypeError} when it is none; from `read`, when a `ByteSource` returns a promise after all
 */
export function syncByteSource(source: SyncCaptureSource): SyncByteSource {
  const sync = trySyncByteSource(source);
  if (sync) return sync;
  const { read, getReader, [Symbol.asyncIterator]: iterate } = Object(source);
  if (typeof read === "function" && !getReader && !iterate) {
    const checked = checkedSource(source as ByteSource);
    return {
      read(into) {
        const n = checked.read(into);
        if (typeof n === "number") return n;
        throw new TypeError("this source makes one wait: use readCapture");
      },
      close: () => void checked.close?.(),
    };
  }
  throw new TypeError(`${EXPECTED} or a ByteSource; for others there is readCapture`);
}

const EXPECTED = "capture source: expected bytes, an iterable of Uint8Array";

function trySyncByteSource(source: CaptureSource): SyncByteSource | undefined {
  if (source === null || (typeof source !== "object" && typeof source !== "function")) {
    throw new TypeError(
      `${EXPECTED}, a Blob, a stream, an async iterable or a ByteSource, not ${typeof source}`,
    );
  }
  if (ArrayBuffer.isView(source)) {
    return bytesSource(new Uint8Array(source.buffer, source.byteOffset, source.byteLength));
  }
  if (isArrayBuffer(source)) return bytesSource(new Uint8Array(source));
  const { [Symbol.iterator]: iterate, [Symbol.asyncIterator]: iterateAsync } =
    source as Iterable<Uint8Array> & AsyncIterable<Uint8Array>;
  if (typeof iterate === "function" && typeof iterateAsync !== "function") {
    return iterableSource(source as Iterable<Uint8Array>);
  }
  return undefined;
}

function bytesSource(bytes: Uint8Array): SyncByteSource {
  let at = 0;
  return {
    read(into) {
      const n = Math.min(into.length, bytes.length - at);
      into.set(bytes.subarray(at, at + n));
      at += n;
      return n;
    },
    close() {
      bytes = new Uint8Array(0);
      at = 0;
    },
  };
}

function iterableSource(iterable: Iterable<Uint8Array>): SyncByteSource {
  const iterator = iterable[Symbol.iterator]();
  const rest = new Rest();
  return {
    read(into) {
      while (rest.isEmpty) {
        const step = iterator.next();
        if (step.done) return 0;
        rest.set(step.value);
      }
      return rest.take(into);
    },
    close: () => void iterator.return?.(),
  };
}

function asyncIterableSource(iterable: AsyncIterable<Uint8Array>): ByteSource {
  const iterator = iterable[Symbol.asyncIterator]();
  const rest = new Rest();
  return {
    read(into) {
      if (!rest.isEmpty) return rest.take(into);
      return (async () => {
        while (rest.isEmpty) {
          const step = await iterator.next();
          if (step.done) return 0;
          rest.set(step.value);
        }
        return rest.take(into);
      })();
    },
    close: async () => void (await iterator.return?.()),
  };
}

function streamSource(stream: ReadableStream<Uint8Array>): ByteSource {
  const byob = byobReader(stream);
  return byob ? byobSource(byob) : defaultReaderSource(stream.getReader());
}

function defaultReaderSource(reader: ReadableStreamDefaultReader<Uint8Array>): ByteSource {
  const rest = new Rest();
  return {
    read(into) {
      if (!rest.isEmpty) return rest.take(into);
      return (async () => {
        while (rest.isEmpty) {
          const step = await reader.read();
          if (step.done) return 0;
          rest.set(step.value);
        }
        return rest.take(into);
      })();
    },
    close: () => cancel(reader),
  };
}

/** Only a byte stream has a BYOB reader; there is no asking for it but to try. */
function byobReader(stream: ReadableStream<Uint8Array>): ReadableStreamBYOBReader | undefined {
  if (stream.locked) throw new TypeError("capture source: the stream is locked to another reader");
  try {
    return stream.getReader({ mode: "byob" });
  } catch {
    return undefined;
  }
}

// WebAssembly memory cannot be transferred, as a BYOB read asks: one buffer goes back and forth instead, and
// what it brings is copied.
function byobSource(reader: ReadableStreamBYOBReader): ByteSource {
  let buffer = new ArrayBuffer(BYOB_BUFFER);
  const rest = new Rest();
  return {
    read(into) {
      if (!rest.isEmpty) return rest.take(into);
      return (async () => {
        const { done, value } = await reader.read(new Uint8Array(buffer));
        if (value) buffer = value.buffer as ArrayBuffer;
        if (done || !value) return 0;
        rest.set(value);
        return rest.take(into);
      })();
    },
    close: () => cancel(reader),
  };
}

async function cancel(reader: ReadableStreamDefaultReader | ReadableStreamBYOBReader): Promise<void> {
  // A stream that has failed rejects again here; the reader has already thrown that.
  await reader.cancel().catch(() => {});
  reader.releaseLock();
}

/**
 * One buffer that goes back and forth keeps memory constant: a slice each is garbage, and Chromium lets 200 MB
 * of it gather. Where blobs have no byte stream (Bun), slices cost little.
 */
function blobSource(blob: Blob): ByteSource {
  const byob = byobReader(blob.stream());
  return byob ? byobSource(byob) : sliceSource(blob);
}

/** The next slice is on its way while this one is worked on. */
function sliceSource(blob: Blob): ByteSource {
  let at = 0;
  let ahead: Promise<ArrayBuffer> | undefined;
  const rest = new Rest();
  const fetchNext = (): void => {
    if (at >= blob.size) return;
    ahead = blob.slice(at, at + BLOB_SLICE).arrayBuffer();
    ahead.catch(() => {}); // Thrown when it is waited for.
    at += BLOB_SLICE;
  };
  return {
    read(into) {
      if (!rest.isEmpty) return rest.take(into);
      if (!ahead) fetchNext();
      return (async () => {
        if (!ahead) return 0;
        rest.set(new Uint8Array(await ahead));
        ahead = undefined;
        fetchNext();
        return rest.take(into);
      })();
    },
    close() {
      at = blob.size;
      ahead = undefined;
    },
  };
}

/** Holds somebody else's source to its word. */
function checkedSource(source: ByteSource): ByteSource {
  const check = (n: unknown, limit: number): number => {
    if (Number.isInteger(n) && (n as number) >= 0 && (n as number) <= limit) return n as number;
    throw new TypeError(`ByteSource.read: expected a count from 0 to ${limit}, got ${String(n)}`);
  };
  return {
    read(into) {
      const limit = into.length;
      const n = source.read(into);
      return typeof n === "object" ? Promise.resolve(n).then((n) => check(n, limit)) : check(n, limit);
    },
    close: () => source.close?.(),
  };
}

/** What is left of a chunk that was larger than the room for it. */
class Rest {
  #chunk: Uint8Array = EMPTY;
  #at = 0;

  get isEmpty(): boolean {
    return this.#at >= this.#chunk.length;
  }

  set(chunk: unknown): void {
    if (ArrayBuffer.isView(chunk)) {
      this.#chunk = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    } else if (isArrayBuffer(chunk)) {
      this.#chunk = new Uint8Array(chunk);
    } else {
      throw new TypeError(
        `capture source: expected chunks of bytes, got ${chunk === null ? null : typeof chunk}`,
      );
    }
    this.#at = 0;
  }

  take(into: Uint8Array): number {
    const n = Math.min(into.length, this.#chunk.length - this.#at);
    into.set(this.#chunk.subarray(this.#at, this.#at + n));
    this.#at += n;
    if (this.isEmpty) this.#chunk = EMPTY;
    return n;
  }
}

const EMPTY = /* @__PURE__ */ new Uint8Array(0);
const BYOB_BUFFER = 1024 * 1024;
const BLOB_SLICE = 1024 * 1024;

// By tag, so that buffers of another realm (frames, vm contexts) count too.
function isArrayBuffer(value: unknown): value is ArrayBufferLike {
  const tag = Object.prototype.toString.call(value);
  return tag === "[object ArrayBuffer]" || tag === "[object SharedArrayBuffer]";
}

function isBlob(value: unknown): value is Blob {
  const { slice, arrayBuffer, size } = value as Blob;
  return typeof slice === "function" && typeof arrayBuffer === "function" && typeof size === "number";
}
