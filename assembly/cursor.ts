// Where the walk through one frame's layers stands, and what the layers passed have left.
//
// `end` bounds every read: nothing at or behind it was captured. `wire` is where the innermost length
// field says the layer ends on the wire; it lies behind `end` when the snapshot length cut the frame.
import { count } from "./counters";
import { NOTHING } from "./next";

export let at: u32 = 0;
export let end: u32 = 0;
export let wire: u32 = 0;

/** VLAN tags passed: outer << 16 | inner, or the only one. */
export let tags: u32 = 0;
/** A hash of the encapsulations passed, 0 outside any. */
export let tunnel: u32 = 0;
/** IP headers passed. */
export let packets: u32 = 0;
/** When the frame was seen: nanoseconds since 1970. */
export let now: i64 = 0;

let outerTag: u32 = 0;

/** Starts a frame of `captured` bytes at `p`, `length` on the wire, seen at `time`. */
export function openFrame(p: u32, captured: u32, length: u32, time: i64 = 0): void {
  now = time;
  at = p;
  end = p + captured;
  wire = p + min(max(length, captured), 0xffffffff - p);
  tags = 0;
  tunnel = 0;
  packets = 0;
  outerTag = 0;
}

/** Continues in `length` bytes elsewhere: a reassembled datagram. */
export function jump(p: u32, length: u32): void {
  at = p;
  end = wire = p + length;
}

/** Bytes captured from `at` on. */
// @ts-ignore: decorator
@inline
export function have(): u32 {
  return end - at;
}

/** Whether fewer than `n` bytes were captured from `at` on. */
// @ts-ignore: decorator
@inline
export function lacks(n: u32): bool {
  return end - at < n;
}

/** Bytes on the wire from `at` on. */
// @ts-ignore: decorator
@inline
export function left(): u32 {
  return wire - at;
}

/** Steps over `n` bytes; the caller has seen that they are there. */
// @ts-ignore: decorator
@inline
export function skip(n: u32): void {
  at += n;
}

/** Ends the layer `n` bytes from `at` on, where a length field says so; a longer one changes nothing. */
export function limit(n: u32): void {
  if (n < wire - at) {
    wire = at + n;
    if (end > wire) end = wire;
  }
}

/**
 * A header of `n` bytes is not all there: malformed, and counted so, unless it was the snapshot length that
 * cut it off.
 */
export function short(n: u32, malformed: u32): u32 {
  if (left() < n) count(malformed);
  return NOTHING;
}

export function passTag(tag: u32): void {
  if (!tags) outerTag = tags = tag;
  else tags = (outerTag << 16) | tag;
}

export function passPacket(): void {
  packets++;
}

/** Mixes an encapsulation's identity into `tunnel`, which stays other than 0 from then on. */
export function passTunnel(identity: u32): void {
  const mixed = (tunnel ^ identity) * 0x9e3779b1;
  tunnel = mixed ^ (mixed >> 15) || 1;
}
