import { type FlowTracker, type OverlapPolicy, overlapPolicies, Reassembler } from "../../flow/index.ts";
import type { Arguments } from "../arguments.ts";
import type { Command, Io } from "../command.ts";
import { EXIT_DONE, UsageError } from "../errors.ts";
import { flowTracker } from "../flow-tracker.ts";
import { CaptureInput } from "../input.ts";
import { escapeBytes } from "../terminal/escape.ts";
import { grouped } from "../terminal/numbers.ts";

const SIDES = ["client", "server", "both"] as const;

/** `tcpwire follow`. */
export const followCommand: Command = {
  name: "follow",
  usage: "FILE --flow N [--dir client|server|both]",
  summary: "the bytes of a conversation, put back in order",
  description: [
    "Prints the reassembled bytes of one conversation, raw: retransmissions once, what came out of order in its place. N is the conversation's number (tcp.stream), as `tcpwire flows` lists it.",
    "Both directions come in the order in which a reader could have had the bytes. Bytes that the capture lacks are left out and told on standard error, with their place and the reason; so is a segment that contradicts an earlier one.",
    "On a terminal control characters are shown as escapes; into a file or a pipe the bytes go as they are.",
  ],
  options: [
    { name: "flow", short: "n", value: "N", help: "the conversation, from 0" },
    {
      name: "dir",
      short: "d",
      value: "client|server|both",
      help: "whose bytes (both); the client sent first",
    },
    {
      name: "policy",
      value: overlapPolicies.join("|"),
      help: "whose bytes win where segments overlap out of order (first)",
    },
  ],
  examples: [
    { says: "both sides of the first conversation", line: "tcpwire follow capture.pcapng --flow 0" },
    {
      says: "what the server sent, into a file",
      line: "tcpwire follow capture.pcapng --flow 0 --dir server > answer.bin",
    },
  ],
  run,
};

async function run(args: Arguments, io: Io): Promise<number> {
  const [path, ...more] = args.positionals;
  if (path === undefined || more.length > 0)
    throw new UsageError("follow takes one FILE, or - for standard input");
  const flow = args.integer("flow");
  if (flow === undefined) throw new UsageError("follow wants a conversation: --flow N");
  const side = args.choice("dir", SIDES) ?? "both";
  const policy = args.choice<OverlapPolicy>("policy", overlapPolicies) ?? "first";

  const input = new CaptureInput(path, io, !args.has("quiet") && !io.stdout.isTerminal);
  const tracker = flowTracker();
  let chunks: Uint8Array[] = [];
  const notes = new Notes();
  const wants = (direction: number) => side === "both" || SIDES.indexOf(side) === direction;
  const reassembler = new Reassembler(
    {
      data(_, direction, bytes) {
        if (wants(direction)) chunks.push(bytes.slice());
      },
      gap(_, direction, offset, length, reason) {
        if (wants(direction)) {
          notes.add(
            `${grouped(length)} bytes of the ${SIDES[direction]} are missing at ${grouped(offset)}: ${GAPS[reason]}`,
          );
        }
      },
      conflict(_, direction, { offset, length, kept }, frame) {
        if (!wants(direction)) return;
        const what = kept === "new" ? "and replaces" : "and is overruled by";
        notes.add(
          `frame ${frame} contradicts ${what} ${grouped(length)} bytes of the ${SIDES[direction]} at ${grouped(offset)}`,
        );
      },
    },
    { flow, policy, maxFlows: 1, history: 1 << 16 },
  );
  const flush = async () => {
    for (const bytes of chunks) await io.stdout.write(io.stdout.isTerminal ? terminalText(bytes) : bytes);
    chunks = [];
  };

  for await (const segments of input.batches()) {
    reassembler.add(segments, tracker.add(segments));
    await flush();
  }
  reassembler.end();
  await flush();
  if (!args.has("quiet")) await io.stderr.write(notes.text());
  if (input.failure) throw input.failure;
  requireFlow(flow, tracker, input.name);
  return EXIT_DONE;
}

// A hostile capture can hold a contradiction in every segment.
const MOST_NOTES = 100;

class Notes {
  readonly #notes: string[] = [];
  #left = 0;

  add(note: string): void {
    if (this.#notes.length < MOST_NOTES) this.#notes.push(note);
    else this.#left++;
  }

  text(): string {
    const more = this.#left === 0 ? [] : [`${grouped(this.#left)} notes more of this kind`];
    return [...this.#notes, ...more].map((note) => `tcpwire: ${note}\n`).join("");
  }
}

/** @throws {UsageError} when the capture has no conversation of that number */
export function requireFlow(flow: number, tracker: FlowTracker, name: string): void {
  const { streamCount } = tracker;
  if (flow < streamCount) return;
  const has = streamCount === 0 ? "no TCP conversation" : `conversations 0 to ${streamCount - 1}`;
  throw new UsageError(`${name} has ${has}, and no ${flow}`);
}

const GAPS = {
  missing: "the receiver had them, the capture has not",
  limit: "too much was held out of order",
  end: "the capture ends before they came",
};

// Lines stay lines; whatever else could steer a terminal is shown. A backslash that was sent is two, so that what
// follows it passes for no escape.
function terminalText(bytes: Uint8Array): string {
  return escapeBytes(bytes).replace(/\\\\|\\r\\n|\\n|\\t/g, (shown) => PLAIN[shown] ?? shown);
}

const PLAIN: Readonly<Record<string, string>> = { "\\r\\n": "\n", "\\n": "\n", "\\t": "\t" };
