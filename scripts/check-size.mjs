// What a user's bundle pays, minified and gzipped. A limit is a promise: raise it only with a reason in the
// commit that does, and tighten it when something got smaller for good.
import { existsSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { recordCounts } from "./counts.mjs";

const KB = 1000;
const files = {
  "dist/codec.wasm": 15 * KB, // issue 2 promises it
};
/** A user's imports, and what they may weigh once bundled. */
const imports = {
  'import "tcpwire/wasm"': 0.05 * KB, // sideEffects: false
  'export { init } from "tcpwire/wasm"': 21 * KB, // the codec, inlined as base64
};

const counts = { passed: 0, failed: 0, skipped: 0 };
for (const [file, limit] of Object.entries(files)) {
  if (!existsSync(file)) say(file, Number.NaN, limit);
  else say(file, gzipSync(readFileSync(file), { level: 9 }).length, limit);
}
for (const [contents, limit] of Object.entries(imports)) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: "." },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2022",
    external: ["node:*"],
    logLevel: "error",
  });
  const [{ contents: bytes }] = outputFiles;
  say(contents, bytes.length === 0 ? 0 : gzipSync(bytes, { level: 9 }).length, limit);
}
recordCounts(counts);
process.exit(counts.failed > 0 ? 1 : 0);

function say(what, size, limit) {
  const good = size <= limit;
  counts[good ? "passed" : "failed"]++;
  console.log(`${good ? "ok  " : "OVER"} ${String(size).padStart(6)} of ${limit} bytes gzipped  ${what}`);
}
