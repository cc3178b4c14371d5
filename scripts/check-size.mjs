// What a user's bundle pays, minified and gzipped. A limit is a promise: raise it only with a reason in the
// commit that does, and tighten it when something got smaller for good.
import { existsSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { recordCounts } from "./counts.mjs";

const KB = 1000;
const files = {
  "dist/codec.wasm": 15 * KB,
  "dist/flow.wasm": 12 * KB,
};
/** A user's imports, and what they may weigh once bundled. */
const imports = {
  // Nothing that is not used (`sideEffects: false`).
  'import "tcpwire/wire"; import "tcpwire/capture"; import "tcpwire/flow"; import "tcpwire/tcp"; import "tcpwire/net"; import "tcpwire/sim"; import "tcpwire/wasm"': 50,
  'export { seq } from "tcpwire/wire"': 1.1 * KB,
  'export { parseSegment } from "tcpwire/wire"': 5.5 * KB, // JavaScript alone: a single header never pays a call
  'export { verifyChecksum } from "tcpwire/wire"': 4.5 * KB, // with a small module of its own, inlined as base64
  'export * from "tcpwire/wire"': 17.5 * KB,
  'export { readCapture } from "tcpwire/capture"': 36 * KB,
  'export { FlowTracker } from "tcpwire/flow"': 23 * KB, // 2 of them bound what a made-up ACK costs
  'export { Endpoint } from "tcpwire/tcp"': 34 * KB,
  'export * from "tcpwire/sim"': 110 * KB, // a host, and nineteen scenarios in two languages
  'export { Host } from "tcpwire/net"': 58 * KB,
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
