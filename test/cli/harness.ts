// Runs a command line inside the test, with its streams in memory.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Io } from "../../src/cli/command.ts";
import { run } from "../../src/cli/run.ts";
import { ClosedPipe, type Sink } from "../../src/cli/terminal/sink.ts";

export const VERSION = "1.2.3";

export interface World {
  readonly stdin?: Uint8Array;
  /** Whether standard output and standard error are terminals. */
  readonly terminal?: boolean;
  readonly stdinIsTerminal?: boolean;
  readonly env?: Record<string, string>;
  /** The reader of standard output goes away after so many writes. */
  readonly readerLeavesAfter?: number;
  /** Milliseconds that pass between two looks at the clock. */
  readonly tick?: number;
  /** Columns of the terminal; 100. */
  readonly width?: number;
}

export interface Outcome {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Runs `tcpwire ARGS` to its end. */
export async function tcpwire(args: readonly string[], world: World = {}): Promise<Outcome> {
  const out = memorySink(world.terminal ?? false, world.width, world.readerLeavesAfter);
  const err = memorySink(world.terminal ?? false, world.width);
  let now = 0;
  const io: Io = {
    stdout: out,
    stderr: err,
    env: world.env ?? {},
    stdin: () => world.stdin ?? new Uint8Array(0),
    stdinIsTerminal: world.stdinIsTerminal ?? false,
    clock: () => (now += world.tick ?? 0),
  };
  const status = await run(args, io, VERSION);
  return { status, out: out.text(), err: err.text() };
}

function memorySink(
  isTerminal: boolean,
  width = 100,
  leavesAfter = Number.POSITIVE_INFINITY,
): Sink & { text(): string } {
  const decoder = new TextDecoder();
  let text = "";
  let writes = 0;
  return {
    isTerminal,
    width,
    async write(chunk) {
      if (++writes > leavesAfter) throw new ClosedPipe();
      text += typeof chunk === "string" ? chunk : decoder.decode(chunk);
    },
    text: () => text,
  };
}

/** Puts files in a folder of their own and gives their paths; `clean` removes it again. */
export function files(contents: Readonly<Record<string, Uint8Array>>): {
  path(name: string): string;
  clean(): void;
} {
  const folder = mkdtempSync(join(tmpdir(), "tcpwire-cli-"));
  for (const [name, bytes] of Object.entries(contents)) writeFileSync(join(folder, name), bytes);
  return { path: (name) => join(folder, name), clean: () => rmSync(folder, { recursive: true }) };
}
