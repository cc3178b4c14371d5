import { afterEach, expect, test, vi } from "vitest";
import { residue } from "./oracle.ts";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

test("where the runtime refuses WebAssembly, long input is summed in JavaScript", async () => {
  vi.resetModules();
  const refuse = vi.fn(() => {
    throw new EvalError("Refused to compile or instantiate WebAssembly module");
  });
  vi.stubGlobal("WebAssembly", { Module: refuse, Instance: refuse });
  const { sumBytes } = await import("../../src/wire/sum.ts");
  const bytes = Uint8Array.from({ length: 70_001 }, (_, i) => (i * 7) & 0xff);
  expect(sumBytes(bytes, 0, bytes.length)).toBe(Number(residue(bytes)));
  expect(sumBytes(bytes, 3, 5000)).toBe(Number(residue(bytes.subarray(3, 5000))));
  expect(refuse).toHaveBeenCalledTimes(1);
});
