import { ACK, IPPROTO_TCP, RST, SYN, TCP_OFFSET_FLAGS, TCP_SRC_PORT } from "../../assembly/layout/wire.ts";
import { type PendingRequest, type SegmentSink, type Settings, SynCache } from "../tcp/index.ts";
import type { Address } from "../wire/address.ts";
import type { Connection } from "./connection.ts";
import type { LocalAddress } from "./interface.ts";
import { IpAddress, ipAddress } from "./ip-address.ts";
import { UNMARKED } from "./ip-marks.ts";
import type { IpPacket } from "./ip-packet.ts";
import type { Opener } from "./opener.ts";
import type { PendingFastOpen } from "./pending-fast-open.ts";
import type { Route } from "./routes.ts";
import type { Stack } from "./stack.ts";
import { NEVER } from "./wheel.ts";

/** Somebody who takes connections at a port. */
export interface Listening {
  /** Null for any address of the host. */
  readonly local: LocalAddress | null;
  readonly port: number;
  readonly settings: Settings;
  /** Connections that may wait to be accepted. */
  readonly backlog: number;
  /** What counts the connections that SYNs with data begin (RFC 7413); null where it takes none. */
  readonly fastOpen: PendingFastOpen | null;
  /** DSCP and TTL of what its connections send; see `ipMarks`. */
  readonly marks: number;
  /** Those that wait. */
  readonly waiting: number;
  /** A connection stands. Its user must be set before the call returns. */
  connected(connection: Connection): void;
  /** The host is closed. */
  close(): void;
}

/** Who listens where, and the connections that have not yet come about. */
export class Listeners {
  readonly #stack: Stack;
  readonly #opener: Opener;
  readonly #byPort = new Map<number, Listening[]>();
  /** Handshakes under way, by the settings that their connections will have: listeners that share these share it. */
  readonly #caches = new Map<Settings, SynCache>();
  /** ... and of those who take data with SYNs. */
  readonly #fastCaches = new Map<Settings, SynCache>();
  /** Who counts a connection that began with a SYN's data. */
  readonly #early = new Map<Connection, PendingFastOpen>();
  /** Who counts those of the listener that a segment has just arrived for. */
  #pending: PendingFastOpen | null = null;
  readonly #setTimer: (at: number) => void;
  readonly #sink: ReplySink;
  #timerAt = NEVER;

  constructor(stack: Stack, opener: Opener) {
    this.#stack = stack;
    this.#opener = opener;
    this.#sink = new ReplySink(stack, (local, port) => this.find(local, port)?.marks ?? UNMARKED);
    this.#setTimer = stack.service(() => this.#timedOut());
    stack.earlyEnded = (connection, isComplete) => this.#earlyEnded(connection, isComplete);
  }

  /** Returns false when another listens there already. */
  add(listening: Listening): boolean {
    const there = this.#byPort.get(listening.port) ?? [];
    if (there.some(({ local }) => local === null || listening.local === null || local === listening.local)) {
      return false;
    }
    this.#byPort.set(listening.port, [...there, listening]);
    return true;
  }

