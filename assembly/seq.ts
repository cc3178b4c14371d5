// Sequence number arithmetic modulo 2^32 (RFC 9293 3.4), the twin of src/wire/seq.ts: a differential
// test holds the two together. Numbers exactly 2^31 apart are each `lt` the other and neither `gt`.
// The cast to i32 comes first: asc folds `((a - b) | 0) < 0` over u32 to false.

// @ts-ignore: decorator
@inline
export function lt(a: u32, b: u32): bool {
  return <i32>(a - b) < 0;
}

// @ts-ignore: decorator
@inline
export function le(a: u32, b: u32): bool {
  return <i32>(a - b) <= 0;
}

// @ts-ignore: decorator
@inline
export function gt(a: u32, b: u32): bool {
  return <i32>(a - b) > 0;
}

// @ts-ignore: decorator
@inline
export function ge(a: u32, b: u32): bool {
  return <i32>(a - b) >= 0;
}

/** `low =< x =< high`, walking upwards from `low`. */
// @ts-ignore: decorator
@inline
export function between(low: u32, x: u32, high: u32): bool {
  return x - low <= high - low;
}

/** `start =< x < start + size`. */
// @ts-ignore: decorator
@inline
export function inWindow(x: u32, start: u32, size: u32): bool {
  return x - start < size;
}

/** The steps from `from` to `to`, negative when `to` is before `from`. */
// @ts-ignore: decorator
@inline
export function distance(from: u32, to: u32): i32 {
  return <i32>(to - from);
}

/** The number `n` steps after `a`. */
// @ts-ignore: decorator
@inline
export function add(a: u32, n: u32): u32 {
  return a + n;
}

/** The later of two numbers; `b` when they are exactly 2^31 apart. */
// @ts-ignore: decorator
@inline
export function max(a: u32, b: u32): u32 {
  return gt(a, b) ? a : b;
}

/** The earlier of two numbers; `a` when they are exactly 2^31 apart. */
// @ts-ignore: decorator
@inline
export function min(a: u32, b: u32): u32 {
  return gt(a, b) ? b : a;
}

/** How far `x` lies above `base`. */
// @ts-ignore: decorator
@inline
export function relative(x: u32, base: u32): u32 {
  return x - base;
}
