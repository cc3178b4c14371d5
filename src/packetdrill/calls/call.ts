import type { Arguments } from "./arguments.ts";
import type { Attempt } from "./outcome.ts";
import type { Process } from "./process.ts";

/** A call of the script, as its implementation sees it. */
export interface CallFrame {
  readonly args: Arguments;
  readonly process: Process;
  /** The result that the script expects: where a call makes a descriptor, the script's number for it. */
  readonly wanted: number;
}

/**
 * Begins a call.
 * @throws {Errno} when it fails at once
 * @throws {Unsupported} when it asks for what is not here
 */
export type CallImplementation = (frame: CallFrame) => Attempt;
