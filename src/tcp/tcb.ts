import type { Ring, RingPool } from "../wasm/rings.ts";
import type { Address } from "../wire/address.ts";
import type { Challenges } from "./challenges.ts";
import { Congestion, type CongestionControl } from "./congestion/control.ts";
import { Counters } from "./counters.ts";
import type { Ecn } from "./ecn.ts";
import type { TcpError } from "./errors.ts";
import type { CloseReason } from "./events.ts";
import type { FastOpen } from "./fastopen-options.ts";
import type { Flight } from "./flight.ts";
import type { Recovery } from "./loss.ts";
import type { MtuSearch } from "./mtu-search.ts";
import type { Reassembly } from "./reassembly.ts";
import { RoundTrip } from "./rtt.ts";
import type { Settings } from "./settings.ts";
import type { SipKey } from "./siphash.ts";
import { CLOSED } from "./state.ts";
import { NEVER, Timers } from "./timers.ts";

// Sequence numbers are kept as signed 32-bit integers (`| 0`): V8 stores those in place, where the upper
// half of the unsigned ones would cost an allocation each. wire/seq compares either form.

// Yes-or-no variables are bits of one number: as fields they would take eight bytes each. Each class has its own, and no
// base class, as code that met three shapes of object would be slower. Marks of send variables,
const WITH_FIN = 1;
const URGENT = 2;
const OVERDUE = 4;
const PROBED = 8;
const STARVED = 16;
// of receive variables, WITH_FIN and URGENT among them,
const FIN_AHEAD = 4;
const DEAF = 8;
const ACK_NOW = 16;
const INTERACTIVE = 32;
// and of connections.
const PASSIVE = 1;
const ANY_REMOTE = 2;
const SACK = 4;
const SCALING = 8;
const ANNOUNCES = 16;

/** Send sequence variables (RFC 9293 3.3.1) and what the sender keeps beside them. */
export class SendVariables {
  #marks = 0;
  /** SND.UNA: oldest unacknowledged. */
  una = 0;
  /** SND.NXT: next to be sent for the first time. */
  nxt = 0;
  /** SND.WND: send window, in bytes from SND.UNA on. */
  wnd = 0;
  /** SND.UP: the byte after the last urgent one; means something while it is after SND.UNA. */
  up = 0;
  /** SND.WL1: SEG.SEQ of the last window update. */
  wl1 = 0;
  /** SND.WL2: SEG.ACK of the last window update. */
  wl2 = 0;
  /** ISS: initial send sequence number. */
  iss = 0;

  /** After the last byte that SEND has queued. SND.NXT runs up to it. */
  end = 0;
  /** Up to here a segment need not be full (everything queued without `more`). */
  pushed = 0;
  /** After the last segment sent that was not full (Nagle's algorithm, 3.7.4). */
  smallEnd = 0;
  /** MAX.SND.WND: the largest window the peer ever offered (RFC 9293 3.8.6.2.1, RFC 5961 5.2). */
  maxWnd = 0;
  /** Snd.Wind.Shift: the peer's windows count in units of 2^scale (RFC 7323 2.3). */
  scale = 0;
  /** The peer's MSS option, or its default (RFC 9293 3.7.1). */
  peerMss = 0;
  /** Eff.snd.MSS: data bytes in a full segment, the options of every segment already taken off. */
  mss = 0;
  /** With pacing: when the next segment may go; null while it is not in use. */
  paceAt: number | null = null;
  /** The path's MTU, once it is known to be less than the first link's; 0 before. */
  pmtu = 0;
  /** The search for what the path takes, while there is one (RFC 4821). */
  search: MtuSearch | null = null;
  /** The largest packet that has arrived, as far as is known (RFC 5927 7.2: maxsizeacked). */
  proven = 0;
  /** An MTU that a router told and that contradicts it; 0 for none. */
  doubtfulMtu = 0;
  /** When data was last sent (RFC 5681 4.1). */
  lastAt = NEVER;
  /** Bytes [una, end), while there are any. */
  ring: Ring | null = null;
  /** The most it held since it was taken. */
  held = 0;
  /** Segments [una, nxt), while there are any. */
  flight: Flight | null = null;

