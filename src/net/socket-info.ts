import type { SocketState } from "./socket-state.ts";
import { streamsOf } from "./socket-streams.ts";

/** What `opened` resolves to: who talks to whom, and the streams (as in WICG Direct Sockets). */
export interface SocketInfo {
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
}

/** Nothing of it is there before it is asked for. */
export class OpenedSocket implements SocketInfo {
  readonly #state: SocketState;

  /** @param state has its connection */
  constructor(state: SocketState) {
    this.#state = state;
  }

  get localAddress(): string {
    return String(this.#state.connection!.local.address);
  }

  get localPort(): number {
    return this.#state.connection!.localPort;
  }

  get remoteAddress(): string {
    return String(this.#state.connection!.remote);
  }

  get remotePort(): number {
    return this.#state.connection!.remotePort;
  }

  get readable(): ReadableStream<Uint8Array> {
    return streamsOf(this.#state).readable;
  }

  get writable(): WritableStream<Uint8Array> {
    return streamsOf(this.#state).writable;
  }
}
