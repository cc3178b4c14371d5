import type { FlowRecord } from "../../flow/index.ts";
import type { Arguments } from "../arguments.ts";
import type { Command, Io } from "../command.ts";
import { EXIT_DONE } from "../errors.ts";
import { parseRowFilter } from "../fields/filter.ts";
import { type FileArgument, fileLine, heading } from "../files/file-argument.ts";
import { filesOf, fileThreads, overFiles, SEVERAL_FILES, THREADS_OPTION } from "../files/over-files.ts";
import { flowTracker } from "../flow-tracker.ts";
import { CaptureInput } from "../input.ts";
import { leftOutText, roomOf, WIDE_OPTION } from "../terminal/fit.ts";
import { TextBuffer } from "../terminal/sink.ts";
import { style, wantsColor } from "../terminal/style.ts";
import { flowJson } from "./json.ts";
import { Largest, SORT_KEYS } from "./largest.ts";
import { FlowTable } from "./table.ts";

/** `tcpwire flows`. */
export const flowsCommand: Command = {
  name: "flows",
  usage: "FILE... [--json] [--sort KEY] [-Y FILTER] [-c N]",
  summary:
    "a row per conversation: ends, state, history, packets and bytes each way, duration, RTT, what went wrong",
  description: [
    "Prints a row per conversation, in the order of their numbers (tcp.stream). The client is the end that sent the SYN, or received the SYN-ACK; where neither was captured, ports decide, then who spoke first.",
    "State and history are Zeek's: SF opened and closed, S0 never answered, REJ refused, RSTO and RSTR reset by the client or the server, S1 open to the end, OTH joined in the middle... In the history the client's letters are upper case: S SYN, H SYN-ACK, A ACK, D data, F FIN, R RST, T retransmission, G gap, W zero window.",
    "RTT is that of the handshake. Resent counts segments judged to be sent again, in both directions. With --json a line is the whole record of a conversation, as the library gives it (FlowRecord): times are RFC 3339, spans of time nanoseconds.",
    SEVERAL_FILES,
  ],
  options: [
    { name: "json", help: "one JSON object a line, with all that is known of the conversation" },
    { name: "sort", short: "s", value: "KEY", help: `the largest first by ${SORT_KEYS.join(", ")}` },
    {
      name: "filter",
      short: "Y",
      value: "FILTER",
      help: "only conversations with a segment that the display filter fits (tcpwire segments --help)",
    },
    {
      name: "count",
      short: "c",
      value: "N",
      help: "stop after N rows of a file (with --sort 1000 unless said otherwise)",
    },
    WIDE_OPTION,
    THREADS_OPTION,
  ],
  examples: [
    { says: "every conversation", line: "tcpwire flows capture.pcapng" },
    { says: "the ten with the most bytes", line: "tcpwire flows capture.pcapng --sort bytes -c 10" },
    {
      says: "those that were reset",
      line: 'tcpwire flows capture.pcapng -Y "tcp.flags.reset == 1"',
    },
    {
      says: "those of two captures, a thread each",
      line: "tcpwire flows capture.pcapng capture.pcapng --threads 2",
    },
    { says: "whole records", line: "tcpwire flows capture.pcapng --json" },
  ],
  run,
  each,
};

const SORTED_COUNT = 1000;

async function run(args: Arguments, io: Io): Promise<number> {
  const files = filesOf("flows", args);
  planOf(args);
  return overFiles(flowsCommand, args, io, files, args.has("json") ? "" : "\n");
}

/** @throws {UsageError} when options are wrong: before any file is read */
function planOf(args: Arguments) {
  const key = args.choice("sort", SORT_KEYS);
  const limit = args.integer("count", 1) ?? (key ? SORTED_COUNT : Number.POSITIVE_INFINITY);
  const wanted = args.text("filter");
  return {
    limit,
    largest: key && new Largest(key, limit),
    filter: wanted === undefined ? undefined : parseRowFilter(wanted),
  };
}

async function each(args: Arguments, file: FileArgument, io: Io): Promise<number> {
  const { limit, largest, filter } = planOf(args);
  const matching = filter && new Set<number>();
  const out = new TextBuffer(io.stdout);
  const colors = style(wantsColor(io.stdout.isTerminal, io.env));
  const table = args.has("json") ? undefined : new FlowTable(colors, roomOf(args, io));
  const line = fileLine(file);
  if (table) out.add(heading(file));

  let left = limit;
  const print = (record: FlowRecord): void => {
    if (left-- > 0) out.add(table ? table.row(record) : line(flowJson(record)));
  };
  const take = (record: FlowRecord): void => {
    if (matching && !matching.has(record.stream)) return;
    if (largest) largest.add(record);
    else print(record);
  };

  const progress = !args.has("quiet") && !io.stdout.isTerminal;
  const input = new CaptureInput(file.path, io, progress, fileThreads(args, file));
  // Those that make room for others are told of then, the rest at the end.
  const tracker = flowTracker(take);
  for await (const segments of input.batches()) {
    const analysis = tracker.add(segments);
    if (filter && matching) {
      const rows = { segments, analysis };
      for (let i = 0; i < segments.length; i++) if (filter.matches(rows, i)) matching.add(analysis.stream[i]);
    }
    await out.flush();
  }
  for (const record of tracker.flows()) {
    take(record);
    if (left <= 0 && !largest) break;
    await out.flushFull();
  }
  for (const record of largest?.sorted() ?? []) print(record);
  out.add(table?.rest() ?? "");
  await out.flush();
  if (table && table.leftOut.size > 0 && !args.has("quiet"))
    await io.stderr.write(`tcpwire: ${leftOutText(table.leftOut)}\n`);
  if (input.failure) throw input.failure;
  return EXIT_DONE;
}
