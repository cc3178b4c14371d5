// Counters at fixed addresses (layout/state.ts), for the paths where a local would not pay.

// @ts-ignore: decorator
@inline
export function count(counter: u32): void {
  add(counter, 1);
}

// @ts-ignore: decorator
@inline
export function add(counter: u32, n: u64): void {
  store<u64>(counter, load<u64>(counter) + n);
}
