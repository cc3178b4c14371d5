import {
  FLAGS_MASK,
  TCP_ACK,
  TCP_CHECKSUM,
  TCP_DST_PORT,
  TCP_HEADER_MIN,
  TCP_OFFSET_FLAGS,
  TCP_SEQ,
  TCP_SRC_PORT,
  TCP_URGENT,
  TCP_WINDOW,
} from "../../assembly/layout/wire.ts";
import { type Address, addressBytes } from "./address.ts";
import { unsigned } from "./range.ts";
import { fold, sumBytes } from "./sum.ts";

/**
 * The checksum after one 16-bit word of the data changed, without the rest of it: equation 3 of RFC 1624,
 * HC' = ~(~HC + ~m + m'). Gives what a computation over everything would give; a checksum that was wrong
 * stays wrong by as much. Minus zero is complemented to 0x0000, as a computation over a TCP segment would,
 * so a field of 0xffff may come back as 0x0000, which verifies alike.
 *
 * Not for a field that checksum offload left `partial`: that is an uncomplemented sum.
 *
 * @param checksum the field's old value, 0 to 0xffff
 * @param from the word as it was, 0 to 0xffff
 * @param to the word as it is
 *
 * @example
 * ```ts
 * import { updateChecksum } from "tcpwire/wire";
 *
 * // The example of RFC 1624 4.
 * updateChecksum(0xdd2f, 0x5555, 0x3285); // -> 0
 * ```
 */
export function updateChecksum(checksum: number, from: number, to: number): number {
  const sum = fold((~checksum & 0xffff) + (~from & 0xffff) + (to & 0xffff));
  // Plus zero comes out only where all three are: the field was minus zero and nothing was added.
  return sum === 0 ? 0 : ~sum & 0xffff;
}

/**
 * `updateChecksum` for a 32-bit field at an even offset: a sequence number, a timestamp, an IPv4 address.
 */
export function updateChecksum32(checksum: number, from: number, to: number): number {
  return updateChecksum(updateChecksum(checksum, from >>> 16, to >>> 16), from & 0xffff, to & 0xffff);
}

/**
 * `updateChecksum` for an address of the pseudo-header. The two may be of different families, as in a
 * translation between IPv4 and IPv6 (RFC 7915): length and protocol count alike in both pseudo-headers.
 *
 * @throws {TypeError} when one is no address
 */
export function updateChecksumAddress(checksum: number, from: Address, to: Address): number {
  const before = addressBytes(from);
  const after = addressBytes(to);
  return updateChecksum(checksum, sumBytes(before, 0, before.length), sumBytes(after, 0, after.length));
}

/** What `rewriteSegment` changes. Addresses are not in the segment, so both values are told. */
export interface Rewrite {
  readonly srcPort?: number;
  readonly dstPort?: number;
  readonly seq?: number;
  readonly ack?: number;
  /** The low 12 bits of the word; the data offset stays. */
  readonly flags?: number;
  readonly window?: number;
  readonly urgentPointer?: number;
  readonly src?: { readonly from: Address; readonly to: Address };
  readonly dst?: { readonly from: Address; readonly to: Address };
}

/**
 * Changes header fields in place and the checksum with them, incrementally (RFC 1624): what a NAT or a
 * sequence-number rewriter does. The cost does not depend on the payload.
 *
 * @returns the new checksum
 * @throws {RangeError} when there are fewer than 20 bytes or a value does not fit its field; nothing is
 *   changed then
 * @throws {TypeError} when an address is none
 *
 * @example
 * ```ts
 * import { ACK, buildSegment, rewriteSegment, verifyChecksum } from "tcpwire/wire";
 *
 * const inside = { src: "10.0.0.7", dst: "192.0.2.80" };
 * const bytes = buildSegment({ srcPort: 50000, dstPort: 80, seq: 1, ack: 1, flags: ACK, window: 512 }, inside);
 * rewriteSegment(bytes, { srcPort: 61001, src: { from: "10.0.0.7", to: "203.0.113.9" } });
 * verifyChecksum(bytes, { src: "203.0.113.9", dst: "192.0.2.80" }); // -> "good"
 * ```
 */
export function rewriteSegment(segment: Uint8Array, changes: Rewrite): number {
  if (segment.length < TCP_HEADER_MIN) {
    throw new RangeError(`segment: ${segment.length} bytes hold no TCP header`);
  }
  const words = new Map<number, number>();
  for (const [name, at, most] of FIELDS) {
    const value = changes[name];
    if (value === undefined) continue;
    unsigned(name, value, most);
    if (most === 0xffffffff) {
      words.set(at, value >>> 16);
      words.set(at + 2, value & 0xffff);
    } else {
      words.set(at, name === "flags" ? (word(segment, at) & ~FLAGS_MASK) | value : value);
    }
  }
  let checksum = word(segment, TCP_CHECKSUM);
  for (const change of [changes.src, changes.dst]) {
    if (change !== undefined) checksum = updateChecksumAddress(checksum, change.from, change.to);
  }
  for (const [at, value] of words) checksum = updateChecksum(checksum, word(segment, at), value);
  words.set(TCP_CHECKSUM, checksum);
  for (const [at, value] of words) {
    segment[at] = value >>> 8;
    segment[at + 1] = value;
  }
  return checksum;
}

const FIELDS = [
  ["srcPort", TCP_SRC_PORT, 0xffff],
  ["dstPort", TCP_DST_PORT, 0xffff],
  ["seq", TCP_SEQ, 0xffffffff],
  ["ack", TCP_ACK, 0xffffffff],
  ["flags", TCP_OFFSET_FLAGS, FLAGS_MASK],
  ["window", TCP_WINDOW, 0xffff],
  ["urgentPointer", TCP_URGENT, 0xffff],
] as const;

function word(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 8) | bytes[at + 1];
}
