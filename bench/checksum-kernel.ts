// The checksum without calls from JavaScript: bench/assembly/sums.ts, compiled by `npm run bench`.
import { readFileSync } from "node:fs";
import type { Contender } from "../src/bench/race.ts";
import { checksumInputs } from "../src/bench/suite.ts";

interface Sums {
  readonly memory: WebAssembly.Memory;
  sum(p: number, n: number): number;
  sums(p: number, n: number, repeats: number): number;
}

const PAGE = 65536;

/** Sums `size` bytes over and over in a loop inside the module at `path`. */
export function checksumKernel(path: string, size: number): Contender {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(path)));
  const { memory, sum, sums } = instance.exports as unknown as Sums;
  const inputs = checksumInputs(size);
  // From the start of a page on, as they lie in C's memory; one more page for what the tail's load runs over.
  const start = memory.buffer.byteLength;
  memory.grow(Math.ceil((inputs.length * size) / PAGE) + 1);
  inputs.forEach((bytes, i) => {
    new Uint8Array(memory.buffer).set(bytes, start + i * size);
  });
  return {
    name: "WebAssembly, looping",
    run(repeats) {
      sums(start, size, repeats);
      return undefined;
    },
    outcome: () => ({
      checksums: inputs.map((_, i) => complement(sum(start + i * size, size))).join(" "),
    }),
  };
}

function complement(sum: number): number {
  return ~((sum << 8) | (sum >>> 8)) & 0xffff;
}
