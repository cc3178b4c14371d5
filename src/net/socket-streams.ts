import type { SocketState, SocketStreams } from "./socket-state.ts";

/** A chunk of a read that brings no buffer of its own: what has arrived, up to this. */
const LARGEST_CHUNK = 65536;

/** The streams of a socket, made when they are asked for. */
export function streamsOf(state: SocketState): SocketStreams {
  state.streams ??= new StreamPair(state);
  return state.streams;
}

/** A socket as a pair of web streams. Nothing waits in the streams: the endpoint's buffers do that, and its window tells the peer. */
class StreamPair implements SocketStreams {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  readonly #source: Source;
  readonly #sink: Sink;

  constructor(state: SocketState) {
    const source = new Source(state);
    const sink = new Sink(state);
    this.#source = source;
    this.#sink = sink;
    this.readable = new ReadableStream(source, { highWaterMark: 0 });
    this.writable = new WritableStream(sink, {
      highWaterMark: 1,
      // Called for each chunk as it is written, long before the sink sees it.
      size: () => {
        sink.queued++;
        return 1;
      },
    });
    if (state.error !== null) this.failed(state.error);
  }

  get queuedWrites(): number {
    return this.#sink.queued;
  }

  failed(error: unknown): void {
    this.#source.controller?.error(error);
    this.#sink.controller?.error(error);
  }
}

// Streams look these methods up once and bind them: classes, as a closure each would cost every socket its own.
class Source implements UnderlyingByteSource {
  controller: ReadableByteStreamController | null = null;
  readonly #state: SocketState;

  constructor(state: SocketState) {
    this.#state = state;
  }

  get type(): "bytes" {
    return "bytes";
  }

  start(controller: ReadableByteStreamController): void {
    this.controller = controller;
  }

  pull(controller: ReadableByteStreamController): Promise<void> | undefined {
    return pull(this.#state, controller);
  }

  cancel(): void {
    this.#state.stopReading();
  }
}

class Sink implements UnderlyingSink<Uint8Array> {
  controller: WritableStreamDefaultController | null = null;
  /** Chunks that were written to the stream and have not yet come here. */
  queued = 0;
  readonly #state: SocketState;

  constructor(state: SocketState) {
    this.#state = state;
  }

  start(controller: WritableStreamDefaultController): void {
    this.controller = controller;
  }

  write(chunk: unknown): Promise<void> | undefined {
    this.queued--;
    return this.#state.write(bytesOf(chunk));
  }

  close(): Promise<void> {
    return this.#state.finishWriting();
  }

  abort(reason: unknown): void {
    this.#state.abort(reason);
  }
}

/** Fills one read; undefined when that was possible at once. */
function pull(state: SocketState, controller: ReadableByteStreamController): Promise<void> | undefined {
  return give(state, controller) ? undefined : giveLater(state, controller);
}

async function giveLater(state: SocketState, controller: ReadableByteStreamController): Promise<void> {
  do await state.whenReadable();
  while (!give(state, controller));
}

function give(state: SocketState, controller: ReadableByteStreamController): boolean {
  const request = controller.byobRequest;
  if (request === null) return giveChunk(state, controller);
  const view = request.view!;
  const count = state.take(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  if (count === 0) return false;
  if (count === null) controller.close();
  request.respond(count ?? 0);
  return true;
}

function giveChunk(state: SocketState, controller: ReadableByteStreamController): boolean {
  const chunk = new Uint8Array(Math.min(state.available, LARGEST_CHUNK));
  const count = state.take(chunk);
  if (count === 0) return false;
  if (count === null) controller.close();
  else controller.enqueue(chunk);
  return true;
}

/** @throws {TypeError} when a chunk is no bytes */
function bytesOf(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk);
  throw new TypeError("a socket takes Uint8Array, another view, or ArrayBuffer");
}
