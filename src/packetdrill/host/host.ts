import { ACK, RST, SYN } from "../../../assembly/layout/wire.ts";
import {
  type FastOpenOptions,
  type IcmpError,
  type SettingsInput,
  type Status,
  settings as settingsOf,
} from "../../tcp/index.ts";
import { buildSegment } from "../../wire/build.ts";
import { controlLength } from "../../wire/flags.ts";
import { parseSegment } from "../../wire/segment.ts";
import type { RunConfig } from "../config/config.ts";
import { Connection } from "./connection.ts";
import type { Listener } from "./listener.ts";

/** A segment that left the host. */
export interface Departure {
  readonly at: number;
  readonly bytes: Uint8Array;
  readonly ecn: number;
  /** The sequence number behind everything that was queued: what ends there had to carry PSH. */
  readonly queueEnd: number;
  readonly connection: Connection | null;
  readonly localPort: number;
  readonly remotePort: number;
}

function queueEnd({ snd }: Status): number {
  return (snd.nxt + snd.unsent) >>> 0;
}

/** What a peer takes that names none (RFC 9293 3.7.1). */
const DEFAULT_MSS = { 4: 536, 6: 1220 } as const;

const FIRST_EPHEMERAL = 32768;

/** A host in virtual time: connections, listeners, timers, and what it sends. Times are milliseconds. */
export class Host {
  readonly config: RunConfig;
  now = 0;
  readonly departures: Departure[] = [];
  readonly #connections: Connection[] = [];
  readonly #made: Connection[] = [];
  readonly #listeners = new Map<number, Listener>();
  readonly #initialSequence: number | undefined;
  #nextPort = FIRST_EPHEMERAL;
  /** A connection stands, and has not said so yet. */
  onEstablished: () => void = () => {};

  /** @param initialSequence of every connection, instead of RFC 6528's */
  constructor(config: RunConfig, initialSequence?: number) {
    this.config = config;
    this.#initialSequence = initialSequence;
  }

  ephemeralPort(): number {
    return this.#nextPort++;
  }

  isListening(port: number): boolean {
    return this.#listeners.has(port);
  }

  addListener(port: number, listener: Listener): void {
    this.#listeners.set(port, listener);
  }

  removeListener(port: number): void {
    this.#listeners.delete(port);
  }

