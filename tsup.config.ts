import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { defineConfig } from "tsup";
import { inlineNumbers } from "./scripts/inline-numbers.ts";
import { mergeChunks } from "./scripts/merge-chunks.ts";

// What the package exports, what needs least first; the command line is built from the same chunks.
const exported = {
  wire: "src/wire/index.ts",
  wasm: "src/wasm/index.ts",
  capture: "src/capture/index.ts",
  node: "src/node/index.ts",
  flow: "src/flow/index.ts",
  tcp: "src/tcp/index.ts",
  net: "src/net/index.ts",
  "net/node": "src/node/net/index.ts",
  sim: "src/sim/index.ts",
  bench: "src/bench/index.ts",
};

// What is started, not imported: the command line, and what threads run.
const programs = {
  cli: "src/cli/main.ts",
  "file-worker": "src/cli/file-worker.ts",
  "parse-worker": "src/node/parse-worker.ts",
};

// What writes tables. The command line loads them when it is to export, and no entry that a program imports does:
// they stand in chunks of their own, so that the package needs no other.
const bundled = ["@uwdata/flechette", "hyparquet", "hyparquet-writer"];

export default defineConfig({
  entry: { ...exported, ...programs },
  format: "esm",
  target: "es2022",
  platform: "neutral",
  dts: { entry: exported },
  external: [/^node:/],
  noExternal: bundled,
  esbuildPlugins: [inlineNumbers()],
  esbuildOptions: (options) => {
    // Puts numbers in the place of their names.
    options.minifySyntax = true;
    options.mainFields = ["module", "main"];
    // Of two builds of a library the one that touches no files.
    options.conditions = ["browser"];
  },
  splitting: true,
  clean: true,
  treeshake: true,
  onSuccess: async () => {
    await mergeChunks("dist", Object.keys(exported), Object.keys(programs));
    for (const name of ["codec", "flow"]) copyFileSync(`build/${name}.wasm`, `dist/${name}.wasm`);
    writeFileSync("dist/THIRD-PARTY-NOTICES", bundled.map(notice).join("\n\n"));
  },
});

function notice(name: string): string {
  const folder = `node_modules/${name}`;
  const { version } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  return `${name} ${version}\n\n${readFileSync(`${folder}/LICENSE`, "utf8").trim()}\n`;
}
