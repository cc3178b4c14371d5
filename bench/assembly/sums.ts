// The checksum's loop as native C has it (bench/native/main.c): repeats inside the module, so that what is timed
// is the kernel and no call from JavaScript. Built for the benchmark alone.
import { fold, sumWords } from "../../assembly/checksum";

/** The folded sum of `n` bytes at `p`. Exported, so that the loop calls it, as C's loop calls its kernels. */
export function sum(p: u32, n: u32): u32 {
  return fold(sumWords(p, n));
}

/** Sums sixteen neighbours of `n` bytes in turn, from `p` on; returns what the last sum came to. */
export function sums(p: u32, n: u32, repeats: u32): u32 {
  let last: u32 = 0;
  for (let i: u32 = 0; i < repeats; i++) last = sum(p + n * (i & 15), n);
  return last;
}
