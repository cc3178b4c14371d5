// The same vectors give the same bytes everywhere: runs suite/ against the packed package in this Node, Node
// 22 and 24, Deno, Bun, Chromium and Firefox, in pages and in workers, and bundled by esbuild, rollup, vite
// and webpack. Every digest must equal this Node's.
//
//   npm ci --prefix test/runtimes && npm run build && node test/runtimes/run.mjs
import { cpSync, existsSync } from "node:fs";
import { join } from "node:path";
import { recordCounts } from "../../scripts/counts.mjs";
import { packAndInstall } from "../../scripts/pack.mjs";
import { browserCases } from "./browsers.mjs";
import { bundles } from "./bundlers.mjs";
import { browsers, installed, launch, processes, runProcess } from "./runtimes.mjs";

const here = import.meta.dirname;
const counts = { passed: 0, failed: 0, skipped: 0 };
if (!existsSync(join(here, "node_modules"))) missing("the runtimes", "npm ci --prefix test/runtimes");
if (process.env.CI && !process.version.startsWith("v20."))
  say(false, `CI runs on Node 20, not ${process.version}`);

const { project } = packAndInstall("build/check/runtimes");
cpSync(join(here, "suite"), project, { recursive: true });

const reference = runProcess(processes[0], "main.js", project);
console.log(`${Object.keys(reference).length} cases; the reference is Node ${process.version}`);

const { found, missing: absent } = installed(processes);
for (const { name } of absent) missing(name, "npm ci --prefix test/runtimes");
for (const runtime of found) await compare(runtime.name, () => runProcess(runtime, "main.js", project));

for (const { name, build } of bundles(project)) {
  await compare(`bundled by ${name}`, async () => runProcess(processes[0], await build(), project));
}

const windows = installed(browsers);
for (const { name, paths } of windows.missing) missing(name, `install it as ${paths[0]}`);
for (const each of windows.found) {
  const browser = await launch(each);
  try {
    console.log(`${each.name}: ${await browser.version()}`);
    for await (const { title, digests, check } of browserCases(browser, project)) {
      if (digests) await compare(`${each.name}, ${title}`, digests);
      else await say(check, `${each.name}, ${title}`);
    }
  } finally {
    await browser.close();
  }
}
console.log(`runtimes: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
recordCounts(counts);
process.exit(counts.failed > 0 ? 1 : 0);

/** Counts a case for each digest; prints the runtime in one line, and what differs. */
async function compare(name, run) {
  let digests = {};
  try {
    digests = await run();
  } catch (error) {
    console.log(`FAILED ${name}: ${error}`);
  }
  const differ = Object.keys(reference).filter((each) => digests[each] !== reference[each]);
  counts.passed += Object.keys(reference).length - differ.length;
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

function missing(what, how) {
  const required = process.env.CI !== undefined;
  counts[required ? "failed" : "skipped"]++;
  console.log(`${required ? "FAILED" : "skipped:"} ${what} is not installed; ${how}`);
}
