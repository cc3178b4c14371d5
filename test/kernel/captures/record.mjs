// Records the captures beside this file, each between real kernels in network namespaces, and writes how each
// came to be into captures.json. test/kernel/captures.test.ts holds the diagnosis against them.
//
//   node test/kernel/captures/record.mjs [NAME...]     records (root), writes the files and captures.json
//   node test/kernel/captures/record.mjs --check       records afresh into build/check/ and compares diagnoses
//
// What needs root says so where it is missing; with CI set that is a failure.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readCaptureSync } from "../../../dist/capture.js";
import { Diagnoser, FlowTracker } from "../../../dist/flow.js";
import { recordCounts } from "../../../scripts/counts.mjs";
import { Lab, missing } from "../lab/lab.mjs";
import { again, withStandstill } from "../lab/standstill.mjs";
import { artefacts } from "./scenes/artefacts.mjs";
import { idle } from "./scenes/idle.mjs";
import { opening } from "./scenes/opening.mjs";
import { pathMtu } from "./scenes/path-mtu.mjs";
import { performance } from "./scenes/performance.mjs";
import { resets } from "./scenes/resets.mjs";
import { silence } from "./scenes/silence.mjs";

const scenes = [...silence, ...idle, ...opening, ...performance, ...pathMtu, ...resets, ...artefacts];
const committed = new URL(".", import.meta.url).pathname;
const manifest = join(committed, "captures.json");
/** Most scenes wait: many go on at once, the long ones begin first. */
const AT_ONCE = 16;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { check: { type: "boolean", default: false } },
});

const counts = { passed: 0, failed: 0, skipped: 0 };
const lacking = missing(["iptables", "tc"]);
if (lacking) {
  counts[process.env.CI ? "failed" : "skipped"] = scenes.length;
  console.log(`${process.env.CI ? "FAILED" : "skipped:"} captures between real kernels need ${lacking}`);
} else await main();
recordCounts(counts);
process.exit(counts.failed > 0 ? 1 : 0);

async function main() {
  const folder = values.check ? "build/check/captures" : committed;
  mkdirSync(folder, { recursive: true });
  const chosen = scenes.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  const told = new Map();
  const record = async (scene) => {
    const file = join(folder, `${scene.name}.pcap`);
    return withStandstill(async () => {
      try {
        await play(scene, file);
        return { scene, diagnoses: diagnosesOf(file), size: statSync(file).size };
      } catch (error) {
        return { scene, error };
      }
    });
  };
  const conclude = (result) => {
    if (result.diagnoses) told.set(result.scene.name, result.diagnoses);
    report(result);
  };
  const disturbed = [];
  await inParallel(AT_ONCE, chosen, async (scene) => {
    const { result, stood } = await record(scene);
    if (isGood(result) || stood === 0) conclude(result);
    else disturbed.push({ scene, stood });
  });
  // By themselves.
  for (const { scene, stood } of disturbed) {
    console.log(again(scene.name, stood));
    conclude((await record(scene)).result);
  }
  if (!values.check && counts.failed === 0) writeManifest(told);
}

async function play({ run }, file) {
  const lab = new Lab();
  const captures = [];
  try {
    const record = async (host, options) => captures.push(await lab.capture(host, file, options));
    await run({ lab, record });
    for (const capture of captures) await capture.stop();
  } finally {
    await lab.remove();
  }
}

function isGood({ scene, diagnoses }) {
  return diagnoses?.join() === expected(scene).join();
}

function report(result) {
  const { scene, diagnoses, size, error } = result;
  const good = isGood(result);
  counts[good ? "passed" : "failed"]++;
  if (error) console.log(`FAILED ${scene.name}: ${error.stack}`);
  else {
    const wanted = scene.shows ? `shows ${scene.shows}` : `looks like ${scene.resembles}`;
    const found = diagnoses.join(", ") || "nothing";
    console.log(`${good ? "ok" : "FAILED"} ${scene.name} (${wanted}): ${found}, ${size} bytes`);
  }
}

function diagnosesOf(file) {
  const tracker = new FlowTracker({ random: (bytes) => crypto.getRandomValues(bytes) });
  const diagnoser = new Diagnoser();
  for (const batch of readCaptureSync(readFileSync(file))) diagnoser.add(batch, tracker.add(batch));
  return [...new Set(diagnoser.diagnose(tracker.flows()).map(({ name }) => name))];
}

/** What is diagnosed in it: of a look-alike nothing, unless it shows something else. */
function expected({ shows, tells = [] }) {
  return shows ? [shows] : tells;
}

/** What was not recorded this time stays as it is told. */
function writeManifest(told) {
  const kernel = execFileSync("uname", ["-sr"], { encoding: "utf8" }).trim();
  const before = new Map(readManifest().map((entry) => [entry.name, entry]));
  const entries = scenes.map(({ name, shows, resembles, tells, how }) => {
    const by = told.has(name) ? kernel : before.get(name)?.kernel;
    return { name, shows, resembles, diagnoses: expected({ shows, tells }), how, kernel: by };
  });
  writeFileSync(manifest, `${JSON.stringify(entries, null, 2)}\n`);
}

function readManifest() {
  try {
    return JSON.parse(readFileSync(manifest, "utf8"));
  } catch {
    return [];
  }
}

async function inParallel(n, items, work) {
  const left = [...items];
  await Promise.all(
    Array.from({ length: n }, async () => {
      for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
    }),
  );
}
