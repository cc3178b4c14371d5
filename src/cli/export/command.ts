import type { FlowRecord } from "../../flow/index.ts";
import type { Arguments } from "../arguments.ts";
import type { Command, Io } from "../command.ts";
import { EXIT_DONE, InputError, UsageError } from "../errors.ts";
import { parseRowFilter, type RowFilter } from "../fields/filter.ts";
import { type FileArgument, fileArguments } from "../files/file-argument.ts";
import { fileThreads, overFiles, THREADS_OPTION, threadsOf } from "../files/over-files.ts";
import { CaptureInput } from "../input.ts";
import { counted } from "../terminal/numbers.ts";
import { capturesIn, isFolder } from "./captures.ts";
import type { Column, RowWriter } from "./column.ts";
import { DataSetShare } from "./data-set.ts";
import { type Destination, exportFlows, exportSegments } from "./export-rows.ts";
import { flowColumns } from "./flow-columns.ts";
import { FORMATS, type Format, formatOf, rowWriter } from "./format.ts";
import { OutputFile } from "./output-file.ts";
import { type SegmentRows, segmentColumns } from "./segment-columns.ts";
import { tellWritten } from "./written.ts";

/** `tcpwire export`. */
export const exportCommand: Command = {
  name: "export",
  usage: `FILE... -o OUT.{${FORMATS.join(",")}} [--flows] [-Y FILTER]`,
  summary:
    "a table for a database or a notebook: segments or flow records, one file or a partitioned data set",
  description: [
    "Writes a row per TCP header, with what the analysis says of it, or with --flows a row per conversation. The ending of OUT chooses the format; --format does where it cannot: for standard output (-o -) and for folders.",
    "Where OUT is a folder (it ends with / or is there already), the captures become a partitioned data set, OUT/capture=NAME/date=YYYY-MM-DD/part-0.parquet, which DuckDB, Spark, ClickHouse and Trino read as one table with the columns capture and date (UTC; of a conversation the day it began). NAME is the file's, with % and two digits where a path could stumble; in place of a FILE a folder stands for every capture in it. Streams are numbered within a capture.",
    "Numbers keep their width and are unsigned where they are on the wire. Columns ending in _ns are nanoseconds, exact; beside them a time is a timestamp in UTC, to the microsecond in Parquet, which is what every reader knows, and to the nanosecond elsewhere. What does not apply is null; lists are joined by spaces in csv.",
    "Rows are written some 65,536 at a time, so that captures of any size need little memory. A file appears under its name when it is whole, also where a capture is cut short: then what could be read is in it. None is replaced without --force.",
  ],
  options: [
    { name: "output", short: "o", value: "OUT", help: "file, folder or - for standard output" },
    { name: "format", value: FORMATS.join("|"), help: "the format, where the ending of OUT does not say it" },
    { name: "flows", help: "a row per conversation in place of a row per segment" },
    {
      name: "filter",
      short: "Y",
      value: "FILTER",
      help: "only rows that the display filter fits, or conversations with one (tcpwire segments --help)",
    },
    { name: "force", help: "replace what is there" },
    THREADS_OPTION,
    { name: "list-columns", help: "print the names of all columns, their types, what they are, and stop" },
  ],
  examples: [
    { says: "every segment as Parquet", line: "tcpwire export capture.pcapng -o segments.parquet" },
    { says: "conversations for a spreadsheet", line: "tcpwire export capture.pcapng --flows -o flows.csv" },
    {
      says: "what was sent again, as JSON",
      line: "tcpwire export capture.pcapng -Y tcp.analysis.retransmission -o - --format ndjson",
    },
    {
      says: "a data set of one capture or many",
      line: "tcpwire export capture.pcapng -o dataset/ --format parquet",
    },
    { says: "all columns", line: "tcpwire export --list-columns" },
  ],
  run,
  each,
};

/** What a command line asks for. */
interface Plan {
  readonly paths: readonly string[];
  readonly output: string;
  readonly format: Format;
  readonly filter: RowFilter | undefined;
  readonly replace: boolean;
  readonly progress: boolean;
}

/** One of the two kinds of rows. */
interface Kind<Source> {
  readonly columns: readonly Column<Source>[];
  readonly walk: (
    input: CaptureInput,
    filter: RowFilter | undefined,
    destination: Destination<Source>,
  ) => Promise<void>;
}

const SEGMENTS: Kind<SegmentRows> = { columns: segmentColumns, walk: exportSegments };
const FLOWS: Kind<FlowRecord> = { columns: flowColumns, walk: exportFlows };

