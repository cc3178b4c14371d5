import type { SocketState, SocketStreams } from "./socket-state.ts";

/** A chunk of a read that brings no buffer of its own: what has arrived, up to this. */
const LARGEST_CHUNK = 65536;

/** A socket as a pair of web streams. Nothing waits in the streams: the endpoint's buffers do that, and its window tells the peer. */
export class StreamPair implements SocketStreams {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  queuedWrites = 0;
  #reading: ReadableByteStreamController | null = null;
  #writing: WritableStreamDefaultController | null = null;

  constructor(state: SocketState) {
    this.readable = new ReadableStream(
      {
        type: "bytes",
        start: (controller) => {
          this.#reading = controller;
        },
        pull: (controller) => pull(state, controller),
        cancel: () => state.stopReading(),
      },
      { highWaterMark: 0 },
    );
    this.writable = new WritableStream(
      {
        start: (controller) => {
          this.#writing = controller;
        },
        write: (chunk) => {
          this.queuedWrites--;
          return state.write(bytesOf(chunk));
        },
        close: () => state.finishWriting(),
        abort: (reason) => state.abort(reason),
      },
      {
        highWaterMark: 1,
        // Called for each chunk as it is written, long before the sink sees it.
        size: () => {
          this.queuedWrites++;
          return 1;
        },
      },
    );
    if (state.error !== null) this.failed(state.error);
  }

  failed(error: unknown): void {
    this.#reading?.error(error);
    this.#writing?.error(error);
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
