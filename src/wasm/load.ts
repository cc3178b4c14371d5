import { decodeBase64 } from "./base64.ts";
import { compile, type ModuleSource } from "./compile.ts";
import { codecBase64 } from "./generated/codec.ts";
import { withSharedMemory } from "./shared-memory.ts";
import { type SumExports, suppliedCodec, supplyCodec } from "./sum.ts";

/** What assembly/index.ts exports. Addresses and lengths are bytes in `memory`. */
export interface CodecExports extends SumExports {
  reset(): void;
  verifyChecksums(on: number): void;
  configurePcap(
    bigEndian: number,
    nanosPerTick: number,
    linkType: number,
    recordHeaderLength: number,
    lengths: number,
  ): void;
  configurePcapng(bigEndian: number): void;
  addInterface(linkType: number, tsresol: number, tsoffset: bigint, snapLength: number): number;
  parse(p: number, end: number, row: number): number;
  incompleteDatagrams(): number;
}

/**
 * Supplies or preloads the codec's WebAssembly. Never required: the first use compiles the inlined
 * module by itself, synchronously. Call it to compile off the main thread ahead of time, or to bring the
 * bytes or a compiled `WebAssembly.Module` from elsewhere (`tcpwire/codec.wasm`).
 *
 * @param source a `WebAssembly.Module`, the module's bytes, or a `Response` (or a promise of one);
 *   the inlined bytes when left out
 * @throws {TypeError} when `source` is none of these
 * @throws {WebAssembly.CompileError} when the bytes are no valid module
 */
export async function init(source?: ModuleSource): Promise<void> {
  supplyCodec(await compile(source ?? decodeBase64(codecBase64)));
}

let compiled: WebAssembly.Module | undefined;

/** The compiled codec: compiled from the inlined bytes on first use. */
export function codec(): WebAssembly.Module {
  const supplied = suppliedCodec();
  if (supplied) return supplied;
  compiled ??= new WebAssembly.Module(decodeBase64(codecBase64));
  return compiled;
}

/** A new instance of the codec with a memory of its own. */
export function instantiateCodec(): CodecExports {
  return new WebAssembly.Instance(codec()).exports as unknown as CodecExports;
}

let sharedModule: WebAssembly.Module | undefined;

/** A new instance of the codec whose memory other threads can be given: its buffer is a `SharedArrayBuffer`. */
export function instantiateCodecForThreads(): CodecExports {
  sharedModule ??= new WebAssembly.Module(withSharedMemory(decodeBase64(codecBase64)));
  return new WebAssembly.Instance(sharedModule).exports as unknown as CodecExports;
}
