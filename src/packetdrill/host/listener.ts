import type { FastOpenOptions, SettingsInput } from "../../tcp/index.ts";
import type { Connection } from "./connection.ts";

/** What a listener's connections begin with. */
export interface Inheritance {
  readonly settings: SettingsInput;
  readonly fastOpen: FastOpenOptions | undefined;
}

/** A listening socket's queues: connections on their way, and those that wait for accept. */
export class Listener {
  readonly #inheritance: () => Inheritance;
  readonly #opening = new Set<Connection>();
  readonly #waiting: Connection[] = [];
  backlog: number;

  /** @param inheritance what its connections begin with, as it is when they come */
  constructor(backlog: number, inheritance: () => Inheritance) {
    this.backlog = backlog;
    this.#inheritance = inheritance;
  }

  inheritance(): Inheritance {
    return this.#inheritance();
  }

  /** A full queue drops new SYNs: their senders try again. A backlog of n lets n + 1 wait, as everywhere. */
  hasRoom(): boolean {
    return this.#waiting.length <= this.backlog;
  }

  opened(connection: Connection): void {
    if (connection.endpoint.state !== "SYN-RECEIVED") return;
    // Whose SYN brought data is there before the handshake ends (RFC 7413 3).
    if (connection.isEarly) this.#waiting.push(connection);
    else this.#opening.add(connection);
  }

  established(connection: Connection): void {
    if (this.#opening.delete(connection)) this.#waiting.push(connection);
  }

  /** A connection waits for accept. */
  get isReadable(): boolean {
    return this.#waiting.length > 0;
  }

  /** The oldest connection that waits. */
  accept(): Connection | undefined {
    return this.#waiting.shift();
  }

  /** Everything that accept has not given: the close of a listener ends it. */
  takeAll(): Connection[] {
    const all = [...this.#waiting.splice(0), ...this.#opening];
    this.#opening.clear();
    return all;
  }
}
