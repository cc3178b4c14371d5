// Programs that dissect captures: tshark and tcpdump, on few frames, their start-up subtracted.
import { spawnSync } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { ColumnDigest } from "../src/bench/digest.ts";
import type { Contender, Outcome } from "../src/bench/race.ts";
import { captureFile } from "./files.ts";

/** A program that reads a capture. */
export interface Tool {
  readonly name: string;
  readonly program: string;
  arguments(path: string): string[];
  outcome(output: string): Outcome;
}

const fields = [
  "frame.number",
  "tcp.srcport",
  "tcp.dstport",
  "tcp.seq_raw",
  "tcp.ack_raw",
  "tcp.window_size_value",
  "tcp.hdr_len",
  "tcp.len",
];

const tools: readonly (Tool & { readonly install: string })[] = [
  {
    name: "tshark -T fields",
    program: "tshark",
    install: "apt install tshark",
    // Nothing that we do not do ourselves: no names, no analysis of conversations.
    arguments: (path) => [
      ...["-n", "-r", path, "-Y", "tcp", "-T", "fields"],
      ...["-o", "tcp.check_checksum:TRUE", "-o", "tcp.analyze_sequence_numbers:FALSE"],
      ...["-o", "tcp.desegment_tcp_streams:FALSE", "--disable-protocol", "tls"],
      ...fields.flatMap((field) => ["-e", field]),
    ],
    outcome(output) {
      const rows = lines(output).map((line) => line.split("\t").map(Number));
      const column = (i: number) => Uint32Array.from(rows, (row) => row[i]);
      const digest = new ColumnDigest();
      digest.add({
        length: rows.length,
        frame: column(0),
        srcPort: Uint16Array.from(column(1)),
        dstPort: Uint16Array.from(column(2)),
        seq: column(3),
        ack: column(4),
        window: Uint16Array.from(column(5)),
        headerLength: Uint8Array.from(column(6)),
        payloadLength: column(7),
      });
      return digest.result();
    },
  },
  {
    name: "tcpdump -nn",
    program: "tcpdump",
    install: "apt install tcpdump",
    arguments: (path) => ["-nn", "-r", path, "tcp"],
    outcome: (output) => ({ rows: String(lines(output).length) }),
  },
];

/** What a tool is to read: fewer frames than the race's, since it reads some thirty thousand a second. */
export interface ToolTask {
  readonly kind: string;
  readonly frames: number;
  /** The race's frames: times are scaled up to them. */
  readonly amount: number;
  /** Whether the program's processor time counts, as the reference's then does, or the time that passed. */
  readonly processorTime: boolean;
  /** The reference's outcome for the few frames, and for all of the race's. */
  readonly few: () => Outcome;
  readonly all: () => Outcome;
}

/** The programs that are installed, and a line about each that is not. */
export function toolContenders(
  cache: string,
  task: ToolTask,
): { contenders: Contender[]; missing: string[] } {
  const contenders: Contender[] = [];
  const missing: string[] = [];
  for (const tool of tools) {
    if (spawnSync(tool.program, ["--version"]).error) missing.push(`${tool.program}: ${tool.install}`);
    else contenders.push(timedTool(cache, task, tool));
  }
  return { contenders, missing };
}

export function timedTool(
  cache: string,
  { kind, frames, amount, processorTime, few, all }: ToolTask,
  tool: Tool,
): Contender {
  const path = captureFile(cache, kind, frames);
  const one = captureFile(cache, kind, 1);
  return {
    name: tool.name,
    note: `${frames} frames, its start-up subtracted`,
    maxRepeats: 1,
    run() {
      const time = (of: string) => (processorTime ? compute(tool, of) : execute(tool, of, cache));
      return ((time(path) - time(one)) / frames) * amount;
    },
    outcome: () => translated(tool.outcome(dissect(tool, path, cache)), few(), all()),
  };
}

/**
 * What the tool found in the small capture, put in terms of the whole one: a value that is right there
 * stands for the right value here.
 */
function translated(found: Outcome, expected: Outcome, whole: Outcome): Outcome {
  return Object.fromEntries(
    Object.entries(found).map(([name, value]) => [
      name,
      value === expected[name] ? whole[name] : `${value}, not ${expected[name]}`,
    ]),
  );
}

function execute(tool: Tool, path: string, cache: string): number {
  const start = performance.now();
  dissect(tool, path, cache, false);
  return (performance.now() - start) * 1e6;
}

/** Nanoseconds that the program computed, which a shell tells of its children (POSIX, `times`). */
function compute(tool: Tool, path: string): number {
  const script = '"$@" >/dev/null || exit; times';
  const { status, stdout, stderr } = spawnSync(
    "sh",
    ["-c", script, "sh", tool.program, ...tool.arguments(path)],
    { encoding: "latin1" },
  );
  const children = /^(\d+)m([\d.]+)s (\d+)m([\d.]+)s$/.exec(stdout.trim().split("\n").at(-1) ?? "");
  if (status !== 0 || !children) throw new Error(`${tool.program}: ${stderr.trim().split("\n").at(-1)}`);
  const [minutes, seconds, systemMinutes, systemSeconds] = children.slice(1).map(Number);
  return ((minutes + systemMinutes) * 60 + seconds + systemSeconds) * 1e9;
}

function dissect(tool: Tool, path: string, cache: string, wanted = true): string {
  const output = join(cache, "tool.output");
  const fd = openSync(wanted ? output : "/dev/null", "w");
  try {
    const { status, stderr } = spawnSync(tool.program, tool.arguments(path), {
      stdio: ["ignore", fd, "pipe"],
    });
    if (status !== 0) throw new Error(`${tool.program}: ${stderr.toString().trim().split("\n").at(-1)}`);
  } finally {
    closeSync(fd);
  }
  return wanted ? readFileSync(output, "latin1") : "";
}

function lines(output: string): string[] {
  return output.split("\n").filter((line) => line !== "");
}
