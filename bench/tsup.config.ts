import { defineConfig } from "tsup";
import { bindOnceIn } from "../scripts/bind-once.ts";
import { inlineNumbers } from "../scripts/inline-numbers.ts";

export default defineConfig({
  entry: {
    run: "bench/run.ts",
    rivals: "bench/rivals/process.ts",
    idle: "bench/idle-process.ts",
    sockets: "test/runtimes/memory/sockets.mjs",
  },
  // As the package is built.
  esbuildPlugins: [inlineNumbers()],
  esbuildOptions: (options) => {
    options.minifySyntax = true;
    // What checks measure in the package, the bench measures in the sources.
    options.alias = { "tcpwire/net": "./src/net/index.ts" };
  },
  outDir: "bench/.cache",
  format: "esm",
  target: "es2022",
  platform: "node",
  silent: true,
  onSuccess: async () => bindOnceIn("bench/.cache"),
});
