import { addWord, begin, digest, finish } from "../../tcp/siphash.ts";
import { type Address, addressBytes } from "../../wire/address.ts";

// Bits of the sysctl net.ipv4.tcp_fastopen.
const CLIENT = 1;
const SERVER = 2;
const CLIENT_WITHOUT_COOKIE = 4;
const SERVER_WITHOUT_COOKIE = 0x200;
const EVERY_LISTENER = 0x400;

/** What a host decides about TCP Fast Open (RFC 7413), and the cookies that it has been given. */
export class FastOpenPolicy {
  /** The sysctl's bits; client alone, as kernels begin. */
  bits = CLIENT;
  key: Int32Array = new Int32Array(4);
  #cookie: { readonly cookie: Uint8Array; readonly mss: number } | null = null;

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

  /** `a1a1a1a1-b2b2b2b2-c3c3c3c3-d4d4d4d4`. */
  setKey(text: string): void {
    const words = text.split(",")[0].split("-");
    this.key = Int32Array.from(words, (word) => Number.parseInt(word, 16) | 0);
  }

  /** The peer's last cookie, and the MSS that came with it. */
  get cookie(): { readonly cookie: Uint8Array; readonly mss: number } | null {
    return this.#cookie;
  }

  remember(cookie: Uint8Array, mss: number): void {
    this.#cookie = { cookie, mss };
  }

  /** The peer has told another MSS since. */
  rememberMss(mss: number): void {
    if (this.#cookie !== null) this.#cookie = { ...this.#cookie, mss };
  }

  forget(): void {
    this.#cookie = null;
  }

  /** Our cookie for a client: SipHash of both addresses under the key, as Linux makes it, so that scripts can name it. */
  cookieFor(client: Address, server: Address): Uint8Array {
    begin(this.key);
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
