// Holds the command line against tshark's own rows for the captures in ../shared: every wire column of every
// segment, none missing, none extra. Rows where tshark is wrong are listed, with the reason, in
// test/corpus/tshark-is-wrong.json, and have to be needed.
//
//   npm run build && node scripts/check-corpus.mjs        TCPWIRE_SHARED=DIR for another place
import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import { recordCounts } from "./counts.mjs";

const shared = resolve(process.env.TCPWIRE_SHARED ?? "../shared");
const compare = join(shared, "truth/compare.py");
const folder = "build/check/corpus";
/** What the command line promises so far; the rest compare.py prints and nobody fails for. */
const promised =
  "sport dport seq_raw ack_raw hdr_len flags win_raw checksum checksum_status urgent len opt_kinds mss wscale sack_le sack_re tsval tsecr src dst".split(
    " ",
  );

const counts = { passed: 0, failed: 0, skipped: 0 };
if (existsSync(compare)) await main();
else {
  counts[process.env.CI ? "failed" : "skipped"]++;
  console.log(
    `${process.env.CI ? "FAILED" : "skipped:"} no captures beside the repository: put shared/ there`,
  );
}
recordCounts(counts);
process.exit(counts.failed > 0 ? 1 : 0);

async function main() {
  mkdirSync(folder, { recursive: true });
  const fields = execFileSync("python3", [compare, "--fields"], { encoding: "utf8" }).trim().split(" ");
  const names = readdirSync(join(shared, "truth"))
    .filter((name) => name.endsWith(".tsv.gz"))
    .map((name) => name.slice(0, -7));
  const corrections = JSON.parse(readFileSync("test/corpus/tshark-is-wrong.json", "utf8"));
  const pairs = [];
  await inParallel(2, names, async (name) => {
    const [truth, mine] = [join(folder, `${name}.truth.tsv`), join(folder, `${name}.tsv`)];
    const unused = writeTruth(name, truth, corrections[name] ?? []);
    const trouble = unused || (await writeMine(name, mine, fields)) || compared(truth, mine);
    counts[trouble ? "failed" : "passed"]++;
    if (trouble) console.log(`FAILED ${name}: ${trouble}`);
    pairs.push(truth, mine);
  });
  for (const name of Object.keys(corrections)) {
    if (names.includes(name)) continue;
    counts.failed++;
    console.log(`FAILED ${name}: corrected, but not in the corpus`);
  }
  console.log(execFileSync("python3", [compare, ...pairs], { encoding: "utf8" }).trimEnd());
  console.log(`${names.length} captures, ${counts.failed} with differences in the wire columns`);
}

/** tshark's rows with the listed corrections. Returns what is wrong with the list, or "". */
function writeTruth(name, path, corrections) {
  const text = gunzipSync(readFileSync(join(shared, `truth/${name}.tsv.gz`))).toString();
  const [header, ...rows] = text
    .trimEnd()
    .split("\n")
    .map((line) => line.replace(/\r$/, "").split("\t"));
  for (const { frame, nth = 0, column, tshark, right } of corrections) {
    const row = rows.filter((cells) => cells[header.indexOf("frame")] === String(frame))[nth];
    const at = header.indexOf(column);
    if (row?.[at] !== tshark) return `frame ${frame}, ${column}: tshark says ${row?.[at]}, not ${tshark}`;
    row[at] = right;
  }
  writeFileSync(path, `${[header, ...rows].map((cells) => cells.join("\t")).join("\n")}\n`);
  return "";
}

async function writeMine(name, path, fields) {
  const args = [
    "dist/cli.js",
    "segments",
    join(shared, "corpus", name),
    "-q",
    "-T",
    "fields",
    "-E",
    "header=y",
  ];
  const run = promisify(execFile)(process.execPath, [...args, ...fields], { maxBuffer: 1 << 28 });
  // 3: the capture is cut short or damaged. What could be read is there.
  const { code = 0, stdout, stderr } = await run.catch((error) => error);
  writeFileSync(path, stdout);
  return code === 0 || code === 3 ? "" : `exit ${code}: ${stderr}`;
}

function compared(truth, mine) {
  const json = `${mine}.json`;
  execFileSync("python3", [compare, "--json", json, truth, mine]);
  const { rows, missing, extra, columns } = JSON.parse(readFileSync(json, "utf8"));
  const wrong = promised.filter((column) => columns[column] !== undefined && columns[column] !== 1);
  const counted = [missing && `${missing} missing`, extra && `${extra} extra`].filter(Boolean);
  return [...counted, ...wrong.map((column) => `${column} ${(columns[column] * 100).toFixed(2)} %`)]
    .map((each) => `${each} of ${rows} rows`)
    .join(", ");
}

async function inParallel(n, items, work) {
  const left = [...items];
  await Promise.all(
    Array.from({ length: n }, async () => {
      for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
    }),
  );
}
