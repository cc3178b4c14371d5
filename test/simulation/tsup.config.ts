import { defineConfig } from "tsup";

export default defineConfig({
  entry: { soak: "test/simulation/soak.ts" },
  outDir: "build/simulation",
  format: "esm",
  target: "es2022",
  platform: "node",
  silent: true,
});
