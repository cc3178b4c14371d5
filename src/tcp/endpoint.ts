import { type RingPool, sharedRings } from "../wasm/rings.ts";
import type { Address } from "../wire/address.ts";
import { isSynOfNext, segmentArrives } from "./arrives/arrives.ts";
import { abort, close, openActive, openPassive, receive, send, stopReceiving } from "./calls.ts";
import { controllers } from "./congestion/controllers.ts";
import type { SegmentSink } from "./emit.ts";
import { type EndpointOptions, identify, keyOf, settingsOf } from "./endpoint-options.ts";
import {
  EVENT_CLOSED,
  EVENT_COOKIE,
  EVENT_SOFT_ERROR,
  LAST_PLAIN_EVENT,
  PLAIN_EVENTS,
  type TcpEvent,
} from "./events.ts";
import { FastOpen } from "./fastopen-options.ts";
import { type IcmpError, icmpArrived } from "./icmp.ts";
import { hasPeer } from "./identity.ts";
import { startKeepAlive } from "./keepalive.ts";
import { output, outputOne } from "./output.ts";
import { linkMtuChanged } from "./pmtu.ts";
import { readable } from "./receivebuffer.ts";
import { type ConnectionRequest, resume } from "./request.ts";
import { release, sendRoom } from "./sendbuffer.ts";
import { type SettingsInput, settings } from "./settings.ts";
import { CLOSED, LISTEN, STATE_NAMES, type StateName, TIME_WAIT } from "./state.ts";
import { type Status, status } from "./status.ts";
import { saidInSyn } from "./syn-options.ts";
import { Tcb } from "./tcb.ts";
import { runTimers } from "./timeouts.ts";
import { restartUserTimeout } from "./usertimeout.ts";

/** What `poll` gives. */
export type Output =
  | {
      readonly type: "transmit";
      /** Borrowed: valid until the next call to any endpoint. Copy it, or hand it straight to `onSegment`. */
      readonly segment: Uint8Array;
      /** The ECN codepoint for its IP header: 0 Not-ECT, 1 ECT(1), 2 ECT(0), 3 CE. */
      readonly ecn: number;
    }
  | { readonly type: "event"; readonly event: TcpEvent };

/** What the IP layer knows of a segment. */
export interface Packet {
  /** The ECN codepoint; 0 when left out. */
  readonly ecn?: number;
  /** The source address: needed by a `listen` that takes any. */
  readonly from?: Address;
}

/**
 * One end of a TCP connection (RFC 9293), without a clock, a socket or a random source of its own: segments
 * and the time go in, segments and events come out. Times are milliseconds on any clock that does not run
 * backwards; sequence numbers in `status()` are unsigned.
 *
 * After each call drain `poll` (or `output` and `nextEvent`), and call `onTimeout` when `nextTimeout` has
 * come.
 *
 * @example
 * ```ts
 * import { Endpoint } from "tcpwire/tcp";
 *
 * const endpoint = new Endpoint({
 *   local: { address: "192.0.2.1", port: 49152 },
 *   remote: { address: "198.51.100.2", port: 80 },
 *   random: () => crypto.getRandomValues(new Uint32Array(1))[0],
 *   keepAlive: { idle: 30_000, interval: 5_000, probes: 3 },
 * });
 * endpoint.connect(performance.now());
 * for (let out; (out = endpoint.poll(performance.now())); ) {
 *   if (out.type === "transmit") network.send(out.segment);
 * }
 * ```
 */
export class Endpoint {
  readonly #tcb: Tcb;

