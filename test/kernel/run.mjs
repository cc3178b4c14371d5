// A Host against the Linux kernel: every case has a network namespace and a TUN device of its own, runs an ordinary
// program or plain sockets of the kernel against sockets of ours, and ends with tshark looking over the capture: no
// bad checksum, and no finding that the case does not explain.
//
//   node test/kernel/run.mjs [WORD...]      cases whose names have all the words; --list names them
//   --keep DIR                              leaves the captures in DIR
//
// Needs root and some programs; where they are missing it says so and is skipped (with CI set: fails).
import { mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { recordCounts } from "../../scripts/counts.mjs";
import { missing } from "./lab/lab.mjs";
import { Stage } from "./lab/stage.mjs";
import { again, withStandstill } from "./lab/standstill.mjs";
import { examine } from "./lab/tshark.mjs";
import { closing } from "./matrix/closing.mjs";
import { fastOpens } from "./matrix/fastopen.mjs";
import { faults } from "./matrix/faults.mjs";
import { iperfs } from "./matrix/iperf.mjs";
import { options } from "./matrix/options.mjs";
import { programs } from "./matrix/programs.mjs";
import { silence } from "./matrix/silence.mjs";
import { transfers } from "./matrix/transfers.mjs";

const cases = [
  ...silence,
  ...closing,
  ...options,
  ...fastOpens,
  ...faults,
  ...transfers,
  ...iperfs,
  ...programs,
];
const TOOLS = ["iptables", "ip6tables", "ss", "curl", "nc", "iperf3", "ping", "tshark", "cc"];
const LIMIT = 60_000;
/** How often a case is tried that fails while the machine stands still. */
const ATTEMPTS = 3;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { keep: { type: "string" }, list: { type: "boolean" } },
});
const chosen = cases.filter(({ name }) => positionals.every((word) => name.includes(word)));
const counts = { passed: 0, failed: 0, skipped: 0 };

if (values.list) for (const { name } of chosen) console.log(name);
else await main();

async function main() {
  const lacking = missing(TOOLS);
  if (lacking) {
    counts[process.env.CI ? "failed" : "skipped"] = chosen.length;
    console.log(`${process.env.CI ? "FAILED" : "skipped:"} the kernel as peer needs ${lacking}`);
  } else for (const one of chosen) await runCase(one);
  recordCounts(counts);
  process.exit(counts.failed > 0 ? 1 : 0);
}

async function runCase(one) {
  const lacking = one.needs && missing(one.needs);
  if (lacking) {
    counts[process.env.CI ? "failed" : "skipped"]++;
    console.log(`${process.env.CI ? "FAILED" : "skipped:"} ${one.name}: needs ${lacking}`);
    return;
  }
  const begun = performance.now();
  let failures = [];
  for (let left = ATTEMPTS; left > 0; left--) {
    const { result, stood } = await withStandstill(() => failuresOf(one));
    failures = result;
    if (failures.length === 0 || stood === 0 || left === 1) break;
    console.log(again(one.name, stood));
  }
  counts[failures.length === 0 ? "passed" : "failed"]++;
  console.log(
    `${failures.length === 0 ? "ok" : "FAILED"} ${one.name} (${Math.round(performance.now() - begun)} ms)`,
  );
  for (const error of failures) console.log(indent(error?.stack ?? String(error)));
}

async function failuresOf(one) {
  const failures = [];
  const note = (error) => failures.push(error);
  // What a case started and does not wait for.
  process.on("unhandledRejection", note);
  const folder = mkdtempSync(join(tmpdir(), "tcpwire-kernel-"));
  const capture = join(folder, "capture.pcap");
  let stage;
  try {
    const patient = !one.allows?.includes("retransmission");
    stage = await Stage.make({ patient, ...one, capture });
    await withinLimit(one.run(stage, folder));
    await stage.endCapture();
    await inspect(one, capture);
  } catch (error) {
    note(error);
  } finally {
    await stage?.remove();
    keep(capture, one.name);
    rmSync(folder, { recursive: true });
    process.off("unhandledRejection", note);
  }
  return failures;
}

/**
 * @param allows findings that there may be
 * @param shows findings that there must be, at least so many of each
 * @param damages the case damages packets, so some checksums must be bad
 */
async function inspect({ allows = [], shows = {}, damages = false }, capture) {
  const { findings, badChecksums } = await examine(capture);
  if (badChecksums.length > 0 !== damages) {
    throw new Error(`bad checksums: frames ${badChecksums.slice(0, 10).join(" ") || "none"}`);
  }
  // A damaged packet may look like anything: a SYN, a probe.
  for (const [name, at] of findings) {
    const sound = at.filter((frame) => !badChecksums.includes(frame));
    if (sound.length > 0) findings.set(name, sound);
    else findings.delete(name);
  }
  for (const [name, least] of Object.entries(shows)) {
    const there = findings.get(name)?.length ?? 0;
    if (there < least) throw new Error(`tshark finds ${there} ${name}, not ${least}`);
  }
  const odd = [...findings].filter(([name]) => !allows.includes(name) && !(name in shows));
  if (odd.length === 0) return;
  throw new Error(
    `tshark finds ${odd.map(([name, at]) => `${name} (${at.length}: frames ${at.slice(0, 8).join(" ")})`)}`,
  );
}

async function withinLimit(work) {
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${LIMIT / 1000} s`)), LIMIT);
  });
  try {
    await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

function keep(capture, name) {
  if (values.keep === undefined) return;
  mkdirSync(values.keep, { recursive: true });
  try {
    renameSync(capture, join(values.keep, `${name.replace(/[^\w]+/g, "-")}.pcap`));
  } catch {} // there was none
}

function indent(text) {
  return text.replace(/^/gm, "    ");
}
