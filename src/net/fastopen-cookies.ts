import { keyOf } from "../tcp/endpoint-options.ts";
import type { FastOpenOptions, FastOpenProgress } from "../tcp/index.ts";
import { addAddress, begin, digest, finish, type SipKey } from "../tcp/siphash.ts";
import type { Address } from "../wire/address.ts";
import type { IpAddress } from "./ip-address.ts";

/** Servers that are remembered; the one heard of longest ago makes room. */
const MOST = 256;
/**
 * A SYN with the option that met silence may have been lost like any other: of one such nothing follows. Two in a row are
 * likely the path's doing, and it is not tried with the option again for a while (RFC 7413 4.1.3.1: "at least
 * temporarily"), since each try costs the user a retransmission timeout: four minutes, and twice as long each time
 * after, as Linux pauses for a minute shifted by the number of losses. The cookie stays: paths change, and losses say
 * nothing of it.
 */
const LOSSES_BEFORE_PAUSE = 2;
const FIRST_PAUSE = 240_000;
const LONGEST_PAUSE = 86_400_000;

interface Known {
  readonly server: IpAddress;
  /** Null where it has given none yet. */
  readonly cookie: Uint8Array | null;
  readonly mss: number;
  /** SYNs with the option in a row that met silence, while those without were answered. */
  readonly losses: number;
  /** When the option is tried again. */
  readonly pausedUntil: number;
}

/** What a host knows for TCP Fast Open (RFC 7413): its servers' cookies by their addresses, and the key of its own. */
export class FastOpenCookies {
  readonly #random: () => number;
  #key: SipKey | null = null;
  #previousKey: SipKey | null = null;
  readonly #known: Known[] = [];

  /** @param random unsigned 32-bit integers that nobody can predict */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** What an active OPEN takes: the cookie, or the wish for one. Undefined where it is not to be tried now. */
  optionsFor(server: IpAddress, now: number): FastOpenOptions | undefined {
    const known = this.#find(server);
    if (known === undefined) return {};
    if (known.pausedUntil > now) return undefined;
    return known.cookie === null ? {} : { cookie: known.cookie, mss: known.mss };
  }

  /** A server has given us a cookie. */
  note(server: IpAddress, cookie: Uint8Array, mss: number): void {
    this.#put({ server, cookie, mss, losses: 0, pausedUntil: 0 });
  }

  /** A connection that tried is established: whether its SYN got through as it was, or only without the option. */
  tried(server: IpAddress, progress: FastOpenProgress, now: number): void {
    const { cookie, mss, losses } = this.#find(server) ?? { cookie: null, mss: 0, losses: 0 };
    if (progress !== "timedOut") {
      if (losses > 0) this.#put({ server, cookie, mss, losses: 0, pausedUntil: 0 });
      return;
    }
    const pause = FIRST_PAUSE * 2 ** (losses + 1 - LOSSES_BEFORE_PAUSE);
    const pausedUntil = losses + 1 < LOSSES_BEFORE_PAUSE ? 0 : now + Math.min(pause, LONGEST_PAUSE);
    this.#put({ server, cookie, mss, losses: losses + 1, pausedUntil });
  }

  /** Our cookie for a client: a hash of its address that nobody else can compute (section 4.1.2). */
  readonly cookieFor = (client: Address): Uint8Array => {
    this.#key ??= this.#newKey();
    return cookie(this.#key, client);
  };

  /** The one that it was given before the key changed. */
  readonly previousCookieFor = (client: Address): Uint8Array | undefined =>
    this.#previousKey === null ? undefined : cookie(this.#previousKey, client);

  /** Changes our key: 16 bytes, random ones when left out. @throws {TypeError} for any other length */
  setKey(key?: Uint8Array): void {
    const next = key === undefined ? this.#newKey() : keyOf({ secret: key });
    this.#previousKey = this.#key;
    this.#key = next;
  }

  #newKey(): SipKey {
    const random = this.#random;
    return Int32Array.of(random(), random(), random(), random());
  }

  #find(server: IpAddress): Known | undefined {
    return this.#known.find((each) => each.server.equals(server));
  }

  #put(known: Known): void {
    const old = this.#known.findIndex(({ server }) => server.equals(known.server));
    if (old >= 0) this.#known.splice(old, 1);
    else if (this.#known.length === MOST) this.#known.shift();
    this.#known.push(known);
  }
}

function cookie(key: SipKey, client: Address): Uint8Array {
  begin(key);
  addAddress(client);
  finish();
  return new Uint8Array(Int32Array.of(digest.low, digest.high).buffer);
}
