// The native yardstick: bench/native/ compiled on the spot, one process driven over its standard input.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as capture from "../assembly/layout/capture.ts";
import * as columns from "../assembly/layout/columns.ts";
import * as status from "../assembly/layout/status.ts";
import * as wire from "../assembly/layout/wire.ts";
import type { Contender, Outcome } from "../src/bench/race.ts";
import { checksumInputs } from "../src/bench/suite.ts";
import { LineProcess } from "./line-process.ts";

const compilers = ["cc", "gcc", "clang"];
// Static and without PIE: the columns' addresses are immediates in the code, as they are in WebAssembly.
const flags = ["-std=gnu17", "-O3", "-march=native", "-fno-pie", "-static"];

/** Compiles and starts the program; a line about what is missing when that cannot be. */
export function startNative(source: string, cache: string, processorTime: boolean): NativeCodec | string {
  mkdirSync(cache, { recursive: true });
  writeFileSync(join(cache, "layout.h"), header());
  const program = join(cache, "native");
  const compiler = compilers.find((name) => spawnSync(name, ["--version"]).status === 0);
  if (!compiler) return "native C: no C compiler (apt install gcc, or clang)";
  const built = spawnSync(compiler, [...flags, `-I${cache}`, join(source, "main.c"), "-o", program]);
  if (built.status !== 0)
    return `native C: ${compiler} failed: ${built.stderr.toString().trim().split("\n")[0]}`;
  const version = spawnSync(compiler, ["--version"]).stdout.toString().split("\n")[0];
  return new NativeCodec(program, processorTime, `${version}, ${flags.slice(1, 3).join(" ")}`);
}

function header(): string {
  const lines = [capture, columns, status, wire].flatMap((module) =>
    Object.entries(module).map(([name, value]) => `#define ${name} ${value}${value > 0x7fffffff ? "u" : ""}`),
  );
  return `// Written by bench/native.ts from assembly/layout/.\n${lines.join("\n")}\n`;
}

export class NativeCodec {
  readonly description: string;
  readonly #process: LineProcess;

  constructor(program: string, processorTime: boolean, description: string) {
    this.description = description;
    this.#process = new LineProcess("the native program", program, processorTime ? ["--cpu-time"] : []);
  }

  close(): void {
    this.#process.close();
  }

  /** Parses resident bytes, loaded from the capture file at `path`, to the same columns. */
  async residentBatch(path: string): Promise<Contender> {
    await this.#ask(`load ${path}`);
    const variant = await this.#fastest((name) => `batch ${name} 1`);
    const digest = () => this.#digest("batch", variant, path);
    return {
      name: `native C, resident (${variant})`,
      run: (repeats) => this.#repeat(repeats, `batch ${variant} 1`),
      async outcome() {
        const { frames: _, ...columns } = await digest();
        return columns;
      },
    };
  }

  /** From the capture file at `path`: read in windows of 1 MiB as tcpwire does, or mapped. */
  async file(path: string, how: "pread" | "mmap"): Promise<Contender> {
    const variant = await this.#fastest((name) => `file ${name} 1 ${how} ${path}`);
    return {
      name: `native C, ${how} (${variant})`,
      run: (repeats) => this.#repeat(repeats, `file ${variant} 1 ${how} ${path}`),
      outcome: () => this.#digest(how, variant, path),
    };
  }

  async checksums(size: number, path: string): Promise<Contender[]> {
    writeFileSync(path, Buffer.concat(checksumInputs(size)));
    await this.#ask(`bytes ${path}`);
    const names: Record<string, string> = {
      plain: "C, the obvious loop",
      adc: "C, 64-bit add with carry",
      sse: "C, 128 bits (multiply-add)",
      sse_means: "C, 128 bits (our way)",
      avx2_lanes: "C, AVX2 (64-bit lanes)",
      avx2: "C, AVX2 (multiply-add)",
    };
    const kernels = (await this.#ask("kernels")).split(" ");
    return kernels.map((kernel) => ({
      name: names[kernel] ?? kernel,
      run: async (repeats) => first(await this.#ask(`checksum ${kernel} ${size} ${repeats}`)),
      outcome: async () => ({ checksums: await this.#ask(`checksums ${kernel} ${size}`) }),
    }));
  }

  /** Counts which keys of `asked` are among the `flows` keys of `known`, as flow-keys.ts writes both. */
  async lookups(path: string, known: Uint8Array, flows: number, asked: Uint8Array): Promise<Contender> {
    writeFileSync(path, known);
    await this.#ask(`bytes ${path}`);
    await this.#ask(`flows ${flows}`);
    writeFileSync(path, asked);
    await this.#ask(`bytes ${path}`);
    return {
      name: "native C",
      run: async (repeats) => first(await this.#ask(`known ${repeats}`)),
      outcome: async () => ({ known: Number((await this.#ask("known 1")).split(" ")[1]) }),
    };
  }

  /** The variants of the loop differ by a few per cent from capture to capture: the best is the yardstick. */
  async #fastest(command: (variant: string) => string): Promise<string> {
    let best = { name: "", time: Number.POSITIVE_INFINITY };
    for (const name of (await this.#ask("variants")).split(" ")) {
      const times: number[] = [];
      for (let i = 0; i < 5; i++) times.push(first(await this.#ask(command(name))));
      const time = Math.min(...times);
      if (time < best.time) best = { name, time };
    }
    return best.name;
  }

  async #digest(how: string, variant: string, path: string): Promise<Outcome> {
    const [rows, unhandled, ...hashes] = (await this.#ask(`digest ${how} ${variant} 1 ${path}`)).split(" ");
    return {
      rows,
      ...Object.fromEntries(hashes.map((pair) => pair.split("="))),
      ...(unhandled !== "0" && { "frames the C program does not know": unhandled }),
    };
  }

  async #repeat(repeats: number, command: string): Promise<number> {
    let total = 0;
    for (let i = 0; i < repeats; i++) total += first(await this.#ask(command));
    return total;
  }

  #ask(command: string): Promise<string> {
    return this.#process.ask(command);
  }
}

function first(answer: string): number {
  return Number(answer.split(" ")[0]);
}
