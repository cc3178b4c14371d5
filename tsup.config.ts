import { copyFileSync } from "node:fs";
import { defineConfig } from "tsup";

// What the package exports; the command line is built from the same chunks.
const exported = {
  bench: "src/bench/index.ts",
  capture: "src/capture/index.ts",
  flow: "src/flow/index.ts",
  node: "src/node/index.ts",
  tcp: "src/tcp/index.ts",
  wasm: "src/wasm/index.ts",
  wire: "src/wire/index.ts",
};

export default defineConfig({
  entry: { ...exported, cli: "src/cli/main.ts" },
  format: "esm",
  target: "es2022",
  platform: "neutral",
  dts: { entry: exported },
  external: [/^node:/],
  splitting: true,
  clean: true,
  treeshake: true,
  onSuccess: async () => {
    for (const name of ["codec", "flow"]) copyFileSync(`build/${name}.wasm`, `dist/${name}.wasm`);
  },
});
