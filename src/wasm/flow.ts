import { decodeBase64 } from "./base64.ts";
import { compile, type ModuleSource } from "./compile.ts";
import { flowBase64 } from "./generated/flow.ts";

/** What assembly/flow.ts exports. */
export interface FlowExports {
  readonly memory: WebAssembly.Memory;
  configure(flows: number, idle: bigint, ringBytes: number, vlans: number, tunnels: number): number;
  run(n: number): void;
  countKnown(n: number): number;
  departedCount(): number;
  release(): void;
  streamCount(): number;
  heldCount(): number;
  untrackedCount(): number;
  bytesReserved(): number;
  recordCount(): number;
  recordAt(i: number): number;
  keyOf(record: number): number;
  statisticsOf(record: number): number;
}

let flowModule: WebAssembly.Module | undefined;

/**
 * Supplies or preloads the WebAssembly of the flow table and the analysis. Never required: the first
 * `FlowTracker` compiles the inlined module by itself, synchronously.
 *
 * @param source a `WebAssembly.Module`, the module's bytes (`tcpwire/flow.wasm`), or a `Response` (or a
 *   promise of one); the inlined bytes when left out
 * @throws {TypeError} when `source` is none of these
 * @throws {WebAssembly.CompileError} when the bytes are no valid module
 */
export async function init(source?: ModuleSource): Promise<void> {
  flowModule = await compile(source ?? decodeBase64(flowBase64));
}

/** A new instance of the flow module with a memory of its own. */
export function instantiateFlow(): FlowExports {
  flowModule ??= new WebAssembly.Module(decodeBase64(flowBase64));
  return new WebAssembly.Instance(flowModule).exports as unknown as FlowExports;
}