  /**
   * @throws {TypeError} for a name that is no option, addresses of different families, or neither `random`
   *   nor `secret`
   * @throws {RangeError} for a setting outside its range, or a Fast Open cookie of another length than 4 to 16 bytes
   */
  constructor(options: EndpointOptions, pool: RingPool = sharedRings()) {
    const set = settingsOf(options);
    const fastOpen = options.fastOpen === undefined ? null : new FastOpen(options.fastOpen);
    this.#tcb = new Tcb(set, pool, keyOf(options), controllers[set.congestion], fastOpen);
    identify(this.#tcb, options);
  }

  /** Where the connection stands. */
  get state(): StateName {
    return STATE_NAMES[this.#tcb.state];
  }

  get localPort(): number {
    return this.#tcb.localPort;
  }

  /** 0 while the peer is not known. */
  get remotePort(): number {
    return hasPeer(this.#tcb) ? this.#tcb.remotePort : 0;
  }

  /**
   * Active OPEN (RFC 9293 3.10.1): sends SYN. Turns a `listen` into it. With a Fast Open cookie what `send` takes
   * before the next `poll` goes with the SYN.
   * @throws {TcpError} `connection-exists`, `remote-unspecified`, `remote-invalid`: multicast, broadcast, no address
   */
  connect(now: number): void {
    openActive(this.#tcb, now);
  }

  /**
   * Passive OPEN (RFC 9293 3.10.1): waits for a SYN, from `remote` or, when that was left out, from anyone.
   * @throws {TcpError} `connection-exists`
   */
  listen(): void {
    openPassive(this.#tcb);
  }

  /**
   * Takes over a connection request that a listener has answered (RFC 4987): SYN-RECEIVED, with nothing to send.
   * Give the segment that answers the SYN,ACK to `onSegment` next. `SynCache` does all that.
   * @throws {TcpError} `connection-exists`, `remote-unspecified`
   */
  resume(request: ConnectionRequest, now: number): void {
    resume(this.#tcb, request, now);
  }

  /**
   * SEND (RFC 9293 3.10.2): copies bytes into the send buffer. Fewer than all are taken when it is full; the
   * event `writable` tells when to go on.
   *
   * @param options `more`: another call continues these bytes, so a partial segment may wait for it (until data in
   *   flight are acknowledged, at most `corkTime`) and carries no PSH; `urgent`: the urgent pointer moves behind them
   * @returns how many were taken
   * @throws {TcpError} `connection-does-not-exist`, `connection-closing`, or what the connection ended with
   */
  send(
    bytes: Uint8Array,
    now: number,
    options?: { readonly more?: boolean; readonly urgent?: boolean },
  ): number {
    return send(this.#tcb, bytes, options?.more === true, options?.urgent === true, now);
  }

  /** Bytes that `send` would take now. */
  get writable(): number {
    return sendRoom(this.#tcb);
  }

  /**
   * RECEIVE (RFC 9293 3.10.3): takes bytes that have arrived in order, without waiting.
   *
   * @param target how many bytes at most, or where to copy them
   * @returns a new array, or how many bytes were copied; nothing has arrived when it is empty, or 0
   * @throws {TcpError} what the connection ended with, when it was not an orderly close
   */
  receive(target: number): Uint8Array;
  receive(target: Uint8Array): number;
  receive(target: number | Uint8Array): Uint8Array | number {
    if (typeof target !== "number") return receive(this.#tcb, target);
    const bytes = new Uint8Array(Math.min(target, readable(this.#tcb)));
    receive(this.#tcb, bytes);
    return bytes;
  }

  /** Bytes that `receive` would give now. */
  get readable(): number {
    return readable(this.#tcb);
  }

  /**
   * CLOSE (RFC 9293 3.10.4): no more data to send. What was sent before is delivered, then the FIN; receiving
   * goes on until the peer closes too.
   * @throws {TcpError} `connection-does-not-exist`, `connection-closing`
   */
  close(now: number): void {
    close(this.#tcb, now);
  }

  /**
   * No more receiving: what waits is dropped and what still comes is answered with RST, so that the peer
   * learns that it was lost (RFC 9293 3.6.1). With `close` it is the close of the sockets interface.
   */
  stopReceiving(now: number): void {
    stopReceiving(this.#tcb, now);
  }

  /**
   * ABORT (RFC 9293 3.10.5): ends the connection at once, with RST where there is a peer to tell. Frees all buffers.
   * Of one that is CLOSED it frees what is left to read; the RFC has an error there, which would be of use to nobody.
   */
  abort(_now: number): void {
    abort(this.#tcb);
  }

  /** STATUS (RFC 9293 3.10.6). */
  status(): Status {
    return status(this.#tcb);
  }

  /**
   * Changes settings of a connection that exists. Those that only matter in the handshake change nothing any more.
   * `mtu` takes effect at once: what is in flight and no longer fits is sent again in smaller pieces.
   * `cork: false` pushes what it held, `noDelay: true` sends what is held back, even by `cork`, once.
   * @throws {TypeError} {RangeError} as `settings()` does
   */
  set(changes: SettingsInput, now: number): void {
    const tcb = this.#tcb;
    const { mtu } = tcb.settings;
    const changed = settings(changes, tcb.settings);
    const isOpen = tcb.state !== CLOSED && tcb.state !== LISTEN;
    tcb.settings = isOpen ? settings(saidInSyn(tcb.settings), changed) : changed;
    if (changes.keepAlive !== undefined) startKeepAlive(tcb, now);
    if (changes.userTimeout !== undefined) {
      tcb.userTimeout = tcb.settings.userTimeout;
      restartUserTimeout(tcb, now);
    }
    if (isOpen && tcb.settings.mtu !== mtu) linkMtuChanged(tcb, mtu);
    if (changes.rcvBuf !== undefined) tcb.rcv.buffer = tcb.settings.rcvBuf;
    if (changes.cork === false) tcb.snd.pushed = tcb.snd.end;
    if (changes.noDelay === true) release(tcb);
  }

  /**
   * SEGMENT ARRIVES (RFC 9293 3.10.7): a TCP header with its data, the IP header taken off. It is read before the call
   * returns and not kept. A segment that is malformed, has a bad checksum or belongs to other ports is
   * counted and dropped.
   *
   * @throws {RangeError} when it is longer than 64 KiB
   * @throws {TypeError} when a `listen` for anyone is not told `from` where it comes
   */
  onSegment(segment: Uint8Array, now: number, packet?: Packet): void {
    const at = this.#tcb.pool.inbound.lay(segment);
    segmentArrives(this.#tcb, at, segment.length, packet?.ecn ?? 0, packet?.from ?? null, now);
  }

  /** `onSegment` for a segment that lies in the endpoint's memory already, with SLACK readable bytes behind it. */
  onSegmentAt(address: number, length: number, now: number, ecn = 0, from: Address | null = null): void {
    segmentArrives(this.#tcb, address, length, ecn, from, now);
  }

  /**
   * Whether a segment is the SYN of a new connection that TIME-WAIT should make way for (RFC 9293 3.6.1, RFC 6191): a
   * host then drops this endpoint and hands the segment to its listener. Always false in other states. An
   * endpoint that was opened with `listen` need not be asked: `onSegment` opens it anew.
   */
  yieldsTo(segment: Uint8Array): boolean {
    return (
      this.#tcb.state === TIME_WAIT &&
      isSynOfNext(this.#tcb, this.#tcb.pool.inbound.lay(segment), segment.length)
    );
  }

  /**
   * An ICMP error (RFC 9293 3.9.2.2) that quotes a segment of this connection. It may lower the path MTU, end a
   * handshake, or be told as `softError`; forged ones are told from real ones by the number they quote (RFC 5927).
   *
   * @returns whether it counted
   */
  onIcmp(error: IcmpError): boolean {
    return icmpArrived(this.#tcb, error);
  }

  /** Runs the timers whose time has come (RFC 9293 3.10.8). Calling it too early or too late does no harm. */
  onTimeout(now: number): void {
    runTimers(this.#tcb, now);
  }

  /** When `onTimeout` should next be called; Infinity while no timer runs. */
  nextTimeout(): number {
    return this.#tcb.timers.next();
  }

  /**
   * The next thing to do: an event to take note of, or a segment to transmit; `undefined` when there is none.
   * Events come first, so that an answer to one can still ride on the segments; `closed` comes last.
   */
  poll(now: number): Output | undefined {
    const event = this.nextEvent();
    if (event !== undefined) return { type: "event", event };
    const { pool } = this.#tcb;
    single.begin(pool.outbound.address);
    if (outputOne(this.#tcb, single, now)) {
      const segment = pool.memory.u8.subarray(single.address, single.address + single.length);
      return { type: "transmit", segment, ecn: single.ecn };
    }
    const last = lastEvent(this.#tcb);
    return last && { type: "event", event: last };
  }

  /**
   * The segments of `poll` without an object each: writes all that are due where the sink says.
   * The sink may hand them to other endpoints from within `commit`, but not call this one.
   */
  output(sink: SegmentSink, now: number): void {
    output(this.#tcb, sink, now);
  }

  /** The events of `poll` alone; `closed` once the last segment is out. */
  nextEvent(): TcpEvent | undefined {
    const tcb = this.#tcb;
    if (tcb.events === 0) return undefined;
    const first = tcb.events & -tcb.events;
    if (first <= LAST_PLAIN_EVENT) {
      tcb.events &= ~first;
      return PLAIN_EVENTS[31 - Math.clz32(first)];
    }
    if (tcb.events & EVENT_COOKIE) {
      tcb.events &= ~EVENT_COOKIE;
      const { received, isExperiment } = tcb.fastOpen!;
      return { type: "cookie", cookie: received!, mss: tcb.snd.peerMss, experimental: isExperiment };
    }
    if (tcb.events & EVENT_SOFT_ERROR) {
      tcb.events &= ~EVENT_SOFT_ERROR;
      return { type: "softError", error: tcb.softError! };
    }
    return tcb.owes === 0 ? lastEvent(tcb) : undefined;
  }
}

function lastEvent(tcb: Tcb): TcpEvent | undefined {
  if (!(tcb.events & EVENT_CLOSED)) return undefined;
  tcb.events &= ~EVENT_CLOSED;
  const { reason, error } = tcb.ended!;
  return error === null ? { type: "closed", reason } : { type: "closed", reason, error };
}

/** The sink of `poll`: takes one segment. */
const single = {
  address: 0,
  length: 0,
  ecn: 0,
  isFree: false,

  begin(address: number): void {
    this.address = address;
    this.isFree = true;
  },

  reserve(_length: number): number {
    return this.isFree ? this.address : 0;
  },

  commit(_address: number, length: number, ecn: number): void {
    this.isFree = false;
    this.length = length;
    this.ecn = ecn;
  },
};
