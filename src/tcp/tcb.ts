import type { RingPool } from "../wasm/rings.ts";
import type { Address } from "../wire/address.ts";
import type { Challenges } from "./challenges.ts";
import { Congestion, type CongestionControl } from "./congestion/control.ts";
import { Incidents } from "./counters.ts";
import type { Ecn } from "./ecn.ts";
import type { TcpError } from "./errors.ts";
import type { CloseReason } from "./events.ts";
import type { FastOpen } from "./fastopen-options.ts";
import type { Recovery } from "./loss.ts";
import { ReceiveVariables } from "./receive-variables.ts";
import { RoundTrip } from "./rtt.ts";
import { SendVariables } from "./send-variables.ts";
import type { Settings } from "./settings.ts";
import type { SipKey } from "./siphash.ts";
import { CLOSED } from "./state.ts";
import { Timers } from "./timers.ts";

// Yes-or-no variables, as in `SendVariables`.
const PASSIVE = 1;
const ANY_REMOTE = 2;
const SACK = 4;
const SCALING = 8;
const ANNOUNCES = 16;
const TIMESTAMPS = 32;
const IPV6 = 64;

/** A socket in RFC 9293's sense. */
export interface SocketAddress {
  readonly address: Address;
  readonly port: number;
}

// What the next `output` owes the peer.
/** SYN or SYN,ACK, as the state says. */
export const OWE_SYN = 1;
/** The RST described by `tcb.reset`. */
export const OWE_RESET = 2;
export const OWE_WINDOW_PROBE = 4;
export const OWE_KEEP_ALIVE = 8;
export const OWE_LOSS_PROBE = 16;

/** What a RST will say. */
export interface Reset {
  readonly seq: number;
  readonly ack: number;
  readonly flags: number;
  /** With timestamps: from a connection that has negotiated them. */
  readonly stamped: boolean;
}

/** How a connection ended. */
export interface Ended {
  readonly reason: CloseReason;
  readonly error: TcpError | null;
}

/** Probes sent. */
export class Probes {
  /** Zero-window probes since the window closed, and those of them that nothing has answered yet. */
  window = 0;
  windowUnanswered = 0;
  /** Keep-alive probes that nothing has answered yet. */
  keepAlive = 0;
}

/** The transmission control block: all that is known of one connection (RFC 9293 3.3.1). */
export class Tcb extends Timers {
  #marks = 0;
  /** Written by `enter` of state.ts alone. */
  readonly state: number = CLOSED;
  settings: Settings;
  readonly pool: RingPool;
  /** The key of initial sequence numbers (RFC 6528), the same for all connections of a host. */
  readonly key: SipKey;
  /** ISS to use instead of RFC 6528's. */
  fixedIss: number | null = null;
  /** Our address, as `kept` has it. */
  local: Address = 0;
  /** The peer's; null in a passive OPEN that takes any remote socket, until a SYN names it. */
  remote: Address | null = null;
  /** Source and destination port as the first word of a header; the destination is 0 while it is not known. */
  ports = 0;
  /** Sum of the pseudo-header's addresses and protocol. */
  pseudo = 0;
  /** Fast Open, where the options ask for it (RFC 7413). */
  readonly fastOpen: FastOpen | null;
  /** ECN, where it was negotiated. */
  ecn: Ecn | null = null;
  /** OWE_* bits. */
  owes = 0;
  reset: Reset | null = null;
  /** EVENT_* bits not told yet. */
  events = 0;
  /** Once it is CLOSED. */
  ended: Ended | null = null;
  softError: TcpError | null = null;
  /** What was answered with a challenge, or from outside the window, once something was. */
  challenges: Challenges | null = null;
  /** Retransmissions of the oldest segment in a row (RFC 9293 3.8.3). */
  retransmits = 0;
  /** The user timeout in force, ms; 0 for none. */
  userTimeout: number;
  /** While the peer's window is closed, or it is silent. */
  probes: Probes | null = null;
  snd = new SendVariables();
  rcv = new ReceiveVariables();
  readonly rtt: RoundTrip;
  readonly cc: Congestion;
  recovery: Recovery | null = null;

