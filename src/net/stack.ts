import { IPPROTO_TCP, IPV4_HEADER_MIN, IPV6_HEADER } from "../../assembly/layout/wire.ts";
import type { TcpEvent } from "../tcp/index.ts";
import type { SipKey } from "../tcp/siphash.ts";
import { type RingPool, sharedRings } from "../wasm/rings.ts";
import type { Clock, Timer } from "./clock.ts";
import type { Connection, ConnectionOwner } from "./connection.ts";
import { HostCounters } from "./counters.ts";
import { FastOpenCookies } from "./fastopen-cookies.ts";
import type { Interface, LocalAddress } from "./interface.ts";
import { IpOutput } from "./ip-output.ts";
import { Routes } from "./routes.ts";
import type { StateWatch } from "./state-watch.ts";
import { ConnectionTable } from "./table.ts";
import { NEVER, TimerWheel } from "./wheel.ts";

/** Packets that are taken in before they are answered. */
const BATCH = 32;
const LARGEST_PACKET = 65536;
/** Connections kept in TIME-WAIT; the oldest makes room, as with tcp_max_tw_buckets. */
const MOST_TIME_WAITS = 16384;
/** Timers that belong to no connection have the first ids of the wheel. */
const SERVICES = 64;

/** Takes an IP packet (or Ethernet frame) of `length` bytes at `at` in memory. */
export type Input = (from: Interface, at: number, length: number) => void;

/**
 * What all of a host shares: its memory, its time, its connections, and the order in which things are done.
 *
 * Whatever happens (a packet, a timer, a call) only marks connections as due; once a batch of packets is in, each
 * connection that is due tells its user what is new, sends what it owes, and has its timer set. So a burst of
 * segments costs one acknowledgment, one wake-up of its reader, and one look at the clock.
 */
export class Stack implements ConnectionOwner {
  readonly clock: Clock;
  readonly random: () => number;
  /** The key of RFC 6528. */
  readonly secret: SipKey;
  readonly pool: RingPool = sharedRings();
  readonly counters = new HostCounters();
  readonly output = new IpOutput(this.pool, this.counters);
  readonly interfaces: Interface[] = [];
  readonly addresses: LocalAddress[] = [];
  readonly routes = new Routes();
  readonly cookies: FastOpenCookies;
  readonly table: ConnectionTable;
  readonly connections: (Connection | null)[] = [];
  /** Who is told of states. */
  watch: StateWatch | null = null;
  /** Who chooses initial sequence numbers, in place of RFC 6528. */
  chooseIsn: ((now: number) => number) | null = null;
  /** Who counts connections that began with a SYN's data; told what becomes of their handshake. */
  earlyEnded: (connection: Connection, isComplete: boolean) => void = () => {};
  /** What is done with packets that arrive. */
  input: Input = () => {};

  readonly #wheel: TimerWheel;
  readonly #timer: Timer;
  readonly #services: (() => void)[] = [];
  readonly #due: Connection[] = [];
  #dueCount = 0;
  #now: number;
  #isBusy = false;
  #isClosed = false;
  #inBatch = 0;
  #armed = NEVER;
  #armedIdle = true;
  #sending: Connection | null = null;
  /** Connections in TIME-WAIT, the oldest first. */
  readonly #timeWaits = new Set<Connection>();
  /** Connections with something to send that no link takes now. */
  readonly #blocked = new Set<Connection>();

  constructor(clock: Clock, random: () => number) {
    this.clock = clock;
    this.random = random;
    this.secret = Int32Array.of(random(), random(), random(), random());
    this.cookies = new FastOpenCookies(random);
    this.table = new ConnectionTable(random);
    this.#now = clock.now();
    this.#wheel = new TimerWheel(this.#now);
    this.#timer = clock.timer(() => this.#timedOut());
  }

  /** The time of what is being done, or else the clock's. */
  get now(): number {
    return this.#isBusy || this.#inBatch > 0 ? this.#now : this.clock.now();
  }

