import { existsSync } from "node:fs";
import { didYouMean, parseArguments } from "./arguments.ts";
import { COMMON_OPTIONS, type Io } from "./command.ts";
import { commands } from "./commands.ts";
import { EXIT_DONE, EXIT_INPUT, EXIT_USAGE, InputError, UsageError } from "./errors.ts";
import { commandHelp, type HelpLook, overview } from "./help.ts";
import { escapeText } from "./terminal/escape.ts";
import { ClosedPipe, type Sink } from "./terminal/sink.ts";
import { style, wantsColor } from "./terminal/style.ts";

/**
 * Runs one command line.
 * @param argv what follows the program's name
 * @returns the exit status; errors have been reported on standard error
 */
export async function run(argv: readonly string[], io: Io, version: string): Promise<number> {
  try {
    return await dispatch(argv, io, version);
  } catch (error) {
    if (error instanceof ClosedPipe) return EXIT_DONE;
    if (error instanceof UsageError) {
      await complain(io, `${error.message}\n${whereToRead(argv[0])}`);
      return EXIT_USAGE;
    }
    if (error instanceof InputError) {
      await complain(io, error.message);
      return EXIT_INPUT;
    }
    throw error;
  }
}

async function dispatch(argv: readonly string[], io: Io, version: string): Promise<number> {
  const help = helpLook(io.stdout, io);
  const [first, ...rest] = argv;
  if (first === undefined) {
    await io.stderr.write(overview(commands, version, helpLook(io.stderr, io)));
    return EXIT_USAGE;
  }
  if (first === "--version" || first === "-V") {
    await io.stdout.write(`tcpwire ${version}\n`);
    return EXIT_DONE;
  }
  if (argv.length === 1 && (first === "--help" || first === "-h")) {
    await io.stdout.write(overview(commands, version, help));
    return EXIT_DONE;
  }
  if (first === "help") {
    if (rest.length > 0) requireCommand(rest[0]);
    return dispatch([...rest.slice(0, 1), "--help"], io, version);
  }

  const named = commands.find((command) => command.name === first);
  if (!named) rejectMistyped(first);
  const command = named ?? commands[0];
  const args = parseArguments(named ? rest : argv, [...command.options, ...COMMON_OPTIONS]);
  if (args.has("help")) {
    await io.stdout.write(commandHelp(command, help));
    return EXIT_DONE;
  }
  return command.run(args, io);
}

function helpLook({ isTerminal, width }: Sink, io: Io): HelpLook {
  const room = isTerminal ? width : Number.POSITIVE_INFINITY;
  return { style: style(wantsColor(isTerminal, io.env)), room };
}

function whereToRead(first: string | undefined): string {
  return commands.some(({ name }) => name === first)
    ? `tcpwire ${first} --help lists its options`
    : "tcpwire --help lists the commands and their options";
}

/** `tcpwire segmnts FILE` is not meant to report on a file of that name, whatever else stands on the line. */
function rejectMistyped(first: string): void {
  if (first.startsWith("-") || /[./\\]/.test(first) || existsSync(first)) return;
  throw new UsageError(`no command and no file is called ${first}${nearestCommand(first)}`);
}

/** `tcpwire help NAME`: of no use to anybody is the help of another command. */
function requireCommand(typed: string): void {
  if (commands.some(({ name }) => name === typed)) return;
  throw new UsageError(`no command is called ${typed}${nearestCommand(typed)}`);
}

function nearestCommand(typed: string): string {
  return didYouMean(
    typed,
    commands.map(({ name }) => name),
  );
}

async function complain(io: Io, message: string): Promise<void> {
  const lines = message.split("\n").map((line) => `tcpwire: ${escapeText(line)}\n`);
  // With nobody left to tell, the exit status still says it.
  await io.stderr.write(lines.join("")).catch(() => {});
}
