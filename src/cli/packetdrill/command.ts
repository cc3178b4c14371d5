import type { Header, RunOptions, ScriptOutcome } from "../../packetdrill/index.ts";
import type { Arguments } from "../arguments.ts";
import type { Command, Io } from "../command.ts";
import { EXIT_DONE, EXIT_FINDINGS, UsageError } from "../errors.ts";
import { style, wantsColor } from "../terminal/style.ts";
import { findScripts, readScriptFile, shellFiles } from "./scripts.ts";
import { settingsOf } from "./settings.ts";
import { jsonText, outcomeText, totalText } from "./text.ts";

/** `tcpwire packetdrill`. */
export const packetdrillCommand: Command = {
  name: "packetdrill",
  usage: "[--set NAME=VALUE ...] SCRIPT...",
  summary: "runs packetdrill scripts against the endpoint in virtual time",
  description: [
    "SCRIPT is a file in the language of google's packetdrill, or a folder: every .pkt file in and below it. The script plays the peer and the application of one endpoint of tcpwire/tcp; time is virtual, so that hours take milliseconds and every run is the same.",
    "A script passes when each packet, result and assertion is what it says. It is skipped, with the reason, when it asks for something that an endpoint does not have. docs/packetdrill.md of the repository tells what is understood and how packets are compared.",
    "--set changes a setting of the endpoints; the script's own sysctls and socket options come after it. --header puts a header line before the script's: `--header tolerance_usecs=10000`. -D stands for `--define` of the language.",
    "The status is 1 when a script fails.",
  ],
  options: [
    {
      name: "set",
      value: "NAME=VALUE",
      multiple: true,
      help: "a setting of the endpoints, such as delayedAck=100",
    },
    {
      name: "define",
      short: "D",
      value: "NAME=VALUE",
      multiple: true,
      help: "what a word of the scripts stands for",
    },
    { name: "header", value: "NAME[=VALUE]", multiple: true, help: "a header line before the scripts' own" },
    { name: "strict", help: "fail scripts that leave a packet of the endpoint's unmentioned" },
    { name: "json", help: "one JSON object a script, and one with the totals" },
  ],
  examples: [
    {
      says: "a script of the repository",
      line: "tcpwire packetdrill test/scripts/handshake/active-open.pkt",
    },
    { says: "every script in a folder, as JSON", line: "tcpwire packetdrill --json test/scripts/close" },
  ],
  run,
};

async function run(args: Arguments, io: Io): Promise<number> {
  if (args.positionals.length === 0) throw new UsageError("packetdrill wants a SCRIPT");
  // No other command needs it.
  const { parseScript, runScript, ScriptError } = await import("../../packetdrill/index.ts");
  const defines = new Map(args.texts("define").map((text) => pair("define", text)));
  const options: RunOptions = {
    settings: settingsOf(args.texts("set")),
    headers: args.texts("header").map(header),
    strict: args.has("strict"),
  };
  const runOne = (path: string): ScriptOutcome => {
    const source = readScriptFile(path);
    try {
      return runScript(parseScript(source, path, defines), { ...options, readScript: shellFiles(path) });
    } catch (error) {
      if (!(error instanceof ScriptError)) throw error;
      return { status: "failed", line: error.line, message: error.message, notes: [] };
    }
  };
  const json = args.has("json");
  const styles = style(wantsColor(io.stdout.isTerminal, io.env));
  const totals = { passed: 0, failed: 0, skipped: 0 };
  for (const path of findScripts(args.positionals)) {
    const outcome = runOne(path);
    totals[outcome.status]++;
    await io.stdout.write(
      json ? jsonText(path, outcome) : outcomeText(path, outcome, styles, !args.has("quiet")),
    );
  }
  await io.stdout.write(json ? `${JSON.stringify(totals)}\n` : `${totalText(totals)}\n`);
  return totals.failed > 0 ? EXIT_FINDINGS : EXIT_DONE;
}

function pair(option: string, text: string): [string, string] {
  const at = text.indexOf("=");
  if (at < 1) throw new UsageError(`--${option} wants NAME=VALUE, not "${text}"`);
  return [text.slice(0, at), text.slice(at + 1)];
}

function header(text: string): Header {
  const [name, ...rest] = text.replace(/^--/, "").split("=");
  return rest.length === 0 ? { line: 0, name } : { line: 0, name, value: rest.join("=") };
}
