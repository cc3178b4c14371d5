import { DEFAULTS, type FastOpenOptions, type Settings, settings } from "../tcp/index.ts";
import { addressFamily } from "../wire/address.ts";
import { Attempt, Races } from "./attempts.ts";
import type { Connection, ConnectionUser, Ends } from "./connection.ts";
import type { HostCounters } from "./counters.ts";
import { SocketError } from "./errors.ts";
import type { FastOpenListenOptions, HostOptions, ListenOptions, RemoteSocket } from "./host-options.ts";
import { Icmp } from "./icmp.ts";
import { PacketInput } from "./input.ts";
import type { LocalAddress } from "./interface.ts";
import { Interfaces } from "./interfaces.ts";
import { type IpAddress, ipAddress, isBroadcast, isMulticast, isUnspecified } from "./ip-address.ts";
import { ipMarks } from "./ip-marks.ts";
import { AcceptQueue, Listener } from "./listener.ts";
import { Listeners, type Listening } from "./listeners.ts";
import { Opener } from "./opener.ts";
import { PathMtus } from "./path-mtus.ts";
import { MOST_PENDING, PENDING_FAST_OPEN, PendingFastOpen } from "./pending-fast-open.ts";
import { platformClock, platformRandom } from "./platform.ts";
import { EphemeralPorts } from "./ports.ts";
import { Socket } from "./socket.ts";
import { type SocketOptions, socketSettings } from "./socket-options.ts";
import { SocketState } from "./socket-state.ts";
import { type SocketRow, socketRows } from "./socket-table.ts";
import { Stack } from "./stack.ts";
import { StateWatch } from "./state-watch.ts";

const BACKLOG = 511;

/** Whoever is given the connection that is made for him. */
interface Attachable extends ConnectionUser {
  attach(connection: Connection): void;
}

/** What `connect` takes beside the options of every socket. */
export interface ConnectOptions extends SocketOptions {
  /** Gives the connection up, at any time, with the signal's reason. */
  readonly signal?: AbortSignal;
  /** The port to connect from; an ephemeral one (RFC 6056) when left out. */
  readonly localPort?: number;
  /** Which of the host's addresses to connect from; the one that suits the route when left out. */
  readonly localAddress?: string;
  /**
   * TCP Fast Open (RFC 7413); false. With a cookie, which the first connection to a server's address brings, what is
   * written at once goes with the SYN, and may arrive twice. The SYN waits for it a millisecond or two. Where the path or the
   * server does not go along with it the same bytes go after the handshake.
   */
  readonly fastOpen?: boolean;
}

/**
 * An IPv4 and IPv6 host over links of packets, with TCP sockets. It needs nothing of the platform but a clock and
 * randomness, which it finds by itself in Node, Deno, Bun and browsers.
 *
 * @example
 * ```ts
 * import { Host, linkPair } from "tcpwire/net";
 *
 * const [a, b] = linkPair();
 * const server = new Host({ link: a, addresses: ["192.0.2.1/24"] });
 * const client = new Host({ link: b, addresses: ["192.0.2.2/24"] });
 *
 * const listener = server.listen({ port: 7 });
 * listener.accept().then(({ readable, writable }) => readable.pipeTo(writable)); // echo, RFC 862
 *
 * const socket = client.connect({ hostname: "192.0.2.1", port: 7 });
 * await socket.write(new TextEncoder().encode("hello"));
 * await socket.closeWriting();
 * await new Response(socket.readable).text(); // -> "hello"
 * ```
 */
export class Host {
  readonly #stack: Stack;
  readonly #interfaces: Interfaces;
  readonly #listeners: Listeners;
  readonly #opener: Opener;
  readonly #ports: EphemeralPorts;
  readonly #races: Races;
  readonly #settings: Settings;
  readonly #lookup: HostOptions["lookup"];
  /** Those whose SYN waits for data. */
  readonly #held: Connection[] = [];
  readonly #setHeldTimer: (at: number) => void;
  #isClosed = false;

