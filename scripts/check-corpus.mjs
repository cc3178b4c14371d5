// Holds the command line against tshark's own rows for the captures in ../shared: every column and finding of
// every segment, none missing, none extra. test/corpus.test.ts and test/flow/truth.test.ts hold the package
// against the same rows; this is what a user sees, through the comparison that truth/ comes with.
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
/** Cells that differ and may, by capture and column, with the reason. */
const unlike = {};

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
  const pairs = [];
  await inParallel(2, names, async (name) => {
    const [truth, mine] = [join(folder, `${name}.truth.tsv`), join(folder, `${name}.tsv`)];
    writeFileSync(truth, gunzipSync(readFileSync(join(shared, `truth/${name}.tsv.gz`))));
    const trouble = (await writeMine(name, mine, fields)) || compared(truth, mine, unlike[name] ?? {});
    counts[trouble ? "failed" : "passed"]++;
    if (trouble) console.log(`FAILED ${name}: ${trouble}`);
    pairs.push(truth, mine);
  });
  console.log(execFileSync("python3", [compare, ...pairs], { encoding: "utf8" }).trimEnd());
  console.log(`${names.length} captures, ${counts.failed} with differences`);
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

/** What differs, or "". A capture without segments has no columns. */
function compared(truth, mine, allowed) {
  const json = `${mine}.json`;
  execFileSync("python3", [compare, "--json", json, truth, mine]);
  const { rows, missing, extra, columns, flags } = JSON.parse(readFileSync(json, "utf8"));
  const found = [missing && `${missing} rows missing`, extra && `${extra} rows extra`].filter(Boolean);
  for (const [column, agreement] of Object.entries(columns)) {
    const differing = agreement === null ? 0 : Math.round((1 - agreement) * rows);
    // A column that few rows have is a share of those.
    if (agreement !== null && agreement !== 1 && differing !== (allowed[column] ?? 0)) {
      found.push(`${column} in ${((1 - agreement) * 100).toFixed(3)} %`);
    }
    if (agreement === 1 && allowed[column]) found.push(`${column} is like tshark's: strike it from the list`);
  }
  for (const [flag, { fn, fp }] of Object.entries(flags))
    if (fn || fp) found.push(`${flag}: ${fn} missed, ${fp} false`);
  return found.join(", ");
}

async function inParallel(n, items, work) {
  const left = [...items];
  await Promise.all(
    Array.from({ length: n }, async () => {
      for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
    }),
  );
}
