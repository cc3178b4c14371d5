import type { FlowRecord, FlowSide } from "../../flow/index.ts";
import { alignedTo, widthsOf } from "../terminal/chart.ts";
import { type ColumnGroup, type Fit, fitColumns } from "../terminal/fit.ts";
import { bytesText, counted, durationText, grouped } from "../terminal/numbers.ts";
import type { Style } from "../terminal/style.ts";
import { wrap } from "../terminal/wrap.ts";

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

// What matters first; the remarks stand beneath a row where they do not fit behind it.
const REMARKS = HEAD.length - 1;
const GROUPS: readonly ColumnGroup[] = [
  { name: "ends", columns: [0, 1, 2] },
  { name: "state", columns: [3] },
  { name: "data", columns: [7, 8] },
  { name: "duration", columns: [9] },
  { name: "resent", columns: [11] },
  { name: "packets", columns: [5, 6] },
  { name: "rtt", columns: [10] },
  { name: "history", columns: [4] },
];
const INDENT = "   ";

// Columns of a screen for the number of a conversation, and that an end has in any case.
const NUMBER = 5;
const LEAST_END = 15;

/** Lines up conversations in columns without waiting for the last of them. */
export class FlowTable {
  /** Columns for which there was no room. */
  readonly leftOut = new Set<string>();
  readonly #style: Style;
  readonly #room: number;
  #rows: string[][] = [];
  #widths: number[] | undefined;
  #head = "";

  /** @param room columns of the screen; without a screen there is room for everything */
  constructor(style: Style, room = Number.POSITIVE_INFINITY) {
    this.#style = style;
    this.#room = room;
  }

  /** Adds a conversation; returns the lines that have become ready. */
  row(record: FlowRecord): string {
    this.#rows.push(this.#cells(record));
    return this.#rows.length === BLOCK ? this.rest() : "";
  }

  /** The lines that are left, with the header if it was not printed yet, or not so. */
  rest(): string {
    const rows = this.#rows;
    this.#rows = [];
    const first = this.#widths === undefined;
    if (rows.length === 0 && !first) return "";
    this.#shortenEnds(rows);
    const head = HEAD.map((text) => this.#style.faint(text));
    const widths = widthsOf([head, ...rows], this.#widths ?? RIGHT.map(() => 0));
    this.#widths = widths;
    const chosen = fitColumns(widths, GROUPS, this.#room);
    for (const name of chosen.leftOut) this.leftOut.add(name);
    const lines = rows.flatMap((row) => this.#lines(row, widths, chosen));
    const isSame = chosen.shown.join() === this.#head;
    this.#head = chosen.shown.join();
    if (!isSame) lines.unshift(alignedTo(head, widths, RIGHT, chosen));
    return lines.map((line) => `${line}\n`).join("");
  }

  /** Long addresses of IPv6 on a narrow screen lose their middle; ports stay. */
  #shortenEnds(rows: string[][]): void {
    const most = Math.max(LEAST_END, Math.floor((this.#room - NUMBER - 2) / 2));
    for (const row of rows) {
      for (const end of [1, 2]) {
        const text = row[end];
        if (text.length <= most) continue;
        const tail = Math.ceil(most / 2);
        row[end] = `${text.slice(0, most - tail - 1)}…${text.slice(-tail)}`;
        this.leftOut.add("parts of addresses");
      }
    }
  }

  #lines(row: readonly string[], widths: readonly number[], chosen: Fit): string[] {
    const line = alignedTo(row, widths, RIGHT, chosen);
    if (chosen.shown.includes(REMARKS) || row[REMARKS] === "") return [line];
    const beneath = wrap(row[REMARKS], this.#room - INDENT.length);
    return [line, ...beneath.map((text) => this.#style.faint(INDENT + text))];
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
