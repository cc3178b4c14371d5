// A capture larger than memory should allow: 2 GB streamed through in Node, by the command line and by the
// API, and as a File that a page was given, in Chromium; and what ten thousand idle sockets of a Host take. Memory is
// measured, time only printed.
//
//   npm ci --prefix test/runtimes && npm run build && node test/runtimes/memory.mjs
import { spawnSync } from "node:child_process";
import {
  closeSync,
  cpSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { recordCounts } from "../../scripts/counts.mjs";
import { packAndInstall } from "../../scripts/pack.mjs";
import { browsers, installed, launch } from "./runtimes.mjs";
import { importMap, serve } from "./server.mjs";
import { conversations, frames, pcap } from "./suite/vectors.js";

const MB = 1e6;
const limit = 150 * MB;
/** Bytes of an idle socket in a Host. IPv6's addresses are bytes, which connections between the same ends share. */
const socketLimits = { IPv4: { plain: 1500, streams: 8000 }, IPv6: { plain: 1536, streams: 8000 } };
/** Beyond 2^31 bytes, where offsets that are signed by mistake turn over. */
const wanted = 2.2e9;

const here = import.meta.dirname;
const counts = { passed: 0, failed: 0, skipped: 0 };
const folder = mkdtempSync(join(tmpdir(), "tcpwire-memory-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

const capture = join(folder, "large.pcap");
const { chunk, repeats } = generate();
const { project } = packAndInstall("build/check/memory");
for (const each of ["memory", "suite"]) cpSync(join(here, each), join(project, each), { recursive: true });
const perChunk = await segmentsOf(chunk);
const expected = {
  segments: perChunk.segments * repeats,
  last: perChunk.last + (chunk.length - 24) * (repeats - 1),
};
console.log(`${statSync(capture).size} bytes, ${expected.segments} segments`);

if (existsSync(join(project, "node_modules/tcpwire/dist/cli.js")))
  node("the command line's report", [join(project, "node_modules/tcpwire/dist/cli.js"), capture]);
node("readCapture over a file", ["memory/file.mjs", capture], expected);
node("readCapture over 5 GB of a stream, offsets beyond 2^32", ["memory/stream.mjs"]);
sockets("IPv4");
sockets("IPv6");
await chromium();

recordCounts(counts);
process.exit(counts.failed > 0 ? 1 : 0);

/** The file: one chunk of records, over and over. */
function generate() {
  const bytes = pcap([...conversations(3, 500, 10), ...frames(3, 500)]);
  const records = bytes.subarray(24);
  const times = Math.ceil(wanted / records.length);
  const file = openSync(capture, "w");
  writeSync(file, bytes, 0, 24);
  for (let i = 0; i < times; i++) {
    for (let n = 0; n < records.length; ) n += writeSync(file, records, n);
  }
  closeSync(file);
  return { chunk: bytes, repeats: times };
}

async function segmentsOf(bytes) {
  const { readCapture } = await import(join(project, "node_modules/tcpwire/dist/capture.js"));
  let segments = 0;
  let last = 0;
  for await (const batch of readCapture(bytes)) {
    segments += batch.length;
    if (batch.length > 0) last = batch.fileOffset[batch.length - 1];
  }
  return { segments, last };
}

/** A Node process that has to stay under the limit; its answer, if one is expected, on its last line. */
function node(name, args, answer) {
  const peak = join(folder, "peak");
  const begun = Date.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", "./memory/peak.mjs", ...args], {
    cwd: project,
    encoding: "utf8",
    env: { ...process.env, TCPWIRE_PEAK: peak },
    maxBuffer: 1 << 26,
  });
  const rss = existsSync(peak) ? Number(readFileSync(peak, "utf8")) : Number.NaN;
  const told = stdout.trim().split("\n").at(-1);
  let trouble = "";
  if (status !== 0) trouble = `exit ${status} ${stderr.slice(-500)}`;
  else if (answer && told !== JSON.stringify(answer))
    trouble = `${told} instead of ${JSON.stringify(answer)}`;
  else if (!(rss < limit)) trouble = `peak of ${rss} bytes`;
  say(`Node, ${name}`, trouble, `peak RSS ${(rss / MB).toFixed(0)} MB, ${seconds(begun)}`);
}

/** In a process of their own: nothing else lies in its heap. */
function sockets(version) {
  const begun = Date.now();
  const args = ["--expose-gc", "memory/sockets.mjs", version.at(-1)];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: project, encoding: "utf8" });
  if (status !== 0) {
    say(`Node, idle sockets of ${version}`, `exit ${status} ${stderr.slice(-500)}`, seconds(begun));
    return;
  }
  const found = JSON.parse(stdout);
  for (const [which, most] of Object.entries(socketLimits[version])) {
    const name = `Node, an idle socket of ${version} ${which === "plain" ? "without" : "with"} streams`;
    const trouble = found[which] <= most ? "" : `more than ${most}`;
    say(name, trouble, `${found[which]} bytes, ${seconds(begun)}`);
  }
}

