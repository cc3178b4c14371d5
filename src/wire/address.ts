/**
 * An IP address: dotted or colon text, a number (IPv4 only, 0 to 2^32 - 1, the first octet highest), or 4 or
 * 16 bytes in network order.
 */
export type Address = string | number | Uint8Array;

/**
 * An address as 4 or 16 bytes in network order, always a copy.
 *
 * @throws {TypeError} when a text or an array is no address, {RangeError} when a number is not unsigned 32-bit
 */
export function addressBytes(address: Address): Uint8Array<ArrayBuffer> {
  if (typeof address === "number") return ipv4Bytes(address);
  if (typeof address === "string") {
    return address.includes(":") ? parseIPv6(address) : ipv4Bytes(parseIPv4(address));
  }
  if (!ArrayBuffer.isView(address) || (address.length !== 4 && address.length !== 16)) {
    throw new TypeError("address: expected text, a number, or 4 or 16 bytes");
  }
  return new Uint8Array(address);
}

/**
 * The text of an address: `formatIPv4` for a number or 4 bytes, `formatIPv6` for 16 bytes; a text comes back
 * in its canonical form.
 *
 * @example
 * ```ts
 * import { formatAddress } from "tcpwire/wire";
 *
 * formatAddress(0x7f000001); // -> "127.0.0.1"
 * formatAddress("2001:DB8:0:0:0:0:0:1"); // -> "2001:db8::1"
 * ```
 * @throws as `addressBytes` does
 */
export function formatAddress(address: Address): string {
  const bytes = addressBytes(address);
  return bytes.length === 4 ? `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}` : formatIPv6(bytes);
}

/** Whether a text is an IPv4 or IPv6 address: 4, 6, or 0 for neither. */
export function addressFamily(text: string): 0 | 4 | 6 {
  if (ipv4Number(text) >= 0) return 4;
  return ipv6Bytes(text) === undefined ? 0 : 6;
}

/**
 * An IPv4 address in dotted decimal, all four octets, without leading zeros (which some take for octal), as
 * a number.
 *
 * @throws {TypeError} when the text is anything else
 */
export function parseIPv4(text: string): number {
  const address = ipv4Number(text);
  if (address < 0) throw new TypeError(`address: ${JSON.stringify(text)} is not an IPv4 address`);
  return address;
}

/** The dotted decimal of an IPv4 address. `address` counts modulo 2^32. */
export function formatIPv4(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/**
 * The 16 bytes of an IPv6 address in any form of RFC 4291 2.2: eight groups, `::` for one run of zeros, the
 * last 32 bits as dotted decimal. A zone (`%eth0`, RFC 4007) is no part of the address and is refused.
 *
 * @throws {TypeError} when the text is anything else
 */
export function parseIPv6(text: string): Uint8Array<ArrayBuffer> {
  const bytes = ipv6Bytes(text);
  if (bytes === undefined) throw new TypeError(`address: ${JSON.stringify(text)} is not an IPv6 address`);
  return bytes;
}

/**
 * The canonical text of the 16 bytes at `offset` (RFC 5952): lower case, no leading zeros, the longest run of
 * two zero groups or more as `::`, the first of equally long ones. The two prefixes of RFC 4291 2.5.5 that
 * embed an IPv4 address, `::ffff:0:0/96` and the deprecated `::/96`, end in dotted decimal, as `inet_ntop`
 * and Wireshark print them.
 *
 * @throws {RangeError} when fewer than 16 bytes lie at `offset`
 */
export function formatIPv6(bytes: Uint8Array, offset = 0): string {
  if (!(offset >= 0 && offset + 16 <= bytes.length)) {
    throw new RangeError(`address: 16 bytes at offset ${offset} do not lie in ${bytes.length} bytes`);
  }
  const group = (i: number): number => (bytes[offset + 2 * i] << 8) | bytes[offset + 2 * i + 1];
  let start = -1;
  let length = 1; // a single zero group is written out (RFC 5952 4.2.2)
  for (let i = 0, run = 0; i < 8; i++) {
    run = group(i) === 0 ? run + 1 : 0;
    if (run > length) {
      length = run;
      start = i + 1 - run;
    }
  }
  const embedsIPv4 = start === 0 && (length === 6 || (length === 5 && group(5) === 0xffff));
  let text = "";
  for (let i = 0; i < 8; i++) {
    if (i === start) {
      text += "::";
      i += length - 1;
    } else if (i === 6 && embedsIPv4) {
      const at = offset + 12;
      return `${separated(text)}${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
    } else {
      text = separated(text) + group(i).toString(16);
    }
  }
  return text;
}

function separated(text: string): string {
  return text === "" || text.endsWith(":") ? text : `${text}:`;
}

function ipv4Bytes(address: number): Uint8Array<ArrayBuffer> {
  if (!(Number.isInteger(address) && address >= 0 && address <= 0xffffffff)) {
    throw new RangeError(`address: ${address} is not an unsigned 32-bit number`);
  }
  return Uint8Array.of(address >>> 24, address >>> 16, address >>> 8, address);
}

/** -1 when the text is no IPv4 address. */
function ipv4Number(text: string): number {
  let address = 0;
  let at = 0;
  for (let octets = 1; octets <= 4; octets++) {
    const start = at;
    let octet = 0;
    for (; at < text.length && at < start + 3; at++) {
      const digit = text.charCodeAt(at) - 0x30;
      if (!(digit >= 0 && digit <= 9)) break;
      octet = octet * 10 + digit;
    }
    const leadingZero = at > start + 1 && text.charCodeAt(start) === 0x30;
    if (at === start || octet > 255 || leadingZero) return -1;
    address = address * 256 + octet;
    if (octets < 4 && text.charCodeAt(at++) !== 0x2e) return -1;
  }
  return at === text.length ? address : -1;
}

/** `undefined` when the text is no IPv6 address. */
function ipv6Bytes(text: string): Uint8Array<ArrayBuffer> | undefined {
  // Nothing longer can be one: six groups of four digits, then a dotted quad of fifteen characters.
  if (text.length > 45) return undefined;
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const head = groups(halves[0], halves.length === 1);
  const tail = halves.length === 2 ? groups(halves[1], true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const zeros = 8 - head.length - tail.length;
  // RFC 4291 2.2: "::" stands for one group or more.
  if (halves.length === 2 ? zeros < 1 : zeros !== 0) return undefined;
  const bytes = new Uint8Array(16);
  for (const [i, group] of [...head, ...Array<number>(zeros).fill(0), ...tail].entries()) {
    bytes[2 * i] = group >> 8;
    bytes[2 * i + 1] = group;
  }
  return bytes;
}

/** The 16-bit groups of a half; the last may be a dotted quad where the address ends there. */
function groups(half: string, ends: boolean): number[] | undefined {
  if (half === "") return [];
  const found: number[] = [];
  const parts = half.split(":");
  for (const [i, part] of parts.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      found.push(Number.parseInt(part, 16));
      continue;
    }
    const quad = ends && i === parts.length - 1 ? ipv4Number(part) : -1;
    if (quad < 0) return undefined;
    found.push(quad >>> 16, quad & 0xffff);
  }
  return found;
}
