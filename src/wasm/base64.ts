import { unpackBase64 } from "./generated/unpack.ts";
import { decodeShortBase64 } from "./short-base64.ts";

/** The bytes of a module that scripts/build-wasm.mjs inlined. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const native = Uint8Array as unknown as { fromBase64?: (text: string) => Uint8Array<ArrayBuffer> };
  return native.fromBase64?.(text) ?? unpacked(text);
}

/** By a module that does nothing else: over 50,000 characters, a loop here takes longer than compiling them. */
function unpacked(text: string): Uint8Array<ArrayBuffer> {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(decodeShortBase64(unpackBase64)));
  const { memory, unpack } = exports as { memory: WebAssembly.Memory; unpack(n: number): void };
  memory.grow(Math.ceil((text.length + VECTOR) / PAGE));
  new TextEncoder().encodeInto(text, new Uint8Array(memory.buffer));
  unpack(text.length);
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  return new Uint8Array(memory.buffer as ArrayBuffer, 0, (text.length / 4) * 3 - padding);
}

const PAGE = 65536;
/** Bytes that are taken at a time. */
const VECTOR = 16;
