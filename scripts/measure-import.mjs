// How long a program waits for its first answer: starts Node again and again, in turn with an empty import and with ours
// and a first parse, and prints the medians of what the import took in the process. Figures, no verdict: machines differ.
//
//   node scripts/measure-import.mjs [--runs 41] [--json]
//
// Wall time is what a user waits for. Processor time, of all threads, is what can be compared on a busy machine.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: { runs: { type: "string", default: "41" }, json: { type: "boolean" } },
});

// Within the package's folder `tcpwire/...` is the built package.
const folder = resolve("build/measure");
const segment = "Uint8Array.of(0,80,1,187,0,0,0,1,0,0,0,0,80,2,255,255,0,0,0,0)";
const capture = "Uint8Array.of(212,195,178,161,2,0,4,0,0,0,0,0,0,0,0,0,0,0,4,0,1,0,0,0)";
const programs = {
  // What Node takes for any file, and for one more.
  "an empty module": "",
  "a module that imports an empty one": 'import "./empty.mjs";',
  // What looking a package up costs in Node, whatever is in it.
  "an empty package": 'import "empty";',
  "tcpwire/wire, parse a segment": `import { parseSegment } from "tcpwire/wire"; parseSegment(${segment});`,
  "tcpwire/wire, verify a checksum of 1460 bytes": `import { verifyChecksum } from "tcpwire/wire";
    verifyChecksum(new Uint8Array(1480).fill(80, 12, 13), { src: "10.0.0.1", dst: "10.0.0.2" });`,
  "tcpwire/capture, read a capture": `import { readCaptureSync } from "tcpwire/capture";
    for (const batch of readCaptureSync(${capture})) batch.length;`,
};

mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, "empty.mjs"), "");
const empty = join(folder, "node_modules/empty");
mkdirSync(empty, { recursive: true });
writeFileSync(join(empty, "package.json"), '{ "type": "module", "exports": "./index.js" }');
writeFileSync(join(empty, "index.js"), "");
const clock = join(folder, "clock.mjs");
writeFileSync(
  clock,
  `const used = process.cpuUsage(), begun = performance.now();
  await import(process.argv[2]);
  const wall = performance.now() - begun, { user, system } = process.cpuUsage(used);
  process.stdout.write(JSON.stringify({ wall, processor: (user + system) / 1000 }));`,
);
const scripts = Object.entries(programs).map(([name, text], i) => {
  const path = join(folder, `${i}.mjs`);
  writeFileSync(path, text);
  return { name, path, samples: [] };
});
for (let run = 0; run <= Number(values.runs); run++) {
  for (const { name, path, samples } of scripts) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [clock, path], { encoding: "utf8" });
    if (status !== 0) throw new Error(`${name}: ${stderr}`);
    // The first round warms the caches of the file system.
    if (run > 0) samples.push(JSON.parse(stdout));
  }
}
const [{ samples: least }] = scripts;
const results = scripts.map(({ name, samples }) => ({
  name,
  ...Object.fromEntries(["wall", "processor"].map((what) => [what, summary(samples, what)])),
}));
if (values.json) console.log(JSON.stringify({ runs: least.length, results }));
else {
  console.log(
    `import to first answer, milliseconds, beyond an empty module; medians (fastest) of ${least.length}`,
  );
  console.log("  wall                processor");
  for (const { name, wall, processor } of results) {
    console.log(`${figures(wall)}${figures(processor)}  ${name}`);
  }
}

/** The time itself, and how much longer than the empty module next to it: what drifts, drifts in both. */
function summary(samples, what) {
  const times = samples.map((sample) => sample[what]);
  return {
    median: median(times),
    fastest: Math.min(...times),
    beyond: median(times.map((time, run) => time - least[run][what])),
  };
}

function figures({ median, fastest, beyond }) {
  return (
    `${median.toFixed(1).padStart(6)} (${fastest.toFixed(1)})`.padEnd(14) + `+${beyond.toFixed(1)}`.padEnd(7)
  );
}

function median(times) {
  return times.toSorted((a, b) => a - b)[times.length >> 1];
}
