import { addWord, begin, digest, finish } from "../../tcp/siphash.ts";
import { type Address, addressBytes } from "../../wire/address.ts";

// Bits of the sysctl net.ipv4.tcp_fastopen.
const CLIENT = 1;
const SERVER = 2;
const CLIENT_WITHOUT_COOKIE = 4;
const SERVER_WITHOUT_COOKIE = 0x200;
const EVERY_LISTENER = 0x400;

interface KnownServer {
  readonly cookie?: Uint8Array;
  /** It came by the experimental option. */
  readonly experimental: boolean;
  readonly mss?: number;
  /** How often it gave none though it was asked. */
  readonly refusals: number;
}

const UNKNOWN: KnownServer = { experimental: false, refusals: 0 };

/** What a host decides about TCP Fast Open (RFC 7413), and the cookies that it has been given. */
export class FastOpenPolicy {
  /** The sysctl's bits; client alone, as kernels begin. */
  bits = CLIENT;
  key: Int32Array = new Int32Array(4);
  #known: KnownServer = UNKNOWN;

  get isClient(): boolean {
    return (this.bits & CLIENT) !== 0;
  }

  get needsNoCookie(): boolean {
    return (this.bits & CLIENT_WITHOUT_COOKIE) !== 0;
  }

  get servesWithoutCookie(): boolean {
    return (this.bits & SERVER_WITHOUT_COOKIE) !== 0;
  }

  /** Whether a listener takes part; one has asked for it by TCP_FASTOPEN. */
  serves(asked: boolean): boolean {
    return (this.bits & SERVER) !== 0 && (asked || (this.bits & EVERY_LISTENER) !== 0);
  }

  /** `a1a1a1a1-b2b2b2b2-c3c3c3c3-d4d4d4d4`, of which a list may begin. */
  setKey(text: string): void {
    const words = text.split(",")[0].split("-");
    this.key = Int32Array.from(words, (word) => Number.parseInt(word, 16) | 0);
  }

  /** What is known of the peer as a server. */
  get known(): KnownServer {
    return this.#known;
  }

  /**
   * The cookie and the form of option that the next SYN to the peer has. Who gives no cookie is asked once by the
   * experimental option, as older servers know no other, and ever after by the real one.
   */
  get request(): { readonly cookie?: Uint8Array; readonly mss?: number; readonly experimental: boolean } {
    const { cookie, mss, refusals, experimental } = this.#known;
    if (cookie === undefined) return { experimental: refusals === 1 };
    return { cookie, experimental, ...(mss === undefined ? {} : { mss }) };
  }

  remember(cookie: Uint8Array, experimental: boolean): void {
    this.#known = { ...this.#known, cookie, experimental };
  }

  /** What the peer announced in the last handshake. */
  rememberMss(mss: number): void {
    this.#known = { ...this.#known, mss };
  }

  /** A SYN,ACK without the cookie that was asked for. */
  refused(): void {
    this.#known = { ...this.#known, refusals: this.#known.refusals + 1 };
  }

  forget(): void {
    this.#known = UNKNOWN;
  }

  /** Our cookie for a client: SipHash of both addresses under the key, as Linux makes it, so that scripts can name it. */
  cookieFor(client: Address, server: Address, key = this.key): Uint8Array {
    begin(key);
    for (const address of [client, server]) addLittleEndian(addressBytes(address));
    finish();
    const cookie = new DataView(new ArrayBuffer(8));
    cookie.setInt32(0, digest.low, true);
    cookie.setInt32(4, digest.high, true);
    return new Uint8Array(cookie.buffer);
  }
}

function addLittleEndian(bytes: Uint8Array): void {
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let i = 0; i < bytes.length; i += 4) addWord(words.getInt32(i, true));
}
