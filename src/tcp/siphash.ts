import { type Address, addressBytes } from "../wire/address.ts";

/** 128 bits as four 32-bit integers, the lowest first. */
export type SipKey = Int32Array;

/** The last digest: 64 bits as two signed 32-bit halves. */
export const digest = { high: 0, low: 0 };

// SipHash-2-4 (Aumasson, Bernstein: "SipHash: a fast short-input PRF") over a message of 32-bit words. There is one
// hash at a time: begin, add, finish.
/** Two addresses of IPv6, and eight words beside them. */
const MOST_WORDS = 16;
const message = new Int32Array(MOST_WORDS + 2);
let key: SipKey = new Int32Array(4);
let words = 0;

export function begin(secret: SipKey): void {
  key = secret;
  words = 0;
}

/** @throws {RangeError} when it is one too many */
export function addWord(word: number): void {
  if (words === MOST_WORDS) throw new RangeError(`a message has at most ${MOST_WORDS} words`);
  message[words++] = word;
}

/** Adds an address, the same words for each of its forms. */
export function addAddress(address: Address): void {
  if (typeof address === "number") {
    addWord(address);
    return;
  }
  const bytes = addressBytes(address);
  for (let i = 0; i < bytes.length; i += 4) {
    addWord((bytes[i] << 24) | (bytes[i + 1] << 16) | (bytes[i + 2] << 8) | bytes[i + 3]);
  }
}

/** Leaves the hash of what was added in `digest`. */
export function finish(): void {
  // The last block: what is left of the message, its length in bytes in the highest byte.
  const last = words & ~1;
  if (words === last) message[last] = 0;
  message[last + 1] = words << 26;
  // Each of the 64-bit variables is a high and a low half.
  let v0h = key[1] ^ 0x736f6d65;
  let v0l = key[0] ^ 0x70736575;
  let v1h = key[3] ^ 0x646f7261;
  let v1l = key[2] ^ 0x6e646f6d;
  let v2h = key[1] ^ 0x6c796765;
  let v2l = key[0] ^ 0x6e657261;
  let v3h = key[3] ^ 0x74656462;
  let v3l = key[2] ^ 0x79746573;
  for (let at = 0; at <= last + 2; at += 2) {
    const isEnd = at === last + 2;
    const low = isEnd ? 0 : message[at];
    const high = isEnd ? 0 : message[at + 1];
    if (isEnd) v2l ^= 0xff;
    v3h ^= high;
    v3l ^= low;
    // One copy of the round, whose variables stay in registers. A sum has carried when it is below what was added.
    for (let rounds = isEnd ? 4 : 2; rounds > 0; rounds--) {
      v0l = (v0l + v1l) | 0;
      v0h = (v0h + v1h + Number(v0l >>> 0 < v1l >>> 0)) | 0;
      let t = v1h;
      v1h = ((v1h << 13) | (v1l >>> 19)) ^ v0h;
      v1l = ((v1l << 13) | (t >>> 19)) ^ v0l;
      t = v0h;
      v0h = v0l;
      v0l = t;
      v2l = (v2l + v3l) | 0;
      v2h = (v2h + v3h + Number(v2l >>> 0 < v3l >>> 0)) | 0;
      t = v3h;
      v3h = ((v3h << 16) | (v3l >>> 16)) ^ v2h;
      v3l = ((v3l << 16) | (t >>> 16)) ^ v2l;
      v0l = (v0l + v3l) | 0;
      v0h = (v0h + v3h + Number(v0l >>> 0 < v3l >>> 0)) | 0;
      t = v3h;
      v3h = ((v3h << 21) | (v3l >>> 11)) ^ v0h;
      v3l = ((v3l << 21) | (t >>> 11)) ^ v0l;
      v2l = (v2l + v1l) | 0;
      v2h = (v2h + v1h + Number(v2l >>> 0 < v1l >>> 0)) | 0;
      t = v1h;
      v1h = ((v1h << 17) | (v1l >>> 15)) ^ v2h;
      v1l = ((v1l << 17) | (t >>> 15)) ^ v2l;
      t = v2h;
      v2h = v2l;
      v2l = t;
    }
    v0h ^= high;
    v0l ^= low;
  }
  digest.high = v0h ^ v1h ^ v2h ^ v3h;
  digest.low = v0l ^ v1l ^ v2l ^ v3l;
}