  remove(listening: Listening): void {
    const left = (this.#byPort.get(listening.port) ?? []).filter((other) => other !== listening);
    if (left.length > 0) this.#byPort.set(listening.port, left);
    else this.#byPort.delete(listening.port);
  }

  /** Who takes connections to this socket: who asked for the address first, then who takes any. */
  find({ address }: Pick<LocalAddress, "address">, port: number): Listening | undefined {
    const there = this.#byPort.get(port);
    return (
      there?.find((each) => each.local?.address.equals(address)) ?? there?.find((each) => each.local === null)
    );
  }

  /** Whether somebody listens at the port, at whatever address. */
  hasPort(port: number): boolean {
    return this.#byPort.has(port);
  }

  *[Symbol.iterator](): Iterator<Listening> {
    for (const there of this.#byPort.values()) yield* there;
  }

  /** Handshakes that wait for the peer's acknowledgment. */
  *requests(): Generator<PendingRequest> {
    for (const cache of this.#all()) yield* cache.requests();
  }

  /**
   * A segment that belongs to no connection. Returns false when no listener wants it, and it is to be answered with
   * RST. `ports` has ours in the upper half.
   */
  arrived(packet: IpPacket, local: LocalAddress, ports: number): boolean {
    const localPort = ports >>> 16;
    const listening = this.find(local, localPort);
    if (listening === undefined) return false;
    const stack = this.#stack;
    const { counters, pool, now } = stack;
    const flags = pool.memory.dv.getUint16(packet.payload + TCP_OFFSET_FLAGS);
    if (listening.waiting >= listening.backlog && !(flags & RST)) {
      counters.synsDropped++; // the client tries again
      return true;
    }
    const remote = new IpAddress(packet.family, packet.s0, packet.s1, packet.s2, packet.s3);
    const route = stack.routes.find(remote);
    if (route === null) {
      counters.undeliverable++;
      return true;
    }
    const cache = this.#cacheFor(this.#opener.fitted(listening.settings, route), listening.fastOpen !== null);
    this.#pending = listening.fastOpen;
    const sent = cache.counters.cookiesSent;
    const taken = cache.counters.cookiesAccepted;
    this.#sink.aim(route, local.address, remote);
    const endpoint = cache.onSegmentAt(
      packet.payload,
      packet.length,
      local.address.value,
      remote.value,
      now,
      packet.ecn,
    );
    counters.cookiesSent += cache.counters.cookiesSent - sent;
    counters.cookiesTaken += cache.counters.cookiesAccepted - taken;
    if (endpoint !== undefined) {
      const ends = { local, localPort, remote, remotePort: ports & 0xffff, route };
      const connection = this.#opener.adopt(endpoint, ends);
      connection.marks = listening.marks;
      connection.receivedDscp = packet.dscp;
      if (endpoint.state === "SYN-RECEIVED" && listening.fastOpen !== null) {
        connection.isEarly = true;
        listening.fastOpen.add(connection, now);
        this.#early.set(connection, listening.fastOpen);
      }
      listening.connected(connection);
    } else if ((flags & (SYN | ACK)) === SYN) this.#setTimerFor(cache);
    return true;
  }

  *#all(): Generator<SynCache> {
    yield* this.#caches.values();
    yield* this.#fastCaches.values();
  }

  #cacheFor(settings: Settings, isFast: boolean): SynCache {
    const caches = isFast ? this.#fastCaches : this.#caches;
    let cache = caches.get(settings);
    if (cache === undefined) {
      this.#dropIdle();
      const { secret, pool, cookies, chooseIsn, watch } = this.#stack;
      const route = (local: Address, remote: Address): SegmentSink => this.#sink.aimed(local, remote);
      const fastOpen = isFast
        ? {
            cookieFor: cookies.cookieFor,
            previousCookieFor: cookies.previousCookieFor,
            mayAccept: () => this.#pending?.hasRoom(this.#stack.now) === true,
          }
        : undefined;
      const onRequest = watch === null ? undefined : watch.request.bind(watch);
      cache = new SynCache(
        { settings, secret, route, fastOpen, chooseIsn: chooseIsn ?? undefined, onRequest },
        pool,
      );
      caches.set(settings, cache);
    }
    return cache;
  }

  /** Listeners come and go, each with settings of its own: what they leave is dropped before there is more. */
  #dropIdle(): void {
    for (const caches of [this.#caches, this.#fastCaches]) {
      for (const [settings, cache] of caches) if (cache.isIdle(this.#stack.now)) caches.delete(settings);
    }
  }

  #earlyEnded(connection: Connection, isComplete: boolean): void {
    connection.isEarly = false;
    const pending = this.#early.get(connection);
    this.#early.delete(connection);
    if (isComplete) pending?.completed(connection);
    else pending?.ended(connection);
  }

  /** A new request is due later than those before it: the timer need only be set when it is not running. */
  #setTimerFor(cache: SynCache): void {
    if (this.#timerAt !== NEVER) return;
    this.#timerAt = cache.nextTimeout();
    this.#setTimer(this.#timerAt);
  }

  #timedOut(): void {
    this.#timerAt = NEVER;
    this.#sink.forget();
    for (const cache of this.#all()) {
      cache.onTimeout(this.#stack.now);
      this.#timerAt = Math.min(this.#timerAt, cache.nextTimeout());
    }
    this.#setTimer(this.#timerAt);
  }
}

/** Sends the segments of handshakes, which no connection sends yet. */
class ReplySink implements SegmentSink {
  readonly #stack: Stack;
  readonly #marksOf: (local: { readonly address: IpAddress }, port: number) => number;
  #route: Route | null = null;
  #from: IpAddress | null = null;
  #to: IpAddress | null = null;

  /** @param marksOf those of who listens at an address and a port */
  constructor(stack: Stack, marksOf: (local: { readonly address: IpAddress }, port: number) => number) {
    this.#stack = stack;
    this.#marksOf = marksOf;
  }

  /** What comes next goes to where a packet has just come from. */
  aim(route: Route, from: IpAddress, to: IpAddress): void {
    this.#route = route;
    this.#from = from;
    this.#to = to;
  }

  /** Nothing has just come. */
  forget(): void {
    this.#route = null;
  }

  aimed(from: Address, to: Address): this {
    if (this.#route === null) {
      this.#from = ipAddress(from);
      this.#to = ipAddress(to);
    }
    return this;
  }

  reserve(length: number): number {
    const to = this.#to!;
    const route = this.#route ?? this.#stack.routes.find(to);
    return route === null ? 0 : this.#stack.output.reserve(route, to, length);
  }

  commit(at: number, length: number, ecn: number): void {
    const to = this.#to!;
    const route = this.#route ?? this.#stack.routes.find(to)!;
    const from = this.#from!;
    const port = this.#stack.pool.memory.dv.getUint16(at + TCP_SRC_PORT);
    const marks = this.#marksOf({ address: from }, port);
    this.#stack.output.commit(route, from, to, at, length, IPPROTO_TCP, ecn, marks);
  }
}
