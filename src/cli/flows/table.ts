import type { FlowRecord, FlowSide } from "../../flow/index.ts";
import { alignedTo, widthsOf } from "../terminal/chart.ts";
import { bytesText, counted, durationText, grouped } from "../terminal/numbers.ts";
import type { Style } from "../terminal/style.ts";

const HEAD = [
  "#",
  "client",
  "server",
  "state",
  "history",
  "pkts →",
  "←",
  "data →",
  "←",
  "duration",
  "rtt",
  "resent",
  "",
];
const RIGHT = [true, false, false, false, false, true, true, true, true, true, true, true, false];

/** Rows that are aligned among each other; those behind keep at least the same widths. */
const BLOCK = 256;

/** A silence worth mentioning, nanoseconds. */
const LONG_SILENCE = 60e9;

/** Lines up conversations in columns without waiting for the last of them. */
export class FlowTable {
  readonly #style: Style;
  #rows: string[][] = [];
  #widths: number[] | undefined;

  constructor(style: Style) {
    this.#style = style;
  }

  /** Adds a conversation; returns the lines that have become ready. */
  row(record: FlowRecord): string {
    this.#rows.push(this.#cells(record));
    return this.#rows.length === BLOCK ? this.rest() : "";
  }

  /** The lines that are left, with the header if it was not printed yet. */
  rest(): string {
    const rows = this.#rows;
    this.#rows = [];
    const first = this.#widths === undefined;
    if (first) rows.unshift(HEAD.map((text) => this.#style.faint(text)));
    this.#widths = widthsOf(rows, this.#widths ?? RIGHT.map(() => 0));
    return rows.map((row) => `${alignedTo(row, this.#widths!, RIGHT)}\n`).join("");
  }

  #cells(record: FlowRecord): string[] {
    const { client, server } = record;
    const resent = client.retransmissions + server.retransmissions;
    return [
      record.stream.toString(),
      endText(client),
      endText(server),
      this.#state(record),
      record.history,
      grouped(client.packets),
      grouped(server.packets),
      bytesText(client.payloadBytes),
      bytesText(server.payloadBytes),
      durationText(Number(record.end - record.start) / 1e9),
      record.initialRtt === undefined ? "" : durationText(record.initialRtt / 1e9),
      resent === 0 ? "" : this.#style.bad(grouped(resent)),
      remarks(record).join(", "),
    ];
  }

  #state({ connState, outcome }: FlowRecord): string {
    if (outcome === "fin") return this.#style.good(connState);
    return outcome === "open" ? connState : this.#style.warn(connState);
  }
}

/** What is worth knowing of a conversation beside its figures. */
function remarks(record: FlowRecord): string[] {
  const { client, server, outcome, resetBy, closedBy, maxIdle, maxIdleFrame } = record;
  const found: string[] = [];
  if (outcome === "reset") found.push(`reset by ${resetBy}`);
  else if (outcome === "fin") found.push(`closed by ${closedBy}`);
  else if (outcome === "half-closed") found.push(`closed by ${closedBy} only`);
  else if (outcome !== "open") found.push(outcome);
  if (maxIdle >= LONG_SILENCE) {
    const until = maxIdleFrame === undefined ? "" : ` until frame ${maxIdleFrame}`;
    found.push(`silent for ${durationText(maxIdle / 1e9)}${until}`);
  }
  const zeroWindows = client.zeroWindows + server.zeroWindows;
  if (zeroWindows > 0) found.push(counted(zeroWindows, "zero window"));
  for (const [name, { keepAlive }] of [
    ["client", client],
    ["server", server],
  ] as const) {
    if (keepAlive && keepAlive.probes > 0) found.push(keepAliveText(name, keepAlive));
  }
  if (record.reused) found.push("ports reused");
  if (record.evicted) found.push("given up to save memory");
  return found;
}

function keepAliveText(
  name: string,
  { probes, unanswered, idle }: NonNullable<FlowSide["keepAlive"]>,
): string {
  const after = idle === undefined ? "" : ` after ${durationText(idle / 1e9)}`;
  const silent = unanswered > 0 ? `, ${grouped(unanswered)} unanswered` : "";
  return `${counted(probes, "keep-alive probe")} of the ${name}${after}${silent}`;
}

function endText({ address, port }: FlowSide): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
