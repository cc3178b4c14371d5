import { IPPROTO_TCP } from "../../assembly/layout/wire.ts";
import { type Address, addressBytes } from "../wire/address.ts";

/**
 * The part of the pseudo-header's sum that a connection keeps: addresses and protocol, as big-endian 16-bit
 * words (RFC 9293 3.1; RFC 8200 8.1).
 * @throws {TypeError} when the addresses are of different families
 */
export function pseudoSum(src: Address, dst: Address): number {
  const sum = addressSum(src) + addressSum(dst) + IPPROTO_TCP;
  return (sum & 0xffff) + (sum >>> 16);
}

function addressSum(address: Address): number {
  if (typeof address === "number") return (address >>> 16) + (address & 0xffff);
  const bytes = addressBytes(address);
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i] << 8) | bytes[i + 1];
  return sum;
}

/** End-around carries: a sum of 16-bit words below 2^32 as 16 bits. */
export function fold(sum: number): number {
  const once = (sum & 0xffff) + (sum >>> 16);
  return (once & 0xffff) + (once >>> 16);
}

/** The other byte order of a folded sum (RFC 1071 2.B): the codec's sums are little-endian. */
export function swap16(sum: number): number {
  return ((sum & 0xff) << 8) | (sum >>> 8);
}
