// `npm run simulate:soak -- N [--seed S] [--plan V] [--workers W]`: N simulated connections, of the seeds S, S + 1, ...
// A connection that breaks an assertion is told with the command that runs it again.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { simulateAndAnalyse } from "./analyse.ts";
import type { Outcome } from "./outcome.ts";
import { NEWEST_PLAN, PLANS, type PlanVersion } from "./plan.ts";
import { simulate } from "./run.ts";
import { SITUATIONS } from "./situations.ts";

/** The sums of many outcomes. */
interface Totals {
  connections: number;
  failed: number;
  segments: number;
  bytes: number;
  retransmitted: number;
  lost: number;
  reordered: number;
  duplicated: number;
  corrupted: number;
  cancelled: number;
  peakBytes: number;
  reasons: Record<string, number>;
  /** Connections that met a situation. */
  met: Record<string, number>;
  /** Of all traces: the sum of their hashes, which no order of workers changes. */
  hash: number;
}

interface Share {
  readonly version: PlanVersion;
  readonly first: number;
  readonly step: number;
  readonly count: number;
}

type Message = { readonly totals: Totals; readonly isDone: boolean } | { readonly failure: string };

/** Of so many connections one is captured, and the package's own analysis held against what is true of it. */
const ANALYSE_EVERY = 20;
const TELL_EVERY = 500;
const MOST_FAILURES = 50;
/** So many connections meet everything that plans are made for. */
const ENOUGH = 20_000;

const HELP = `npm run simulate:soak -- [N] [--seed S] [--plan V] [--workers W]

Runs N simulated connections (20000) of the seeds S, S + 1, ... (from 1) in W threads (2), and ends with 1 if one broke an
assertion; each that did is told with the command that runs it again. V: the version of what seeds stand for, ${PLANS.join(" or ")} (${NEWEST_PLAN}).

  npm run simulate:soak -- 1000000 --seed 7000000`;

if (isMainThread) await main();
else work(workerData as Share, (message) => parentPort!.postMessage(message));

async function main(): Promise<void> {
  const { values, positionals } = parsed();
  if (values.help) {
    console.log(HELP);
    return;
  }
  const count = wholeNumber("N", positionals[0] ?? "20000");
  const seed = wholeNumber("--seed", values.seed);
  const version = PLANS.find((plan) => String(plan) === values.plan) ?? stop(`--plan: no ${values.plan}`);
  const workers = Math.min(count, Math.max(1, wholeNumber("--workers", values.workers)));
  const begun = performance.now();
  const parts: Totals[] = [];
  let failures = 0;
  let told = 0;
  const take = (worker: number, message: Message): void => {
    if ("failure" in message) {
      if (++failures <= MOST_FAILURES) console.log(`${message.failure}\n`);
      return;
    }
    parts[worker] = message.totals;
    const done = sum(parts).connections;
    if (done - told < count / 10 || done === count) return;
    told = done;
    const rate = Math.round((done / (performance.now() - begun)) * 1000);
    console.error(`${done} of ${count} connections, ${rate} a second, ${failures} failed`);
  };
  const shares = Array.from({ length: workers }, (_, w) => ({
    first: seed + w,
    version,
    step: workers,
    count: Math.ceil((count - w) / workers),
  }));
  if (workers === 1) work(shares[0], (message) => take(0, message));
  else await Promise.all(shares.map((share, w) => started(share, (message) => take(w, message))));
  const totals = sum(parts);
  report(totals, (performance.now() - begun) / 1000);
  if (process.env.TCPWIRE_COUNTS) {
    const { failed } = totals;
    writeFileSync(
      process.env.TCPWIRE_COUNTS,
      JSON.stringify({ passed: totals.connections - failed, failed, skipped: 0 }),
    );
  }
  const unmet = SITUATIONS.filter((situation) => totals.met[situation] === undefined);
  const isPoor = version === NEWEST_PLAN && count >= ENOUGH && unmet.length > 0;
  if (isPoor) console.log(`no plan met: ${unmet.join(", ")}`);
  process.exitCode = totals.failed > 0 || totals.connections !== count || isPoor ? 1 : 0;
}