/** The page gets the file as a person would give it; the browser reads it piece by piece. */
async function chromium() {
  const { found, missing } = installed(browsers.filter(({ browser }) => browser === "chrome"));
  for (const { name, paths } of missing) {
    counts[process.env.CI ? "failed" : "skipped"]++;
    console.log(
      `${process.env.CI ? "FAILED" : "skipped:"} ${name} is not installed; install it as ${paths[0]}`,
    );
  }
  for (const each of found) {
    const map = importMap(join(project, "node_modules/tcpwire"), "/node_modules/tcpwire/");
    const html = `${map}<input type="file"><script type="module">${readFileSync(join(here, "memory/page.js"), "utf8")}</script>`;
    const { origin, close } = await serve(project, { "/": { html } });
    const browser = await launch(each);
    try {
      const page = await browser.newPage();
      await page.goto(origin);
      const { processInfo } = await (await browser.target().createCDPSession()).send(
        "SystemInfo.getProcessInfo",
      );
      const renderers = processInfo.filter(({ type }) => type === "renderer").map(({ id }) => id);
      const all = processInfo.map(({ id }) => id);
      const before = { page: largest(renderers), all: sum(all) };
      const peak = { ...before };
      const sampling = setInterval(() => {
        peak.page = Math.max(peak.page, largest(renderers));
        peak.all = Math.max(peak.all, sum(all));
      }, 20);
      const begun = Date.now();
      const input = await page.$("input");
      await input.uploadFile(capture);
      await page.waitForFunction("globalThis.result !== undefined", { timeout: 300_000, polling: 200 });
      clearInterval(sampling);
      const { segments, last, error, heap, wasm } = await page.evaluate("globalThis.result");
      const answer = JSON.stringify({ segments, last });
      let trouble = error ?? "";
      if (!trouble && answer !== JSON.stringify(expected))
        trouble = `${answer} instead of ${JSON.stringify(expected)}`;
      // The page's process, and what reading made all of the browser's processes grow by.
      if (!trouble && !(peak.page < limit && peak.all - before.all < limit)) trouble = "too much memory";
      say(
        `${each.name}, readCapture over a File`,
        trouble,
        `the page's process ${mb(peak.page)} (${mb(before.page)} before), all of the browser's ${mb(peak.all)} ` +
          `(${mb(before.all)} before), JS heap ${mb(heap)}, WASM ${mb(wasm)}, ${seconds(begun)}`,
      );
    } finally {
      await browser.close();
      close();
    }
  }
}

/** The page's renderer does the work; the browser keeps others in reserve. */
function largest(pids) {
  return Math.max(...pids.map((pid) => sum([pid])));
}

/** What processes hold of memory that is theirs alone, without the browser's mapped code, in bytes. */
function sum(pids) {
  let total = 0;
  for (const pid of pids) {
    const text = readFileSync(`/proc/${pid}/status`, "utf8");
    for (const [, kilobytes] of text.matchAll(/^Rss(?:Anon|Shmem):\s+(\d+) kB/gm))
      total += Number(kilobytes) * 1024;
  }
  return total;
}

function say(name, trouble, figures) {
  counts[trouble ? "failed" : "passed"]++;
  console.log(`${trouble ? "FAILED" : "ok    "} ${name}: ${figures}${trouble ? `: ${trouble}` : ""}`);
}

function mb(bytes) {
  return `${(bytes / MB).toFixed(0)} MB`;
}

function seconds(begun) {
  return `${((Date.now() - begun) / 1000).toFixed(1)} s`;
}
