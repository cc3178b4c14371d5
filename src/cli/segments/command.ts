import type { Arguments } from "../arguments.ts";
import type { Command, Io } from "../command.ts";
import { EXIT_DONE, UsageError } from "../errors.ts";
import type { Field, Rows } from "../fields/field.ts";
import { parseRowFilter } from "../fields/filter.ts";
import { fields, fieldsNamed } from "../fields/registry.ts";
import { type FileArgument, fileLine, heading } from "../files/file-argument.ts";
import { filesOf, fileThreads, overFiles, SEVERAL_FILES, THREADS_OPTION } from "../files/over-files.ts";
import { flowTracker } from "../flow-tracker.ts";
import { CaptureInput } from "../input.ts";
import { TextBuffer } from "../terminal/sink.ts";
import { style, wantsColor } from "../terminal/style.ts";
import { fieldRow, headerRow, parseSeparators } from "./columns.ts";
import { fieldsJson, segmentJson } from "./json.ts";
import { segmentLine } from "./text.ts";
import { TIME_STYLES, TimeText } from "./time-text.ts";

/** `tcpwire segments`. */
export const segmentsCommand: Command = {
  name: "segments",
  usage: "FILE... [-T fields -e FIELD...] [--json] [-c N]",
  summary: "one line per TCP header: text in tcpdump's habits, the columns asked for, or JSON",
  description: [
    "Prints one line per TCP header. A frame may hold none, one, or several (tunnels); addresses are those of the IP header right around it.",
    "Text lines begin with the frame number and the time (UTC). Sequence and acknowledgment numbers count from the start of the conversation; a SYN shows the numbers on the wire, which the others count from, and so does every line with -S. What is remarkable stands in brackets at the end: what the analysis finds, bad and partial checksums, bytes that were not captured, malformed headers, VLANs, tunnels.",
    "With -T fields the columns print as tshark prints them: separated by tabs, several values of a field joined by commas, nothing where a field is absent. Field names are Wireshark's; those under tcpwire. are our own.",
    "With --json every line is an object with the names of the library's columns (frame, time, src, srcPort, dst, dstPort, flags, seq, ack, window, headerLength, payloadLength, checksum, checksumStatus, options, ttl, stream, direction, relativeSeq, relativeAck, scaledWindow, findings...); keys that do not apply are left out, time is RFC 3339 with nanoseconds, spans of time are nanoseconds, status stands only where it is not OK. With --json and -e the objects hold just those fields, under their names, null where absent.",
    SEVERAL_FILES,
  ],
  options: [
    { name: "type", short: "T", value: "fields|json|text", help: "the kind of output; --json is -T json" },
    { name: "field", short: "e", value: "FIELD", multiple: true, help: "a column to print; may be repeated" },
    {
      name: "E",
      short: "E",
      value: "NAME=VALUE",
      multiple: true,
      help: "header=y, separator=X (/t tab, /s space), aggregator=X, occurrence=f|l|a, quote=d|s|n",
    },
    { name: "json", help: "one JSON object a line" },
    {
      name: "time",
      short: "t",
      value: "STYLE",
      help: `times of text lines: ${TIME_STYLES.join(", ")} (clock)`,
    },
    { name: "filter", short: "Y", value: "FILTER", help: "only rows that the display filter fits" },
    { name: "absolute", short: "S", help: "follow no conversations: numbers as on the wire, no findings" },
    { name: "count", short: "c", value: "N", help: "stop after N rows of a file" },
    THREADS_OPTION,
    { name: "list-fields", help: "print the names of all fields, what they are, and stop" },
  ],
  sections: [
    {
      heading: "Filters",
      terms: [
        ["FIELD", "the field is there: tcp.analysis.retransmission, ipv6"],
        [
          "FIELD == VALUE",
          "also != > >= < <= (eq ne gt ge lt le); of several values one that fits is enough",
        ],
        ["FIELD contains VALUE", 'bytes or text in which the value occurs: tcp.payload contains "GET "'],
        ["! && || ( )", "also not, and, or"],
      ],
      text: [
        "Numbers are decimal or 0x, times seconds, addresses may have a prefix length: ip.src == 192.0.2.0/24. As in Wireshark, tcp.flags.syn alone is true of every segment: the field is there. Ask tcp.flags.syn == 1.",
      ],
    },
    {
      heading: "Fields",
      text: [
        "tcpwire segments --list-fields has them all. They print what tshark 4.0 prints, with these exceptions: one row is one TCP header, so a field has the value that belongs to it, not those of tunnels around it; the flags stay single under accurate ECN; tcp.analysis.duplicate_ack prints 1, where tshark prints 1,1; headers quoted in ICMP errors are no segments and take no stream numbers.",
      ],
    },
  ],
  examples: [
    { says: "every segment, a line each", line: "tcpwire segments capture.pcapng" },
    {
      says: "the first five, with the time since the first",
      line: "tcpwire segments capture.pcapng -c 5 -t relative",
    },
    {
      says: "columns for a spreadsheet",
      line: "tcpwire segments capture.pcapng -T fields -E header=y -E separator=, -e frame.number -e ip.src -e tcp.srcport -e tcp.len",
    },
    {
      says: "resets, found in JSON",
      line: `tcpwire segments capture.pcapng --json | grep '"RST"'`,
    },
    { says: "a compressed capture from a pipe", line: "gzip -c capture.pcapng | tcpwire segments - -c 3" },
    {
      says: "what was sent again to one network, with the frame that had sent it first",
      line: 'tcpwire segments capture.pcapng -Y "tcp.analysis.retransmission && ip.dst == 192.0.2.0/24"',
    },
    { says: "all field names", line: "tcpwire segments --list-fields" },
  ],
  run,
  each,
};

