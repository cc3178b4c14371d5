import { ACK, RST, SYN, TCP_DST_PORT, TCP_OFFSET_FLAGS, TCP_SRC_PORT } from "../../assembly/layout/wire.ts";
import {
  type CloseReason,
  Endpoint,
  type SettingsInput,
  type StateName,
  type Status,
  type TcpError,
} from "../tcp/index.ts";
import { get16 } from "../wire/bytes.ts";
import { verifyChecksum } from "../wire/checksum.ts";
import { ipPacket } from "./boxes/ip.ts";
import { resetFor } from "./boxes/reset.ts";
import type { Clock } from "./clock.ts";
import type { Port, Routes, Station } from "./network.ts";
import { destinationOf, ecnOf, segmentOf, sourceOf, tcpOffset } from "./packet.ts";
import type { Random } from "./random.ts";
import type { Trace } from "./trace.ts";

/** Where a machine gets its initial sequence numbers from. */
export type IsnSource =
  /** A secret hash of the connection and a clock (RFC 6528). */
  | "rfc6528"
  /** A counter, as 4.2BSD had it: 128,000 a second, and 64,000 more with each connection. */
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
  /** It is over: with `finished` in order, else not. */
  closed?(reason: CloseReason, error: TcpError | undefined): void;
}

export interface MachineOptions extends SettingsInput {
  readonly isn?: IsnSource;
}

/** What a machine needs of its world. */
export interface Ground {
  readonly clock: Clock;
  readonly routes: Routes;
  readonly trace: Trace | undefined;
}

/** A connection of a machine, as its application has it. */
export class Connection {
  readonly machine: Machine;
  readonly endpoint: Endpoint;
  application: Application;
  /** The last state that was told. */
  told: StateName = "CLOSED";
  #timer = -1;
  #deadline = Number.POSITIVE_INFINITY;
  #isDraining = false;

  constructor(machine: Machine, endpoint: Endpoint, application: Application) {
    this.machine = machine;
    this.endpoint = endpoint;
    this.application = application;
  }

  get state(): StateName {
    return this.endpoint.state;
  }

  get status(): Status {
    return this.endpoint.status();
  }

  get localPort(): number {
    return this.status.local.port;
  }

  /** What tells it from the machine's others. */
  get socket() {
    const { local, remote } = this.status;
    return {
      localPort: local.port,
      remote: String(remote?.address ?? ""),
      remotePort: remote?.port ?? 0,
    };
  }

  /** @returns how many bytes were taken */
  send(bytes: Uint8Array): number {
    const taken = this.endpoint.send(bytes, this.machine.now);
    this.drain();
    return taken;
  }

  /** Up to `most` bytes that wait. */
  receive(most: number): Uint8Array {
    const bytes = this.endpoint.receive(most);
    this.drain();
    return bytes;
  }

  close(): void {
    this.endpoint.close(this.machine.now);
    this.drain();
  }

  abort(): void {
    this.endpoint.abort(this.machine.now);
    this.drain();
  }

  /** Tells what has happened and sends what is due. */
  drain(): void {
    if (this.#isDraining) return;
    this.#isDraining = true;
    const { machine, endpoint } = this;
    machine.noteState(this);
    for (let out = endpoint.poll(machine.now); out !== undefined; out = endpoint.poll(machine.now)) {
      machine.noteState(this);
      if (out.type === "transmit") machine.transmit(this, out.segment, out.ecn);
      else this.#tell(out.event);
    }
    machine.noteState(this);
    this.#isDraining = false;
    this.#arm();
    if (this.state === "CLOSED") machine.forget(this);
  }

  /** Stops its timer. */
  disarm(): void {
    if (this.#timer >= 0) this.machine.clock.cancel(this.#timer);
    this.#timer = -1;
    this.#deadline = Number.POSITIVE_INFINITY;
  }

  #tell(event: { readonly type: string; readonly reason?: CloseReason; readonly error?: TcpError }): void {
    const { application } = this;
    if (event.type === "established") application.opened?.();
    else if (event.type === "readable") this.#deliver();
    else if (event.type === "writable") application.writable?.();
    else if (event.type === "end") application.ended?.();
    else if (event.type === "closed") application.closed?.(event.reason!, event.error);
  }

  #deliver(): void {
    if (this.application.data === undefined) return;
    const bytes = this.endpoint.receive(1 << 30);
    if (bytes.length > 0) this.application.data(bytes);
  }

  #arm(): void {
    const at = this.endpoint.nextTimeout();
    if (at === this.#deadline) return;
    this.disarm();
    if (at === Number.POSITIVE_INFINITY) return;
    this.#deadline = at;
    this.#timer = this.machine.clock.at(at, this.#ring);
  }

  readonly #ring = (now: number): void => {
    this.#timer = -1;
    this.#deadline = Number.POSITIVE_INFINITY;
    this.endpoint.onTimeout(now);
    this.drain();
  };
}

/** Takes a connection that was opened to a listening port. @returns its application */
export type Accept = (connection: Connection) => Application;

/** A host: endpoints, told apart by address and port, with one address and as many cables as it likes. */
export class Machine implements Station {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly ports: Port[] = [];
  readonly clock: Clock;
  /** Packets that came while it was off. */
  unheard = 0;
  readonly #ground: Ground;
  readonly #random: Random;
  readonly #options: MachineOptions;
  readonly #connections = new Map<string, Connection>();
  readonly #listeners = new Map<number, { accept: Accept; settings: SettingsInput }>();
  readonly #secret: Uint8Array;
  #isOn = true;
  #opened = 0;

