import asc from "assemblyscript/asc";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import * as seq from "../../src/wire/seq.ts";
import { edgeNumber } from "./arbitraries.ts";

// In a variable, for functions are picked by name here.
const script = { ...seq };

// assembly/seq.ts is compiled here with the codec's own settings, exported whole: nothing of it needs to
// be exported from the codec for the sake of this test.
let twin: Record<keyof typeof seq, (...numbers: number[]) => number>;

beforeAll(async () => {
  const files = new Map<string, Uint8Array | string>();
  const { error, stderr } = await asc.main(
    ["assembly/seq.ts", "-o", "seq.wasm", "--runtime", "stub", "-O3", "--noAssert", "--use", "abort="],
    { writeFile: (name, contents) => void files.set(name, contents) },
  );
  if (error) throw new Error(stderr.toString());
  const module = new WebAssembly.Module(files.get("seq.wasm") as Uint8Array<ArrayBuffer>);
  twin = new WebAssembly.Instance(module).exports as unknown as typeof twin;
});

const two = ["lt", "le", "gt", "ge", "distance", "add", "max", "min", "relative"] as const;
const three = ["between", "inWindow"] as const;
const signed = new Set<string>(["distance"]);

test("both languages export the same functions", () => {
  const functions = Object.keys(twin).filter((name) => typeof twin[name as keyof typeof twin] === "function");
  expect(functions.sort()).toEqual([...two, ...three].sort());
  expect(Object.keys(seq).sort()).toEqual([...two, ...three].sort());
});

// WebAssembly gives i32: truth as 0 or 1, unsigned results as signed ones.
function compiled(name: keyof typeof seq, ...numbers: number[]): number {
  const result = twin[name](...numbers);
  return signed.has(name) ? result : result >>> 0;
}

test("both languages give the same for two numbers, near 2^31 and 2^32 above all", () => {
  fc.assert(
    fc.property(edgeNumber, edgeNumber, (a, b) => {
      for (const name of two) expect(Number(script[name](a, b)), name).toBe(compiled(name, a, b));
    }),
    { numRuns: 5000 },
  );
});

test("both languages give the same for numbers exactly half the space apart", () => {
  fc.assert(
    fc.property(edgeNumber, (a) => {
      const b = (a ^ 0x80000000) >>> 0;
      for (const name of two) expect(Number(script[name](a, b)), name).toBe(compiled(name, a, b));
    }),
  );
});

test("both languages give the same for three numbers", () => {
  fc.assert(
    fc.property(edgeNumber, edgeNumber, edgeNumber, (a, b, c) => {
      for (const name of three) expect(Number(script[name](a, b, c)), name).toBe(compiled(name, a, b, c));
    }),
    { numRuns: 5000 },
  );
});
