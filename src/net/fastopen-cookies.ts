import { keyOf } from "../tcp/endpoint-options.ts";
import type { FastOpenOptions } from "../tcp/index.ts";
import { addAddress, begin, digest, finish, type SipKey } from "../tcp/siphash.ts";
import type { Address } from "../wire/address.ts";
import type { IpAddress } from "./ip-address.ts";

/** Servers that are remembered; the one heard of longest ago makes room. */
const MOST = 256;
/** A path that swallowed a SYN with the option is not tried with it again for so long (RFC 7413 4.1.3.1). */
const GIVEN_UP = 3_600_000;

interface Known {
  readonly server: IpAddress;
  /** Null where only silence is known of it. */
  readonly cookie: Uint8Array | null;
  readonly mss: number;
  readonly notBefore: number;
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
    const known = this.#known.find((each) => each.server.equals(server));
    if (known === undefined) return {};
    if (known.notBefore > now) return undefined;
    return known.cookie === null ? {} : { cookie: known.cookie, mss: known.mss };
  }

  /** A server has given us a cookie. */
  note(server: IpAddress, cookie: Uint8Array, mss: number): void {
    this.#put({ server, cookie, mss, notBefore: 0 });
  }

  /** Its SYN went unanswered until it went without the option. */
  giveUp(server: IpAddress, now: number): void {
    this.#put({ server, cookie: null, mss: 0, notBefore: now + GIVEN_UP });
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
