import {
  CHECKSUM_BAD,
  CHECKSUM_GOOD,
  CHECKSUM_PARTIAL,
  CHECKSUM_UNVERIFIED,
} from "../../assembly/layout/status.ts";
import { IPPROTO_TCP, TCP_CHECKSUM, TCP_HEADER_MIN } from "../../assembly/layout/wire.ts";
import { type Address, addressBytes, formatIPv6, parseIPv4, parseIPv6 } from "./address.ts";
import { fold, sumBytes, swap } from "./sum.ts";

/** One array, or several that follow one another; the pieces may have any lengths, odd ones too. */
export type Bytes = Uint8Array | Iterable<Uint8Array>;

/** The addresses of the IP packet around a segment: both IPv4 or both IPv6. */
export interface Addresses {
  readonly src: Address;
  readonly dst: Address;
}

/**
 * What a checksum says: `good`; `bad`; `partial`, the sum of the pseudo-header alone, left for the network
 * card to finish (checksum offload, common in captures of a machine's own packets); `unverifiable`, because
 * bytes are missing.
 */
export type ChecksumVerdict = "good" | "bad" | "partial" | "unverifiable";

/** The verdict that stands for a `CHECKSUM_*` number. */
export function checksumVerdict(status: number): ChecksumVerdict {
  return VERDICTS[status] ?? "unverifiable";
}

const VERDICTS: ChecksumVerdict[] = [];
VERDICTS[CHECKSUM_UNVERIFIED] = "unverifiable";
VERDICTS[CHECKSUM_GOOD] = "good";
VERDICTS[CHECKSUM_BAD] = "bad";
VERDICTS[CHECKSUM_PARTIAL] = "partial";

/**
 * The Internet checksum (RFC 1071): the complement of the ones'-complement sum of 16-bit words, an odd last
 * byte padded with zero.
 *
 * @param initial a sum to start from, 0 to 2^31 - 1, for instance `pseudoHeaderSum`
 * @returns 0 to 0xffff
 *
 * @example
 * ```ts
 * import { checksum } from "tcpwire/wire";
 *
 * // The example of RFC 1071 3.
 * checksum(Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7)).toString(16); // -> "220d"
 * ```
 */
export function checksum(bytes: Bytes, initial = 0): number {
  const sum = isBytes(bytes) ? sumBytes(bytes, 0, bytes.length) : gather(bytes, Number.POSITIVE_INFINITY).sum;
  return ~fold(sum + fold(initial)) & 0xffff;
}

/**
 * The pseudo-header of a segment: 12 bytes for IPv4 (RFC 9293 3.1), 40 for IPv6 (RFC 8200 8.1), whose length
 * field has 32 bits and so covers jumbograms (RFC 2675).
 *
 * @param length bytes of TCP header and payload
 * @throws {TypeError} when the addresses are none or of two families
 * @throws {RangeError} when the length does not fit its field
 */
export function pseudoHeader({ src, dst }: Addresses, length: number, protocol = IPPROTO_TCP): Uint8Array {
  const [from, to] = addressPair(src, dst);
  const size = from.length;
  const longest = size === 4 ? 0xffff : 0xffffffff;
  if (!(Number.isInteger(length) && length >= 0 && length <= longest)) {
    throw new RangeError(`length: ${length} is not 0 to ${longest}`);
  }
  const header = new Uint8Array(size === 4 ? 12 : 40);
  header.set(from, 0);
  header.set(to, size);
  if (size === 4) {
    header.set([0, protocol, length >>> 8, length], 8);
  } else {
    header.set([length >>> 24, length >>> 16, length >>> 8, length, 0, 0, 0, protocol], 32);
  }
  return header;
}

/**
 * The sum of the pseudo-header's words, folded to 16 bits. Unlike the header itself it exists for IPv4
 * segments above 65535 bytes too, which segmentation offload leaves in captures: there, as in the Linux
 * kernel, the length counts with 32 bits.
 *
 * @param length bytes of TCP header and payload, 0 to 2^32 - 1
 * @throws {TypeError} when the addresses are none or of two families
 */
export function pseudoHeaderSum({ src, dst }: Addresses, length: number, protocol = IPPROTO_TCP): number {
  return addLength(addressSum(src, dst, protocol), length);
}

/**
 * The part of the pseudo-header's sum that is the same for every segment of a connection, in one
 * direction or the other: the addresses and the protocol. See `checksumStatus` and `writeChecksum`.
 *
 * @returns 0 to 0xffff
 * @throws {TypeError} when the addresses are none or of two families
 */
export function addressSum(src: Address, dst: Address, protocol = IPPROTO_TCP): number {
  if (typeof src === "number" && typeof dst === "number") {
    return fold((src >>> 16) + (src & 0xffff) + (dst >>> 16) + (dst & 0xffff) + protocol);
  }
  const from = familyAndSum(src);
  const to = familyAndSum(dst);
  if (from >>> 16 !== to >>> 16) throw mixedFamilies();
  return fold((from & 0xffff) + (to & 0xffff) + protocol);
}

/**
 * Verifies a segment's checksum (RFC 9293 3.1, MUST-3).
 *
 * @param segment TCP header and payload, in one array or in pieces
 * @param context the addresses of the IP packet, and, where the bytes may have been cut short or followed by
 *   padding, the segment's length as the IP header tells it
 * @throws {TypeError} when the addresses are none or of two families
 *
 * @example
 * ```ts
 * import { ACK, buildSegment, verifyChecksum } from "tcpwire/wire";
 *
 * const addresses = { src: "192.0.2.1", dst: "192.0.2.2" };
 * const bytes = buildSegment({ srcPort: 80, dstPort: 50000, seq: 1, ack: 1, flags: ACK, window: 512 }, addresses);
 * verifyChecksum(bytes, addresses); // -> "good"
 * bytes[4] ^= 1;
 * verifyChecksum(bytes, addresses); // -> "bad"
 * ```
 */
