// Where the walk through one frame's layers stands. `end` bounds every read: nothing at or behind it was
// captured. `wire` is where the innermost length field says the layer ends on the wire; it is at or behind
// `end` when the snapshot length cut the frame, and never before it.

export let at: u32 = 0;
export let end: u32 = 0;
export let wire: u32 = 0;

/** Starts a frame of `captured` bytes at `p`, `length` on the wire. */
export function openFrame(p: u32, captured: u32, length: u32): void {
  at = p;
  end = p + captured;
  wire = p + min(max(length, captured), 0xffffffff - p);
}

/** Continues in bytes elsewhere (a reassembled datagram). */
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

/** Bytes on the wire from `at` on. */
// @ts-ignore: decorator
@inline
export function left(): u32 {
  return wire - at;
}

/** Steps over `n` bytes, at most to `end`. */
// @ts-ignore: decorator
@inline
export function skip(n: u32): void {
  at += n;
}

/** Ends the layer `n` bytes from `at` on when a length field says so; a longer one changes nothing. */
export function limit(n: u32): void {
  if (n < wire - at) {
    wire = at + n;
    if (end > wire) end = wire;
  }
}
