/**
 * Sequence number arithmetic: the space is 0 to 2^32 - 1, and all of it is modulo 2^32 (RFC 9293 3.4).
 *
 * A number `a` is before `b` when `a - b`, taken as a signed 32-bit integer, is negative: when `b` lies
 * less than 2^31 ahead. The RFC leaves two numbers exactly 2^31 apart unordered; here each of them is
 * `lt` (and `le`) the other and neither is `gt` (or `ge`), so that `lt` and `ge`, `gt` and `le` stay
 * opposites. No window reaches that far: 65535 << 14 is below 2^30.
 *
 * Arguments may be any integers below 2^53 in size; they count modulo 2^32. Results are unsigned.
 *
 * @example
 * ```ts
 * import { seq } from "tcpwire/wire";
 *
 * seq.lt(0xfffffff0, 16); // -> true
 * seq.add(0xfffffff0, 32); // -> 16
 * seq.distance(16, 0xfffffff0); // -> -32
 * seq.relative(16, 0xfffffff0); // -> 32
 * ```
 * @module
 */

/** `a < b` in sequence space (RFC 9293 3.4). */
export function lt(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}

/** `a =< b` in sequence space. */
export function le(a: number, b: number): boolean {
  return ((a - b) | 0) <= 0;
}

/** `a > b` in sequence space. */
export function gt(a: number, b: number): boolean {
  return ((a - b) | 0) > 0;
}

/** `a >= b` in sequence space. */
export function ge(a: number, b: number): boolean {
  return ((a - b) | 0) >= 0;
}

/**
 * `low =< x =< high`, walking upwards from `low`: true for every number met before passing `high`, however
 * far that is. `SND.UNA < SEG.ACK =< SND.NXT` (RFC 9293 3.4) is `between(SND.UNA + 1, SEG.ACK, SND.NXT)`
 * where `SND.UNA` and `SND.NXT` differ.
 */
export function between(low: number, x: number, high: number): boolean {
  return (x - low) >>> 0 <= (high - low) >>> 0;
}

/**
 * `start =< x < start + size`: `RCV.NXT =< SEG.SEQ < RCV.NXT + RCV.WND` (RFC 9293 3.4) is
 * `inWindow(SEG.SEQ, RCV.NXT, RCV.WND)`. Nothing is in a window of size 0.
 *
 * @param size bytes, 0 to 2^32 - 1
 */
export function inWindow(x: number, start: number, size: number): boolean {
  return (x - start) >>> 0 < size >>> 0;
}

/** The steps from `from` to `to`, -2^31 to 2^31 - 1: negative when `to` is before `from`. */
export function distance(from: number, to: number): number {
  return (to - from) | 0;
}

/** The number `n` steps after `a` (before it, when `n` is negative). */
export function add(a: number, n: number): number {
  return (a + n) >>> 0;
}

/** The later of two numbers; `b` when they are exactly 2^31 apart. */
export function max(a: number, b: number): number {
  return (gt(a, b) ? a : b) >>> 0;
}

/** The earlier of two numbers; `a` when they are exactly 2^31 apart. */
export function min(a: number, b: number): number {
  return (gt(a, b) ? b : a) >>> 0;
}

/** How far `x` lies above `base`, 0 to 2^32 - 1: a relative number (see `RelativeNumbers`). */
export function relative(x: number, base: number): number {
  return (x - base) >>> 0;
}
