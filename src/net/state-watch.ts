import type { SocketAddress, StateName } from "../tcp/index.ts";
import { formatAddress } from "../wire/address.ts";
import type { Connection } from "./connection.ts";

/** A connection of a host has entered a state. */
export interface SocketStateChange {
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** SYN-RECEIVED also for a handshake that is no connection yet; CLOSED when nothing is left of it. */
  readonly state: StateName;
}

/** Tells of every change of state, before the segments that it brings about leave the host. */
export class StateWatch {
  readonly #tell: (change: SocketStateChange) => void;
  /** What was told last. */
  readonly #told = new WeakMap<Connection, StateName>();
  /** Handshakes of listeners that were told. */
  readonly #requests = new Set<string>();

  constructor(tell: (change: SocketStateChange) => void) {
    this.#tell = tell;
  }

  /** Something may have happened to a connection. */
  look(connection: Connection): void {
    this.#enter(connection, connection.endpoint.state);
  }

  /** A handshake of a listener has become a connection. */
  adopted(connection: Connection): void {
    const { local, localPort, remote, remotePort } = connection;
    if (this.#requests.delete(keyOf(String(local.address), localPort, String(remote), remotePort))) {
      this.#told.set(connection, "SYN-RECEIVED");
    }
  }

  /** The host knows a connection no more. */
  gone(connection: Connection): void {
    if (this.#told.has(connection)) this.#enter(connection, "CLOSED");
  }

  /** A listener has begun a handshake, or has given it up. */
  request(local: SocketAddress, remote: SocketAddress, isPending: boolean): void {
    const localAddress = formatAddress(local.address);
    const remoteAddress = formatAddress(remote.address);
    const key = keyOf(localAddress, local.port, remoteAddress, remote.port);
    const state = isPending ? "SYN-RECEIVED" : "CLOSED";
    if (isPending) this.#requests.add(key);
    else this.#requests.delete(key);
    this.#tell({ localAddress, localPort: local.port, remoteAddress, remotePort: remote.port, state });
  }

  #enter(connection: Connection, state: StateName): void {
    if ((this.#told.get(connection) ?? "CLOSED") === state) return;
    this.#told.set(connection, state);
    const { local, localPort, remote, remotePort } = connection;
    this.#tell({
      localAddress: String(local.address),
      localPort,
      remoteAddress: String(remote),
      remotePort,
      state,
    });
  }
}

function keyOf(localAddress: string, localPort: number, remoteAddress: string, remotePort: number): string {
  return `${localAddress} ${localPort} ${remoteAddress} ${remotePort}`;
}
