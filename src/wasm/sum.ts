import { sumBase64 } from "./generated/sum.ts";
import { decodeShortBase64 } from "./short-base64.ts";

/** What assembly/sum.ts exports, and the codec too. Addresses and lengths are bytes in `memory`. */
export interface SumExports {
  readonly memory: WebAssembly.Memory;
  allocate(size: number): number;
  checksumPart(p: number, n: number, initial: number): number;
  copyAndSum(dst: number, src: number, n: number, initial: number): number;
}

let supplied: WebAssembly.Module | undefined;

/** The codec that `init` has brought, or compiled ahead of time. */
export function suppliedCodec(): WebAssembly.Module | undefined {
  return supplied;
}

/** Makes `module` what everything is an instance of from now on. */
export function supplyCodec(module: WebAssembly.Module): void {
  supplied = module;
}

/** A new instance of what sums and copies bytes: of the supplied codec, else of a module that has no more than this. */
export function instantiateSum(): SumExports {
  const module = supplied ?? new WebAssembly.Module(decodeShortBase64(sumBase64));
  return new WebAssembly.Instance(module).exports as unknown as SumExports;
}
