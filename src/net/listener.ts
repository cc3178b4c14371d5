import type { Settings } from "../tcp/index.ts";
import type { Connection } from "./connection.ts";
import { SocketError } from "./errors.ts";
import type { LocalAddress } from "./interface.ts";
import type { Listening } from "./listeners.ts";
import type { PendingFastOpen } from "./pending-fast-open.ts";
import { Socket } from "./socket.ts";
import { SocketState } from "./socket-state.ts";

/**
 * Takes connections at a port. Made by `host.listen`.
 *
 * @example
 * ```ts no-run
 * for await (const socket of host.listen({ port: 7 })) socket.readable.pipeTo(socket.writable); // echo, RFC 862
 * ```
 */
export class Listener implements AsyncIterable<Socket> {
  /** The address it listens at, `"0.0.0.0"` or `"::"` for all of the family or all there are. */
  readonly localAddress: string;
  readonly localPort: number;
  readonly #queue: AcceptQueue;

  /** @internal */
  constructor(queue: AcceptQueue) {
    this.#queue = queue;
    this.localAddress = queue.local === null ? "::" : String(queue.local.address);
    this.localPort = queue.port;
  }

  /**
   * The next connection; waits when none has come.
   * @throws {SocketError} when the listener is closed
   */
  async accept(): Promise<Socket> {
    const socket = await this.#queue.next();
    if (socket === null) throw new SocketError("closed", "the listener is closed");
    return socket;
  }

  /** Listens no more. Connections that were not accepted are ended with RST; the others go on. */
  close(): void {
    this.#queue.close();
  }

  /** Connections one after the other, until `close`. Leaving the loop closes the listener. */
  async *[Symbol.asyncIterator](): AsyncIterator<Socket> {
    try {
      for (let socket = await this.#queue.next(); socket !== null; socket = await this.#queue.next()) {
        yield socket;
      }
    } finally {
      this.close();
    }
  }
}

/** Connections of a listener that wait for `accept`. */
export class AcceptQueue implements Listening {
  readonly local: LocalAddress | null;
  readonly port: number;
  readonly settings: Settings;
  readonly backlog: number;
  readonly fastOpen: PendingFastOpen | null;
  readonly marks: number;
  readonly #allowHalfOpen: boolean;
  readonly #sockets: { readonly socket: Socket; readonly state: SocketState }[] = [];
  readonly #takers: ((socket: Socket | null) => void)[] = [];
  #onClose: (() => void) | null;

  /** @param onClose called once */
  constructor(
    local: LocalAddress | null,
    port: number,
    settings: Settings,
    backlog: number,
    allowHalfOpen: boolean,
    fastOpen: PendingFastOpen | null,
    marks: number,
    onClose: () => void,
  ) {
    this.local = local;
    this.port = port;
    this.settings = settings;
    this.backlog = backlog;
    this.fastOpen = fastOpen;
    this.marks = marks;
    this.#allowHalfOpen = allowHalfOpen;
    this.#onClose = onClose;
  }

  get waiting(): number {
    return this.#sockets.length;
  }

  connected(connection: Connection): void {
    const state = new SocketState(this.#allowHalfOpen);
    state.attach(connection);
    const socket = new Socket(state);
    const taker = this.#takers.shift();
    if (taker !== undefined) taker(socket);
    else this.#sockets.push({ socket, state });
  }

  /** The next socket; null once closed. Those that failed while they waited are given all the same, as by kernels. */
  next(): Promise<Socket | null> {
    const first = this.#sockets.shift();
    if (first !== undefined) return Promise.resolve(first.socket);
    if (this.#onClose === null) return Promise.resolve(null);
    return new Promise((resolve) => this.#takers.push(resolve));
  }

  close(): void {
    const onClose = this.#onClose;
    if (onClose === null) return;
    this.#onClose = null;
    onClose();
    for (const { state } of this.#sockets.splice(0)) {
      state.abort(new SocketError("closed", "the listener was closed"));
    }
    for (const taker of this.#takers.splice(0)) taker(null);
  }
}
