// WebAssembly core specification 5.5: a preamble of 8 bytes, then sections: a byte of id, their size, their contents.
const PREAMBLE = 8;
const MEMORY_SECTION = 5;
/** Limits (threads proposal): shared, with a maximum, which a shared memory must have. */
const SHARED_WITH_MAXIMUM = 3;
/** Pages of 64 KiB: 128 MiB, above what reading a capture can come to. */
const MAXIMUM_PAGES = 2048;

/**
 * The same module with a memory that threads can share. The code is the same to the byte: who may see a memory is
 * said in the section that declares it.
 */
export function withSharedMemory(module: Uint8Array): Uint8Array<ArrayBuffer> {
  for (let at = PREAMBLE; at < module.length; ) {
    const size = leb128(module, at + 1);
    const end = size.next + size.value;
    if (module[at] === MEMORY_SECTION) {
      // One memory; its limits begin with flags and the initial size.
      const minimum = leb128(module, size.next + 2);
      const contents = [1, SHARED_WITH_MAXIMUM, ...encoded(minimum.value), ...encoded(MAXIMUM_PAGES)];
      const section = [MEMORY_SECTION, ...encoded(contents.length), ...contents];
      const patched = new Uint8Array(module.length - (end - at) + section.length);
      patched.set(module.subarray(0, at));
      patched.set(section, at);
      patched.set(module.subarray(end), at + section.length);
      return patched;
    }
    at = end;
  }
  throw new TypeError("a WebAssembly module without a memory of its own");
}

function leb128(bytes: Uint8Array, at: number): { readonly value: number; readonly next: number } {
  let value = 0;
  let shift = 0;
  for (;;) {
    const byte = bytes[at++];
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return { value, next: at };
    shift += 7;
  }
}

function encoded(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return [...bytes, rest];
    bytes.push((rest & 0x7f) | 0x80);
  }
}
