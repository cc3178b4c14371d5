import type { OptionSpec } from "./arguments.ts";
import { COMMON_OPTIONS, type Command } from "./command.ts";
import type { Style } from "./terminal/style.ts";
import { wrap } from "./terminal/wrap.ts";

/** Lines longer than this are hard to read. */
const WIDTH = 96;

/** How a help is printed. */
export interface HelpLook {
  readonly style: Style;
  /** Columns of the screen. */
  readonly room: number;
}

/** `tcpwire --help`. */
export function overview(commands: readonly Command[], version: string, { style, room }: HelpLook): string {
  const width = Math.min(WIDTH, room);
  const rows = commands.map((c): [string, string] => [`tcpwire ${c.name} ${c.usage}`.trimEnd(), c.summary]);
  rows[0][0] = "tcpwire FILE...";
  return [
    `${style.strong(`tcpwire ${version}`)}  reads TCP out of packet captures`,
    "",
    ...section("Commands", table(rows, style, width), style),
    ...section(
      "Input",
      wrap(
        "FILE is a pcap or pcapng capture of either byte order, plain or gzip, recognised by its content; - is standard input. Data goes to standard output, notes and progress to standard error.",
        width - 2,
      ),
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
        width,
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
        width,
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
        width,
      ),
      style,
    ),
    ...section(
      "Examples",
      commands.flatMap((c) => exampleLines(c.examples.slice(0, 1), { style, room })),
      style,
    ),
  ].join("\n");
}

/** `tcpwire NAME --help`. */
export function commandHelp(command: Command, { style, room }: HelpLook): string {
  const width = Math.min(WIDTH, room);
  const usage =
    command.name === "report"
      ? `tcpwire [report] ${command.usage}`
      : `tcpwire ${command.name} ${command.usage}`;
  const lines = [...hanging(usage, width).map(style.strong), ""];
  for (const paragraph of command.description) lines.push(...wrap(paragraph, width), "");
  const options = [...command.options, ...COMMON_OPTIONS].map((o): [string, string] => [
    optionText(o),
    o.help,
  ]);
  lines.push(...section("Options", table(options, style, width), style));
  for (const { heading, terms = [], text } of command.sections ?? []) {
    const paragraphs = text.flatMap((paragraph) => wrap(paragraph, width - 2));
    lines.push(...section(heading, [...table(terms, style, width), ...paragraphs], style));
  }
  lines.push(...section("Examples", exampleLines(command.examples, { style, room }), style));
  return lines.join("\n");
}

function section(heading: string, lines: readonly string[], style: Style): string[] {
  return [style.heading(heading), ...lines.map((line) => (line === "" ? "" : `  ${line}`)), ""];
}

function table(rows: readonly (readonly [string, string])[], style: Style, width: number): string[] {
  const left = Math.min(Math.floor(width * 0.36), Math.max(0, ...rows.map(([name]) => name.length)));
  const indent = " ".repeat(left + 2);
  return rows.flatMap(([name, text]) => {
    const [first, ...rest] = wrap(text, width - left - 4);
    const more = rest.map((line) => indent + line);
    return name.length > left
      ? [...hanging(name, width - 2).map(style.strong), indent + first, ...more]
      : [`${style.strong(name)}${" ".repeat(left - name.length)}  ${first}`, ...more];
  });
}

/** A line that is too long, broken at spaces. */
function hanging(text: string, width: number): string[] {
  return wrap(text, width - 2).map((line, i) => (i === 0 ? line : `  ${line}`));
}

function optionText(option: OptionSpec): string {
  const names = [option.short && `-${option.short}`, option.name.length > 1 && `--${option.name}`];
  return `${names.filter(Boolean).join(", ")}${option.value === undefined ? "" : ` ${option.value}`}`;
}

/** Lines to be copied are never broken. */
function exampleLines(examples: Command["examples"], { style, room }: HelpLook): string[] {
  return examples.flatMap(({ says, line }) => [...wrap(`# ${says}`, room - 2).map(style.faint), line]);
}