async function run(args: Arguments, io: Io): Promise<number> {
  if (args.has("list-fields")) {
    await io.stdout.write(fieldList());
    return EXIT_DONE;
  }
  const files = filesOf("segments", args);
  // What is wrong with the command line is said before any file is read, and once.
  planOf(args, files[0], io);
  return overFiles(segmentsCommand, args, io, files, typeOf(args) === "text" ? "\n" : "");
}

async function each(args: Arguments, file: FileArgument, io: Io): Promise<number> {
  const { limit, filter, printer } = planOf(args, file, io);
  const tracker = printer.needsFlow || filter?.needsFlow ? flowTracker() : undefined;

  const progress = !args.has("quiet") && !io.stdout.isTerminal;
  const input = new CaptureInput(file.path, io, progress, fileThreads(args, file));
  const out = new TextBuffer(io.stdout);
  out.add(printer.header);
  let left = limit;
  for await (const segments of input.batches()) {
    const interfaces = input.reader.info.format === "pcapng" ? segments.section.interfaces : undefined;
    const rows: Rows = { segments, interfaces, analysis: tracker?.add(segments) };
    const shown = printer.needsFlow ? rows : { segments, interfaces };
    for (let i = 0; i < segments.length && left > 0; i++) {
      if (filter && !filter.matches(rows, i)) continue;
      out.add(printer.row(shown, i));
      left--;
    }
    await out.flush();
    if (left === 0) break;
  }
  await out.flush();
  if (input.failure) throw input.failure;
  return EXIT_DONE;
}

function planOf(args: Arguments, file: FileArgument, io: Io) {
  const wanted = args.text("filter");
  return {
    limit: args.integer("count", 1) ?? Number.POSITIVE_INFINITY,
    filter: wanted === undefined ? undefined : parseRowFilter(wanted),
    printer: choosePrinter(args, file, io),
  };
}

/** One of the ways to print rows. */
interface Printer {
  readonly needsFlow: boolean;
  readonly header: string;
  row(rows: Rows, i: number): string;
}

function choosePrinter(args: Arguments, file: FileArgument, io: Io): Printer {
  const asked = args.choice("type", ["fields", "json", "text"]);
  if (args.has("json") && asked !== undefined && asked !== "json") {
    throw new UsageError(`--json and -T ${asked} exclude each other`);
  }
  const names = args.texts("field");
  const type = typeOf(args);
  if (type !== "fields" && args.has("E")) throw new UsageError("-E goes with -T fields");
  if (type === "text" && names.length > 0) throw new UsageError("-e goes with -T fields or --json");
  const chosen = fieldsNamed(names);
  switch (type) {
    case "fields":
      return fieldPrinter(args, chosen, file);
    case "json":
      return chosen.length === 0 ? rowJsonPrinter(args, file) : fieldJsonPrinter(chosen, file);
    case "text":
      return textPrinter(args, file, io);
  }
}

function typeOf(args: Arguments): "fields" | "json" | "text" {
  if (args.has("json")) return "json";
  return (
    args.choice("type", ["fields", "json", "text"]) ?? (args.texts("field").length > 0 ? "fields" : "text")
  );
}

function fieldPrinter(args: Arguments, chosen: readonly Field[], { isFirst }: FileArgument): Printer {
  if (chosen.length === 0) throw new UsageError("-T fields wants a field at least: -e FIELD");
  const how = parseSeparators(args);
  return {
    needsFlow: needFlow(chosen),
    // The rows of several files are one table.
    header: how.header && isFirst ? headerRow(chosen, how) : "",
    row: (rows, i) => fieldRow(chosen, how, rows, i),
  };
}

function fieldJsonPrinter(chosen: readonly Field[], file: FileArgument): Printer {
  const line = fileLine(file);
  return { needsFlow: needFlow(chosen), header: "", row: (rows, i) => line(fieldsJson(chosen, rows, i)) };
}

function rowJsonPrinter(args: Arguments, file: FileArgument): Printer {
  const time = new TimeText("iso");
  const line = fileLine(file);
  return {
    needsFlow: !args.has("absolute"),
    header: "",
    row: (rows, i) => line(segmentJson(rows, i, time)),
  };
}

function textPrinter(args: Arguments, file: FileArgument, io: Io): Printer {
  const time = new TimeText(args.choice("time", TIME_STYLES) ?? "clock");
  const colors = style(wantsColor(io.stdout.isTerminal, io.env));
  return {
    needsFlow: !args.has("absolute"),
    header: heading(file),
    row: (rows, i) => segmentLine(rows, i, time, colors),
  };
}

function needFlow(chosen: readonly Field[]): boolean {
  return chosen.some(({ needs }) => needs === "flow");
}

function fieldList(): string {
  const longest = Math.max(...fields.map(({ name }) => name.length));
  return fields.map(({ name, about }) => `${name.padEnd(longest)}  ${about}\n`).join("");
}
