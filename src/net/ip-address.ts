import { type Address, addressBytes, formatAddress } from "../wire/address.ts";
import { get32 } from "../wire/bytes.ts";

/**
 * An IP address as words: the first alone for IPv4, all four for IPv6, signed. Packets are compared in this form; it
 * is made once, when an address is configured or connected to.
 */
export class IpAddress {
  readonly w0: number;
  /** Of IPv6: each connection has an address, and most are of IPv4. */
  readonly #rest: Rest | null;

  constructor(family: 4 | 6, w0: number, w1 = 0, w2 = 0, w3 = 0) {
    this.w0 = w0 | 0;
    this.#rest = family === 4 ? null : new Rest(w1, w2, w3);
  }

  get family(): 4 | 6 {
    return this.#rest === null ? 4 : 6;
  }

  get w1(): number {
    return this.#rest === null ? 0 : this.#rest.w1;
  }

  get w2(): number {
    return this.#rest === null ? 0 : this.#rest.w2;
  }

  get w3(): number {
    return this.#rest === null ? 0 : this.#rest.w3;
  }

  equals(other: IpAddress): boolean {
    return (
      this.family === other.family &&
      this.w0 === other.w0 &&
      this.w1 === other.w1 &&
      this.w2 === other.w2 &&
      this.w3 === other.w3
    );
  }

  /** In the form that `Endpoint` takes: a number, or 16 bytes. */
  get value(): number | Uint8Array {
    return this.family === 4 ? this.w0 >>> 0 : this.bytes();
  }

  /** 4 or 16 bytes in network order. */
  bytes(): Uint8Array {
    const words = this.family === 4 ? [this.w0] : [this.w0, this.w1, this.w2, this.w3];
    return Uint8Array.from(words.flatMap((word) => [word >>> 24, word >>> 16, word >>> 8, word]));
  }

  toString(): string {
    return formatAddress(this.value);
  }
}

class Rest {
  readonly w1: number;
  readonly w2: number;
  readonly w3: number;

  constructor(w1: number, w2: number, w3: number) {
    this.w1 = w1 | 0;
    this.w2 = w2 | 0;
    this.w3 = w3 | 0;
  }
}

/**
 * An address in any form, as words.
 * @throws {TypeError} {RangeError} when it is none
 */
export function ipAddress(address: Address): IpAddress {
  const bytes = addressBytes(address);
  return bytes.length === 4
    ? new IpAddress(4, get32(bytes, 0))
    : new IpAddress(6, get32(bytes, 0), get32(bytes, 4), get32(bytes, 8), get32(bytes, 12));
}

/** An address with the length of its network's prefix: `192.0.2.1/24`. */
export interface Prefix {
  readonly address: IpAddress;
  readonly bits: number;
}

/**
 * Reads `ADDRESS/BITS`; without the slash all bits count.
 * @throws {TypeError} when the text is no prefix
 */
export function parsePrefix(text: string): Prefix {
  const [head, tail, ...rest] = text.split("/");
  const address = ipAddress(head);
  const longest = address.family === 4 ? 32 : 128;
  const bits = tail === undefined ? longest : /^\d{1,3}$/.test(tail) ? Number(tail) : longest + 1;
  if (rest.length > 0 || bits > longest) {
    throw new TypeError(`${JSON.stringify(text)} is no address with a prefix length`);
  }
  return { address, bits };
}

/** Whether `address` lies in the network. */
export function isWithin({ address: network, bits }: Prefix, address: IpAddress): boolean {
  return (
    network.family === address.family &&
    agree(network.w0, address.w0, bits) &&
    agree(network.w1, address.w1, bits - 32) &&
    agree(network.w2, address.w2, bits - 64) &&
    agree(network.w3, address.w3, bits - 96)
  );
}

function agree(a: number, b: number, bits: number): boolean {
  if (bits <= 0) return true;
  return bits >= 32 ? a === b : (a ^ b) >>> (32 - bits) === 0;
}

/** 0.0.0.0 and `::`. */
export function isUnspecified({ w0, w1, w2, w3 }: IpAddress): boolean {
  return (w0 | w1 | w2 | w3) === 0;
}

/** 224.0.0.0/4 and ff00::/8. */
export function isMulticast({ family, w0 }: IpAddress): boolean {
  return family === 4 ? w0 >>> 28 === 0xe : w0 >>> 24 === 0xff;
}

/** All ones, or the last address of a network that is not a mere pair (RFC 1122 3.2.1.3, RFC 3021). */
export function isBroadcast(address: IpAddress, { address: network, bits }: Prefix): boolean {
  if (address.family !== 4) return false;
  if (address.w0 === -1) return true;
  return network.family === 4 && bits < 31 && (address.w0 ^ (network.w0 | (-1 >>> bits))) === 0;
}
