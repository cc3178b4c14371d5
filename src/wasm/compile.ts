import { unpackBase64 } from "./generated/unpack.ts";

/** Where a module may come from, beside the bytes that are inlined. */
export type ModuleSource = WebAssembly.Module | BufferSource | Response | PromiseLike<Response>;

/** Compiles off the main thread where the platform can. */
export async function compile(source: ModuleSource): Promise<WebAssembly.Module> {
  const given = await source;
  if (given instanceof WebAssembly.Module) return given;
  if (typeof Response === "function" && given instanceof Response) {
    return WebAssembly.compile(await given.arrayBuffer());
  }
  if (given instanceof ArrayBuffer || ArrayBuffer.isView(given)) {
    return WebAssembly.compile(given as BufferSource);
  }
  throw new TypeError("init: expected a WebAssembly.Module, bytes or a Response");
}

/** The bytes of a module that scripts/build-wasm.mjs inlined. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const native = Uint8Array as unknown as { fromBase64?: (text: string) => Uint8Array<ArrayBuffer> };
  return native.fromBase64?.(text) ?? unpacked(text);
}

/** By a module that does nothing else: over 50,000 characters, a loop here takes longer than compiling them. */
function unpacked(text: string): Uint8Array<ArrayBuffer> {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(charByChar(unpackBase64)));
  const { memory, unpack } = exports as { memory: WebAssembly.Memory; unpack(n: number): void };
  memory.grow(Math.ceil(text.length / PAGE));
  new TextEncoder().encodeInto(text, new Uint8Array(memory.buffer));
  unpack(text.length);
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  return new Uint8Array(memory.buffer as ArrayBuffer, 0, (text.length / 4) * 3 - padding);
}

function charByChar(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

const PAGE = 65536;
