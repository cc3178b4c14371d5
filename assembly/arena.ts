import { COLUMNS_END } from "./layout/columns";

// The one allocator of this memory: it only goes forward. Users that free keep lists of their own
// (src/wasm/memory.ts), so what is never freed costs nothing to keep.
let top: u32 = COLUMNS_END;

/** Makes `address` the first that is handed out: for a module without columns. */
export function beginAt(address: u32): void {
  top = address;
}

/** Reserves `size` bytes aligned to a cache line and returns their address; 0 when memory cannot grow. */
export function allocate(size: u32): u32 {
  const at = top;
  const end = <u64>at + ((<u64>size + 63) & ~63);
  const have = <u64>memory.size() << 16;
  if (end > have) {
    if (end > 0xffff0000) return 0;
    const pages = <i32>((end - have + 0xffff) >> 16);
    if (memory.grow(pages) < 0) return 0;
  }
  top = <u32>end;
  return at;
}