export function verifyChecksum(
  segment: Bytes,
  context: Addresses & { readonly length?: number },
): ChecksumVerdict {
  const addresses = addressSum(context.src, context.dst);
  const length = context.length ?? Number.POSITIVE_INFINITY;
  if (isBytes(segment)) {
    if (context.length !== undefined && segment.length < length) return "unverifiable";
    return checksumVerdict(checksumStatus(segment, 0, Math.min(segment.length, length), addresses));
  }
  const found = gather(segment, length);
  if (context.length !== undefined && found.length < length) return "unverifiable";
  return checksumVerdict(judge(found.sum, found.field, found.length, addresses));
}

/**
 * Computes a segment's checksum, writes it into the header and returns it (RFC 9293 3.1, MUST-2).
 *
 * @throws {TypeError} when the addresses are none or of two families
 * @throws {RangeError} when there are fewer than 20 bytes
 */
export function fillChecksum(segment: Uint8Array, { src, dst }: Addresses): number {
  if (segment.length < TCP_HEADER_MIN) {
    throw new RangeError(`segment: ${segment.length} bytes hold no TCP header`);
  }
  return writeChecksum(segment, 0, segment.length, addressSum(src, dst));
}

/**
 * The `CHECKSUM_*` status of the segment in `bytes[start, end)`, without allocation.
 *
 * @param addresses what `addressSum` gave for the packet's addresses
 */
export function checksumStatus(bytes: Uint8Array, start: number, end: number, addresses: number): number {
  const at = start + TCP_CHECKSUM;
  return judge(sumBytes(bytes, start, end), (bytes[at] << 8) | bytes[at + 1], end - start, addresses);
}

/**
 * Computes the checksum of the segment in `bytes[start, end)`, at least 20 bytes, writes it there and returns
 * it, without allocation.
 *
 * @param addresses what `addressSum` gave for the packet's addresses
 */
export function writeChecksum(bytes: Uint8Array, start: number, end: number, addresses: number): number {
  const at = start + TCP_CHECKSUM;
  bytes[at] = 0;
  bytes[at + 1] = 0;
  const value = ~fold(sumBytes(bytes, start, end) + addLength(addresses, end - start)) & 0xffff;
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
  return value;
}

/** The status of a segment of `length` bytes with this sum and this checksum field. */
function judge(sum: number, field: number, length: number, addresses: number): number {
  if (length < TCP_HEADER_MIN) return CHECKSUM_UNVERIFIED;
  const pseudo = addLength(addresses, length);
  // With the field included the sum is 0xffff, minus zero, when the checksum is right. Plus zero it cannot
  // be, for the protocol number is in it: so either zero in the field is judged by its arithmetic alone.
  if (fold(sum + pseudo) === 0xffff) return CHECKSUM_GOOD;
  return field === pseudo ? CHECKSUM_PARTIAL : CHECKSUM_BAD;
}

/** Sum, length and checksum field of the first `limit` bytes of a segment in pieces. */
function gather(pieces: Iterable<Uint8Array>, limit: number): { sum: number; length: number; field: number } {
  let sum = 0;
  let length = 0;
  let field = 0;
  for (const piece of pieces) {
    const take = Math.min(piece.length, limit - length);
    const words = sumBytes(piece, 0, take);
    sum = fold(sum + (length & 1 ? swap(words) : words)); // RFC 1071 2.B: an odd offset exchanges the bytes
    for (let at = TCP_CHECKSUM; at < TCP_CHECKSUM + 2; at++) {
      if (at >= length && at < length + take) field |= piece[at - length] << (at === TCP_CHECKSUM ? 8 : 0);
    }
    length += take;
  }
  return { sum, length, field };
}

function isBytes(bytes: Bytes): bytes is Uint8Array {
  return ArrayBuffer.isView(bytes);
}

function addLength(addresses: number, length: number): number {
  return fold(addresses + (length >>> 16) + (length & 0xffff));
}

function addressPair(src: Address, dst: Address): [Uint8Array, Uint8Array] {
  const from = addressBytes(src);
  const to = addressBytes(dst);
  if (from.length !== to.length) throw mixedFamilies();
  return [from, to];
}

/** Bytes of the address in the upper half, the sum of its words in the lower. */
function familyAndSum(address: Address): number {
  if (typeof address !== "string") return sumOfBytes(addressBytes(address));
  if (address.includes(":")) return sumOfIPv6Text(address);
  const number = parseIPv4(address);
  return (4 << 16) | fold((number >>> 16) + (number & 0xffff));
}

function sumOfBytes(bytes: Uint8Array): number {
  return (bytes.length << 16) | sumBytes(bytes, 0, bytes.length);
}

// To read an IPv6 text takes several times what the rest of a segment takes, and most callers give the same
// few again and again.
const TEXTS_MAX = 64;
const textSums = new Map<string, number>();

function sumOfIPv6Text(text: string): number {
  const known = textSums.get(text);
  if (known !== undefined) return known;
  const bytes = parseIPv6(text);
  const found = sumOfBytes(bytes);
  // The key is a text of our own: one cut from a larger string would hold on to all of that.
  const canonical = formatIPv6(bytes);
  if (canonical === text) {
    if (textSums.size === TEXTS_MAX) textSums.clear();
    textSums.set(canonical, found);
  }
  return found;
}

function mixedFamilies(): TypeError {
  return new TypeError("addresses: one is IPv4 and the other IPv6");
}
