import { ACK, RST, SYN } from "../../assembly/layout/wire.ts";
import { type RingPool, sharedRings } from "../wasm/rings.ts";
import type { Address } from "../wire/address.ts";
import { aceField } from "../wire/flags.ts";
import { acceptSyn } from "./arrives/listen.ts";
import { readSegment, Segment } from "./arrives/segment.ts";
import { arrivesSynchronized } from "./arrives/synchronized.ts";
import { isIntact } from "./arrives/verify.ts";
import { controllers } from "./congestion/controllers.ts";
import type { SegmentSink } from "./emit.ts";
import { Endpoint } from "./endpoint.ts";
import { type EndpointOptions, keyOf, settingsOf } from "./endpoint-options.ts";
import { isWelcome } from "./fastopen.ts";
import { FastOpen } from "./fastopen-options.ts";
import { nameLocal, told } from "./identity.ts";
import { nameRemote, number } from "./open.ts";
import { timestamp } from "./options.ts";
import { output } from "./output.ts";
import { type ConnectionRequest, replay, requestOf } from "./request.ts";
import { CLOSED, enter, LISTEN, SYN_RECEIVED } from "./state.ts";
import type { PendingRequest, SynCacheCounters, SynCacheOptions } from "./syncache-options.ts";
import {
  COOKIE_PERIOD,
  type CookieOffer,
  checkSynCookie,
  cookieTimestamp,
  fromTimestamp,
  synCookie,
} from "./syncookie.ts";
import { SynRows } from "./synrows.ts";
import { OWE_SYN, Tcb } from "./tcb.ts";
import { replyReset } from "./teardown.ts";
import { NEVER } from "./timers.ts";

const CAPACITY = 1024;
const OFFER_CLASSIC = 0b011;
const OFFER_ACCURATE = 0b111;

/**
 * The listener's half of handshakes, for any number of peers in bounded memory (RFC 4987): what a SYN said is
 * kept in a row of 80 bytes, or in the SYN,ACK itself as a SYN cookie, and only the acknowledgment that ends
 * the handshake makes an `Endpoint`. A cookie costs a connection nothing but its round-trip measurement when
 * both sides use timestamps; without them also ECN, and it is never sent again by itself.
 *
 * Hand it every segment for the listening socket that belongs to no connection.
 */
export class SynCache {
  readonly counters: SynCacheCounters = {
    requests: 0,
    cookiesSent: 0,
    accepted: 0,
    cookiesAccepted: 0,
    refused: 0,
    evicted: 0,
    timedOut: 0,
    reset: 0,
  };
  readonly #base: Omit<EndpointOptions, "local">;
  readonly #pool: RingPool;
  readonly #cookies: "never" | "full" | "always";
  readonly #route: (local: Address, remote: Address) => SegmentSink;
  readonly #rows: SynRows;
  /** Leads all the handshakes, one segment at a time. */
  readonly #tcb: Tcb;
  readonly #chooseIsn: ((now: number) => number) | undefined;
  readonly #onRequest: SynCacheOptions["onRequest"];
  #cookieAt = -NEVER;

  /** @throws as `new Endpoint` does */
  constructor(options: SynCacheOptions, pool: RingPool = sharedRings()) {
    const { capacity = CAPACITY, cookies = "full", route, chooseIsn, onRequest, ...rest } = options;
    if (!(capacity >= 1 && capacity <= 1 << 20))
      throw new RangeError(`capacity: ${capacity} is not 1 to 2^20`);
    if (!["never", "full", "always"].includes(cookies)) throw new RangeError(`cookies: ${cookies}`);
    const settings = settingsOf(rest);
    const key = keyOf(rest);
    const { fastOpen } = rest;
    this.#base = { settings, secret: key, fastOpen };
    this.#pool = pool;
    this.#cookies = cookies;
    this.#route = route;
    this.#chooseIsn = chooseIsn;
    this.#onRequest = onRequest;
    this.#rows = new SynRows(capacity, key);
    // Connections that Fast Open lets begin with the SYN are none of the rows: here it only grants cookies.
    const grants = fastOpen === undefined ? null : new FastOpen({ ...fastOpen, mayAccept: () => false });
    this.#tcb = new Tcb(settings, pool, key, controllers[settings.congestion], grants);
  }

  /** Requests remembered now. */
  get size(): number {
    return this.#rows.size;
  }

  /** Whether it knows of no handshake: none is remembered, and no cookie may still come back. */
  isIdle(now: number): boolean {
    return this.size === 0 && !this.#awaitsCookies(now);
  }

  /** The requests remembered now. */
  *requests(): Generator<PendingRequest> {
    const rows = this.#rows;
    for (let row = 0; row < rows.capacity; row++) {
      if (rows.dueAt(row) === NEVER) continue;
      yield {
        ...rows.sockets(row),
        retransmits: rows.retransmits(row),
        expires: rows.dueAt(row),
      };
    }
  }

