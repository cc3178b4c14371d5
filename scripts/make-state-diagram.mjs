// Writes docs/states.svg from the transition table in src/tcp/state.ts: node scripts/make-state-diagram.mjs
import { mkdirSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const entry = `
export { stateDiagram } from "./test/docs/state-diagram.ts";
export { TRANSITIONS } from "./src/tcp/state.ts";
`;
mkdirSync("build", { recursive: true });
const out = "build/state-diagram.mjs";
await build({
  stdin: { contents: entry, resolveDir: process.cwd(), loader: "ts" },
  bundle: true,
  format: "esm",
  outfile: out,
  logLevel: "error",
});
const { stateDiagram, TRANSITIONS } = await import(new URL(`../${out}`, import.meta.url));
writeFileSync("docs/states.svg", stateDiagram(TRANSITIONS));
