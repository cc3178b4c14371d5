import { destinationText, sourceText } from "../addresses.ts";
import type { Arguments } from "../arguments.ts";
import type { Command, Io } from "../command.ts";
import { EXIT_DONE, UsageError } from "../errors.ts";
import { isSameFile, replaceFile } from "../export/output-file.ts";
import { tellWritten } from "../export/written.ts";
import { flowTracker } from "../flow-tracker.ts";
import { requireFlow } from "../follow/command.ts";
import { CaptureInput } from "../input.ts";
import { roomOf, WIDE_OPTION } from "../terminal/fit.ts";
import { counted, grouped } from "../terminal/numbers.ts";
import { style, wantsColor } from "../terminal/style.ts";
import { fold, type Ladder, type Step } from "./model.ts";
import { stepOf } from "./rows.ts";
import { ladderSvg } from "./svg.ts";
import { ladderText } from "./text.ts";

// More rungs are no picture any more; memory stays bounded with them.
const MOST_STEPS = 100_000;

/** `tcpwire ladder`. */
export const ladderCommand: Command = {
  name: "ladder",
  usage: "FILE --flow N [--svg OUT]",
  summary: "a conversation as a sequence diagram, with the states of both ends",
  description: [
    "Draws one conversation: time runs downwards, the client stands on the left, the server on the right, and beside each the state of RFC 9293 that it reaches, as far as the capture shows it. Findings stand beneath the segment in parentheses; silence of more than a second has a line of its own.",
    "Long runs of ordinary data are folded into one line; --all draws every segment.",
  ],
  options: [
    { name: "flow", short: "n", value: "N", help: "the conversation, from 0 (tcp.stream)" },
    {
      name: "svg",
      value: "OUT",
      help: "write a picture (SVG) instead of text; a file that is there is replaced",
    },
    { name: "all", short: "a", help: "fold nothing" },
    WIDE_OPTION,
    { name: "count", short: "c", value: "N", help: "stop after N segments" },
  ],
  examples: [
    { says: "the first conversation", line: "tcpwire ladder capture.pcapng --flow 0" },
    { says: "as a picture", line: "tcpwire ladder capture.pcapng --flow 0 --svg ladder.svg" },
  ],
  run,
};

async function run(args: Arguments, io: Io): Promise<number> {
  const [path, ...more] = args.positionals;
  if (path === undefined || more.length > 0)
    throw new UsageError("ladder takes one FILE, or - for standard input");
  const flow = args.integer("flow");
  if (flow === undefined) throw new UsageError("ladder wants a conversation: --flow N");
  const out = args.text("svg");
  if (out !== undefined && isSameFile(out, path))
    throw new UsageError(`${args.spell("svg")} would write over the capture itself`);
  const limit = Math.min(args.integer("count", 1) ?? MOST_STEPS, MOST_STEPS);

  const input = new CaptureInput(path, io, !args.has("quiet") && !io.stdout.isTerminal);
  const tracker = flowTracker();
  const steps: Step[] = [];
  let ends = ["client", "server"];
  let origin = 0n;
  let left = 0;
  for await (const segments of input.batches()) {
    const analysis = tracker.add(segments);
    for (let i = 0; i < segments.length; i++) {
      if (analysis.stream[i] !== flow) continue;
      if (steps.length === 0) {
        origin = segments.time[i];
        ends = [
          `${sourceText(segments, i)}.${segments.srcPort[i]}`,
          `${destinationText(segments, i)}.${segments.dstPort[i]}`,
        ];
        if (analysis.direction[i] === 1) ends.reverse();
      }
      if (steps.length < limit) steps.push(stepOf(segments, analysis, i, origin));
      else left++;
    }
  }
  if (steps.length === 0) {
    if (input.failure) throw input.failure;
    requireFlow(flow, tracker, input.name);
  }

  const ladder: Ladder = { left: ends[0], right: ends[1], rungs: args.has("all") ? steps : fold(steps) };
  if (out === undefined) {
    const colors = style(wantsColor(io.stdout.isTerminal, io.env));
    const isNarrow = roomOf(args, io) !== Number.POSITIVE_INFINITY;
    const width = Math.min(io.stdout.isTerminal ? io.stdout.width : 110, 140);
    const lines = ladderText(ladder, width, colors, undefined, isNarrow);
    await io.stdout.write(`${lines.join("\n")}\n`);
  } else {
    const bytes = await replaceFile(out, ladderSvg(ladder));
    await tellWritten({ path: out, what: counted(steps.length, "segment"), bytes }, args, io);
  }
  if (left > 0 && !args.has("quiet"))
    await io.stderr.write(`tcpwire: ${grouped(left)} segments more are not drawn\n`);
  if (input.failure) throw input.failure;
  return EXIT_DONE;
}