  /** A packet has arrived on `from`. Its bytes are borrowed. */
  arrived(from: Interface, packet: Uint8Array, more: boolean): void {
    if (this.#isClosed) return;
    this.counters.packetsIn++;
    if (packet.length > LARGEST_PACKET) this.counters.malformed++;
    else if (this.#isBusy) from.keep(packet);
    else this.#take(from, packet, more);
  }

  /** Does `work` as one step: all that it asks of connections is sent at its end. */
  step(work: () => void): void {
    if (this.#isBusy) {
      work();
      return;
    }
    this.#isBusy = true;
    this.#now = this.clock.now();
    try {
      work();
      this.#settle();
    } finally {
      this.#isBusy = false;
    }
  }

  wake(connection: Connection): void {
    connection.isHeld = false;
    this.mark(connection);
    if (this.#isBusy) return;
    this.#isBusy = true;
    if (this.#inBatch === 0) this.#now = this.clock.now();
    try {
      this.#settle();
    } finally {
      this.#isBusy = false;
    }
  }

  /** A connection has something to tell or to send; it gets its turn before the current step ends. */
  mark(connection: Connection): void {
    if (connection.isDue) return;
    connection.isDue = true;
    this.#due[this.#dueCount++] = connection;
  }

  /** A link has ended: connections by it are over. */
  ended(gone: Interface, cause: unknown): void {
    if (this.#isClosed || gone.isDown) return;
    gone.isDown = true;
    this.step(() => {
      for (const connection of this.connections) {
        if (connection?.route.interface === gone) connection.cutOff(cause);
      }
    });
  }

  /** No packet goes or comes any more, and no timer runs. */
  close(): void {
    this.#isClosed = true;
    this.output.close();
    this.#timer.set(NEVER, true);
    for (const each of this.interfaces) {
      each.link.close?.();
      each.release();
    }
  }

  /** Puts a connection into the timer wheel's and the table's care. */
  adopt(connection: Connection): void {
    this.connections[connection.id] = connection;
    this.mark(connection);
  }

  /** A timer of the host itself: returns what sets it. `run` is called within a step. */
  service(run: () => void): (at: number) => void {
    const id = this.#services.push(run) - 1;
    if (id >= SERVICES) throw new RangeError("a host has no more than some 60 links");
    return (at) => this.#wheel.set(id, at);
  }

  /** A link takes packets again, or a station has answered: connections that were held back get their turn. */
  resume(): void {
    this.step(() => this.#retry());
  }

  #take(from: Interface, packet: Uint8Array, more: boolean): void {
    this.#isBusy = true;
    if (this.#inBatch === 0) this.#now = this.clock.now();
    try {
      this.input(from, this.pool.inbound.lay(packet), packet.length);
      if (!more || ++this.#inBatch === BATCH) this.#settle();
    } finally {
      this.#isBusy = false;
    }
  }

  #settle(): void {
    this.#inBatch = 0;
    do {
      for (let i = 0; i < this.#dueCount; i++) this.#serve(this.#due[i]);
      // A crowd that was due once would be held here for ever.
      if (this.#dueCount > BATCH) this.#due.length = 0;
      this.#dueCount = 0;
      for (const each of this.interfaces) each.flush();
    } while (this.#takeKept() || this.#dueCount > 0);
    this.#arm();
  }

  /** Takes in what arrived meanwhile. */
  #takeKept(): boolean {
    let any = false;
    for (const each of this.interfaces) {
      const { backlog } = each;
      if (backlog === null) continue;
      for (let n = 0; n < BATCH && backlog.length > 0; n++, backlog.shift()) {
        this.input(each, backlog.address, backlog.byteLength);
        any = true;
      }
    }
    if (any) this.#retry();
    return any;
  }

  /** Connections that were held back try again. */
  #retry(): void {
    for (const connection of this.#blocked) this.mark(connection);
    this.#blocked.clear();
  }

  #serve(connection: Connection): void {
    const { endpoint } = connection;
    connection.isDue = false;
    if (connection.id < 0 || connection.isHeld) return;
    this.watch?.look(connection);
    for (let event = endpoint.nextEvent(); event !== undefined; event = endpoint.nextEvent()) {
      this.#tell(connection, event);
    }
    const { largest } = connection.route.interface;
    const header = connection.remote.family === 4 ? IPV4_HEADER_MIN : IPV6_HEADER;
    this.#sink.longest = Math.max(0, largest - header);
    this.#sending = connection;
    endpoint.output(this.#sink, this.#now);
    for (let event = endpoint.nextEvent(); event !== undefined; event = endpoint.nextEvent()) {
      this.#tell(connection, event);
    }
    if (connection.id < 0) return;
    this.watch?.look(connection);
    if (connection.isEnding && !connection.isOver) this.#lookForEnd(connection);
    const at = endpoint.nextTimeout();
    const id = SERVICES + connection.id;
    // Deadlines move with each segment, mostly outwards: a timer that rings too early is set again then.
    if (at < this.#wheel.deadline(id) || at === NEVER) this.#wheel.set(id, at);
  }

  #tell(connection: Connection, event: TcpEvent): void {
    const { endpoint, user } = connection;
    switch (event.type) {
      case "established":
        if (connection.isEarly) this.earlyEnded(connection, true);
        if (connection.isFastOpen) {
          this.cookies.tried(connection.remote, endpoint.status().options.fastOpen, this.#now);
        }
        user?.opened();
        break;
      case "cookie":
        this.cookies.note(connection.remote, event.cookie, event.mss);
        break;
      case "readable":
        if (connection.isDiscarding) connection.drain();
        else user?.readable();
        break;
      case "writable":
        user?.writable();
        break;
      case "end":
        connection.isEnding = true;
        user?.ended();
        break;
      case "closed":
        this.forget(connection);
        if (event.reason === "finished") user?.finished();
        else user?.failed(event.reason, event.error);
        break;
    }
  }

  #lookForEnd(connection: Connection): void {
    const { endpoint } = connection;
    const { state } = endpoint;
    // All of ours has arrived. Whoever has closed need not wait for ever for the peer to do so too.
    if (state === "FIN-WAIT-2" && connection.isDiscarding) endpoint.stopReceiving(this.#now);
    else if (state === "TIME-WAIT") this.#over(connection);
  }

  /** TIME-WAIT: its user is done with it; only late segments of the peer still find it. */
  #over(connection: Connection): void {
    const { user } = connection;
    connection.isOver = true;
    connection.user = null;
    this.#timeWaits.add(connection);
    if (this.#timeWaits.size > MOST_TIME_WAITS) {
      const [oldest] = this.#timeWaits;
      this.forget(oldest);
    }
    user?.finished();
  }

  /** Takes a connection out of the host. */
  forget(connection: Connection): void {
    if (connection.id < 0) return;
    if (connection.isEarly) this.earlyEnded(connection, false);
    this.#timeWaits.delete(connection);
    connection.user = null;
    this.#blocked.delete(connection);
    this.#wheel.set(SERVICES + connection.id, NEVER);
    this.table.remove(connection.id);
    this.connections[connection.id] = null;
    connection.id = -1;
    this.watch?.gone(connection);
  }

  #timedOut(): void {
    this.#armed = NEVER;
    this.step(() => this.#wheel.advance(this.#now, this.#ring));
  }

  readonly #ring = (id: number): void => {
    if (id < SERVICES) {
      this.#services[id]();
      return;
    }
    const connection = this.connections[id - SERVICES];
    if (connection === null) return;
    connection.endpoint.onTimeout(this.#now);
    this.mark(connection);
  };

  /** One timer for all: moved inwards only, for a wake-up too early costs less than moving it each time. */
  #arm(): void {
    if (this.#isClosed) return;
    const at = this.#wheel.next();
    const isIdle = this.table.size === this.#timeWaits.size;
    if (at >= this.#armed && isIdle === this.#armedIdle && at !== NEVER) return;
    if (at === NEVER && this.#armed === NEVER) return;
    this.#armed = at;
    this.#armedIdle = isIdle;
    this.#timer.set(at, isIdle);
  }

  readonly #sink = {
    longest: 0,
    reserve: (length: number, size: number): number => {
      const { route, remote } = this.#sending!;
      const at = this.output.reserve(route, remote, length, size);
      if (at === 0) this.#blocked.add(this.#sending!);
      return at;
    },
    commit: (at: number, length: number, ecn: number, size: number): void => {
      const { route, local, remote, marks } = this.#sending!;
      if (this.watch !== null) {
        // What went before belongs to the state before.
        route.interface.flush();
        this.watch.look(this.#sending!);
      }
      this.output.commit(route, local.address, remote, at, length, IPPROTO_TCP, ecn, marks, size);
    },
  };
}
