import type { Language, Story } from "../../sim/index.ts";
import { type Arguments, didYouMean } from "../arguments.ts";
import type { Command, Io } from "../command.ts";
import { EXIT_DONE, UsageError } from "../errors.ts";
import { replaceFile } from "../export/output-file.ts";
import { tellWritten } from "../export/written.ts";
import { fold, type LadderWords } from "../ladder/model.ts";
import { ladderSvg } from "../ladder/svg.ts";
import { leftOutText, roomOf, WIDE_OPTION } from "../terminal/fit.ts";
import { counted } from "../terminal/numbers.ts";
import { style, wantsColor } from "../terminal/style.ts";
import { parameterOptions } from "./options.ts";
import { ladderWords, listText, storyText } from "./text.ts";

const languages: readonly Language[] = ["en", "ko"];

/** `tcpwire simulate`. */
export const simulateCommand: Command = {
  name: "simulate",
  usage: "NAME [-w OUT.pcapng] [--lang ko] | --list",
  summary: "plays a scenario between two TCP endpoints in virtual time, and explains it",
  description: [
    "Two or more hosts with complete TCP endpoints meet in a network of virtual time: a handshake, a lost FIN, a peer that vanished, a load balancer that forgets sessions. What is seen is told step by step, with the socket tables as netstat -napo prints them and a ladder of the segments with both state machines.",
    "The same scenario with the same seed and parameters gives the same bytes. -w writes what was captured, which Wireshark, tcpdump and tcpwire diagnose read; pcapng carries the explanation as packet comments. A file that is there is replaced, as by -w of tcpdump and tshark: the same command line makes it again.",
    "--list names the scenarios, each with its parameters.",
  ],
  options: [
    { name: "list", help: "the scenarios and their parameters" },
    {
      name: "write",
      short: "w",
      value: "OUT",
      help: "write the capture: pcap where OUT ends in .pcap, else pcapng",
    },
    {
      name: "svg",
      value: "OUT",
      help: "write the first ladder as a picture (SVG); further ones as OUT-2, OUT-3",
    },
    { name: "lang", value: "LANG", help: "en (English) or ko (Korean)" },
    { name: "seed", value: "N", help: "where all randomness comes from (1)" },
    { name: "all", short: "a", help: "fold nothing in the ladder" },
    { name: "json", help: "one JSON object" },
    WIDE_OPTION,
    ...parameterOptions,
  ],
  examples: [
    { says: "the three-way handshake", line: "tcpwire simulate handshake" },
    {
      says: "a balancer that forgets idle sessions, in Korean, with its capture",
      line: "tcpwire simulate load-balancer --lang ko -w story.pcapng",
    },
    { says: "what there is", line: "tcpwire simulate --list" },
  ],
  run,
};

async function run(args: Arguments, io: Io): Promise<number> {
  // No other command needs the endpoint.
  const { ParameterError, scenarios, simulate } = await import("../../sim/index.ts");
  const language = args.choice("lang", languages) ?? "en";
  const colors = style(wantsColor(io.stdout.isTerminal, io.env));
  const width = Math.min(io.stdout.isTerminal ? io.stdout.width : 110, 140);
  if (args.has("list")) {
    const list = args.has("json")
      ? scenarios.map(({ play: _, ...scenario }) => `${JSON.stringify(scenario)}\n`).join("")
      : `${listText(scenarios, language, width, colors).join("\n")}\n`;
    await io.stdout.write(list);
    return EXIT_DONE;
  }
  const [name, ...more] = args.positionals;
  if (name === undefined || more.length > 0)
    throw new UsageError("simulate takes one NAME; simulate --list says which there are");
  const names = scenarios.map((scenario) => scenario.name);
  if (!names.includes(name))
    throw new UsageError(
      `no scenario is called ${name}${didYouMean(name, names)}; simulate --list says which there are`,
    );

  let story: Story;
  try {
    story = simulate(name, {
      seed: args.integer("seed") ?? 1,
      language,
      parameters: Object.fromEntries(parameterOptions.map((option) => [option.name, args.text(option.name)])),
    });
  } catch (error) {
    if (error instanceof ParameterError) throw new UsageError(`--${error.message}`);
    throw error;
  }
  await writeFiles(story, args, ladderWords(language), io);
  if (args.has("json")) {
    await io.stdout.write(`${JSON.stringify(story)}\n`);
    return EXIT_DONE;
  }
  const isNarrow = roomOf(args, io) !== Number.POSITIVE_INFINITY;
  const { lines, leftOut } = storyText(story, { language, width, isNarrow, all: args.has("all") }, colors);
  await io.stdout.write(`${lines.join("\n")}\n`);
  if (leftOut.size > 0) await io.stderr.write(`tcpwire: ${leftOutText(leftOut)}\n`);
  return EXIT_DONE;
}

async function writeFiles(story: Story, args: Arguments, words: LadderWords, io: Io): Promise<void> {
  const capture = args.text("write");
  if (capture !== undefined) {
    const bytes = await replaceFile(capture, story.capture(capture.endsWith(".pcap") ? "pcap" : "pcapng"));
    await tellWritten({ path: capture, what: counted(story.packets, "packet"), bytes }, args, io);
  }
  const svg = args.text("svg");
  if (svg === undefined) return;
  const ladders = story.acts.flatMap((act) => act.ladders);
  for (const [i, { left, right, rungs }] of ladders.entries()) {
    const path = i === 0 ? svg : svg.replace(/(\.svg)?$/, `-${i + 1}$1`);
    const ladder = { left, right, rungs: args.has("all") ? rungs : fold(rungs) };
    const bytes = await replaceFile(path, ladderSvg(ladder, words));
    const segments = rungs.filter((rung) => !("event" in rung)).length;
    await tellWritten({ path, what: counted(segments, "segment"), bytes }, args, io);
  }
}
