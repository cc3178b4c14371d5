import { defineConfig } from "tsup";

export default defineConfig({
  entry: { run: "bench/run.ts", rivals: "bench/rivals/process.ts", idle: "bench/idle-process.ts" },
  outDir: "bench/.cache",
  format: "esm",
  target: "es2022",
  platform: "node",
  silent: true,
});