  /** CLOSE was called: a FIN follows at `end`. */
  get fin(): boolean {
    return (this.#marks & WITH_FIN) !== 0;
  }
  set fin(is: boolean) {
    this.#marks = is ? this.#marks | WITH_FIN : this.#marks & ~WITH_FIN;
  }

  /** The override timer ran out: the next segment may be of any size. */
  get overdue(): boolean {
    return (this.#marks & OVERDUE) !== 0;
  }
  set overdue(is: boolean) {
    this.#marks = is ? this.#marks | OVERDUE : this.#marks & ~OVERDUE;
  }

  /** SND.UP is meant. */
  get urgent(): boolean {
    return (this.#marks & URGENT) !== 0;
  }
  set urgent(is: boolean) {
    this.#marks = is ? this.#marks | URGENT : this.#marks & ~URGENT;
  }

  /** A byte (or FIN) at SND.NXT went out as a zero-window probe; SND.NXT has not moved. */
  get probed(): boolean {
    return (this.#marks & PROBED) !== 0;
  }
  set probed(is: boolean) {
    this.#marks = is ? this.#marks | PROBED : this.#marks & ~PROBED;
  }

  /** SEND took less than it was given; tell when there is room. */
  get starved(): boolean {
    return (this.#marks & STARVED) !== 0;
  }
  set starved(is: boolean) {
    this.#marks = is ? this.#marks | STARVED : this.#marks & ~STARVED;
  }
}

/** Receive sequence variables (RFC 9293 3.3.1) and what the receiver keeps beside them. */
export class ReceiveVariables {
  #marks = 0;
  /** RCV.NXT: next expected. */
  nxt = 0;
  /** RCV.WND: from RCV.NXT to the furthest right edge that was offered; it never retreats. */
  wnd = 0;
  /** The right edge that the last segment told, which scaling may have rounded down. */
  edge = 0;
  /** RCV.UP: the byte after the last urgent one. */
  up = 0;
  /** IRS: initial receive sequence number. */
  irs = 0;

  /** The next byte for the application: [user, nxt) waits for RECEIVE. */
  user = 0;
  /** Last.ACK.sent (RFC 7323 4.3). */
  acked = 0;
  /** Where the FIN lies, while `finAhead`. */
  finAt = 0;
  /** Rcv.Wind.Shift. */
  scale = 0;
  /** MSS we announced. */
  mss = 0;
  /** The largest segment seen lately: what "full-sized" means when counting for delayed ACKs. */
  segment = 0;
  /** Bytes that may wait here now; grows from `rcvBuf` to `rcvBufMax`. */
  buffer = 0;
  /** Acknowledgments due at once without data, one for each segment that asked (RFC 5681 4.2). */
  owed = 0;
  /** Bytes received since the last acknowledgment. */
  unacked = 0;
  /** Acknowledgments still sent without delay. */
  quick = 0;
  /** D-SACK to report next: [dupLeft, dupRight), empty when equal (RFC 2883). */
  dupLeft = 0;
  dupRight = 0;
  /** When the last segment arrived. */
  lastAt = NEVER;
  /** Buffer tuning: when the current round trip began, and what `user` was then. */
  roundAt = -NEVER;
  roundUser = 0;
  /** Bytes [user, nxt) and those beyond gaps, while there are any. */
  ring: Ring | null = null;
  /** The most it held since it was taken. */
  held = 0;
  /** Bytes beyond gaps, while there are any. */
  ahead: Reassembly | null = null;

  /** RCV.UP is meant. */
  get urgent(): boolean {
    return (this.#marks & URGENT) !== 0;
  }
  set urgent(is: boolean) {
    this.#marks = is ? this.#marks | URGENT : this.#marks & ~URGENT;
  }

  /** The peer's FIN has been taken: nothing follows RCV.NXT. */
  get fin(): boolean {
    return (this.#marks & WITH_FIN) !== 0;
  }
  set fin(is: boolean) {
    this.#marks = is ? this.#marks | WITH_FIN : this.#marks & ~WITH_FIN;
  }

  /** A FIN has come beyond a gap. */
  get finAhead(): boolean {
    return (this.#marks & FIN_AHEAD) !== 0;
  }
  set finAhead(is: boolean) {
    this.#marks = is ? this.#marks | FIN_AHEAD : this.#marks & ~FIN_AHEAD;
  }

  /** The application takes no more: new data is answered with RST (RFC 9293 3.6.1). */
  get deaf(): boolean {
    return (this.#marks & DEAF) !== 0;
  }
  set deaf(is: boolean) {
    this.#marks = is ? this.#marks | DEAF : this.#marks & ~DEAF;
  }

  /** An acknowledgment is due at once; data may carry it. */
  get ackNow(): boolean {
    return (this.#marks & ACK_NOW) !== 0;
  }
  set ackNow(is: boolean) {
    this.#marks = is ? this.#marks | ACK_NOW : this.#marks & ~ACK_NOW;
  }

  /** Our data follows the peer's closely: it can carry the acknowledgments. */
  get interactive(): boolean {
    return (this.#marks & INTERACTIVE) !== 0;
  }
  set interactive(is: boolean) {
    this.#marks = is ? this.#marks | INTERACTIVE : this.#marks & ~INTERACTIVE;
  }
}

/** Timestamps (RFC 7323). */
export class Timestamps {
  /** Negotiated (Snd.TS.OK). */
  on = false;
  /** TS.Recent. */
  recent = 0;
  /** When TS.Recent was taken, in whole seconds; too old it means nothing (RFC 7323 5.5). */
  recentAt = 0;
  /** What our first SYN said: an echo of anything earlier answers somebody else's. */
  first = 0;
  /** Added to the clock, so that it tells nothing about the host's uptime (RFC 7323 5.4). */
  offset = 0;
}

/** Who talks to whom, and what makes its numbers unpredictable. */
export interface Identity {
  readonly localAddress: Address;
  readonly localPort: number;
  /** Null in a passive OPEN that takes any remote socket, until a SYN names it. */
  remoteAddress: Address | null;
  remotePort: number;
  /** 4 or 6. */
  readonly family: number;
  readonly key: SipKey;
  /** ISS to use instead of RFC 6528's; -1 for none. */
  readonly isn: number;
}

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

/** The transmission control block: all that is known of one connection (RFC 9293 3.3.1). */
export class Tcb {
  #marks = 0;
  /** Written by `enter` of state.ts alone. */
  readonly state: number = CLOSED;
  settings: Settings;
  readonly pool: RingPool;
  readonly identity: Identity;
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
  /** Why it is CLOSED, once it is. */
  reason: CloseReason | null = null;
  error: TcpError | null = null;
  softError: TcpError | null = null;
  /** What was answered with a challenge, or from outside the window, once something was. */
  challenges: Challenges | null = null;
  /** Retransmissions of the oldest segment in a row (RFC 9293 3.8.3). */
  retransmits = 0;
  /** The user timeout in force, ms; 0 for none. */
  userTimeout: number;
  /** Zero-window probes since the window closed, and those of them that nothing has answered yet. */
  windowProbes = 0;
  windowProbesUnanswered = 0;
  /** Keep-alive probes that nothing has answered yet. */
  keepAliveProbes = 0;
  snd = new SendVariables();
  rcv = new ReceiveVariables();
  readonly ts = new Timestamps();
  readonly rtt: RoundTrip;
  readonly cc: Congestion;
  recovery: Recovery | null = null;
  readonly timers = new Timers();
  readonly counters = new Counters();

  constructor(
    settings: Settings,
    pool: RingPool,
    identity: Identity,
    control: CongestionControl,
    fastOpen: FastOpen | null = null,
  ) {
    this.settings = settings;
    this.pool = pool;
    this.identity = identity;
    this.fastOpen = fastOpen;
    this.userTimeout = settings.userTimeout;
    this.rtt = new RoundTrip(settings.initialRto);
    this.cc = new Congestion(control);
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