  /** A connection from `localPort` to the peer's `remotePort`, not opened yet. */
  connection(
    localPort: number,
    remotePort: number,
    changes: SettingsInput,
    fastOpen?: FastOpenOptions,
  ): Connection {
    const { localAddress, remoteAddress, settings } = this.config;
    const made = new Connection(
      {
        local: { address: localAddress, port: localPort },
        remote: { address: remoteAddress, port: remotePort },
        settings: settingsOf(changes, settingsOf(settings)),
        secret: new Uint8Array(16),
        ...(fastOpen === undefined ? {} : { fastOpen }),
        ...(this.#initialSequence === undefined ? {} : { initialSequence: this.#initialSequence }),
      },
      remotePort,
    );
    made.onCookie = (cookie, experimental) => this.config.fastOpen.remember(cookie, experimental);
    made.onOpened = () => this.#noteServer(made.endpoint.status());
    this.#connections.push(made);
    this.#made.push(made);
    return made;
  }

  /** Sends what is due and takes note of events: after every call to an endpoint. */
  settle(connection: Connection): void {
    const { endpoint } = connection;
    for (let out = endpoint.poll(this.now); out !== undefined; out = endpoint.poll(this.now)) {
      if (out.type === "event") {
        connection.take(out.event);
        // Who waits to send does so before the acknowledgment leaves, which then rides on the data.
        if (out.event.type === "established") this.onEstablished();
        continue;
      }
      const { localPort, remotePort } = connection;
      this.departures.push({
        at: this.now,
        bytes: out.segment.slice(),
        ecn: out.ecn,
        queueEnd: queueEnd(endpoint.status()),
        connection,
        localPort,
        remotePort,
      });
    }
    if (connection.established) this.#listeners.get(connection.localPort)?.established(connection);
    // A listener's endpoint that heard a RST listens again; here the listener does that.
    if (connection.closed || endpoint.state === "LISTEN") this.#forget(connection);
  }

  /** A segment arrives from the peer. */
  arrive(bytes: Uint8Array, ecn: number, localPort: number, remotePort: number): void {
    const connection = this.find(localPort, remotePort);
    if (connection !== undefined && !connection.endpoint.yieldsTo(bytes)) {
      connection.endpoint.onSegment(bytes, this.now, { ecn });
      this.settle(connection);
      return;
    }
    if (connection !== undefined) this.#forget(connection);
    const listener = this.#listeners.get(localPort);
    if (listener === undefined) this.#refuse(bytes, localPort, remotePort);
    else this.#offer(listener, bytes, ecn, localPort, remotePort);
  }

  /** An ICMP error about a segment to the peer. */
  arriveIcmp(error: IcmpError, localPort: number, remotePort: number): void {
    const connection = this.find(localPort, remotePort);
    if (connection === undefined) return;
    connection.endpoint.onIcmp(error);
    this.settle(connection);
  }

  /** When the next timer runs out; Infinity while there is none. */
  nextTimeout(): number {
    return Math.min(
      Number.POSITIVE_INFINITY,
      ...this.#connections.map(({ endpoint }) => endpoint.nextTimeout()),
    );
  }

  /** Lets time pass up to the next timer, but no further than `until`, and runs what is due then. */
  step(until: number): void {
    const next = this.nextTimeout();
    this.now = Math.max(this.now, Math.min(next, until));
    for (const connection of [...this.#connections]) {
      if (connection.endpoint.nextTimeout() > this.now) continue;
      connection.endpoint.onTimeout(this.now);
      this.settle(connection);
    }
  }

  /** The connection between these ports, while it is not gone. */
  find(localPort: number, remotePort: number): Connection | undefined {
    return this.#connections.find((c) => c.localPort === localPort && c.remotePort === remotePort);
  }

  /** The connection between these ports that was made last. */
  last(localPort: number, remotePort: number): Connection | null {
    return this.#made.filter((c) => c.localPort === localPort && c.remotePort === remotePort).at(-1) ?? null;
  }

  /** A handshake has ended: the peer's MSS, unless it named none, and whether it gave the cookie that was asked for. */
  #noteServer({ snd, options }: Status): void {
    const { fastOpen, family } = this.config;
    if (snd.peerMss !== DEFAULT_MSS[family]) fastOpen.rememberMss(snd.peerMss);
    if (options.fastOpen === "requested") fastOpen.refused();
  }

  #forget(connection: Connection): void {
    const at = this.#connections.indexOf(connection);
    if (at >= 0) this.#connections.splice(at, 1);
  }

  /** A segment for a listener: a new endpoint takes it, and is forgotten where nothing came of it. */
  #offer(listener: Listener, bytes: Uint8Array, ecn: number, localPort: number, remotePort: number): void {
    const { flags } = parseSegment(bytes);
    if ((flags & (SYN | RST | ACK)) === SYN && !listener.hasRoom()) return;
    const { settings, fastOpen } = listener.inheritance();
    const connection = this.connection(localPort, remotePort, settings, fastOpen);
    connection.endpoint.listen();
    connection.endpoint.onSegment(bytes, this.now, { ecn, from: this.config.remoteAddress });
    this.settle(connection);
    listener.opened(connection);
  }

  /** A segment for no one (RFC 9293 3.10.7.1). */
  #refuse(bytes: Uint8Array, localPort: number, remotePort: number): void {
    const { flags, seq, ack, payload } = parseSegment(bytes);
    if (flags & RST) return;
    const answersAck = (flags & ACK) !== 0;
    const { localAddress, remoteAddress } = this.config;
    const reset = buildSegment(
      {
        srcPort: localPort,
        dstPort: remotePort,
        seq: answersAck ? ack : 0,
        ack: answersAck ? 0 : (seq + payload.length + controlLength(flags)) >>> 0,
        flags: answersAck ? RST : RST | ACK,
      },
      { src: localAddress, dst: remoteAddress },
    );
    this.departures.push({
      at: this.now,
      bytes: reset,
      ecn: 0,
      queueEnd: 0,
      connection: null,
      localPort,
      remotePort,
    });
  }
}
