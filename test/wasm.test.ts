import { expect, test } from "vitest";
import { instantiateCodec } from "../src/wasm/load.ts";

test("the codec sums bytes", () => {
  const codec = instantiateCodec();
  const p = codec.allocate(64);
  new Uint8Array(codec.memory.buffer).set([1, 2, 3], p);
  expect(codec.checksumPart(p, 3, 0)).toBe(0x0201 + 3);
});
