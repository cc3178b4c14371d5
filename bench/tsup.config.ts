import { defineConfig } from "tsup";

export default defineConfig({
  entry: {
    run: "bench/run.ts",
    rivals: "bench/rivals/process.ts",
    idle: "bench/idle-process.ts",
    sockets: "test/runtimes/memory/sockets.mjs",
  },
  // What checks measure in the package, the bench measures in the sources.
  esbuildOptions: (options) => {
    options.alias = { "tcpwire/net": "./src/net/index.ts" };
  },
  outDir: "bench/.cache",
  format: "esm",
  target: "es2022",
  platform: "node",
  silent: true,
});
