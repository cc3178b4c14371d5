// The same vectors give the same bytes everywhere: runs suite/ against the packed package in this Node, Node
// 22 and 24, Deno, Bun, Chromium and Firefox, in pages and in workers, and bundled by esbuild, rollup, vite
// and webpack. Every digest must equal this Node's.
//
//   npm ci --prefix test/runtimes && npm run build && node test/runtimes/run.mjs
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { recordCounts } from "../../scripts/counts.mjs";
import { packAndInstall } from "../../scripts/pack.mjs";
import { browserCases, servePages } from "./browsers.mjs";
import { bundlePairs, bundleStrict, bundles } from "./bundlers.mjs";
import { browsers, installed, launch, processes, runProcess } from "./runtimes.mjs";

const here = import.meta.dirname;
const counts = { passed: 0, failed: 0, skipped: 0 };
if (!existsSync(join(here, "node_modules"))) missing("the runtimes", "npm ci --prefix test/runtimes");
if (process.env.CI && !process.version.startsWith("v20."))
  say(false, `CI runs on Node 20, not ${process.version}`);

const { project } = packAndInstall("build/check/runtimes");
cpSync(join(here, "suite"), project, { recursive: true });
const inputs = sharedCaptures();
writeModule("captures.js", "captures", inputs);
writeModule("codec.js", "codec", readFileSync(join(project, "node_modules/tcpwire/dist/codec.wasm")));

await bundlePairs(project);

const reference = runProcess(processes[0], "main.js", project);
// Bundles come without the captures of ../shared.
const small = Object.keys(reference).filter((name) => !(name.replace(": findings", "") in inputs));
console.log(`${Object.keys(reference).length} cases; the reference is Node ${process.version}`);

const { found, missing: absent } = installed(processes);
for (const { name } of absent) missing(name, "npm ci --prefix test/runtimes");
for (const runtime of found) await compare(runtime.name, () => runProcess(runtime, "main.js", project));

for (const { name, build } of bundles(project)) {
  await compare(`bundled by ${name}`, async () => runProcess(processes[0], await build(), project), small);
}
await bundleStrict(project);

const windows = installed(browsers);
for (const { name, paths } of windows.missing) missing(name, `install it as ${paths[0]}`);
const { origin, close } = await servePages(project);
for (const each of windows.found) {
  const browser = await launch(each);
  try {
    console.log(`${each.name}: ${await browser.version()}`);
    for (const { title, digests, check, bundled } of browserCases(browser, origin)) {
      const name = `${each.name}, ${title}`;
      if (digests) await compare(name, digests, bundled ? small : undefined);
      else await say(check, name);
    }
  } finally {
    await browser.close();
  }
}
close();
console.log(`runtimes: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
recordCounts(counts);
process.exit(counts.failed > 0 ? 1 : 0);

/** Counts a case for each digest; prints the runtime in one line, and what differs. */
async function compare(name, run, cases = Object.keys(reference)) {
  let digests = {};
  try {
    digests = await run();
  } catch (error) {
    console.log(`FAILED ${name}: ${error}`);
  }
  const differ = cases.filter((each) => digests[each] !== reference[each]);
  counts.passed += cases.length - differ.length;
  counts.failed += differ.length;
  if (Object.keys(digests).length > 0) {
    console.log(
      `${differ.length ? "FAILED" : "ok    "} ${name}${differ.map((each) => `\n         ${each}`).join("")}`,
    );
  }
}

async function say(check, name) {
  let trouble = check === true ? "" : "it is so";
  if (typeof check === "function") trouble = await check().catch((error) => String(error));
  counts[trouble ? "failed" : "passed"]++;
  console.log(`${trouble ? "FAILED" : "ok    "} ${name}${trouble ? `: ${trouble}` : ""}`);
}

/** The real captures beside the repository, where they are there. */
function sharedCaptures() {
  const folder = resolve(process.env.TCPWIRE_SHARED ?? "../shared", "corpus");
  if (!existsSync(folder)) {
    missing("../shared with its captures", "put it beside the repository");
    return {};
  }
  const names = readdirSync(folder).filter((name) => /\.pcap(ng)?$/.test(name));
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name))]));
}

/** A module of the project's that exports bytes: every runtime can import, not every one may read files. */
function writeModule(file, name, value) {
  const literal = (bytes) => JSON.stringify(bytes.toString("base64"));
  const text = Buffer.isBuffer(value)
    ? literal(value)
    : `Object.fromEntries([${Object.entries(value)
        .map(([key, bytes]) => `[${JSON.stringify(key)}, ${literal(bytes)}]`)
        .join(",\n")}].map(([key, text]) => [key, Uint8Array.from(atob(text), (c) => c.charCodeAt(0))]))`;
  writeFileSync(join(project, file), `export const ${name} = ${text};\n`);
}

function missing(what, how) {
  const required = process.env.CI !== undefined;
  counts[required ? "failed" : "skipped"]++;
  console.log(`${required ? "FAILED" : "skipped:"} ${what} is missing; ${how}`);
}
