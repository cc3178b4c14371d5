import type { Arguments } from "../arguments.ts";
import type { Command, Io } from "../command.ts";
import { EXIT_DONE, EXIT_INPUT, InputError, UsageError } from "../errors.ts";
import { CaptureInput } from "../input.ts";
import { style, wantsColor } from "../terminal/style.ts";
import { Survey } from "./survey.ts";
import { reportText } from "./text.ts";

/** `tcpwire FILE`. */
export const reportCommand: Command = {
  name: "report",
  usage: "FILE... [--json]",
  summary: "what is in a capture: its shape, flags, options, checksums, what is malformed, who talks most",
  description: [
    "Reads each capture once and says what is in it: format, interfaces, time span and frames; how many TCP segments over what; which flags and options they carry; whether their checksums hold, and what it means where they do not; what is malformed; what was found in the conversations and what went wrong; and which pairs of addresses talk most.",
    "With --json the same is printed as one JSON object a file and line.",
  ],
  options: [
    { name: "json", help: "one JSON object a file and line" },
    { name: "top", value: "N", help: "how many of the busiest address pairs to show (10)" },
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
};

async function run(args: Arguments, io: Io): Promise<number> {
  const paths = args.positionals;
  if (paths.length === 0) throw new UsageError("report wants a FILE, or - for standard input");
  if (paths.filter((path) => path === "-").length > 1)
    throw new UsageError("standard input can be read once");
  const top = args.integer("top", 0) ?? 10;
  const colors = style(wantsColor(io.stdout.isTerminal, io.env));
  let status = EXIT_DONE;
  let first = true;
  for (const path of paths) {
    try {
      const report = await survey(path, top, args, io);
      const text = args.has("json")
        ? `${JSON.stringify(report)}\n`
        : `${first ? "" : "\n"}${reportText(report, colors)}`;
      await io.stdout.write(text);
      first = false;
      if (report.error) throw new InputError(report.error);
    } catch (error) {
      // The other files are reported all the same.
      if (!(error instanceof InputError)) throw error;
      await io.stderr.write(`tcpwire: ${error.message}\n`);
      status = EXIT_INPUT;
    }
  }
  return status;
}

async function survey(path: string, top: number, args: Arguments, io: Io) {
  const input = new CaptureInput(path, io, !args.has("quiet"));
  const survey = new Survey();
  for await (const batch of input.batches()) survey.add(batch);
  return survey.report(input, top);
}
