import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { decodeBase64 } from "../src/wasm/base64.ts";
import { codecBase64 } from "../src/wasm/generated/codec.ts";
import { instantiateCodec } from "../src/wasm/load.ts";
import { instantiateSum } from "../src/wasm/sum.ts";

test.each([
  ["the codec", instantiateCodec],
  ["the small module", instantiateSum],
])("%s sums bytes, and copies them as it does", (_, instantiate) => {
  const { memory, allocate, checksumPart, copyAndSum } = instantiate();
  const [from, to] = [allocate(1024), allocate(1024)];
  const u8 = new Uint8Array(memory.buffer);
  for (let i = 0; i < 1024; i++) u8[from + i] = (i * 151 + (i >> 8)) & 0xff;
  for (let n = 0; n < 600; n++) {
    let sum = 7;
    for (let i = 0; i < n; i++) sum += u8[from + 3 + i] << (8 * (i & 1));
    const once = (sum & 0xffff) + (sum >>> 16);
    const folded = (once & 0xffff) + (once >>> 16);
    u8.fill(0xaa, to, to + n + 64);
    expect(checksumPart(from + 3, n, 7)).toBe(folded);
    expect(copyAndSum(to, from + 3, n, 7)).toBe(folded);
    expect(Buffer.compare(u8.subarray(to, to + n), u8.subarray(from + 3, from + 3 + n))).toBe(0);
    expect(u8[to + n]).toBe(0xaa);
  }
});

describe("single segments", () => {
  beforeEach(() => vi.resetModules());

  test("are summed by the small module", async () => {
    const { sharedCodec } = await import("../src/wasm/memory.ts");
    expect(sharedCodec().exports).not.toHaveProperty("parse");
  });

  test("are summed by the codec that `init` has brought, where no other module may be compiled", async () => {
    const { init } = await import("../src/wasm/load.ts");
    await init(new WebAssembly.Module(readFileSync("build/codec.wasm")));
    const { Module } = WebAssembly;
    vi.spyOn(WebAssembly, "Module").mockImplementation(() => {
      throw new WebAssembly.CompileError("refused");
    });
    try {
      const { sharedCodec } = await import("../src/wasm/memory.ts");
      expect(sharedCodec().exports).toHaveProperty("parse");
    } finally {
      WebAssembly.Module = Module;
    }
  });
});

test.each(["codec", "flow", "sum"])(
  "the inlined %s module is the one that was built, byte for byte",
  async (name) => {
    const generated = await import(`../src/wasm/generated/${name}.ts`);
    const bytes = decodeBase64(generated[`${name}Base64`]);
    expect(Buffer.compare(bytes, readFileSync(`build/${name}.wasm`))).toBe(0);
  },
);

test.each([0, 1, 2, 3, 4, 5, 255, 256, 70_001])("%d bytes come out of base64 as they went in", (n) => {
  const bytes = Uint8Array.from({ length: n }, (_, i) => (i * 151 + (i >> 8)) & 0xff);
  const text = Buffer.from(bytes).toString("base64");
  expect(Buffer.compare(decodeBase64(text), bytes)).toBe(0);
});

test("a platform's own decoder of base64 is asked first", () => {
  const own = Uint8Array as unknown as { fromBase64?: (text: string) => Uint8Array };
  const before = own.fromBase64;
  own.fromBase64 = () => Uint8Array.of(1, 2, 3);
  try {
    expect([...decodeBase64(codecBase64)]).toEqual([1, 2, 3]);
  } finally {
    if (before) own.fromBase64 = before;
    else delete own.fromBase64;
  }
});
