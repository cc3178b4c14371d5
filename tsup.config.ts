import { copyFileSync } from "node:fs";
import { defineConfig } from "tsup";

export default defineConfig({
  entry: {
    flow: "src/flow/index.ts",
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
    for (const name of ["codec", "flow"]) copyFileSync(`build/${name}.wasm`, `dist/${name}.wasm`);
  },
});
