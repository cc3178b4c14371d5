// Runs as-pect without its banner: a line a spec, the details of what failed, one total.
import { spawnSync } from "node:child_process";
import { recordCounts } from "./counts.mjs";

const { status, stdout, stderr } = spawnSync(
  process.execPath,
  ["node_modules/@as-pect/cli/bin/asp.js", "--summary", ...process.argv.slice(2)],
  { encoding: "utf8", env: { ...process.env, FORCE_COLOR: "0" }, maxBuffer: 1 << 28 },
);
// Specs report on stderr, compile errors too; stdout carries the banner and a summary that we print ourselves.
for (const line of stderr.split("\n")) {
  if (line.trim() !== "" && !line.startsWith("npm warn")) console.log(line);
}
const counts = { passed: 0, failed: 0, skipped: 0 };
for (const [, passed, total, todo] of stderr.matchAll(/Pass: (\d+) \/ (\d+) Todo: (\d+)/g)) {
  counts.passed += Number(passed);
  counts.failed += Number(total) - Number(passed);
  counts.skipped += Number(todo);
}
if (status !== 0 && counts.failed === 0) {
  console.log(stdout);
  counts.failed = 1;
}
if (status === 0 && counts.passed === 0) {
  console.log("as-pect ran no test");
  counts.failed = 1;
}
console.log(`as-pect: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} to do`);
recordCounts(counts);
process.exit(counts.failed > 0 ? 1 : 0);
