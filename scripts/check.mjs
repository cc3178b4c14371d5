// The contributor's one command: `npm run check` runs every check that needs nothing but Node, a line each,
// and prints the whole output only of what failed. `npm test` is the same with the build and the tests alone.
//
//   node scripts/check.mjs [STEP...] [--except STEP,STEP] [--show]
//
// --show prints the output of steps that pass too. `ci` as a STEP stands for those that need more than Node.
// Logs lie in build/check/, and counts.json there adds up the runs until `--report` closes them.
import { spawn } from "node:child_process";
import { mkdirSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { readCounts, vitestCounts } from "./counts.mjs";

const node = (script, ...rest) => [process.execPath, script, ...rest];
const bin = (path, ...rest) => node(`node_modules/${path}`, ...rest);
/** A step that takes longer hangs. */
const limitMinutes = 20;
const vitestReport = "build/check/vitest.json";

const steps = {
  wasm: node("scripts/build-wasm.mjs"),
  types: bin("typescript/bin/tsc", "--noEmit"),
  lint: bin("@biomejs/biome/bin/biome", "check", "--error-on-warnings", "."),
  bundle: bin("tsup/dist/cli-default.js", "--silent"),
  "as-pect": node("scripts/as-pect.mjs"),
  vitest: bin(
    "vitest/vitest.mjs",
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${vitestReport}`,
  ),
  size: node("scripts/check-size.mjs"),
  package: node("scripts/check-package.mjs"),
};
const needMore = {
  corpus: node("scripts/check-corpus.mjs"),
  tcptrace: node("scripts/check-tcptrace.mjs"),
  captures: node("test/kernel/captures/record.mjs", "--check"),
  kernel: node("test/kernel/run.mjs"),
  throughput: node("test/kernel/throughput.mjs"),
  response: node("test/kernel/response.mjs", "--seconds", "12"),
  runtimes: node("test/runtimes/run.mjs"),
  simulation: ["npm", "run", "--silent", "simulate:soak", "--", "20000"],
  export: node("test/export/run.mjs"),
  memory: node("test/runtimes/memory.mjs"),
  fuzz: node("test/fuzz/run.mjs", "--runs", "300000"),
  mutants: node("test/fuzz/mutants.mjs"),
  import: node("scripts/measure-import.mjs"),
};

/** Whose output is the point. */
const measuring = new Set(["memory", "import", "simulation", "fuzz", "mutants", "throughput", "response"]);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    except: { type: "string", default: "" },
    show: { type: "boolean" },
    report: { type: "boolean" },
    reset: { type: "boolean" },
  },
});

mkdirSync("build/check", { recursive: true });
const countsFile = "build/check/counts.json";
if (values.reset) rmSync(countsFile, { force: true });
else if (values.report) report();
else await main();

async function main() {
  const chosen = choose();
  let failed = 0;
  for (const name of chosen) {
    if (!(await run(name, { ...steps, ...needMore }[name]))) failed++;
    // Nothing after a broken build says anything.
    if (failed > 0 && (name === "wasm" || name === "bundle")) break;
  }
  process.exitCode = failed > 0 ? 1 : 0;
}

function choose() {
  const known = { ...steps, ...needMore };
  const wanted = positionals.length === 0 ? Object.keys(steps) : positionals;
  const named = wanted.flatMap((name) => (name === "ci" ? Object.keys(needMore) : [name]));
  const except = values.except.split(",").filter(Boolean);
  for (const name of [...named, ...except]) {
    if (name in known) continue;
    console.error(`check: no step "${name}"; there are ${Object.keys(known).join(", ")}`);
    process.exit(2);
  }
  return named.filter((name) => !except.includes(name));
}

async function run(name, [command, ...args]) {
  const log = `build/check/${name}.log`;
  const stepCounts = `build/check/${name}.counts.json`;
  for (const old of [stepCounts, name === "vitest" ? vitestReport : ""])
    if (old) rmSync(old, { force: true });
  process.stdout.write(values.show ? `\n== ${name}\n` : `${name.padEnd(10)} `);
  const begun = Date.now();
  const status = await new Promise((resolve) => {
    const out = values.show ? "inherit" : openSync(log, "w");
    const child = spawn(command, args, {
      stdio: ["ignore", out, out],
      env: { ...process.env, TCPWIRE_COUNTS: stepCounts },
      detached: true, // a group of its own, to be ended whole
    });
    const end = () => process.kill(-child.pid, "SIGKILL");
    process.once("SIGINT", () => {
      end();
      process.exit(130);
    });
    const patience = setTimeout(() => {
      console.log(`\n${name} still ran after ${limitMinutes} minutes: ended`);
      end();
    }, limitMinutes * 60_000);
    child.on("close", (status) => {
      clearTimeout(patience);
      process.removeAllListeners("SIGINT");
      resolve(status);
    });
    child.on("error", () => resolve(-1));
  });
  const seconds = ((Date.now() - begun) / 1000).toFixed(1);
  const counts = (name === "vitest" ? vitestCounts(vitestReport) : readCounts(stepCounts)) ?? {
    passed: status === 0 ? 1 : 0,
    failed: status === 0 ? 0 : 1,
    skipped: 0,
  };
  if (status !== 0 && counts.failed === 0) counts.failed = 1;
  if (status === 0 && name === "vitest" && counts.passed === 0) counts.failed = 1;
  const good = counts.failed === 0;
  const tests = counts.passed + counts.failed + counts.skipped;
  const detail =
    tests > 1 ? `  ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped` : "";
  process.stdout.write(
    `${values.show ? `== ${name} ` : ""}${good ? "ok" : "FAILED"}  ${seconds} s${detail}\n`,
  );
  if (!values.show) {
    if (!good || measuring.has(name)) process.stdout.write(indent(tail(log)));
    else process.stdout.write(indent(skipNotes(log)));
  }
  writeFileSync(countsFile, JSON.stringify({ ...readCounts(countsFile), [name]: counts }, null, 1));
  return good;
}

/** The log, of a very long one its end: CI keeps what is printed, and a flood hides the failure. */
function tail(log, limit = 60_000) {
  const text = readFileSync(log, "utf8");
  const { size } = statSync(log);
  return size <= limit ? text : `... (the whole of it: ${log})\n${text.slice(-limit)}`;
}

/** What was skipped, why, and how to enable it: tests print such lines, and a passing step must not hide them. */
function skipNotes(log) {
  const lines = readFileSync(log, "utf8").split("\n");
  return [...new Set(lines.filter((line) => /^\s*skipped: /.test(line)))].join("\n");
}

function indent(text) {
  return text.trim() === "" ? "" : `${text.trimEnd().replace(/^/gm, "    ")}\n`;
}

function report() {
  const total = { passed: 0, failed: 0, skipped: 0 };
  const all = readCounts(countsFile) ?? { nothing: { passed: 0, failed: 1, skipped: 0 } };
  for (const [name, counts] of Object.entries(all)) {
    if (counts.failed > 0) console.log(`failed: ${name} (${counts.failed})`);
    for (const key of Object.keys(total)) total[key] += counts[key];
  }
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  process.exitCode = total.failed > 0 ? 1 : 0;
}
