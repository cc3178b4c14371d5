import type { FileArgument } from "./file-argument.ts";

/** What a thread is given to run a command over one file. */
export interface FileTask {
  readonly command: string;
  /** The options of the command line. */
  readonly options: readonly (readonly [string, readonly string[]])[];
  readonly file: FileArgument;
  readonly isTerminal: boolean;
  readonly width: number;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What a thread says of its file: what would be printed, in its order, and how it ended. */
export type FileEvent =
  | { readonly to: "stdout" | "stderr"; readonly chunk: string | Uint8Array }
  | { readonly status: number }
  | { readonly error: { readonly kind: "input" | "usage" | "bug"; readonly message: string } };

/** A thread that runs commands. */
export interface FileThread {
  /** Runs a task; `listen` is told of all that comes of it, the end last. One at a time. */
  run(task: FileTask, listen: (event: FileEvent) => void): void;
  /** So many bytes have been printed. */
  printed(bytes: number): void;
  end(): Promise<unknown>;
}

export function sizeOf(chunk: string | Uint8Array): number {
  return chunk.length;
}
