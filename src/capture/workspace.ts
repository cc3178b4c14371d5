import { type CodecExports, codec, instantiateCodec } from "../wasm/load.ts";
import { CodecMemory } from "../wasm/memory.ts";
import { Window } from "./window.ts";

/**
 * What reading a capture takes: a codec instance and the window that the input passes through. About 3 MB, and
 * touching them for the first time costs as much as parsing 20,000 segments, so what a reader has done with is
 * there for the next.
 */
export class Workspace {
  /** What the memory is an instance of, where others can take it over. */
  readonly module: WebAssembly.Module | undefined;
  readonly memory: CodecMemory<CodecExports>;
  readonly window: Window;

  /** @param memory that nobody else uses */
  constructor(memory: CodecMemory<CodecExports>, module?: WebAssembly.Module) {
    this.module = module;
    this.memory = memory;
    this.window = new Window(memory);
  }

  get size(): number {
    return this.memory.buffer.byteLength;
  }
}

/** A workspace that nobody else has, as if it were new. */
export function takeWorkspace(verifyChecksums: boolean): Workspace {
  const module = codec();
  let workspace = idle.pop();
  // `init` may have brought another module since.
  while (workspace && workspace.module !== module) workspace = idle.pop();
  workspace ??= new Workspace(new CodecMemory(instantiateCodec()), module);
  workspace.window.clear();
  workspace.memory.exports.reset();
  workspace.memory.exports.verifyChecksums(verifyChecksums ? 1 : 0);
  return workspace;
}

/** Takes back a workspace that nothing refers to any more. Unusually large ones are left to the collector. */
export function giveWorkspace(workspace: Workspace): void {
  if (idle.length < MOST_IDLE && workspace.size <= LARGEST_IDLE) idle.push(workspace);
}

const idle: Workspace[] = [];
const MOST_IDLE = 2;
const LARGEST_IDLE = 6 * 1024 * 1024;
