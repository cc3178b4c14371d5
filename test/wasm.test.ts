import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { decodeBase64 } from "../src/wasm/compile.ts";
import { codecBase64 } from "../src/wasm/generated/codec.ts";
import { instantiateCodec } from "../src/wasm/load.ts";

test("the codec sums bytes", () => {
  const codec = instantiateCodec();
  const p = codec.allocate(64);
  new Uint8Array(codec.memory.buffer).set([1, 2, 3], p);
  expect(codec.checksumPart(p, 3, 0)).toBe(0x0201 + 3);
});

test.each(["codec", "flow"])(
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
