import { copyFileSync } from "node:fs";
import { defineConfig } from "tsup";

export default defineConfig({
  entry: {
    wasm: "src/wasm/index.ts",
    wire: "src/wire/index.ts",
    capture: "src/capture/index.ts",
    node: "src/node/index.ts",
  },
  format: "esm",
  target: "es2022",
  platform: "neutral",
  dts: true,
  external: [/^node:/],
  splitting: true,
  clean: true,
  treeshake: true,
  onSuccess: async () => {
    copyFileSync("build/codec.wasm", "dist/codec.wasm");
  },
});
