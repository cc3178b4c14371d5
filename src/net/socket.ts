import type { Status } from "../tcp/index.ts";
import { SocketError } from "./errors.ts";
import { type TuningOptions, tuning } from "./socket-options.ts";
import type { SocketState } from "./socket-state.ts";
import { StreamPair } from "./socket-streams.ts";

/** What `opened` resolves to: who talks to whom, and the streams (as in WICG Direct Sockets). */
export interface SocketInfo {
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
}

/**
 * A TCP connection in the shape of WinterTC's `connect()` and WICG Direct Sockets. Made by `host.connect` and by
 * listeners.
 *
 * Streams and `read`/`write` are two ways to the same bytes; use one of them for each direction.
 */
export class Socket {
  readonly #state: SocketState;
  #streams: StreamPair | null = null;
  #info: Promise<SocketInfo> | null = null;

  /** @internal */
  constructor(state: SocketState) {
    this.#state = state;
  }

  /** Resolves when the connection stands; rejects with a `SocketError` when it does not come about. */
  get opened(): Promise<SocketInfo> {
    if (this.#info === null) {
      this.#info = this.#state.whenOpened.then(() => new Opened(this, this.#state));
      this.#info.catch(() => {});
    }
    return this.#info;
  }

  /**
   * Resolves when both sides have closed and everything has arrived (TIME-WAIT is not waited for). Rejects with a
   * `SocketError` whose `reason` says why it ended otherwise, or with the reason given to `abort`.
   */
  get closed(): Promise<void> {
    return this.#state.whenClosed;
  }

  /** The peer's bytes, a byte stream: `getReader({ mode: "byob" })` reads into buffers of yours. */
  get readable(): ReadableStream<Uint8Array> {
    return this.#pair.readable;
  }

  /** Bytes for the peer. `write` resolves when all of a chunk is in the send buffer; `close` sends FIN. */
  get writable(): WritableStream<Uint8Array> {
    return this.#pair.writable;
  }

  /**
   * Reads what has arrived into `into`; waits when nothing has.
   *
   * @returns how many bytes; null when the peer has closed and all is read
   * @throws what the socket failed with
   */
  read(into: Uint8Array): Promise<number | null> {
    return this.#state.read(into);
  }

  /**
   * Writes all of `bytes`, which are borrowed until the promise resolves: then they are in the send buffer.
   * @throws what the socket failed with; `EPIPE` when this side is closed
   */
  write(bytes: Uint8Array): Promise<void> {
    return this.#state.write(bytes) ?? DONE;
  }

  /** Sends FIN behind all that was written: the peer sees the end, and reading goes on (a half-close). */
  closeWriting(): Promise<void> {
    return this.#state.finishWriting();
  }

  /**
   * Closes both sides: what was written is delivered, and what the peer still sends is dropped.
   * @returns `closed`
   */
  close(): Promise<void> {
    return this.#state.close();
  }

  /**
   * Ends the connection at once, with RST. What was written may not arrive.
   * @param reason what streams and `closed` reject with; a `SocketError` when left out
   */
  abort(reason: unknown = new SocketError("aborted", "aborted by the local user")): void {
    this.#state.abort(reason);
  }

  /**
   * Changes a socket that is open, or opening.
   * @throws {RangeError} {TypeError} as `settings` of tcpwire/tcp does
   */
  set(options: TuningOptions): void {
    const { connection } = this.#state;
    if (connection === null) return;
    connection.endpoint.set(tuning(options), connection.owner.now);
    connection.owner.wake(connection);
  }

  /** STATUS of the endpoint (RFC 9293 3.10.6); null while the peer's name is looked up. */
  status(): Status | null {
    return this.#state.connection?.endpoint.status() ?? null;
  }

  get #pair(): StreamPair {
    if (this.#streams === null) {
      this.#streams = new StreamPair(this.#state);
      this.#state.streams = this.#streams;
    }
    return this.#streams;
  }
}

const DONE = Promise.resolve();

/** Streams are made when they are asked for. */
class Opened implements SocketInfo {
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly #socket: Socket;

  constructor(socket: Socket, state: SocketState) {
    const { local, localPort, remote, remotePort } = state.connection!;
    this.#socket = socket;
    this.localAddress = String(local.address);
    this.localPort = localPort;
    this.remoteAddress = String(remote);
    this.remotePort = remotePort;
  }

  get readable(): ReadableStream<Uint8Array> {
    return this.#socket.readable;
  }

  get writable(): WritableStream<Uint8Array> {
    return this.#socket.writable;
  }
}
