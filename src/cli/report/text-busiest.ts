import { alignedWithin } from "../terminal/chart.ts";
import type { ColumnGroup } from "../terminal/fit.ts";
import { bytesText, counted, durationText, grouped } from "../terminal/numbers.ts";
import type { Style } from "../terminal/style.ts";
import type { BusyFlow, Report } from "./report.ts";

const RIGHT = [true, false, false, false, true, true, true, true, true, false];
const HEAD = ["#", "client", "server", "state", "pkts →", "←", "bytes →", "←", "duration", ""];

const GROUPS: readonly ColumnGroup[] = [
  { name: "ends", columns: [0, 1, 2] },
  { name: "bytes", columns: [6, 7] },
  { name: "state", columns: [3] },
  { name: "duration", columns: [8] },
  { name: "resent", columns: [9] },
  { name: "packets", columns: [4, 5] },
];

/** The conversations that carry most. */
export function busiestBlock(
  { busiest, conversations }: Report,
  style: Style,
  room: number,
  leftOut: Set<string>,
): string[] {
  if (busiest.length === 0) return [];
  const rows = [HEAD.map((text) => style.faint(text)), ...busiest.map((flow) => cells(flow, style))];
  const left = conversations - busiest.length;
  return [
    style.heading("Busiest conversations"),
    ...alignedWithin(rows, RIGHT, GROUPS, room - 2, leftOut).map((text) => `  ${text}`),
    ...(left > 0 ? [style.faint(`  ${counted(left, "conversation")} more: tcpwire flows`)] : []),
  ];
}

function cells(
  { stream, client, server, connState, packets, bytes, seconds, resent }: BusyFlow,
  style: Style,
) {
  return [
    stream.toString(),
    endText(client),
    endText(server),
    connState,
    ...packets.map(grouped),
    ...bytes.map(bytesText),
    durationText(seconds),
    resent > 0 ? style.warn(`${grouped(resent)} resent`) : "",
  ];
}

function endText({ address, port }: BusyFlow["client"]): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