  /**
   * A segment for the listening socket, with the addresses of its packet.
   *
   * @returns the connection, where this segment ends a handshake, or brings data with a Fast Open cookie (it is
   *   SYN-RECEIVED then, and readable). The segment has been taken into account, data and all: drain its
   *   events and output.
   */
  onSegment(
    segment: Uint8Array,
    local: Address,
    remote: Address,
    now: number,
    ecn = 0,
  ): Endpoint | undefined {
    const at = this.#pool.inbound.lay(segment);
    return this.onSegmentAt(at, segment.length, local, remote, now, ecn);
  }

  /** `onSegment` for a segment that lies in the endpoints' memory already, with SLACK readable bytes behind it. */
  onSegmentAt(
    at: number,
    length: number,
    local: Address,
    remote: Address,
    now: number,
    ecn = 0,
  ): Endpoint | undefined {
    const tcb = this.#tcb;
    if (!readSegment(seg, this.#pool.memory, at, length)) return undefined;
    seg.ecn = ecn;
    this.#name(local, seg.ports & 0xffff, remote, seg.ports >>> 16);
    if (!isIntact(tcb, seg)) return undefined;
    const row = this.#rows.find(local, remote, tcb.ports);
    if (row >= 0) return this.#goOn(row, at, length, now);
    if (seg.flags & RST) return undefined;
    if (seg.flags & ACK) return this.#takeCookie(at, length, now);
    return seg.flags & SYN ? (this.#openFast(at, length, now) ?? this.#request(now)) : undefined;
  }

  /** Sends SYN,ACKs again whose time has come, and forgets those that were sent often enough. */
  onTimeout(now: number): void {
    const { settings } = this.#tcb;
    const rows = this.#rows;
    for (let row = rows.due(0, now); row >= 0; row = rows.due(row + 1, now)) {
      const retransmits = rows.retransmits(row) + 1;
      if (retransmits > settings.synAckRetries) {
        this.#forget(row);
        this.counters.timedOut++;
        continue;
      }
      const ports = rows.ports(row);
      this.#name(rows.local(row), ports >>> 16, rows.remote(row), ports & 0xffff);
      replay(this.#tcb, { ...rows.get(row), retransmits }, now);
      this.#tcb.owes |= OWE_SYN;
      this.#send(now);
      const wait = Math.min(settings.maxRto, settings.initialRto * 2 ** Math.min(retransmits, 30));
      rows.sentAgain(row, now, now + wait);
    }
  }

  /** When `onTimeout` should next be called; Infinity while nothing waits. */
  nextTimeout(): number {
    return this.#rows.next();
  }

  /** A SYN whose Fast Open cookie makes a connection at once (RFC 7413 4.2.2). */
  #openFast(at: number, length: number, now: number): Endpoint | undefined {
    const { fastOpen } = this.#tcb;
    if (fastOpen === null) return undefined;
    // A flood of guesses must not cost an endpoint each.
    if (!isWelcome(this.#tcb, fastOpen, seg)) return undefined;
    this.#pickIsn(now);
    const endpoint = this.#endpoint();
    endpoint.listen();
    endpoint.onSegmentAt(at, length, now, seg.ecn);
    const { fastOpen: progress } = endpoint.status().options;
    if (progress !== "accepted" && progress !== "admitted") return undefined;
    this.counters.accepted++;
    return endpoint;
  }

  /** A SYN that is the first of its sockets. */
  #request(now: number): undefined {
    const tcb = this.#tcb;
    const rows = this.#rows;
    let row = this.#cookies === "always" ? -1 : rows.free();
    this.#pickIsn(now);
    acceptSyn(tcb, seg, now);
    if (row < 0 && this.#cookies !== "never") {
      this.#bake(now);
      this.counters.cookiesSent++;
      this.#send(now);
      return;
    }
    if (row < 0) {
      row = rows.oldest();
      this.#forget(row);
      this.counters.evicted++;
    }
    this.counters.requests++;
    rows.put(row, requestOf(seg, tcb.snd.iss, now), now + tcb.settings.initialRto);
    this.#tell(row, true);
    this.#send(now);
  }

  /** The number of the handshake that begins, where the user chooses it. */
  #pickIsn(now: number): void {
    if (this.#chooseIsn !== undefined) this.#tcb.fixedIss = this.#chooseIsn(now) | 0;
  }

  /** Makes the SYN,ACK at hand one that says all there is to remember. */
  #bake(now: number): void {
    const tcb = this.#tcb;
    const { snd } = tcb;
    offer.mss = snd.peerMss;
    offer.windowScale = tcb.scaling ? seg.windowScale : -1;
    offer.sackPermitted = tcb.sack;
    offer.hasTimestamps = tcb.timestamps;
    offer.classicEcn = tcb.ecn !== null && !tcb.ecn.accurate;
    if (offer.classicEcn && !tcb.timestamps) tcb.ecn = null;
    if (tcb.timestamps) {
      const tsval = timestamp(tcb, now);
      tcb.tsOffset = (tcb.tsOffset + cookieTimestamp(tsval, offer) - tsval) | 0;
    }
    number(snd, synCookie(tcb.key, tcb.local, tcb.remote!, tcb.ports, seg.seq, offer, now));
    this.#cookieAt = now;
  }

  #awaitsCookies(now: number): boolean {
    return now - this.#cookieAt < 2 * COOKIE_PERIOD;
  }

  /** An acknowledgment of what we do not remember: a cookie that comes back, or of nothing that we sent. */
  #takeCookie(at: number, length: number, now: number): Endpoint | undefined {
    const tcb = this.#tcb;
    const { key, local, remote } = tcb;
    const irs = (seg.seq - 1) | 0;
    const iss = (seg.ack - 1) | 0;
    // While none is out nobody need be let to try.
    const isDue = this.#awaitsCookies(now) && !(seg.flags & SYN);
    offer.hasTimestamps = tcb.settings.timestamps && seg.hasTimestamps;
    if (offer.hasTimestamps) fromTimestamp(seg.tsecr, offer);
    if (!isDue || !checkSynCookie(key, local, remote!, tcb.ports, irs, iss, offer, now)) {
      this.counters.refused++;
      replyReset(tcb, seg.ack, 0, RST);
      this.#send(now);
      return undefined;
    }
    // RFC 9768 5.1: only who has asked for AccECN sets such an ACE field here.
    const ace = aceField(seg.flags) >= 2 ? OFFER_ACCURATE : offer.classicEcn ? OFFER_CLASSIC : 0;
    const endpoint = this.#connect(
      {
        seq: irs,
        iss,
        wnd: seg.wnd,
        mss: offer.mss,
        windowScale: offer.windowScale,
        sackPermitted: offer.sackPermitted,
        hasTimestamps: offer.hasTimestamps,
        tsval: seg.tsval,
        ace,
        ecn: 0,
        sentAt: NEVER,
        retransmits: 0,
      },
      at,
      length,
      now,
    );
    if (endpoint !== undefined) this.counters.cookiesAccepted++;
    return endpoint;
  }