async function run(args: Arguments, io: Io): Promise<number> {
  const flows = args.has("flows");
  if (args.has("list-columns")) {
    await io.stdout.write(flows ? columnList(flowColumns) : columnList(segmentColumns));
    return EXIT_DONE;
  }
  const plan = planOf(args);
  if (!isDataSet(plan.output)) {
    return flows ? writeTable(plan, FLOWS, args, io) : writeTable(plan, SEGMENTS, args, io);
  }
  const captures = capturesIn(plan.paths);
  if (captures.length === 0) throw new InputError(`${plan.paths.join(", ")}: no captures`);
  return overFiles(exportCommand, args, io, fileArguments(captures));
}

/** Writes a capture's share of a data set. */
async function each(args: Arguments, file: FileArgument, io: Io): Promise<number> {
  const plan = planOf(args);
  return args.has("flows")
    ? writeShare(plan, FLOWS, file, args, io)
    : writeShare(plan, SEGMENTS, file, args, io);
}

function isDataSet(output: string): boolean {
  return output !== "-" && (/[/\\]$/.test(output) || isFolder(output));
}

function planOf(args: Arguments): Plan {
  const paths = args.positionals;
  if (paths.length === 0) throw new UsageError("export wants a FILE, or - for standard input");
  const output = args.text("output");
  if (output === undefined) throw new UsageError("export wants an OUT to write: -o OUT.parquet");
  const ending = formatOf(output);
  const asked = args.choice("format", FORMATS);
  const format = asked ?? ending;
  if (format === undefined) {
    throw new UsageError(`-o ${output}: name it ${FORMATS.map((f) => `.${f}`).join(", ")}, or say --format`);
  }
  if (asked && ending && asked !== ending) {
    throw new UsageError(`-o ${output} and --format ${asked} contradict each other`);
  }
  if (paths.filter((path) => path === "-").length > 1)
    throw new UsageError("standard input can be read once");
  const wanted = args.text("filter");
  return {
    paths,
    output,
    format,
    filter: wanted === undefined ? undefined : parseRowFilter(wanted),
    replace: args.has("force"),
    progress: !args.has("quiet") && output !== "-",
  };
}

async function writeTable<Source>(
  { paths, output, progress, filter, format, replace }: Plan,
  kind: Kind<Source>,
  args: Arguments,
  io: Io,
): Promise<number> {
  if (paths.length > 1 || isFolder(paths[0])) {
    throw new UsageError(
      `several captures go into a folder: -o ${output.replace(/\.\w+$/, "")}/ --format FORMAT`,
    );
  }
  const input = new CaptureInput(paths[0], io, progress, threadsOf(args));
  const file = output === "-" ? undefined : await OutputFile.create(output, replace);
  let table: OneTable<Source>;
  try {
    const writer = await rowWriter(format, kind.columns, file ?? io.stdout);
    table = new OneTable(writer);
    await kind.walk(input, filter, table);
    await writer.finish();
    await file?.finish();
  } catch (error) {
    await file?.discard();
    throw error;
  }
  if (file) await tellWritten({ path: output, what: counted(table.rows, "row"), bytes: file.size }, args, io);
  if (input.failure) throw input.failure;
  return EXIT_DONE;
}

async function writeShare<Source>(
  plan: Plan,
  { columns, walk }: Kind<Source>,
  file: FileArgument,
  args: Arguments,
  io: Io,
): Promise<number> {
  const { path, name } = file;
  const input = new CaptureInput(path, io, plan.progress, fileThreads(args, file));
  const capture = path === "-" ? "stdin" : name;
  const share = await DataSetShare.create(plan.output, capture, plan.format, columns, plan.replace);
  try {
    await walk(input, plan.filter, share);
    await share.finish();
  } catch (error) {
    await share.discard();
    throw error;
  }
  const { folder, rows, files, bytes } = share.written;
  const what = `${counted(rows, "row")} in ${counted(files, "file")}`;
  await tellWritten({ path: folder, what, bytes }, args, io);
  if (input.failure) throw input.failure;
  return EXIT_DONE;
}

/** All rows in one file. */
class OneTable<Source> implements Destination<Source> {
  rows = 0;
  readonly #writer: RowWriter<Source>;

  constructor(writer: RowWriter<Source>) {
    this.#writer = writer;
  }

  add(source: Source, i: number): undefined {
    this.#writer.add(source, i);
    this.rows++;
  }

  flushFull(): Promise<void> {
    return this.#writer.flushFull();
  }
}

function columnList<Source>(columns: readonly Column<Source>[]): string {
  const longest = Math.max(...columns.map(({ name }) => name.length));
  return columns
    .map(({ name, type, about }) => `${name.padEnd(longest)}  ${type.padEnd(5)}  ${about}`.trimEnd())
    .map((line) => `${line}\n`)
    .join("");
}