function parsed() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        seed: { type: "string", default: "1" },
        plan: { type: "string", default: String(NEWEST_PLAN) },
        workers: { type: "string", default: "2" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    return stop(error instanceof Error ? error.message : String(error));
  }
}

function started(share: Share, take: (message: Message) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: share });
    worker.on("message", take);
    worker.on("error", reject);
    worker.on("exit", (code) => (code === 0 ? resolve() : reject(new Error(`a worker ended with ${code}`))));
  });
}

function work({ version, first, step, count }: Share, tell: (message: Message) => void): void {
  const totals = empty();
  for (let i = 0; i < count; i++) {
    totals.connections++;
    try {
      const seed = (first + i * step) >>> 0;
      add(
        totals,
        seed % ANALYSE_EVERY === 0 ? simulateAndAnalyse(seed, version) : simulate(seed, undefined, version),
      );
    } catch (error) {
      totals.failed++;
      tell({ failure: error instanceof Error ? error.message : String(error) });
    }
    if (totals.connections % TELL_EVERY === 0) tell({ totals, isDone: false });
  }
  tell({ totals, isDone: true });
}

function report(totals: Totals, seconds: number): void {
  const { connections, failed, segments, bytes, reasons } = totals;
  const each = (n: number) => (n / connections).toFixed(1);
  console.log(
    `${connections} connections, ${failed} failed, in ${seconds.toFixed(0)} s: ${Math.round(connections / seconds)} a second`,
  );
  console.log(`${segments} segments (${each(segments)} each), ${bytes} bytes delivered and compared`);
  console.log(
    `${totals.retransmitted} sent again; paths lost ${totals.lost}, reordered ${totals.reordered}, ` +
      `duplicated ${totals.duplicated}, corrupted ${totals.corrupted} (${totals.cancelled} so that no checksum tells: not delivered)`,
  );
  console.log(
    `at most ${totals.peakBytes} bytes of buffers in a connection; traces ${totals.hash.toString(16)}`,
  );
  const ends = Object.entries(reasons).sort((a, b) => b[1] - a[1]);
  console.log(`ended: ${ends.map(([how, n]) => `${how} ${n}`).join(", ")}`);
  console.log(
    `met: ${SITUATIONS.map((situation) => `${situation} ${totals.met[situation] ?? 0}`).join(", ")}`,
  );
}

function add(totals: Totals, outcome: Outcome): void {
  for (const name of [
    "segments",
    "bytes",
    "retransmitted",
    "lost",
    "reordered",
    "duplicated",
    "corrupted",
    "cancelled",
  ] as const) {
    totals[name] += outcome[name];
  }
  totals.peakBytes = Math.max(totals.peakBytes, outcome.peakBytes);
  totals.hash = (totals.hash + outcome.hash) >>> 0;
  const how = outcome.reasons.join("/");
  count(totals.reasons, how, 1);
  for (const situation of outcome.met) count(totals.met, situation, 1);
}

function sum(parts: readonly Totals[]): Totals {
  const whole = empty();
  for (const part of parts) {
    if (part === undefined) continue;
    for (const name of Object.keys(whole) as (keyof Totals)[]) {
      if (name === "reasons" || name === "met" || name === "peakBytes" || name === "hash") continue;
      whole[name] += part[name];
    }
    whole.peakBytes = Math.max(whole.peakBytes, part.peakBytes);
    whole.hash = (whole.hash + part.hash) >>> 0;
    for (const [how, n] of Object.entries(part.reasons)) count(whole.reasons, how, n);
    for (const [situation, n] of Object.entries(part.met)) count(whole.met, situation, n);
  }
  return whole;
}

function count(counts: Record<string, number>, name: string, n: number): void {
  counts[name] = (counts[name] ?? 0) + n;
}

function empty(): Totals {
  return {
    connections: 0,
    failed: 0,
    segments: 0,
    bytes: 0,
    retransmitted: 0,
    lost: 0,
    reordered: 0,
    duplicated: 0,
    corrupted: 0,
    cancelled: 0,
    peakBytes: 0,
    reasons: {},
    met: {},
    hash: 0,
  };
}

function wholeNumber(name: string, text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 0 && number <= 0xffffffff) return number;
  return stop(`${name}: ${text} is no whole number`);
}

function stop(why: string): never {
  console.error(`simulate:soak: ${why}`);
  process.exit(2);
}