  constructor(
    name: string,
    addresses: readonly string[],
    options: MachineOptions,
    ground: Ground,
    random: Random,
  ) {
    this.name = name;
    this.addresses = addresses;
    this.clock = ground.clock;
    this.#ground = ground;
    this.#random = random;
    this.#options = options;
    this.#secret = random.fork("secret").fill(new Uint8Array(16));
  }

  get now(): number {
    return this.clock.now;
  }

  /** Its connections, in the order in which they were made. */
  get connections(): Connection[] {
    return [...this.#connections.values()];
  }

  /** Ports that listen. */
  get listening(): number[] {
    return [...this.#listeners.keys()];
  }

  get kind(): "host" | "off" {
    return this.#isOn ? "host" : "off";
  }

  /** Passive OPEN for whoever comes to `port`. */
  listen(port: number, accept: Accept = () => ({}), settings: SettingsInput = {}): void {
    this.#listeners.set(port, { accept, settings });
  }

  /** No longer. */
  unlisten(port: number): void {
    this.#listeners.delete(port);
  }

  /** Active OPEN. The local port is a free one of RFC 6056's range, unless it is given. */
  connect(
    address: string,
    port: number,
    application: Application = {},
    { localPort = this.#freePort(), ...settings }: SettingsInput & { readonly localPort?: number } = {},
  ): Connection {
    const connection = this.#add(localPort, address, port, application, settings);
    connection.endpoint.connect(this.now);
    connection.drain();
    return connection;
  }

  /** The power goes: its connections are gone and nobody is told; what arrives is not heard. */
  crash(): void {
    for (const connection of this.connections) connection.disarm();
    this.#connections.clear();
    this.#isOn = false;
  }

  /** It is on again, and knows of no connection. What listened listens. */
  boot(): void {
    this.#isOn = true;
  }

  receive(packet: Uint8Array, _port: Port, now: number): void {
    if (!this.#isOn) {
      this.unheard++;
      return;
    }
    const at = tcpOffset(packet);
    const segment = segmentOf(packet);
    if (segment === undefined || !this.addresses.includes(destinationOf(packet))) return;
    const from = sourceOf(packet);
    const [localPort, remotePort] = [get16(packet, at + TCP_DST_PORT), get16(packet, at + TCP_SRC_PORT)];
    const known = this.#connections.get(`${localPort} ${from} ${remotePort}`);
    const connection = known ?? this.#passive(packet, at, localPort, from, remotePort);
    if (connection === undefined) {
      this.#refuse(packet);
      return;
    }
    connection.endpoint.onSegment(segment, now, { ecn: ecnOf(packet), from });
    // A SYN that was damaged on its way has opened nothing.
    if (connection.state === "LISTEN") this.forget(connection);
    else connection.drain();
  }

  /** Puts a segment of a connection on the wire. */
  transmit(connection: Connection, segment: Uint8Array, ecn: number): void {
    const { remote } = connection.status;
    const packet = ipPacket(this.addresses[0], String(remote!.address), segment, ecn);
    this.#send(packet);
  }

  /** Writes a change of state into the trace. */
  noteState(connection: Connection): void {
    const { state } = connection;
    if (state === connection.told || (state === "LISTEN" && connection.told === "CLOSED")) return;
    connection.told = state;
    this.#ground.trace?.enter({ at: this.now, host: this.name, ...connection.socket, state });
  }

  forget(connection: Connection): void {
    const { localPort, remote, remotePort } = connection.socket;
    const key = `${localPort} ${remote} ${remotePort}`;
    if (this.#connections.get(key) !== connection) return;
    connection.disarm();
    this.#connections.delete(key);
  }

  #passive(
    packet: Uint8Array,
    at: number,
    port: number,
    from: string,
    remotePort: number,
  ): Connection | undefined {
    const listener = this.#listeners.get(port);
    if (listener === undefined || (packet[at + TCP_OFFSET_FLAGS + 1] & (SYN | ACK | RST)) !== SYN)
      return undefined;
    const connection = this.#add(port, from, remotePort, {}, listener.settings);
    connection.endpoint.listen();
    connection.application = listener.accept(connection);
    return connection;
  }

  #add(
    localPort: number,
    address: string,
    port: number,
    application: Application,
    settings: SettingsInput,
  ): Connection {
    const { isn, ...own } = this.#options;
    const sequence =
      isn === undefined || isn === "rfc6528"
        ? {}
        : { initialSequence: isn === "predictable" ? this.#counter() : isn };
    const endpoint = new Endpoint({
      ...own,
      ...settings,
      ...sequence,
      local: { address: this.addresses[0], port: localPort },
      remote: { address, port },
      secret: this.#secret,
    });
    const connection = new Connection(this, endpoint, application);
    this.#connections.set(`${localPort} ${address} ${port}`, connection);
    return connection;
  }

  /** What 4.2BSD took for a good initial sequence number. */
  #counter(): number {
    return (1 + Math.floor(this.now * 128) + 64_000 * this.#opened++) >>> 0;
  }

  /** RST for a segment of no connection, unless it was damaged. */
  #refuse(packet: Uint8Array): void {
    const addresses = { src: sourceOf(packet), dst: destinationOf(packet) };
    if (verifyChecksum(segmentOf(packet)!, addresses) !== "good") return;
    const reset = resetFor(packet);
    if (reset) this.#send(reset);
  }

  /** What is nowhere to be found goes out at the first port, as to a default gateway. */
  #send(packet: Uint8Array): void {
    const port = this.#ground.routes.of(this, packet) ?? this.ports[0];
    port?.send(packet);
  }

  #freePort(): number {
    const taken = new Set(this.connections.map(({ localPort }) => localPort));
    for (;;) {
      const port = this.#random.between(49152, 65535);
      if (!taken.has(port)) return port;
    }
  }
}