  /** A segment of a handshake that we remember. */
  #goOn(row: number, at: number, length: number, now: number): Endpoint | undefined {
    const rows = this.#rows;
    const request = rows.get(row);
    if ((seg.flags & (SYN | RST | ACK)) === ACK && seg.ack === ((request.iss + 1) | 0)) {
      const endpoint = this.#connect(request, at, length, now);
      if (endpoint !== undefined) rows.remove(row);
      return endpoint;
    }
    const tcb = this.#tcb;
    replay(tcb, request, now);
    arrivesSynchronized(tcb, seg, now);
    if (tcb.state === CLOSED) {
      this.#forget(row);
      this.counters.reset++;
    }
    this.#send(now);
    return undefined;
  }

  /** A request comes to nothing. */
  #forget(row: number): void {
    this.#tell(row, false);
    this.#rows.remove(row);
  }

  #tell(row: number, isPending: boolean): void {
    if (this.#onRequest === undefined) return;
    const { local, remote } = this.#rows.sockets(row);
    this.#onRequest(local, remote, isPending);
  }

  /** The connection of a request, if the segment at `at` ends its handshake. */
  #connect(request: ConnectionRequest, at: number, length: number, now: number): Endpoint | undefined {
    const endpoint = this.#endpoint();
    endpoint.resume(request, now);
    endpoint.onSegmentAt(at, length, now, seg.ecn);
    if (endpoint.state !== "SYN-RECEIVED") {
      this.counters.accepted++;
      return endpoint;
    }
    endpoint.output(this.#sink(), now); // it says what was wrong
    return undefined;
  }

  #endpoint(): Endpoint {
    const tcb = this.#tcb;
    const local = { address: told(tcb.local), port: tcb.localPort };
    const remote = { address: told(tcb.remote!), port: tcb.remotePort };
    // One that was not chosen by RFC 6528 changes how timestamps begin, and so must be told.
    const chosen = tcb.fixedIss === null ? {} : { initialSequence: tcb.fixedIss };
    return new Endpoint({ ...this.#base, ...chosen, local, remote }, this.#pool);
  }

  /** Points the control block at a peer; it has forgotten the one before. */
  #name(local: Address, localPort: number, remote: Address, remotePort: number): void {
    const tcb = this.#tcb;
    if (tcb.state === SYN_RECEIVED) enter(tcb, LISTEN);
    tcb.owes = 0;
    tcb.rcv.owed = 0;
    tcb.rcv.ackNow = false;
    tcb.timers.stop();
    tcb.retransmits = 0;
    tcb.challenges = null;
    nameLocal(tcb, local, localPort);
    nameRemote(tcb, remote, remotePort);
  }

  #send(now: number): void {
    output(this.#tcb, this.#sink(), now);
  }

  /** Where segments to the peer at hand go. */
  #sink(): SegmentSink {
    return this.#route(told(this.#tcb.local), told(this.#tcb.remote!));
  }
}

const seg = new Segment();
const offer: CookieOffer = {
  mss: 0,
  windowScale: -1,
  sackPermitted: false,
  hasTimestamps: false,
  classicEcn: false,
};
