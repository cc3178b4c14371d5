import { Diagnoser, type Diagnosis, type Severity } from "../../flow/index.ts";
import type { Arguments } from "../arguments.ts";
import type { Command, Io } from "../command.ts";
import { EXIT_DONE, EXIT_FINDINGS } from "../errors.ts";
import { type FileArgument, fileLine, heading } from "../files/file-argument.ts";
import { filesOf, fileThreads, overFiles, SEVERAL_FILES, THREADS_OPTION } from "../files/over-files.ts";
import { flowTracker } from "../flow-tracker.ts";
import { CaptureInput } from "../input.ts";
import { style, wantsColor } from "../terminal/style.ts";
import { diagnosisText, quietText } from "./text.ts";

const SEVERITIES: readonly Severity[] = ["problem", "warning", "note"];

/** `tcpwire diagnose`. */
export const diagnoseCommand: Command = {
  name: "diagnose",
  usage: "FILE... [--json] [--fail-on SEVERITY]",
  summary: "what went wrong, why, on which segments, and the setting that avoids it",
  description: [
    "Looks for situations that are known: sessions that a load balancer, NAT or firewall forgot while they were idle, keep-alive probes without answer and the zombies behind them, ends that know no such session, CLOSE-WAIT without end, connections unanswered or refused, handshakes that had to be sent again, loss and where it happens, large packets that vanish on the way while small ones pass (a path-MTU black hole), closed and small windows, Nagle against delayed ACKs, ports used again too soon, options stripped and resets injected on the way, one-sided captures, offloading.",
    "Each is told in plain words with the conversations it happened to, the frames that prove it and the setting that avoids it. Where nothing is wrong, that is said.",
    "With --json the same is printed as one object a line: name, severity, title, explanation, advice, streams, conversations, frames, values (times in milliseconds).",
    SEVERAL_FILES,
  ],
  options: [
    { name: "json", help: "one JSON object a diagnosis and line" },
    {
      name: "idle",
      value: "SECONDS",
      help: "how long a silence must be to count as idle (10)",
    },
    { name: "fail-on", value: SEVERITIES.join("|"), help: "exit with 1 where something so grave was found" },
    THREADS_OPTION,
  ],
  examples: [
    { says: "what went wrong", line: "tcpwire diagnose capture.pcapng" },
    {
      says: "the problems alone, for a script",
      line: "tcpwire diagnose capture.pcapng --json | grep '\"problem\"'",
    },
    {
      says: "two captures, each object with its file",
      line: "tcpwire diagnose capture.pcapng capture.pcapng --json",
    },
  ],
  run,
  each,
};

async function run(args: Arguments, io: Io): Promise<number> {
  const files = filesOf("diagnose", args);
  // What is wrong with the command line is said before any file is read.
  args.choice("fail-on", SEVERITIES);
  args.integer("idle", 1);
  return overFiles(diagnoseCommand, args, io, files, args.has("json") ? "" : "\n");
}

async function each(args: Arguments, file: FileArgument, io: Io): Promise<number> {
  const failOn = args.choice("fail-on", SEVERITIES);
  const input = new CaptureInput(file.path, io, !args.has("quiet"), fileThreads(args, file));
  const diagnoser = new Diagnoser({ idle: (args.integer("idle", 1) ?? 10) * 1000 });
  const tracker = flowTracker(
    (record) => diagnoser.depart(record),
    (stream) => diagnoser.examines(stream),
  );
  for await (const segments of input.batches()) diagnoser.add(segments, tracker.add(segments));
  const diagnoses = diagnoser.diagnose(tracker.flows((stream) => diagnoser.examines(stream)));

  if (args.has("json")) {
    const line = fileLine(file);
    await io.stdout.write(diagnoses.map((diagnosis) => line(`${JSON.stringify(diagnosis)}\n`)).join(""));
  } else {
    const colors = style(wantsColor(io.stdout.isTerminal, io.env));
    const width = Math.min(io.stdout.isTerminal ? io.stdout.width : 96, 110);
    const text =
      diagnoses.length === 0
        ? quietText(tracker.streamCount)
        : diagnoses.map((diagnosis) => diagnosisText(diagnosis, width, colors)).join("\n");
    await io.stdout.write(heading(file) + text);
  }
  if (diagnoser.unexamined > 0 && !args.has("quiet")) {
    await io.stderr.write(`tcpwire: ${diagnoser.unexamined} conversations more were not examined\n`);
  }
  if (input.failure) throw input.failure;
  return failOn !== undefined && isGrave(diagnoses, failOn) ? EXIT_FINDINGS : EXIT_DONE;
}

function isGrave(diagnoses: readonly Diagnosis[], failOn: Severity): boolean {
  return diagnoses.some(({ severity }) => SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(failOn));
}
