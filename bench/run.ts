// `npm run bench`: the package's own races and those that need this machine. See README.md beside this file.
import { spawnSync } from "node:child_process";
import { cpus } from "node:os";
import { join, resolve } from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { asCodec, type Codec } from "../src/bench/adapter.ts";
import { chosen, runPlan } from "../src/bench/plan.ts";
import { defaultTiming, type RaceResult } from "../src/bench/race.ts";
import { formatRace, formatSummary, losses } from "../src/bench/report.ts";
import { buildGopacket } from "./gopacket.ts";
import { startNative } from "./native.ts";
import { idleFigures } from "./net/idle.ts";
import { machinePlan } from "./plan.ts";
import { Rivals } from "./rivals.ts";

// This file runs as bench/.cache/run.js.
const root = fileURLToPath(new URL("../..", import.meta.url));
const cache = join(root, "bench/.cache");

const HELP = `npm run bench -- [OPTION]...

Races tcpwire against plain JavaScript, native C, npm's capture readers, gopacket, tshark and tcpdump, those that
are installed, after checking that all give the same results. bench/README.md tells how it measures.

  --only NAME     a race, or all whose names begin so; may be given again
  --rounds N      how often contenders take turns (${defaultTiming.rounds})
  --frames N      packets of the large captures (1000000)
  --with FILE     a module with a codec of yours, raced beside ours; may be given again
  --cpu-time      processor time instead of wall time: for a machine that does other things too
  --json          everything as one JSON object

  npm run bench -- --only batch/acks --rounds 15
  npm run bench -- --only file --only readers
  npm run bench -- --with ./my-codec.js --json > figures.json`;

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    only: { type: "string", multiple: true, default: [] },
    with: { type: "string", multiple: true, default: [] },
    frames: { type: "string", default: "1000000" },
    rounds: { type: "string", default: String(defaultTiming.rounds) },
    "cpu-time": { type: "boolean", default: false },
    // For a race in a process of its own, which is this program once more: its name. Prints its result.
    apart: { type: "string" },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}

const timing = {
  ...defaultTiming,
  rounds: Number(values.rounds),
  now: values["cpu-time"] ? processorTime : () => performance.now(),
};
const guests: Codec[] = [];
for (const path of values.with) {
  const codec = asCodec(await import(pathToFileURL(resolve(path)).href));
  await codec.init?.();
  guests.push(codec);
}
const missing = new Set<string>();
const machine = {
  root,
  cache,
  frames: Number(values.frames),
  guests,
  missing,
  now: timing.now,
  processorTime: values["cpu-time"],
};
if (values.apart !== undefined) {
  const planned = machinePlan({ ...machine, native: undefined, rivals: new Rivals([]) });
  const [result] = await runPlan(
    planned.filter(({ name }) => name === values.apart),
    { timing },
  );
  print(JSON.stringify(result));
  process.exit();
}

const native = startNative(join(root, "bench/native"), cache, values["cpu-time"]);
if (typeof native === "string") missing.add(native);

const packages = {
  name: "the npm packages' process",
  program: process.execPath,
  args: [join(cache, "rivals.js")],
};
const gopacket = buildGopacket(join(root, "bench/rivals/gopacket/main.go"), cache);
if ("missing" in gopacket) missing.add(gopacket.missing);
const rivals = new Rivals(
  "missing" in gopacket ? [packages] : [packages, { name: "gopacket", program: gopacket.program, args: [] }],
);

const environment = {
  cpu: cpus()[0]?.model ?? "unknown",
  cores: cpus().length,
  runtime: `Node ${process.versions.node}, V8 ${process.versions.v8}`,
  c: typeof native === "string" ? null : native.description,
  clock: values["cpu-time"] ? "processor time" : "wall time",
};
if (!values.json) print(Object.values(environment).join("; "));

const results = await runPlan(
  machinePlan({ ...machine, native: typeof native === "string" ? undefined : native, rivals }),
  {
    timing,
    only: values.only,
    runApart,
    onResult: (result) => {
      if (!values.json) print(`\n${formatRace(result).trimEnd()}`);
    },
  },
);
const idle = chosen("net/idle", values.only) ? await idleFigures(join(cache, "sockets.js")) : [];
if (!values.json && idle.length > 0) print(`\n${idle.join("\n")}`);
if (typeof native !== "string") native.close();
rivals.close();

if (values.json) {
  print(
    JSON.stringify({ environment, results, losses: losses(results), idle, missing: [...missing] }, null, 2),
  );
} else {
  print(`\n${formatSummary(results).trimEnd()}`);
  for (const line of missing) print(`not here: ${line}`);
}

/** @throws with what it said, when it fails */
function runApart(name: string): RaceResult | undefined {
  const program = fileURLToPath(import.meta.url);
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [program, ...process.argv.slice(2), "--apart", name],
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`${name}: ${stderr.trim()}`);
  return stdout.trim() === "undefined" ? undefined : (JSON.parse(stdout) as RaceResult);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Milliseconds that this process has computed: on a busy machine, waiting for a core does not count. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