  /**
   * @throws {TypeError} for an address, prefix or route that is none
   * @throws {RangeError} for an MTU or a setting out of its range
   */
  constructor(options: HostOptions) {
    const { clock = platformClock, random = platformRandom, routes = [], tcp, lookup } = options;
    this.#settings = tcp === undefined ? DEFAULTS : settings(tcp);
    this.#lookup = lookup;
    const stack = new Stack(clock, random);
    if (options.onState !== undefined) stack.watch = new StateWatch(options.onState);
    stack.chooseIsn = options.chooseIsn ?? null;
    const mtus = new PathMtus();
    this.#stack = stack;
    this.#setHeldTimer = stack.service(() => this.#release());
    this.#races = new Races(stack);
    this.#opener = new Opener(stack, mtus);
    this.#listeners = new Listeners(stack, this.#opener);
    this.#ports = new EphemeralPorts(stack, this.#listeners);
    const input = new PacketInput(stack, this.#listeners, new Icmp(stack, mtus));
    stack.input = (from, at, length) => input.arrived(from, at, length);
    this.#interfaces = new Interfaces(stack);
    for (const each of "links" in options ? options.links : [options]) this.#interfaces.add(each);
    for (const route of routes) this.#interfaces.addRoute(route);
  }

  /**
   * Connects, and returns at once: `opened` tells whether it worked. What is written before that is sent with it.
   *
   * @throws {TypeError} {RangeError} for a port or an option that is none
   */
  connect({ hostname, port }: RemoteSocket, options: ConnectOptions = {}): Socket {
    checkPort(port, 1);
    if (options.localPort !== undefined) checkPort(options.localPort, 1);
    const chosen = socketSettings(options, this.#settings);
    ipMarks(options); // misuse throws here, not when the name is known
    const state = new SocketState(options.allowHalfOpen ?? false);
    const socket = new Socket(state);
    follow(options.signal, state);
    if (this.#isClosed) state.end(new SocketError("closed", "the host is closed"));
    if (addressFamily(hostname) === 0) this.#connectByName(state, hostname, port, options, chosen);
    else this.#connectTo(state, ipAddress(hostname), port, options, chosen);
    return socket;
  }

  /**
   * Takes connections at a port.
   *
   * @throws {SocketError} `EADDRINUSE`, or `EADDRNOTAVAIL` where `hostname` is no address of the host
   * @throws {TypeError} {RangeError} for a port or an option that is none
   */
  listen(options: ListenOptions & SocketOptions = {}): Listener {
    const { hostname, backlog = BACKLOG, allowHalfOpen = false, fastOpen = false } = options;
    if (options.port !== undefined) checkPort(options.port, 0);
    if (!(backlog >= 1)) throw new RangeError(`backlog: ${backlog} is not at least 1`);
    if (this.#isClosed) throw new SocketError("closed", "the host is closed");
    const local = hostname === undefined ? null : this.#own(hostname);
    const port = options.port || this.#ports.forListener();
    const chosen = socketSettings(options, this.#settings);
    const marks = ipMarks(options);
    const close = (): void => this.#listeners.remove(queue);
    const pending = pendingOf(fastOpen, chosen);
    const queue = new AcceptQueue(local, port, chosen, backlog, allowHalfOpen, pending, marks, close);
    if (!this.#listeners.add(queue))
      throw new SocketError("addressInUse", `somebody listens at port ${port}`);
    return new Listener(queue);
  }

  /**
   * `connect` for a user who is called, at once, not awaited: where time stands still meanwhile.
   * @internal
   * @throws {SocketError} where there is no way, or no port
   */
  connectFor(user: Attachable, { hostname, port }: RemoteSocket, options: ConnectOptions = {}): void {
    const chosen = socketSettings(options, this.#settings);
    this.#open(this.#ends(ipAddress(hostname), port, options), chosen, user, ipMarks(options));
  }

  /**
   * `listen` in the same way: `connected` has to set the connection's user.
   * @internal
   * @returns what ends it
   */
  listenFor(
    connected: (connection: Connection) => void,
    port: number,
    options: SocketOptions = {},
  ): () => void {
    const close = (): void => this.#listeners.remove(listening);
    const listening: Listening = {
      local: null,
      port,
      settings: socketSettings(options, this.#settings),
      backlog: BACKLOG,
      fastOpen: null,
      marks: ipMarks(options),
      waiting: 0,
      connected,
      close,
    };
    if (!this.#listeners.add(listening))
      throw new SocketError("addressInUse", `somebody listens at port ${port}`);
    return close;
  }

  /**
   * Changes the key that Fast Open cookies for our clients are made with (RFC 7413 4.1.2), which bounds for how long a
   * stolen one is of use. Cookies by the key before go on being accepted, and their bearers are given new ones; those by
   * keys before that one cost their bearers a round trip. Machines that share an address share the key.
   *
   * @param key 16 secret bytes; random ones when left out, as the first key is
   * @throws {TypeError} for any other length
   */
  setFastOpenKey(key?: Uint8Array): void {
    this.#stack.cookies.setKey(key);
  }

  /**
   * Every socket with its queues, its state and the timer that it waits for: what `netstat -napo` shows. See
   * `formatSockets`.
   */
  sockets(): SocketRow[] {
    return socketRows(this.#stack, this.#listeners);
  }

  /** What the host has seen and done so far. */
  get counters(): Readonly<HostCounters> {
    return { ...this.#stack.counters };
  }

  /** Ends every connection with RST, every listener, and the links. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const reason = new SocketError("closed", "the host was closed");
    for (const listening of [...this.#listeners]) listening.close();
    for (const connection of [...this.#stack.connections]) {
      if (connection === null || connection.id < 0) continue;
      const { user } = connection;
      if (user instanceof SocketState || user instanceof Attempt) user.abort(reason);
      else connection.abort();
    }
    this.#stack.close();
  }

  async #connectByName(
    state: SocketState,
    hostname: string,
    port: number,
    options: ConnectOptions,
    chosen: Settings,
  ): Promise<void> {
    try {
      const found = hostname === "localhost" ? ["127.0.0.1"] : await this.#lookup?.(hostname);
      const texts = typeof found === "string" ? [found] : [...new Set(found)];
      if (texts.length === 0) throw new SocketError("nameNotFound", `${hostname}: no address is known`);
      if (this.#isClosed) throw new SocketError("closed", "the host was closed");
      if (state.isClosed) return;
      const addresses = texts.map(ipAddress);
      // What goes with the SYN must not go to two.
      if (addresses.length === 1 || options.fastOpen) {
        this.#connectTo(state, addresses[0], port, options, chosen);
        return;
      }
      this.#races.start(state, hostname, addresses, (remote, attempt) => {
        this.#open(this.#ends(remote, port, options), chosen, attempt, ipMarks(options));
      });
    } catch (error) {
      state.end(
        error instanceof SocketError
          ? error
          : new SocketError("nameNotFound", `${hostname}: the look-up failed`, error),
      );
    }
  }

  #connectTo(
    state: SocketState,
    remote: IpAddress,
    remotePort: number,
    options: ConnectOptions,
    chosen: Settings,
  ): void {
    if (state.isClosed) return;
    try {
      const ends = this.#ends(remote, remotePort, options);
      const { cookies, now } = this.#stack;
      const fastOpen = options.fastOpen ? cookies.optionsFor(remote, now) : undefined;
      this.#open(ends, chosen, state, ipMarks(options), fastOpen);
    } catch (error) {
      if (!(error instanceof SocketError)) throw error;
      state.end(error);
    }
  }

  #open(ends: Ends, chosen: Settings, user: Attachable, marks: number, fastOpen?: FastOpenOptions): void {
    this.#stack.step(() => {
      const connection = this.#opener.open(ends, chosen, user, fastOpen);
      connection.marks = marks;
      user.attach(connection);
      connection.endpoint.connect(this.#stack.now);
      connection.isFastOpen = fastOpen !== undefined;
      if (fastOpen?.cookie !== undefined) this.#hold(connection);
    });
  }

  /** The SYN waits for the first write, until the next tick. */
  #hold(connection: Connection): void {
    connection.isHeld = true;
    if (this.#held.push(connection) === 1) this.#setHeldTimer(this.#stack.now);
  }

  #release(): void {
    for (const connection of this.#held.splice(0)) {
      if (connection.isHeld) this.#stack.wake(connection);
    }
  }

  #ends(remote: IpAddress, remotePort: number, { localAddress, localPort }: ConnectOptions): Ends {
    const { addresses, routes, table } = this.#stack;
    if (isUnspecified(remote) || isMulticast(remote) || addresses.some((own) => isBroadcast(remote, own))) {
      // RFC 9293 MUST-46.
      throw new SocketError("noRoute", `${remote} is not the address of one host`);
    }
    const route = routes.find(remote);
    if (route === null) throw new SocketError("noRoute", `no route leads to ${remote}`);
    if (route.interface.isDown) {
      throw new SocketError("linkDown", `the link that leads to ${remote} has ended`);
    }
    const local =
      localAddress === undefined ? this.#interfaces.sourceFor(route, remote) : this.#own(localAddress);
    if (local === undefined || local.address.family !== remote.family) {
      throw new SocketError("addressNotAvailable", `no address of the host's reaches ${remote}`);
    }
    const port = localPort ?? this.#ports.next(local, remote, remotePort);
    const ports = (port << 16) | remotePort;
    const { w0, w1, w2, w3 } = remote;
    if (port === 0 || table.find(local.index, w0, w1, w2, w3, ports) >= 0) {
      throw new SocketError("addressInUse", `no port is left to connect from to ${remote}:${remotePort}`);
    }
    return { local, localPort: port, remote, remotePort, route };
  }

  #own(text: string): LocalAddress {
    const address = ipAddress(text);
    const local = this.#stack.addresses.find((each) => each.address.equals(address));
    if (local === undefined) {
      throw new SocketError("addressNotAvailable", `${text} is no address of the host's`);
    }
    return local;
  }
}

function pendingOf(fastOpen: boolean | FastOpenListenOptions, chosen: Settings): PendingFastOpen | null {
  if (fastOpen === false) return null;
  const { pending = PENDING_FAST_OPEN } = fastOpen === true ? {} : fastOpen;
  if (!(Number.isInteger(pending) && pending >= 1 && pending <= MOST_PENDING)) {
    throw new RangeError(`fastOpen.pending: ${pending} is not 1 to ${MOST_PENDING}`);
  }
  return new PendingFastOpen(pending, chosen);
}

function checkPort(port: number, least: number): void {
  if (!(Number.isInteger(port) && port >= least && port <= 0xffff)) {
    throw new RangeError(`port: ${port} is not ${least} to 65535`);
  }
}

/** Aborts with the signal, until the connection is over. */
function follow(signal: AbortSignal | undefined, state: SocketState): void {
  if (signal === undefined) return;
  const abort = (): void => state.abort(signal.reason);
  if (signal.aborted) abort();
  else {
    signal.addEventListener("abort", abort, { once: true });
    state.onceClosed = () => signal.removeEventListener("abort", abort);
  }
}
