import type { Status } from "../tcp/index.ts";
import { SocketError } from "./errors.ts";
import { dscpOf, ipMarks, ttlOf } from "./ip-marks.ts";
import { OpenedSocket, type SocketInfo } from "./socket-info.ts";
import { type TuningOptions, tuning } from "./socket-options.ts";
import type { SocketState } from "./socket-state.ts";
import { streamsOf } from "./socket-streams.ts";

/**
 * A TCP connection in the shape of WinterTC's `connect()` and WICG Direct Sockets. Made by `host.connect` and by
 * listeners.
 *
 * Streams and `read`/`write` are two ways to the same bytes; use one of them for each direction.
 */
export class Socket {
  readonly #state: SocketState;
  #opened: Promise<SocketInfo> | null = null;

  /** @internal */
  constructor(state: SocketState) {
    this.#state = state;
  }

  /** Resolves when the connection stands; rejects with a `SocketError` when it does not come about. */
  get opened(): Promise<SocketInfo> {
    if (this.#opened === null) {
      this.#opened = this.#state.whenOpened.then(() => new OpenedSocket(this.#state));
      this.#opened.catch(() => {}); // whoever does not look at it need not handle it
    }
    return this.#opened;
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
    return streamsOf(this.#state).readable;
  }

  /** Bytes for the peer. `write` resolves when all of a chunk is in the send buffer; `close` sends FIN. */
  get writable(): WritableStream<Uint8Array> {
    return streamsOf(this.#state).writable;
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
   * Closes both sides: what was written is delivered, and what the peer has sent and still sends is dropped. The peer
   * is told of that by RST once all of ours is acknowledged, and only for what it sends from then on: a RST for bytes
   * that lay unread, as kernels send it, can destroy an answer that was just written before the peer has read it. Whoever
   * wants to tell that bytes were lost (RFC 9293 3.6.1, SHLD-3) cancels `readable`, or calls `abort`.
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
    const { dscp = dscpOf(connection.marks), ttl = ttlOf(connection.marks) } = options;
    connection.marks = ipMarks({ dscp, ttl });
    connection.endpoint.set(tuning(options), connection.owner.now);
    connection.owner.wake(connection);
  }

  /** Diffserv codepoint of the last packet from the peer; null while the peer's name is looked up. */
  get receivedDscp(): number | null {
    return this.#state.connection?.receivedDscp ?? null;
  }

  /** STATUS of the endpoint (RFC 9293 3.10.6); null while the peer's name is looked up. */
  status(): Status | null {
    return this.#state.connection?.endpoint.status() ?? null;
  }
}

const DONE = Promise.resolve();
