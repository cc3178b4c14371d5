// Coverage-guided fuzzing of the shipped WebAssembly: build/codec.wasm becomes C (wasm2c), and libFuzzer drives it under
// the address sanitizer (fuzz.c says what is held). Needs clang and SIMDe's headers (apt install clang libclang-rt-14-dev libsimde-dev).
//
//   npm run fuzz -- SECONDS            until then, or 60
//   npm run fuzz -- --runs 300000      so many inputs, with a fixed seed: what CI runs
//   npm run fuzz -- --coverage         what the corpus covers of the C, by llvm-cov
//
// The corpus grows in build/fuzz/corpus. An input that breaks something is left in build/fuzz as crash-* or timeout-*;
// `build/fuzz/fuzz FILE` runs it alone, and in regressions/ every later run begins with it.
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { recordCounts } from "../../scripts/counts.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: "string" }, coverage: { type: "boolean" } },
});
const here = import.meta.dirname;
const folder = resolve("build/fuzz");
const corpus = join(folder, "corpus");
const seeds = join(folder, "seeds");
const regressions = join(here, "regressions");
const wasm2c = join(here, "node_modules/wabt/bin/wasm2c");

const lacking = missing();
if (lacking) {
  console.log(`skipped: fuzzing of codec.wasm: ${lacking}`);
  recordCounts({ passed: 0, failed: process.env.CI ? 1 : 0, skipped: process.env.CI ? 0 : 1 });
  process.exit(process.env.CI ? 1 : 0);
}
for (const path of [corpus, seeds]) mkdirSync(path, { recursive: true });
execFileSync(process.execPath, [wasm2c, "build/codec.wasm", "-n", "codec", "-o", join(folder, "codec.c")]);
const { layout, captures } = await ours();
writeFileSync(join(folder, "layout.h"), header(layout));
writeSeeds(captures);

const coverage = values.coverage ? ["-fprofile-instr-generate", "-fcoverage-mapping"] : [];
const program = join(folder, values.coverage ? "fuzz-coverage" : "fuzz");
const clang = spawnSync(
  "clang",
  [
    "-O1",
    "-g",
    "-w",
    "-fsanitize=fuzzer,address",
    ...coverage,
    `-I${here}`,
    `-I${folder}`,
    "-Ibench/native",
  ].concat([join(here, "fuzz.c"), ...["-lm", "-o", program]]),
  { encoding: "utf8" },
);
if (clang.status !== 0) throw new Error(`clang: ${clang.stderr}`);
if (values.coverage) report();
else fuzz();

function missing() {
  if (!existsSync("build/codec.wasm")) return "npm run build:wasm first";
  if (!existsSync(wasm2c)) return "npm ci --prefix test/fuzz";
  if (spawnSync("clang", ["--version"]).status !== 0) return "apt install clang libclang-rt-14-dev";
  if (!existsSync("/usr/include/simde/wasm/simd128.h")) return "apt install libsimde-dev";
  return "";
}

function fuzz() {
  const limit = values.runs
    ? [`-runs=${values.runs}`, "-seed=1"]
    : [`-max_total_time=${positionals[0] ?? 60}`];
  const { status, stderr } = spawnSync(
    program,
    [corpus, seeds, ...limit, "-use_value_profile=1", "-max_len=4096", "-timeout=10", "-print_final_stats=1"],
    { cwd: folder, encoding: "utf8", maxBuffer: 1 << 28 },
  );
  const lines = stderr.split("\n");
  const last = lines.findLast((line) => /^#\d+.* cov: /.test(line)) ?? "";
  console.log(last.trim());
  console.log(
    lines.filter((line) => /^stat::(number_of_executed_units|average_exec_per_sec)/.test(line)).join("\n"),
  );
  if (status !== 0) console.log(lines.slice(-60).join("\n"));
  recordCounts({ passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1, skipped: 0 });
  process.exit(status === 0 ? 0 : 1);
}

function report() {
  const raw = join(folder, "raw.profile");
  const merged = join(folder, "merged.profile");
  const env = { ...process.env, LLVM_PROFILE_FILE: raw };
  execFileSync(program, [corpus, seeds, "-runs=0"], { cwd: folder, env, stdio: "ignore" });
  execFileSync("llvm-profdata", ["merge", raw, "-o", merged]);
  console.log(
    execFileSync("llvm-cov", ["report", program, `-instr-profile=${merged}`, join(folder, "codec.c")], {
      encoding: "utf8",
    }),
  );
}

/** Numbers and captures of the project's own, bundled on the spot. */
async function ours() {
  const layouts = ["capture", "columns", "limits", "state", "status", "wire"];
  const contents = `${layouts.map((name) => `import * as ${name} from "./assembly/layout/${name}.ts";`).join("")}
    export const layout = Object.assign({}, ${layouts.join()});
    export * as captures from "./src/bench/captures.ts";`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: ".", loader: "ts" },
    bundle: true,
    format: "esm",
    write: false,
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}

function header(numbers) {
  const lines = Object.entries(numbers).map(
    ([name, value]) => `#define ${name} ${value}${value > 0x7fffffff ? "u" : ""}`,
  );
  return `${lines.join("\n")}\n`;
}

/** The sample, generated captures of each kind, and each of their frames alone: whole, as a frame and as a segment. */
function writeSeeds({ captureKinds, generateCapture }) {
  const put = (name, first, bytes) =>
    writeFileSync(join(seeds, name), Buffer.concat([Buffer.from(first), bytes]));
  if (existsSync(regressions)) cpSync(regressions, seeds, { recursive: true });
  put("sample", [1, 0, 0, 255], readFileSync("sample/story.pcapng").subarray(0, 4000));
  for (const { name } of captureKinds) {
    const bytes = Buffer.from(generateCapture(name, 40));
    put(name, [0, 0, 0, 200], bytes.subarray(24, 4000));
    for (let at = 24, i = 0; at < bytes.length; i++) {
      const length = bytes.readUInt32LE(at + 8);
      const frame = bytes.subarray(at + 16, at + 16 + length);
      if (length < 400) put(`${name}-${i}`, [2, 0, 0, 255], frame);
      if (length < 400 && frame.readUInt16BE(12) === 0x0800)
        put(`${name}-${i}-tcp`, [3, 0, 0, 255], frame.subarray(34));
      at += 16 + length;
    }
  }
  console.log(`${readdirSync(seeds).length} seeds, ${readdirSync(corpus).length} inputs kept from before`);
}
