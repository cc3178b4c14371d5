// How long a program waits for its first answer: starts Node again and again, in turn bare and with an import
// and a first parse, and prints the medians. Figures, no verdict: machines differ.
//
//   node scripts/measure-import.mjs [--runs 41] [--json]
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
  bare: "",
  "tcpwire/wire, parse a segment": `import { parseSegment } from "tcpwire/wire"; parseSegment(${segment});`,
  "tcpwire/wire, verify a checksum of 1460 bytes": `import { verifyChecksum } from "tcpwire/wire";
    verifyChecksum(new Uint8Array(1480).fill(80, 12, 13), { src: "10.0.0.1", dst: "10.0.0.2" });`,
  "tcpwire/capture, read a capture": `import { readCaptureSync } from "tcpwire/capture";
    for (const batch of readCaptureSync(${capture})) batch.length;`,
};

mkdirSync(folder, { recursive: true });
const scripts = Object.entries(programs).map(([name, text], i) => {
  const path = join(folder, `${i}.mjs`);
  writeFileSync(path, text);
  return { name, path, times: [] };
});
for (let run = 0; run <= Number(values.runs); run++) {
  for (const { name, path, times } of scripts) {
    const begun = process.hrtime.bigint();
    const { status, stderr } = spawnSync(process.execPath, [path], { encoding: "utf8" });
    if (status !== 0) throw new Error(`${name}: ${stderr}`);
    // The first round warms the caches of the file system.
    if (run > 0) times.push(Number(process.hrtime.bigint() - begun) / 1e6);
  }
}
const bare = scripts[0].times;
const results = scripts.slice(1).map(({ name, times }) => ({
  name,
  // Each run against the bare one next to it: what drifts, drifts in both.
  median: median(times.map((time, run) => time - bare[run])),
  // Other programs only make a start slower: the fastest ones tell what it takes.
  fastest: Math.min(...times) - Math.min(...bare),
}));
const alone = { median: median(bare), fastest: Math.min(...bare) };
if (values.json) console.log(JSON.stringify({ runs: bare.length, alone, results }));
else {
  console.log(
    `import to first answer, milliseconds beyond a bare start of Node: median (fastest) of ${bare.length}`,
  );
  for (const { name, median: middle, fastest } of [{ name: "Node alone", ...alone }, ...results]) {
    console.log(`${middle.toFixed(1).padStart(8)} (${fastest.toFixed(1)})  ${name}`);
  }
}

function median(times) {
  return times.toSorted((a, b) => a - b)[times.length >> 1];
}
