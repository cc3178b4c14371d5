import { aligned, bar, sparkline } from "../terminal/chart.ts";
import { escapeText } from "../terminal/escape.ts";
import { bytesText, counted, durationText, grouped, percent } from "../terminal/numbers.ts";
import type { Style } from "../terminal/style.ts";
import { wrap } from "../terminal/wrap.ts";
import type { Report, ReportInterface } from "./report.ts";

const LABEL = 14;
const BAR_CELLS = 32;
const TEXT_WIDTH = 96;

/** The report as text, for people. */
export function reportText(report: Report, style: Style): string {
  const blocks = [
    captureBlock(report, style),
    segmentsBlock(report, style),
    flagsBlock(report, style),
    optionsBlock(report, style),
    checksumBlock(report, style),
    malformedBlock(report, style),
    pairsBlock(report, style),
  ];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join("\n"))
    .join("\n\n")}\n`;
}

function captureBlock(report: Report, style: Style): string[] {
  const { frames, span, activity } = report;
  const lines = [style.heading(escapeText(report.file)), line("format", formatText(report), style)];
  if (report.application) lines.push(line("written by", escapeText(report.application), style));
  for (const one of report.interfaces.slice(0, MAX_INTERFACE_LINES)) {
    lines.push(line("interface", interfaceText(one, style), style));
  }
  if (report.interfaces.length > MAX_INTERFACE_LINES) {
    lines.push(line("", `and ${grouped(report.interfaces.length - MAX_INTERFACE_LINES)} more`, style));
  }
  let count = `${grouped(frames.count)}, ${bytesText(frames.bytes)} on the wire`;
  if (frames.cutShort > 0) {
    count += `; ${counted(frames.cutShort, "frame")} cut short, ${bytesText(frames.capturedBytes)} captured`;
  }
  lines.push(line("frames", count, style));
  if (span) lines.push(line("span", spanText(span), style));
  if (activity && activity.segments.length > 1) {
    const unit = durationText(activity.nanoseconds / 1e9);
    lines.push(
      line(
        "activity",
        `${style.bar(sparkline(activity.segments))}  ${style.faint(`segments per ${unit}`)}`,
        style,
      ),
    );
  }
  return lines;
}

const MAX_INTERFACE_LINES = 8;

function formatText(report: Report): string {
  const parts = [report.format ?? "unknown"];
  if (report.compression) parts.push(report.compression);
  if (report.size !== undefined) parts.push(bytesText(report.size));
  if (report.sections > 1) parts.push(counted(report.sections, "section"));
  return parts.join(", ");
}

function interfaceText(one: ReportInterface, style: Style): string {
  const named = [one.name, one.description]
    .filter((text) => text !== undefined)
    .map((text) => escapeText(text!));
  const facts = [
    one.linkType,
    RESOLUTIONS[one.ticksPerSecond] ?? `${grouped(one.ticksPerSecond)} ticks a second`,
  ];
  if (one.snapLength > 0 && one.snapLength < 65535)
    facts.push(`first ${counted(one.snapLength, "byte")} of a frame`);
  if (one.dropped) facts.push(style.warn(`${counted(one.dropped, "packet")} lost in capturing`));
  if (!one.parsed) facts.push(style.warn("not searched for TCP"));
  return named.length > 0 ? `${named.join(", ")}: ${facts.join(", ")}` : facts.join(", ");
}

const RESOLUTIONS: Readonly<Record<number, string>> = {
  1: "seconds",
  1e3: "milliseconds",
  1e6: "microseconds",
  1e9: "nanoseconds",
};

function spanText(span: NonNullable<Report["span"]>): string {
  const [startDate, startTime] = dateAndTime(span.start);
  const [endDate, endTime] = dateAndTime(span.end);
  const end = endDate === startDate ? endTime : `${endDate} ${endTime}`;
  return `${startDate} ${startTime} to ${end} UTC, ${durationText(span.seconds)}`;
}

/** To the microsecond: the segments themselves are the place for more. */
function dateAndTime(iso: string): [string, string] {
  return [iso.slice(0, 10), iso.slice(11, 26)];
}

function segmentsBlock(report: Report, style: Style): string[] {
  const { segments, packets, frames, handshakes } = report;
  const lines = [style.heading("TCP")];
  const families = [
    segments.ipv4 > 0 && `${grouped(segments.ipv4)} over IPv4`,
    segments.ipv6 > 0 && `${grouped(segments.ipv6)} over IPv6`,
  ].filter((text) => text !== false);
  lines.push(
    line(
      "segments",
      families.length > 1 ? `${grouped(segments.count)}: ${families.join(", ")}` : (families[0] ?? "none"),
      style,
    ),
  );
  if (segments.count > 0) {
    const cut =
      segments.payloadCut > 0 ? `; ${counted(segments.payloadCut, "payload")} not captured whole` : "";
    lines.push(
      line(
        "payload",
        `${bytesText(segments.payloadBytes)} in ${counted(segments.withPayload, "segment")}${cut}`,
        style,
      ),
      line(
        "handshakes",
        `${counted(handshakes.syn, "SYN")}, ${counted(handshakes.synAck, "SYN-ACK")}`,
        style,
      ),
    );
  }
  const remarks = [
    segments.zeroWindow > 0 && style.warn(`${counted(segments.zeroWindow, "zero window")}`),
    segments.superSegments > 0 &&
      `${counted(segments.superSegments, "super-segment")} (larger than any MSS: offload put them together)`,
    segments.vlan > 0 && `${grouped(segments.vlan)} with VLAN tags`,
    segments.tunnelled > 0 && `${grouped(segments.tunnelled)} inside tunnels`,
  ].filter((text) => text !== false);
  if (remarks.length > 0) lines.push(line("among them", remarks.join(", "), style));
  const besides = [
    packets.udp > 0 && `${grouped(packets.udp)} UDP`,
    packets.icmp > 0 && `${grouped(packets.icmp)} ICMP`,
    packets.other > 0 && `${grouped(packets.other)} of other IP protocols`,
    frames.withoutIp > 0 && `${counted(frames.withoutIp, "frame")} without IP`,
  ].filter((text) => text !== false);
  if (besides.length > 0) lines.push(line("besides", besides.join(", "), style));
  if (packets.fragments > 0) {
    const dropped = packets.fragmentsDropped > 0 ? `, ${grouped(packets.fragmentsDropped)} given up` : "";
    lines.push(
      line(
        "fragments",
        `${grouped(packets.fragments)}, ${counted(packets.reassembled, "datagram")} put together${dropped}`,
        style,
      ),
    );
  }
  return lines;
}

function flagsBlock(report: Report, style: Style): string[] {
  const rows = Object.entries(report.flags).filter(([, count]) => count > 0);
  return chart("Flags", rows, report.segments.count, style);
}

function optionsBlock(report: Report, style: Style): string[] {
  const rows = report.options.map(({ name, count }): [string, number] => [name, count]);
  return chart("Options", rows, report.segments.count, style);
}

function checksumBlock(report: Report, style: Style): string[] {
  const { checksums, segments } = report;
  const rows: [string, number][] = [
    ["good", checksums.good],
    ["partial", checksums.partial],
    ["bad", checksums.bad],
    ["unverified", checksums.unverified],
  ];
  const paint = { good: style.good, bad: style.bad, partial: style.warn, unverified: style.faint };
  const lines = chart(
    "Checksums",
    rows.filter(([, count]) => count > 0),
    segments.count,
    style,
    (name) => paint[name as keyof typeof paint],
  );
  if (checksums.partial > 0) lines.push(...prose(partialText(checksums)));
  if (checksums.bad > 0) lines.push(...prose(badText(checksums)));
  return lines;
}

function partialText({ partial, partialSenders }: Report["checksums"]): string {
  const [most] = partialSenders;
  const all = most.count === partial;
  const where = all
    ? `All of them were sent by ${most.address}, so the capture was taken there`
    : `Most were sent by ${most.address}`;
  return `Partial means that only the pseudo-header has been summed: the sending host leaves the rest to its network card (checksum offload), and the capture saw the packet before that. ${where}; on the wire they were whole. Not an error.`;
}

function badText({ bad, badFrames }: Report["checksums"]): string {
  const more = bad > badFrames.length ? " ..." : "";
  const frames = `frame${bad === 1 ? "" : "s"} ${badFrames.join(", ")}${more}`;
  return `A bad checksum (${frames}) means that the segment was changed on its way, or by whoever wrote the capture (address rewriting, anonymising); a receiver drops it without a word, and the sender has to retransmit.`;
}

function malformedBlock(report: Report, style: Style): string[] {
  if (report.malformed.length === 0) return [];
  const rows = report.malformed.map(({ where, says, count, frames }) => {
    const seen = frames && frames.length > 0 ? `frame${count === 1 ? "" : "s"} ${frames.join(", ")}` : "";
    return [
      where === "depth" ? "layers" : where,
      grouped(count),
      says,
      seen + (frames && count > frames.length ? " ..." : ""),
    ];
  });
  return [
    style.heading("Malformed"),
    ...aligned(rows, [false, true, false, false]).map((text) => `  ${text}`),
  ];
}

function pairsBlock(report: Report, style: Style): string[] {
  const { pairs } = report;
  if (pairs.busiest.length === 0) return [];
  const most = Math.max(...pairs.busiest.map(({ bytes }) => bytes[0] + bytes[1]));
  const rows = pairs.busiest.map(({ a, b, segments, bytes }) => [
    a,
    style.faint("↔"),
    b,
    grouped(segments[0]),
    grouped(segments[1]),
    bytesText(bytes[0]),
    bytesText(bytes[1]),
    style.bar(bar((bytes[0] + bytes[1]) / most, 16)),
  ]);
  const head = ["", "", "", "segments →", "←", "bytes →", "←", ""].map((text) => style.faint(text));
  const table = aligned([head, ...rows], [false, false, false, true, true, true, true, false]);
  const left = pairs.count - pairs.busiest.length;
  const rest = [
    left > 0 && `${counted(left, "pair")} more`,
    pairs.forgotten > 0 && `${grouped(pairs.forgotten)} small ones forgotten to bound memory`,
  ].filter((text) => text !== false);
  return [
    style.heading("Busiest address pairs"),
    ...table.map((text) => `  ${text}`),
    ...(rest.length > 0 ? [`  ${style.faint(rest.join(", "))}`] : []),
  ];
}

function chart(
  heading: string,
  rows: readonly (readonly [string, number])[],
  whole: number,
  style: Style,
  paint: (name: string) => (text: string) => string = () => style.bar,
): string[] {
  if (rows.length === 0) return [];
  const label = Math.max(LABEL - 2, ...rows.map(([name]) => name.length));
  const figures = aligned(
    rows.map(([, count]) => [grouped(count), percent(count, whole)]),
    [true, true],
  );
  const lines = rows.map(([name, count], i) => {
    const drawn = bar(count / whole, BAR_CELLS);
    return `  ${name.padEnd(label)}  ${figures[i]}  ${paint(name)(drawn)}`;
  });
  return [style.heading(heading), ...lines];
}

function line(label: string, text: string, style: Style): string {
  return `  ${style.strong(label)}${" ".repeat(Math.max(0, LABEL - 2 - label.length))}  ${text}`;
}

function prose(text: string): string[] {
  return wrap(text, TEXT_WIDTH - 2).map((part) => `  ${part}`);
}
