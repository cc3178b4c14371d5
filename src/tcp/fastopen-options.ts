import type { Address } from "../wire/address.ts";
import { copyOf } from "../wire/bytes.ts";
import { COOKIE_MAX, COOKIE_MIN } from "./arrives/segment.ts";
import { SYN_RECEIVED } from "./state.ts";

/**
 * TCP Fast Open (RFC 7413): data in the SYN, on the word of a cookie. A SYN that is duplicated on its way may
 * deliver its data twice, so it is for requests that may be (section 6.1), and never on by itself.
 */
export interface FastOpenOptions {
  /**
   * Active OPEN: the cookie that this server gave us earlier, 4 to 16 bytes. What `send` takes before the first
   * `poll` goes with the SYN then. Without one the SYN asks for it, and the event `cookie` brings it.
   */
  readonly cookie?: Uint8Array;
  /** Active OPEN: the MSS that came with it; without it what a peer that announces none must take. */
  readonly mss?: number;
  /**
   * Active OPEN: asks, and brings the cookie, by the experimental option (RFC 7413 8, RFC 6994), which is all that
   * servers from before the RFC know; false.
   */
  readonly experimental?: boolean;
  /**
   * Active OPEN: data go with the SYN though there is no cookie, and no option says so, as RFC 9293 3.5 allows. Passive
   * OPEN: the data of any SYN are delivered at once, which lets anyone who forges an address have a request answered.
   * For networks in which nobody can; false.
   */
  readonly withoutCookie?: boolean;
  /**
   * Passive OPEN: the cookie for a client's address, 4 to 16 bytes, an even number of them: a keyed hash that
   * nobody else can compute (section 4.1.2). Data in a SYN that brings it is delivered at once.
   */
  cookieFor?(client: Address): Uint8Array;
  /**
   * Passive OPEN: the cookie that the client was given before the key changed, if it was changed. It is as good as the
   * present one, which the SYN,ACK then brings (section 4.1.2: keys are to change, at best often).
   */
  previousCookieFor?(client: Address): Uint8Array | undefined;
  /**
   * Passive OPEN: asked once for each SYN with a good cookie and data. `false` holds to the plain handshake: a
   * host counts connections that are still SYN-RECEIVED, so that a flood with stolen cookies costs no more
   * than one without (section 5.1, PendingFastOpenRequests).
   */
  mayAccept?(): boolean;
}

/** How far Fast Open got, as `status()` tells it. */
export type FastOpenProgress =
  /** Not asked for, or nothing came of it. */
  | "off"
  /** We asked for a cookie. */
  | "requested"
  /** Our SYN carried a cookie, and data if there were any. */
  | "sent"
  /** The SYN's data were taken: ours by the peer, or the peer's by us. */
  | "accepted"
  /** The peer's SYN brought a good cookie and no data: we may send before the handshake ends. */
  | "admitted"
  /** The peer acknowledged our SYN without all of its data: the rest is sent again. */
  | "ignored"
  /** The SYN with the option met silence, and went out again without (section 4.1.3: not to be tried there soon). */
  | "timedOut";

/** What a connection that may use Fast Open keeps. */
export class FastOpen {
  readonly options: FastOpenOptions;
  progress: FastOpenProgress = "off";
  /** Our SYN,ACK brings this cookie. */
  granted: Uint8Array | null = null;
  /** The option goes in its experimental form: as ours is to, or as the peer's SYN had it. */
  isExperiment: boolean;
  /** Our SYN did not get through with option and data, and goes without from now on. */
  isGivenUp = false;
  /** A SYN,ACK brought this one, and the user has not been told. */
  received: Uint8Array | null = null;
  /** Data may be exchanged in SYN-RECEIVED. */
  early = false;

  /** @throws {RangeError} for a cookie that does not fit the option */
  constructor(options: FastOpenOptions) {
    const { cookie } = options;
    if (cookie !== undefined && !isCookie(cookie))
      throw new RangeError("fastOpen.cookie: 4 to 16 bytes, even");
    this.options = { ...options, cookie: cookie && copyOf(cookie) };
    this.isExperiment = options.experimental === true;
  }

  /** A listener waits for the next. */
  reset(): void {
    this.progress = "off";
    this.granted = null;
    this.isExperiment = false;
    this.early = false;
  }
}

/** Whether the user has been given data before the handshake's end. */
export function isEarly(tcb: { readonly state: number; readonly fastOpen: FastOpen | null }): boolean {
  return tcb.state === SYN_RECEIVED && tcb.fastOpen?.early === true;
}

export function isCookie(cookie: Uint8Array): boolean {
  return cookie.length >= COOKIE_MIN && cookie.length <= COOKIE_MAX && (cookie.length & 1) === 0;
}
