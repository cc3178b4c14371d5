// From a file to what is said of each segment: the tracker beside tshark's analysis of sequence numbers.
import { spawnSync } from "node:child_process";
import type { CaptureKind } from "../src/bench/captures.ts";
import type { PlannedRace } from "../src/bench/plan.ts";
import type { Contender, Outcome } from "../src/bench/race.ts";
import { type Analysis, FlowTracker, findingBits } from "../src/flow/index.ts";
import { readCaptureFileSync } from "../src/node/index.ts";
import { captureFile } from "./files.ts";
import type { Machine } from "./plan.ts";
import { type ToolTask, timedTool } from "./tools.ts";

const TOOL_FRAMES = 20_000;

const names = Object.keys(findingBits) as (keyof typeof findingBits)[];

/** What is compared, by our names and Wireshark's: columns whose absence is a 0. */
const columns = {
  stream: "tcp.stream",
  seq: "tcp.seq",
  window: "tcp.window_size",
  bytesInFlight: "tcp.analysis.bytes_in_flight",
  ackedFrame: "tcp.analysis.acks_frame",
  duplicateAckNum: "tcp.analysis.duplicate_ack_num",
  rtoFrame: "tcp.analysis.rto_frame",
} as const satisfies Partial<Record<keyof Analysis, string>>;

const columnNames = Object.keys(columns) as (keyof typeof columns)[];

export function findingsRace(
  kind: Pick<CaptureKind, "name" | "title">,
  frames: number,
  { cache, missing, processorTime }: Pick<Machine, "cache" | "missing" | "processorTime">,
): PlannedRace {
  const name = `findings/${kind.name}`;
  return {
    name,
    rounds: 5,
    make() {
      const path = captureFile(cache, kind.name, frames);
      const few = () => findingsOf(captureFile(cache, kind.name, TOOL_FRAMES));
      const tool = tsharkContender(cache, {
        kind: kind.name,
        frames: TOOL_FRAMES,
        amount: frames,
        processorTime,
        few,
        all: () => findingsOf(path),
      });
      if (!tool) missing.add("tshark: apt install tshark");
      return {
        name,
        title: `${frames} frames from a file to findings, values and statistics: ${kind.title}`,
        amount: frames,
        unit: "packet",
        reference: tracker(path),
        others: tool ? [tool] : [],
      };
    },
  };
}

function tracker(path: string): Contender {
  return {
    name: "tcpwire, one thread",
    run(repeats) {
      for (let i = 0; i < repeats; i++) for (const _ of analysesOf(path));
      return undefined;
    },
    outcome: () => findingsOf(path),
  };
}

function* analysesOf(path: string): Generator<Analysis> {
  const flows = new FlowTracker({ random: (bytes) => crypto.getRandomValues(bytes) });
  for (const batch of readCaptureFileSync(path)) yield flows.add(batch);
}

function findingsOf(path: string): Outcome {
  const digest = new Digest();
  for (const said of analysesOf(path)) {
    for (let i = 0; i < said.length; i++) {
      digest.add(said.findings[i], (column) => said[column][i]);
    }
  }
  return digest.result();
}

function tsharkContender(cache: string, task: ToolTask): Contender | undefined {
  if (spawnSync("tshark", ["--version"]).error) return undefined;
  const analysis = names.map((name) => `tcp.analysis.${name}`);
  return timedTool(cache, task, {
    name: "tshark, with its analysis",
    program: "tshark",
    arguments: (path) => [
      ...["-n", "-r", path, "-Y", "tcp", "-T", "fields", "-o", "tcp.desegment_tcp_streams:FALSE"],
      ...["-o", "tcp.reassemble_out_of_order:FALSE", "--disable-protocol", "tls"],
      ...[...Object.values(columns), ...analysis].flatMap((field) => ["-e", field]),
    ],
    outcome(output) {
      const digest = new Digest();
      for (const line of output.split("\n")) {
        if (line === "") continue;
        const values = line.split("\t");
        const found = values.slice(columnNames.length);
        const bits = names.reduce((set, name, i) => (told(found[i]) ? set | findingBits[name] : set), 0);
        digest.add(bits >>> 0, (column) => Number(values[columnNames.indexOf(column)]));
      }
      return digest.result();
    },
  });
}

function told(value: string | undefined): boolean {
  return value !== undefined && value !== "" && value !== "0";
}

/** How often each finding is made, and a hash of each column and of the findings row by row. */
class Digest {
  #rows = 0;
  readonly #counts = new Map<string, number>(names.map((name) => [name, 0]));
  readonly #hashes = new Map<string, number>();

  add(findings: number, value: (column: keyof typeof columns) => number): void {
    this.#rows++;
    for (const name of names) {
      if (findings & findingBits[name]) this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    }
    this.#mix("findings", findings);
    for (const column of columnNames) this.#mix(column, value(column));
  }

  result(): Outcome {
    return { rows: this.#rows, ...Object.fromEntries(this.#hashes), ...Object.fromEntries(this.#counts) };
  }

  #mix(name: string, value: number): void {
    this.#hashes.set(name, Math.imul((this.#hashes.get(name) ?? 0) ^ value, 0x01000193) >>> 0);
  }
}
