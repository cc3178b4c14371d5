import { SLACK } from "../../assembly/layout/limits.ts";
import { type CodecMemory, sharedCodec } from "../wasm/memory.ts";

// From how many bytes on WebAssembly is faster, its copy counted (Node 20: byte indexing 0.7 ns a byte; a
// call 35 ns with the copy of a whole array, 90 ns with that of a part, for which `subarray` is needed).
const WASM_FROM_WHOLE = 64;
const WASM_FROM_PART = 144;

// Up to how many bytes a whole array is copied without a look at where it lies: to ask a typed array for its
// buffer is a call out of the script, which costs about as much as to copy these.
const COPIED_UNASKED = 2048;

// Even, so that the sums of its pieces add up; small enough to stay in the first-level cache.
const PIECE = 16384;

/**
 * The ones'-complement sum of RFC 1071 over `bytes[start, end)` as 16-bit words in network order, folded to
 * 0 to 0xffff and not complemented. An odd last byte is the high half of a word.
 *
 * Short input is summed in JavaScript, longer input in WebAssembly, with the same result. Bytes that lie in
 * the codec's memory already are not copied. Where the runtime refuses WebAssembly (a content security policy
 * without `wasm-unsafe-eval`) all of it is done in JavaScript.
 */
export function sumBytes(bytes: Uint8Array, start: number, end: number): number {
  const whole = start === 0 && end === bytes.length;
  if (end - start < (whole ? WASM_FROM_WHOLE : WASM_FROM_PART)) return sumInScript(bytes, start, end);
  const codec = codecMemory();
  return codec === undefined ? sumInScript(bytes, start, end) : sumInWasm(codec, bytes, start, end);
}

/** Folds a sum of 16-bit words to 16 bits, end-around carries included. `sum` is below 2^32. */
export function fold(sum: number): number {
  const once = (sum & 0xffff) + (sum >>> 16);
  return (once & 0xffff) + (once >>> 16);
}

/** The two 16-bit words of one of 32 bits, added: what it is in a sum. */
export function halves(word: number): number {
  return (word >>> 16) + (word & 0xffff);
}

/** Exchanges the two bytes of a 16-bit word: what an odd offset does to a sum (RFC 1071 2.B). */
export function swap(word: number): number {
  return ((word & 0xff) << 8) | (word >>> 8);
}

/** `sumBytes`, byte by byte. */
export function sumInScript(bytes: Uint8Array, start: number, end: number): number {
  let sum = 0;
  for (let at = start; at < end; at += PIECE) {
    const stop = Math.min(at + PIECE, end);
    // At most 8192 words: each half stays below 2^21, the sum of the window below 2^30.
    let high = 0;
    let low = 0;
    let i = at;
    for (; i + 8 <= stop; i += 8) {
      high += bytes[i] + bytes[i + 2] + bytes[i + 4] + bytes[i + 6];
      low += bytes[i + 1] + bytes[i + 3] + bytes[i + 5] + bytes[i + 7];
    }
    for (; i + 2 <= stop; i += 2) {
      high += bytes[i];
      low += bytes[i + 1];
    }
    if (i < stop) high += bytes[i];
    sum = fold(sum + high * 256 + low);
  }
  return sum;
}

/** `sumBytes` by the SIMD kernel of assembly/checksum.ts. */
export function sumInWasm(codec: CodecMemory, bytes: Uint8Array, start: number, end: number): number {
  const { exports } = codec;
  const memory = codec.u8;
  const whole = start === 0 && end === bytes.length && end <= PIECE;
  // The kernel may load past the end of its input: what lies too near the end of memory is copied.
  const resident =
    !(whole && end <= COPIED_UNASKED) &&
    bytes.buffer === codec.buffer &&
    bytes.byteOffset + end + SLACK <= memory.length;
  if (resident) return swap(exports.checksumPart(bytes.byteOffset + start, end - start, 0));
  if (whole) {
    memory.set(bytes, scratch);
    return swap(exports.checksumPart(scratch, end, 0));
  }
  let sum = 0;
  for (let at = start; at < end; at += PIECE) {
    const stop = Math.min(at + PIECE, end);
    memory.set(bytes.subarray(at, stop), scratch);
    sum = exports.checksumPart(scratch, stop - at, sum);
  }
  return swap(sum);
}

let memory: CodecMemory | undefined;
let scratch = 0;
let refused = false;

/** The shared codec with room for a window in it, or `undefined` where there is no WebAssembly. */
export function codecMemory(): CodecMemory | undefined {
  if (memory !== undefined || refused) return memory;
  try {
    const codec = sharedCodec();
    scratch = codec.allocate(PIECE + SLACK);
    memory = codec;
  } catch {
    refused = true;
  }
  return memory;
}
