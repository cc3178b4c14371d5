import { type Address, addressBytes } from "../wire/address.ts";

/** 128 bits as four 32-bit integers, the lowest first. */
export type SipKey = Int32Array;

/** The last digest: 64 bits as two signed 32-bit halves. */
export const digest = { high: 0, low: 0 };

// SipHash-2-4 (Aumasson, Bernstein: "SipHash: a fast short-input PRF") over a message of 32-bit words. Each of
// its 64-bit variables is a high and a low half. There is one hash at a time: begin, add, finish.
let v0h = 0;
let v0l = 0;
let v1h = 0;
let v1l = 0;
let v2h = 0;
let v2l = 0;
let v3h = 0;
let v3l = 0;
let pending = 0;
let isPending = false;
let words = 0;

export function begin(key: SipKey): void {
  const [k0l, k0h, k1l, k1h] = key;
  v0h = k0h ^ 0x736f6d65;
  v0l = k0l ^ 0x70736575;
  v1h = k1h ^ 0x646f7261;
  v1l = k1l ^ 0x6e646f6d;
  v2h = k0h ^ 0x6c796765;
  v2l = k0l ^ 0x6e657261;
  v3h = k1h ^ 0x74656462;
  v3l = k1l ^ 0x79746573;
  isPending = false;
  words = 0;
}

export function addWord(word: number): void {
  if (isPending) compress(word | 0, pending);
  else pending = word | 0;
  isPending = !isPending;
  words++;
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
  compress(words << 26, isPending ? pending : 0);
  v2l ^= 0xff;
  round();
  round();
  round();
  round();
  digest.high = v0h ^ v1h ^ v2h ^ v3h;
  digest.low = v0l ^ v1l ^ v2l ^ v3l;
}

function compress(h: number, l: number): void {
  v3h ^= h;
  v3l ^= l;
  round();
  round();
  v0h ^= h;
  v0l ^= l;
}

function round(): void {
  let t = (v0l >>> 0) + (v1l >>> 0);
  v0h = (v0h + v1h + (t > 0xffffffff ? 1 : 0)) | 0;
  v0l = t | 0;
  t = v1h;
  v1h = ((v1h << 13) | (v1l >>> 19)) ^ v0h;
  v1l = ((v1l << 13) | (t >>> 19)) ^ v0l;
  t = v0h;
  v0h = v0l;
  v0l = t;
  t = (v2l >>> 0) + (v3l >>> 0);
  v2h = (v2h + v3h + (t > 0xffffffff ? 1 : 0)) | 0;
  v2l = t | 0;
  t = v3h;
  v3h = ((v3h << 16) | (v3l >>> 16)) ^ v2h;
  v3l = ((v3l << 16) | (t >>> 16)) ^ v2l;
  t = (v0l >>> 0) + (v3l >>> 0);
  v0h = (v0h + v3h + (t > 0xffffffff ? 1 : 0)) | 0;
  v0l = t | 0;
  t = v3h;
  v3h = ((v3h << 21) | (v3l >>> 11)) ^ v0h;
  v3l = ((v3l << 21) | (t >>> 11)) ^ v0l;
  t = (v2l >>> 0) + (v1l >>> 0);
  v2h = (v2h + v1h + (t > 0xffffffff ? 1 : 0)) | 0;
  v2l = t | 0;
  t = v1h;
  v1h = ((v1h << 17) | (v1l >>> 15)) ^ v2h;
  v1l = ((v1l << 17) | (t >>> 15)) ^ v2l;
  t = v2h;
  v2h = v2l;
  v2l = t;
}
