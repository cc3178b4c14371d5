import type { Arguments } from "../arguments.ts";
import type { Command, Io } from "../command.ts";
import { EXIT_DONE, InputError } from "../errors.ts";
import type { FileArgument } from "../files/file-argument.ts";
import { filesOf, fileThreads, overFiles, THREADS_OPTION } from "../files/over-files.ts";
import { CaptureInput } from "../input.ts";
import { leftOutText, roomOf, WIDE_OPTION } from "../terminal/fit.ts";
import { style, wantsColor } from "../terminal/style.ts";
import { Survey } from "./survey.ts";
import { reportText } from "./text.ts";

/** `tcpwire FILE`. */
export const reportCommand: Command = {
  name: "report",
  usage: "FILE... [--json]",
  summary: "what is in a capture: its shape, flags, options, checksums, what is malformed, who talks most",
  description: [
    "Reads each capture once and says what is in it: format, interfaces, time span and frames; how many TCP segments over what; which flags and options they carry; whether their checksums hold, and what it means where they do not; what is malformed; what was found in the conversations and what went wrong; and which conversations and pairs of addresses carry most.",
    "With --json the same is printed as one JSON object a file and line.",
  ],
  options: [
    { name: "json", help: "one JSON object a file and line" },
    { name: "top", value: "N", help: "how many of the busiest conversations and address pairs to show (10)" },
    WIDE_OPTION,
    THREADS_OPTION,
  ],
  examples: [
    { says: "what is in a capture", line: "tcpwire capture.pcapng" },
    {
      says: "the twenty busiest pairs of two captures",
      line: "tcpwire capture.pcapng capture.pcapng --top 20",
    },
    { says: "the same for programs", line: "tcpwire capture.pcapng --json" },
  ],
  run,
  each,
};

async function run(args: Arguments, io: Io): Promise<number> {
  args.integer("top", 0);
  return overFiles(reportCommand, args, io, filesOf("report", args), args.has("json") ? "" : "\n");
}

async function each(args: Arguments, file: FileArgument, io: Io): Promise<number> {
  const input = new CaptureInput(file.path, io, !args.has("quiet"), fileThreads(args, file));
  const survey = new Survey(args.integer("top", 0) ?? 10);
  for await (const batch of input.batches()) survey.add(batch);
  const report = survey.report(input);
  const colors = style(wantsColor(io.stdout.isTerminal, io.env));
  if (args.has("json")) await io.stdout.write(`${JSON.stringify(report)}\n`);
  else {
    const { text, leftOut } = reportText(report, colors, roomOf(args, io));
    await io.stdout.write(text);
    if (leftOut.size > 0 && !args.has("quiet")) await io.stderr.write(`tcpwire: ${leftOutText(leftOut)}\n`);
  }
  if (report.error) throw new InputError(report.error);
  return EXIT_DONE;
}
