import {
  OPT_FAST_OPEN,
  OPT_MD5,
  OPT_MSS,
  OPT_NOP,
  OPT_SACK,
  OPT_SACK_PERMITTED,
  OPT_TIMESTAMPS,
  OPT_USER_TIMEOUT,
  OPT_WINDOW_SCALE,
} from "../../../assembly/layout/wire.ts";
import { put, put16, put32 } from "../bytes.ts";
import { byteCount, unsigned } from "../range.ts";
import { writeOptions } from "./build.ts";
import { OPTIONS_MAX, optionsLength } from "./measure.ts";
import type { SackBlock, TcpOption } from "./types.ts";

/**
 * The options of a segment by name, laid out as Linux lays them: MD5 first, then MSS, SACK permitted with
 * timestamps, window scale, SACK blocks, fast open, user timeout, each group filled to words with NOPs before
 * it; at last `others` in their order.
 *
 * @example
 * ```ts
 * import { layOut } from "tcpwire/wire";
 *
 * // mss 1460, sackOK, TS val 1 ecr 0, nop, wscale 7
 * layOut({ mss: 1460, sackPermitted: true, timestamps: { tsval: 1, tsecr: 0 }, windowScale: 7 }).length; // -> 20
 * ```
 */
export interface OptionSet {
  /** 0 to 65535 (RFC 9293 3.7.1). */
  readonly mss?: number;
  /** The shift, 0 to 255; receivers take what is above 14 for 14 (RFC 7323 2.3). */
  readonly windowScale?: number;
  /** RFC 2018 2. */
  readonly sackPermitted?: boolean;
  /** RFC 7323 3.2. */
  readonly timestamps?: { readonly tsval: number; readonly tsecr: number };
  /** Up to 4 blocks, 3 beside timestamps (RFC 2018 3). */
  readonly sack?: readonly SackBlock[];
  /** A cookie, or no bytes to ask for one (RFC 7413 4.1.1). */
  readonly fastOpen?: Uint8Array;
  /** RFC 5482 3. */
  readonly userTimeout?: { readonly unit: "seconds" | "minutes"; readonly value: number };
  /** 16 bytes (RFC 2385). */
  readonly md5?: Uint8Array;
  /** Any others, after these. */
  readonly others?: readonly TcpOption[];
}

/**
 * The bytes of a set of options, a whole number of words.
 *
 * @throws {RangeError} when they take more than 40 bytes or a value does not fit its field
 */
export function layOut(set: OptionSet): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(optionSetLength(set));
  writeOptionSet(bytes, 0, set);
  return bytes;
}

/**
 * The bytes that `writeOptionSet` will write, a whole number of words.
 *
 * @throws {RangeError} when they are more than 40
 */
export function optionSetLength(set: OptionSet): number {
  let length = 0;
  if (set.md5 !== undefined) length += 20;
  if (set.mss !== undefined) length += 4;
  if (set.timestamps !== undefined) length += 12;
  else if (set.sackPermitted === true) length += 4;
  if (set.windowScale !== undefined) length += 4;
  if (set.sack !== undefined && set.sack.length > 0) length += 4 + 8 * set.sack.length;
  if (set.fastOpen !== undefined) length += (2 + set.fastOpen.length + 3) & ~3;
  if (set.userTimeout !== undefined) length += 4;
  if (set.others !== undefined) {
    length = (length + optionsLength(set.others) + 3) & ~3;
  }
  if (length > OPTIONS_MAX) throw new RangeError(`options: ${length} bytes, and a header has ${OPTIONS_MAX}`);
  return length;
}

/**
 * Writes a set of options at `at`, padded to a whole number of words, and returns where it ends. Allocates
 * nothing as long as there are no `others`. What a set that is refused leaves behind is not defined.
 *
 * @throws as `layOut` does
 */
export function writeOptionSet(target: Uint8Array, at: number, set: OptionSet): number {
  const { md5, mss, timestamps, windowScale, sack, fastOpen, userTimeout, others } = set;
  const end = at + optionSetLength(set);
  if (md5 !== undefined) {
    byteCount("options.md5", md5, 16);
    at = writeHead(target, at, OPT_NOP, OPT_NOP, OPT_MD5, 18);
    at = put(target, at, md5);
  }
  if (mss !== undefined) {
    unsigned("options.mss", mss, 0xffff);
    target[at] = OPT_MSS;
    target[at + 1] = 4;
    put16(target, at + 2, mss);
    at += 4;
  }
  if (timestamps !== undefined) {
    unsigned("options.timestamps.tsval", timestamps.tsval, 0xffffffff);
    unsigned("options.timestamps.tsecr", timestamps.tsecr, 0xffffffff);
    at =
      set.sackPermitted === true
        ? writeHead(target, at, OPT_SACK_PERMITTED, 2, OPT_TIMESTAMPS, 10)
        : writeHead(target, at, OPT_NOP, OPT_NOP, OPT_TIMESTAMPS, 10);
    put32(target, at, timestamps.tsval);
    put32(target, at + 4, timestamps.tsecr);
    at += 8;
  } else if (set.sackPermitted === true) {
    at = writeHead(target, at, OPT_NOP, OPT_NOP, OPT_SACK_PERMITTED, 2);
  }
  if (windowScale !== undefined) {
    unsigned("options.windowScale", windowScale, 0xff);
    at = writeHead(target, at, OPT_NOP, OPT_WINDOW_SCALE, 3, windowScale);
  }
  if (sack !== undefined && sack.length > 0) {
    at = writeHead(target, at, OPT_NOP, OPT_NOP, OPT_SACK, 2 + 8 * sack.length);
    for (let i = 0; i < sack.length; i++, at += 8) {
      unsigned("options.sack.left", sack[i].left, 0xffffffff);
      unsigned("options.sack.right", sack[i].right, 0xffffffff);
      put32(target, at, sack[i].left);
      put32(target, at + 4, sack[i].right);
    }
  }
  if (fastOpen !== undefined) at = writeFastOpen(target, at, fastOpen);
  if (userTimeout !== undefined) {
    unsigned("options.userTimeout.value", userTimeout.value, 0x7fff);
    target[at] = OPT_USER_TIMEOUT;
    target[at + 1] = 4;
    put16(target, at + 2, (userTimeout.unit === "minutes" ? 0x8000 : 0) | userTimeout.value);
    at += 4;
  }
  if (others !== undefined) at = writeOptions(target, at, others);
  while (at < end) target[at++] = 0; // RFC 9293 3.1: the header is padded with zeros
  return at;
}

function writeFastOpen(target: Uint8Array, at: number, cookie: Uint8Array): number {
  byteCount("options.fastOpen", cookie, 0, 16);
  if (cookie.length > 0 && (cookie.length < 4 || cookie.length & 1)) {
    throw new RangeError(`options.fastOpen: ${cookie.length} bytes, not 0 or an even number from 4 to 16`);
  }
  target[at] = OPT_FAST_OPEN;
  target[at + 1] = 2 + cookie.length;
  at = put(target, at + 2, cookie);
  if (!(cookie.length & 2)) {
    target[at] = OPT_NOP;
    target[at + 1] = OPT_NOP;
    at += 2;
  }
  return at;
}

function writeHead(target: Uint8Array, at: number, a: number, b: number, c: number, d: number): number {
  target[at] = a;
  target[at + 1] = b;
  target[at + 2] = c;
  target[at + 3] = d;
  return at + 4;
}
