// `npm run bench`: the package's own races and those that need this machine: native C, npm packages, tshark.
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { captureKinds } from "../src/bench/captures.ts";
import { plainJavaScriptCodec, tcpwireCodec } from "../src/bench/codecs.ts";
import { type PlannedRace, runPlan } from "../src/bench/plan.ts";
import { defaultTiming } from "../src/bench/race.ts";
import { crossover, formatRace, losses } from "../src/bench/report.ts";
import {
  batchContender,
  checksumRace,
  checksumSizes,
  residentBatch,
  residentChecksum,
} from "../src/bench/suite.ts";
import { captureBytes, captureFile } from "./files.ts";
import { startNative } from "./native.ts";

// This file runs as bench/.cache/run.js.
const bench = fileURLToPath(new URL("..", import.meta.url));
const cache = join(bench, ".cache");

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    only: { type: "string", multiple: true, default: [] },
    frames: { type: "string", default: "300000" },
    rounds: { type: "string", default: String(defaultTiming.rounds) },
  },
});
const frames = Number(values.frames);
const only = values.only;

const missing: string[] = [];
const native = startNative(join(bench, "native"), cache);
if (typeof native === "string") missing.push(native);
const c = typeof native === "string" ? undefined : native;

const ours = tcpwireCodec();
const plain = plainJavaScriptCodec();

const plan: PlannedRace[] = [];
for (const size of checksumSizes) {
  plan.push({ name: `checksum/${size}`, make: () => checksumRace(size, ours, [plain]) });
}
for (const size of checksumSizes) {
  const name = `checksum-resident/${size}`;
  plan.push({
    name,
    make: async () =>
      c && {
        name,
        title: `Internet checksum of ${size} bytes that lie in each one's memory`,
        amount: size,
        unit: "byte",
        reference: residentChecksum(size),
        others: await c.checksums(size, join(cache, "checksum.bytes")),
      },
  });
}
for (const kind of captureKinds) {
  const name = `batch/${kind.name}`;
  plan.push({
    name,
    make: async () => {
      const path = captureFile(cache, kind.name, frames);
      const bytes = captureBytes(cache, kind.name, frames);
      return {
        name,
        title: `${frames} frames to columns, resident: ${kind.title}`,
        amount: frames,
        unit: "packet",
        reference: residentBatch(bytes),
        others: [
          { ...batchContender(ours, bytes), name: "tcpwire, copied in" },
          ...(c ? [await c.residentBatch(path)] : []),
          batchContender(plain, bytes),
        ],
      };
    },
  });
}

const results = await runPlan(plan, {
  timing: { ...defaultTiming, rounds: Number(values.rounds), now: () => performance.now() },
  only,
  onResult: (result) => {
    if (!values.json) process.stdout.write(`${formatRace(result)}\n`);
  },
});
c?.close();
if (values.json)
  process.stdout.write(`${JSON.stringify({ results, losses: losses(results), missing }, null, 2)}\n`);
else {
  const from = crossover(results, "checksum", "WebAssembly, copied in", "plain JavaScript");
  if (from !== undefined)
    process.stdout.write(`WebAssembly with its copy loses to plain JavaScript below ${from} bytes\n`);
  for (const line of missing) process.stdout.write(`not here: ${line}\n`);
}
