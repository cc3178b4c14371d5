import type { Connection as HostConnection } from "../net/connection.ts";
import { type ConnectOptions, Host, type SocketRow } from "../net/index.ts";
import type { CloseReason, SettingsInput, StateName, Status, TcpError } from "../tcp/index.ts";
import type { Clock } from "./clock.ts";
import { type Ground, Place } from "./place.ts";
import type { Random } from "./random.ts";

/** Where a machine gets its initial sequence numbers from. */
export type IsnSource =
  /** A secret hash of the connection and a clock (RFC 6528). */
  | "rfc6528"
  /** A counter, as 4.4BSD had it: 128,000 a second, and 64,000 more with each connection. */
  | "predictable"
  /** This number, always. */
  | number;

/** What its application hears of a connection. All may be left out. */
export interface Application {
  opened?(): void;
  /** Bytes have arrived; without it they wait until `receive` is called. */
  data?(bytes: Uint8Array): void;
  writable?(): void;
  /** The peer has closed: nothing follows. */
  ended?(): void;
  /** It is over: with `finished` in order (TIME-WAIT may be left), else not. */
  closed?(reason: CloseReason, error: TcpError | undefined): void;
}

export interface MachineOptions extends SettingsInput {
  readonly isn?: IsnSource;
}

/** A connection of a machine, as its application has it. */
export class Connection {
  readonly machine: Machine;
  application: Application;
  #connection: HostConnection | undefined;

  constructor(machine: Machine, application: Application) {
    this.machine = machine;
    this.application = application;
  }

  /** The host's, once it is there. */
  get #own(): HostConnection {
    return this.#connection!;
  }

  get state(): StateName {
    return this.#own.endpoint.state;
  }

  get status(): Status {
    return this.#own.endpoint.status();
  }

  get localPort(): number {
    return this.#own.localPort;
  }

  /** What tells it from the machine's others. */
  get socket() {
    const { localPort, remote, remotePort } = this.#own;
    return { localPort, remote: String(remote), remotePort };
  }

  /** @returns how many bytes were taken */
  send(bytes: Uint8Array): number {
    return this.#own.send(bytes);
  }

  /** Up to `most` bytes that wait. */
  receive(most: number): Uint8Array {
    const bytes = new Uint8Array(Math.min(most, this.#own.endpoint.readable));
    return bytes.subarray(0, this.#own.receive(bytes));
  }

  close(): void {
    this.#own.close();
  }

  abort(): void {
    this.#own.abort();
  }

  // What the host tells it (`ConnectionUser`).

  /** @internal */
  attach(connection: HostConnection): void {
    this.#connection = connection;
    connection.user = this;
    this.machine.adopt(this);
  }

  /** @internal */
  opened(): void {
    this.application.opened?.();
  }

  /** @internal */
  readable(): void {
    if (this.application.data === undefined) return;
    const bytes = this.receive(Number.POSITIVE_INFINITY);
    if (bytes.length > 0) this.application.data(bytes);
  }

  /** @internal */
  writable(): void {
    this.application.writable?.();
  }

  /** @internal */
  ended(): void {
    this.application.ended?.();
  }

  /** @internal */
  finished(): void {
    this.failed("finished", undefined);
  }

  /** @internal */
  failed(reason: CloseReason, error: TcpError | undefined): void {
    this.machine.forget(this, () => this.application.closed?.(reason, error));
  }

  /** @internal */
  cutOff(): void {
    this.machine.forget(this);
  }
}

/** Takes a connection that was opened to a listening port. @returns its application */
export type Accept = (connection: Connection) => Application;

/**
 * A computer in a world: a `Host` of tcpwire/net in its place, and applications that are called, at once, with what
 * happens to their connections: nothing has to be awaited, so that time stands still where a story tells something.
 */
export class Machine extends Place {
  readonly #clock: Clock;
  readonly #options: MachineOptions;
  readonly #listening = new Map<number, { accept: Accept; settings: SettingsInput; stop: () => void }>();
  readonly #connections = new Set<Connection>();
  #host: Host;
  #opened = 0;

  constructor(
    name: string,
    addresses: readonly string[],
    options: MachineOptions,
    ground: Ground,
    random: Random,
  ) {
    super(name, addresses, 1500, ground, random);
    this.#clock = ground.clock;
    this.#options = options;
    this.#host = this.#start();
  }

  /** The host that runs on it. */
  get host(): Host {
    return this.#host;
  }

  get now(): number {
    return this.#clock.now;
  }

  /** Connections that its applications have, in the order in which they came about. */
  get connections(): Connection[] {
    return [...this.#connections];
  }

  /** What `netstat -napo` shows there. */
  sockets(): SocketRow[] {
    return this.#host.sockets();
  }

  /** Passive OPEN for whoever comes to `port`, in place of who listened there before. `accept` is called with each connection that stands. */
  listen(port: number, accept: Accept = () => ({}), settings: SettingsInput = {}): void {
    this.unlisten(port);
    this.#listening.set(port, { accept, settings, stop: this.#serve(port, accept, settings) });
  }

  /** No longer. */
  unlisten(port: number): void {
    this.#listening.get(port)?.stop();
    this.#listening.delete(port);
  }

  /** Active OPEN. */
  connect(
    address: string,
    port: number,
    application: Application = {},
    { localPort, ...tcp }: SettingsInput & { readonly localPort?: number } = {},
  ): Connection {
    const connection = new Connection(this, application);
    const options: ConnectOptions = { ...(localPort === undefined ? {} : { localPort }), tcp };
    this.#host.connectFor(connection, { hostname: address, port }, options);
    return connection;
  }

  /** The power goes: its connections are gone and nobody is told; what arrives is not heard. */
  crash(): void {
    this.turnOff();
    for (const connection of this.#connections) connection.application = {};
    this.#host.close();
  }

  /** It is on again, and knows of no connection. What listened listens. */
  boot(): void {
    this.turnOn();
    this.#host = this.#start();
    for (const [port, { accept, settings }] of [...this.#listening]) this.listen(port, accept, settings);
  }

  /** @internal An application has it. */
  adopt(connection: Connection): void {
    this.#connections.add(connection);
  }

  /** @internal It is over, or belongs to no application any more. `tell` comes behind the RST that goes with the end. */
  forget(connection: Connection, tell: () => void = () => {}): void {
    this.#connections.delete(connection);
    this.#clock.at(this.now, tell);
  }

  #start(): Host {
    const { isn = "rfc6528", ...tcp } = this.#options;
    const chooseIsn =
      isn === "rfc6528" ? undefined : isn === "predictable" ? () => this.#counter() : () => isn;
    const { link, addresses, clock, random, onState } = this;
    return new Host({ link, addresses, clock, random, onState, chooseIsn, tcp });
  }

  #serve(port: number, accept: Accept, tcp: SettingsInput): () => void {
    return this.#host.listenFor(
      (own) => {
        const connection = new Connection(this, {});
        connection.attach(own);
        connection.application = accept(connection);
      },
      port,
      { tcp },
    );
  }

  /** What 4.4BSD took for a good initial sequence number. */
  #counter(): number {
    return (1 + Math.floor(this.now * 128) + 64_000 * this.#opened++) >>> 0;
  }
}
