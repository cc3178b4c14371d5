import { FLOW_HEAP } from "../layout/flow-columns";

// The module's allocator goes forward only; pools (pool.ts) keep what is given back. Tables that were
// outgrown are given here as well, and cut up before new memory is asked for.
let top: u32 = FLOW_HEAP;
let spare: u32 = 0;
let spareEnd: u32 = 0;

// Growing costs as much as thousands of segments, so it is done in larger steps as there is more: from 1 MiB
// to 4.
const SMALLEST_STEP: u32 = 16; // pages
const LARGEST_STEP: u32 = 64;

// The columns are there from the start.
if (<u32>memory.size() < <u32>FLOW_HEAP >> 16) memory.grow((FLOW_HEAP >> 16) - memory.size());

/** `size` bytes aligned to a cache line; 0 when memory cannot grow. Not cleared. */
export function reserve(size: u32): u32 {
  const wanted = (size + 63) & ~63;
  if (wanted <= spareEnd - spare) {
    const at = spare;
    spare += wanted;
    return at;
  }
  return reserveNew(wanted);
}

function reserveNew(size: u32): u32 {
  const at = top;
  const end = <u64>at + size;
  const have = <u64>memory.size() << 16;
  if (end > have) {
    if (end > 0xffff0000) return 0;
    const missing = <i32>((end - have + 0xffff) >> 16);
    const step = <i32>min(max(<u32>memory.size() >> 4, SMALLEST_STEP), LARGEST_STEP);
    if (memory.grow(max(missing, step)) < 0 && memory.grow(missing) < 0) return 0;
  }
  top = <u32>end;
  return at;
}

/** The same, at a multiple of `alignment`, a power of two. What is passed over behind `top` is given back. */
export function reserveAligned(size: u32, alignment: u32): u32 {
  const skipped = (0 - spare) & (alignment - 1);
  if (<u64>spare + skipped + size <= spareEnd) {
    const at = spare + skipped;
    spare = at + size;
    return at;
  }
  const from = top;
  const gap = (0 - from) & (alignment - 1);
  if (<u64>from + gap + size > 0xffff0000) return 0;
  top = from + gap;
  const at = reserveNew(size);
  if (at == 0) top = from;
  else giveBack(from, gap);
  return at;
}

/** Gives back a region that came from `reserve`. Only the largest one given is remembered. */
export function giveBack(at: u32, size: u32): void {
  if (size > spareEnd - spare) {
    spare = at;
    spareEnd = at + (size & ~63);
  }
}

/** Bytes in use or in pools. */
export function reserved(): u32 {
  return top;
}
