import type { Codec } from "../../bench/index.ts";
import type { Arguments } from "../arguments.ts";
import type { Command, Io } from "../command.ts";
import { EXIT_DONE, UsageError } from "../errors.ts";
import { loadCodec } from "./load.ts";

/** `tcpwire bench`. */
export const benchCommand: Command = {
  name: "bench",
  usage: "[--with CODEC.js] [--only NAME]",
  summary: "races the codec on this machine against plain JavaScript, and another codec beside it",
  description: [
    "Parses and builds single segments, sums bytes, turns generated captures into columns, moves bytes and opens connections between two endpoints. Results are compared before anything is timed; contenders then take turns, and what is printed are medians with quartiles. A contender whose results differ gets no ratio.",
    "--with loads a module whose default export is a codec: an object with a `name` and any of `checksum(bytes)`, `parseOne(bytes)` with `fields(result)`, `buildOne(spec)`, `parseBatch(capture, take)` with `columns(batch)`, and, of a TCP stack, `transfer(work)` and `connections(count)`. The type is `Codec` in tcpwire/bench; an example lies in the repository's bench/adapters.",
    "The races are called parse/..., build/..., checksum/SIZE, batch/... and endpoint/..., as the output names them; --only takes a name or its beginning.",
  ],
  options: [
    { name: "with", value: "CODEC.js", multiple: true, help: "a codec to put beside ours; may be repeated" },
    { name: "only", value: "NAME", multiple: true, help: "these races alone; may be repeated" },
    { name: "frames", value: "N", help: "frames in each capture (100000)" },
    { name: "rounds", value: "N", help: "samples of each contender (15)" },
    { name: "json", help: "one JSON object" },
  ],
  examples: [
    {
      says: "checksums of 1460 bytes, as JSON",
      line: "tcpwire bench --only checksum/1460 --rounds 3 --json",
    },
  ],
  run,
};

async function run(args: Arguments, io: Io): Promise<number> {
  if (args.positionals.length > 0) throw new UsageError("bench takes no FILE: a codec comes with --with");
  // No other command needs it.
  const bench = await import("../../bench/index.ts");
  const only = args.texts("only");
  const stray = only.find((prefix) => !bench.benchNames.some((name) => name.startsWith(prefix)));
  if (stray !== undefined) {
    throw new UsageError(`no race is called ${stray}; there are ${bench.benchNames.join(" ")}`);
  }
  const rounds = args.integer("rounds", 1);
  const frames = args.integer("frames", 1);
  const codecs: Codec[] = [];
  for (const path of args.texts("with")) codecs.push(await loadCodec(path, bench.asCodec));
  const json = args.has("json");
  const report = await bench.runBench({
    now: () => io.clock(),
    codecs,
    only,
    frames,
    timing: rounds === undefined ? {} : { rounds },
    onResult: async (result) => {
      if (!json) await io.stdout.write(`${bench.formatRace(result)}\n`);
    },
  });
  await io.stdout.write(json ? `${JSON.stringify(report)}\n` : bench.formatSummary(report.results));
  return EXIT_DONE;
}
