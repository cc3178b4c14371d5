import type { OptionSpec } from "./arguments.ts";
import { COMMON_OPTIONS, type Command } from "./command.ts";
import type { Style } from "./terminal/style.ts";
import { wrap } from "./terminal/wrap.ts";

const WIDTH = 96;

/** `tcpwire --help`. */
export function overview(commands: readonly Command[], version: string, style: Style): string {
  const rows = commands.map((c): [string, string] => [`tcpwire ${c.name} ${c.usage}`.trimEnd(), c.summary]);
  rows[0][0] = "tcpwire FILE...";
  return [
    `${style.strong(`tcpwire ${version}`)}  reads TCP out of packet captures`,
    "",
    ...section("Commands", table(rows, style), style),
    ...section(
      "Input",
      [
        "FILE is a pcap or pcapng capture of either byte order, plain or gzip, recognised by its content;",
        "- is standard input. Data goes to standard output, notes and progress to standard error.",
      ],
      style,
    ),
    ...section(
      "Options",
      table(
        [
          ["-q, --quiet", COMMON_OPTIONS[0].help],
          ["-h, --help", "this text; after a command, that command's options and examples"],
          ["--version", "the version"],
        ],
        style,
      ),
      style,
    ),
    ...section(
      "Environment",
      table(
        [
          ["NO_COLOR", "set to anything: no colours"],
          ["FORCE_COLOR", "set to 1: colours though standard output is no terminal"],
        ],
        style,
      ),
      style,
    ),
    ...section(
      "Exit status",
      table(
        [
          ["0", "done"],
          ["1", "findings, where --fail-on asked for it"],
          ["2", "the command line was not understood"],
          ["3", "an input could not be opened, is cut short or corrupt; what could be read was printed"],
          ["70", "a bug of tcpwire's"],
        ],
        style,
      ),
      style,
    ),
    ...section(
      "Examples",
      commands.flatMap((c) => exampleLines(c.examples.slice(0, 1), style)),
      style,
    ),
  ].join("\n");
}

/** `tcpwire NAME --help`. */
export function commandHelp(command: Command, style: Style): string {
  const usage =
    command.name === "report"
      ? `tcpwire [report] ${command.usage}`
      : `tcpwire ${command.name} ${command.usage}`;
  const lines = [`${style.strong(usage)}`, ""];
  for (const paragraph of command.description) lines.push(...wrap(paragraph, WIDTH), "");
  const options = [...command.options, ...COMMON_OPTIONS].map((o): [string, string] => [
    optionText(o),
    o.help,
  ]);
  lines.push(...section("Options", table(options, style), style));
  for (const more of command.sections?.() ?? []) lines.push(...section(more.heading, more.lines, style));
  lines.push(...section("Examples", exampleLines(command.examples, style), style));
  return lines.join("\n");
}

function section(heading: string, lines: readonly string[], style: Style): string[] {
  return [style.heading(heading), ...lines.map((line) => (line === "" ? "" : `  ${line}`)), ""];
}

function table(rows: readonly (readonly [string, string])[], style: Style): string[] {
  const left = Math.min(34, Math.max(...rows.map(([name]) => name.length)));
  const indent = " ".repeat(left + 2);
  return rows.flatMap(([name, text]) => {
    const [first, ...rest] = wrap(text, WIDTH - left - 4);
    const more = rest.map((line) => indent + line);
    return name.length > left
      ? [style.strong(name), indent + first, ...more]
      : [`${style.strong(name)}${" ".repeat(left - name.length)}  ${first}`, ...more];
  });
}

function optionText(option: OptionSpec): string {
  const names = [option.short && `-${option.short}`, option.name.length > 1 && `--${option.name}`];
  return `${names.filter(Boolean).join(", ")}${option.value === undefined ? "" : ` ${option.value}`}`;
}

function exampleLines(examples: Command["examples"], style: Style): string[] {
  return examples.flatMap(({ says, line }) => [style.faint(`# ${says}`), line]);
}
