import type { Address } from "../wire/address.ts";
import { addAddress, addWord, begin, digest, finish, type SipKey } from "./siphash.ts";

// The byte that a cookie carries: an index into MSS, the window scale (15: none), SACK permitted.
const MSS_BITS = 3;
const SCALE_SHIFT = MSS_BITS;
const NO_SCALE = 15;
const SACK_BIT = 1 << 7;

/**
 * The MSS values that a cookie can express. A peer's rounds down to one of them, as it need not take more (RFC 9293
 * MUST-16): those that are common on the Internet lose least, and one below 536 becomes `minMss`.
 */
const MSS = [1, 536, 1200, 1300, 1360, 1440, 1460, 8960];

/** A cookie is good for one to two of these, in ms. */
export const COOKIE_PERIOD = 64_000;
/** Sets the hash apart from others with the same key. */
const DOMAIN = 0x53594e43;

// With timestamps the scale and SACK move to the low bits of TSval, where the peer's TSecr brings them back.
const TS_BITS = 6;
const TS_SACK = 1 << 4;
const TS_ECN = 1 << 5;

/** What a SYN offered, as far as a cookie brings it back. */
export interface CookieOffer {
  mss: number;
  windowScale: number;
  sackPermitted: boolean;
  hasTimestamps: boolean;
  /** Classic ECN (RFC 3168); survives only beside timestamps. */
  classicEcn: boolean;
}

/**
 * ISS for a SYN,ACK after which nothing need be remembered (RFC 4987 3.6): 24 bits of a keyed hash over the
 * sockets, IRS, a clock of 64 s and the offer, and 8 bits that carry the offer, masked by the hash. A guess
 * is good once in 2^23 tries (once in 2^28 with timestamps, as they carry most of the offer).
 *
 * @param ports source and destination port of our segments in one word
 * @param irs the SYN's number
 */
export function synCookie(
  key: SipKey,
  local: Address,
  remote: Address,
  ports: number,
  irs: number,
  offer: CookieOffer,
  now: number,
): number {
  const byte = pack(offer);
  const mac = hash(key, local, remote, ports, irs, period(now), byte, offer);
  return (mac & ~0xff) | ((byte ^ (mac >>> 24)) & 0xff);
}

/**
 * The offer that a cookie was made from, into `offer`; `hasTimestamps` must say whether the segment has any, and
 * the other fields what `fromTimestamp` found in them.
 *
 * @param cookie ISS as the peer acknowledges it: SEG.ACK - 1
 * @returns false when no key of ours made it, or too long ago
 */
export function checkSynCookie(
  key: SipKey,
  local: Address,
  remote: Address,
  ports: number,
  irs: number,
  cookie: number,
  offer: CookieOffer,
  now: number,
): boolean {
  const byte = (cookie ^ (cookie >>> 24)) & 0xff;
  if (offer.hasTimestamps) {
    if (byte >= MSS.length) return false;
  } else {
    unpack(byte, offer);
  }
  offer.mss = MSS[byte & (MSS.length - 1)];
  const current = period(now);
  for (let age = 0; age < 2; age++) {
    const mac = hash(key, local, remote, ports, irs, current - age, byte, offer);
    if (((mac ^ cookie) & ~0xff) === 0) return true;
  }
  return false;
}

/** TSval for the SYN,ACK of a cookie: not above `tsval`, so that later ones are not below it; 63 ms less at the most. */
export function cookieTimestamp(tsval: number, offer: CookieOffer): number {
  const bits =
    (offer.windowScale < 0 ? NO_SCALE : Math.min(offer.windowScale, NO_SCALE - 1)) |
    (offer.sackPermitted ? TS_SACK : 0) |
    (offer.classicEcn ? TS_ECN : 0);
  const mark = (tsval & -(1 << TS_BITS)) | bits;
  return ((mark - tsval) | 0) > 0 ? (mark - (1 << TS_BITS)) | 0 : mark;
}

/** What `cookieTimestamp` hid in the TSval that now comes back as TSecr. */
export function fromTimestamp(tsecr: number, offer: CookieOffer): void {
  const scale = tsecr & 15;
  offer.windowScale = scale === NO_SCALE ? -1 : scale;
  offer.sackPermitted = (tsecr & TS_SACK) !== 0;
  offer.classicEcn = (tsecr & TS_ECN) !== 0;
}

function pack(offer: CookieOffer): number {
  let index = 0;
  while (index + 1 < MSS.length && MSS[index + 1] <= offer.mss) index++;
  if (offer.hasTimestamps) return index;
  const scale = offer.windowScale < 0 ? NO_SCALE : Math.min(offer.windowScale, NO_SCALE - 1);
  return index | (scale << SCALE_SHIFT) | (offer.sackPermitted ? SACK_BIT : 0);
}

function unpack(byte: number, offer: CookieOffer): void {
  const scale = (byte >> SCALE_SHIFT) & 15;
  offer.windowScale = scale === NO_SCALE ? -1 : scale;
  offer.sackPermitted = (byte & SACK_BIT) !== 0;
  offer.classicEcn = false;
}

function period(now: number): number {
  return Math.floor(now / COOKIE_PERIOD) | 0;
}

function hash(
  key: SipKey,
  local: Address,
  remote: Address,
  ports: number,
  irs: number,
  period: number,
  byte: number,
  offer: CookieOffer,
): number {
  // What the timestamp carries is signed too: a peer cannot choose another scale than it offered.
  const hidden = offer.hasTimestamps ? cookieTimestamp(0, offer) & ((1 << TS_BITS) - 1) : 0;
  begin(key);
  addAddress(local);
  addAddress(remote);
  addWord(ports);
  addWord(irs);
  addWord(period);
  addWord(DOMAIN ^ (byte | (hidden << 8) | (offer.hasTimestamps ? 1 << 16 : 0)));
  finish();
  return digest.low;
}
