import { defineConfig } from "tsup";
import { bindOnceIn } from "../../scripts/bind-once.ts";
import { inlineNumbers } from "../../scripts/inline-numbers.ts";

export default defineConfig({
  entry: { soak: "test/simulation/soak.ts" },
  // As the package is built.
  esbuildPlugins: [inlineNumbers()],
  esbuildOptions: (options) => {
    options.minifySyntax = true;
  },
  outDir: "build/simulation",
  format: "esm",
  target: "es2022",
  platform: "node",
  silent: true,
  onSuccess: async () => bindOnceIn("build/simulation"),
});