  /** TS.Recent (RFC 7323 4.3). */
  tsRecent = 0;
  /** When that was taken, in whole seconds; too old it means nothing (RFC 7323 5.5). */
  tsRecentAt = 0;
  /** TSval of our first SYN: an echo of anything earlier answers somebody else's. */
  tsFirst = 0;
  /** Added to the clock, so that it tells nothing about the host's uptime (RFC 7323 5.4). */
  tsOffset = 0;

  segmentsIn = 0;
  segmentsOut = 0;
  /** Data bytes delivered in order, and acknowledged by the peer. */
  bytesIn = 0;
  bytesAcked = 0;
  /** What many connections never have. */
  #incidents: Incidents | null = null;

  constructor(
    settings: Settings,
    pool: RingPool,
    key: SipKey,
    control: CongestionControl,
    fastOpen: FastOpen | null = null,
  ) {
    super();
    this.settings = settings;
    this.pool = pool;
    this.key = key;
    this.fastOpen = fastOpen;
    this.userTimeout = settings.userTimeout;
    this.rtt = new RoundTrip(settings.initialRto);
    this.cc = new Congestion(control);
  }

  /** It is the head of its timers' list itself: an object of their own would take 32 bytes more. */
  get timers(): Timers {
    return this;
  }

  get localPort(): number {
    return this.ports >>> 16;
  }

  get remotePort(): number {
    return this.ports & 0xffff;
  }

  /** 4 or 6. */
  get family(): number {
    return (this.#marks & IPV6) === 0 ? 4 : 6;
  }
  set family(family: number) {
    this.#marks = family === 6 ? this.#marks | IPV6 : this.#marks & ~IPV6;
  }

  /** To count one more. */
  get incidents(): Incidents {
    this.#incidents ??= new Incidents();
    return this.#incidents;
  }

  /** ... or to look at, null while there are none. */
  get knownIncidents(): Readonly<Incidents> | null {
    return this.#incidents;
  }

  /** Opened by passive OPEN: RST in SYN-RECEIVED returns to LISTEN. */
  get passive(): boolean {
    return (this.#marks & PASSIVE) !== 0;
  }
  set passive(is: boolean) {
    this.#marks = is ? this.#marks | PASSIVE : this.#marks & ~PASSIVE;
  }

  /** ... with the remote socket left open. */
  get anyRemote(): boolean {
    return (this.#marks & ANY_REMOTE) !== 0;
  }
  set anyRemote(is: boolean) {
    this.#marks = is ? this.#marks | ANY_REMOTE : this.#marks & ~ANY_REMOTE;
  }

  /** SACK negotiated (RFC 2018). */
  get sack(): boolean {
    return (this.#marks & SACK) !== 0;
  }
  set sack(is: boolean) {
    this.#marks = is ? this.#marks | SACK : this.#marks & ~SACK;
  }

  /** Timestamps negotiated (Snd.TS.OK, RFC 7323 2.7). */
  get timestamps(): boolean {
    return (this.#marks & TIMESTAMPS) !== 0;
  }
  set timestamps(is: boolean) {
    this.#marks = is ? this.#marks | TIMESTAMPS : this.#marks & ~TIMESTAMPS;
  }

  /** Window scaling negotiated (RFC 7323 2). */
  get scaling(): boolean {
    return (this.#marks & SCALING) !== 0;
  }
  set scaling(is: boolean) {
    this.#marks = is ? this.#marks | SCALING : this.#marks & ~SCALING;
  }

  /** The announcement of our user timeout has still to go out after the handshake. */
  get announces(): boolean {
    return (this.#marks & ANNOUNCES) !== 0;
  }
  set announces(is: boolean) {
    this.#marks = is ? this.#marks | ANNOUNCES : this.#marks & ~ANNOUNCES;
  }
}
