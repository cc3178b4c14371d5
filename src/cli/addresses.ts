import type { Segments } from "../capture/segments.ts";
import { formatIPv4, formatIPv6 } from "../wire/address.ts";

/** Source address of a row as text. */
export function sourceText(segments: Segments, i: number): string {
  return addressText(segments, segments.ipVersion[i], segments.src[i]);
}

/** Destination address of a row as text. */
export function destinationText(segments: Segments, i: number): string {
  return addressText(segments, segments.ipVersion[i], segments.dst[i]);
}

function addressText(segments: Segments, version: number, address: number): string {
  return version === 6 ? ipv6Text(segments.addresses, address * 16) : ipv4Text(address);
}

// Captures hold few addresses and many segments. A direct-mapped cache of what was written out last costs
// a comparison a row, and never grows.
const SLOTS = 4096;
const ipv4Keys = new Uint32Array(SLOTS);
const ipv4Texts: (string | undefined)[] = new Array(SLOTS).fill(undefined);
const ipv6Keys = new Uint8Array(SLOTS * 16);
const ipv6Texts: (string | undefined)[] = new Array(SLOTS).fill(undefined);

function ipv4Text(address: number): string {
  const slot = Math.imul(address, 0x9e3779b1) >>> 20;
  const cached = ipv4Texts[slot];
  if (cached !== undefined && ipv4Keys[slot] === address) return cached;
  ipv4Keys[slot] = address;
  return (ipv4Texts[slot] = formatIPv4(address));
}

function ipv6Text(addresses: Uint8Array, at: number): string {
  let hash = 0;
  for (let i = 0; i < 16; i++) hash = Math.imul(hash ^ addresses[at + i], 0x01000193);
  const slot = Math.imul(hash, 0x9e3779b1) >>> 20;
  const cached = ipv6Texts[slot];
  if (cached !== undefined && sameAddress(slot * 16, addresses, at)) return cached;
  for (let i = 0; i < 16; i++) ipv6Keys[slot * 16 + i] = addresses[at + i];
  return (ipv6Texts[slot] = formatIPv6(addresses, at));
}

function sameAddress(key: number, addresses: Uint8Array, at: number): boolean {
  for (let i = 0; i < 16; i++) if (ipv6Keys[key + i] !== addresses[at + i]) return false;
  return true;
}
