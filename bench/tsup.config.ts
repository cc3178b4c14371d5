import { defineConfig } from "tsup";

export default defineConfig({
  entry: { run: "bench/run.ts" },
  outDir: "bench/.cache",
  format: "esm",
  target: "es2022",
  platform: "node",
  silent: true,
});
