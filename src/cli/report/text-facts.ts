import { sparkline } from "../terminal/chart.ts";
import { escapeText } from "../terminal/escape.ts";
import { bytesText, counted, durationText, grouped } from "../terminal/numbers.ts";
import type { Style } from "../terminal/style.ts";
import { wrap } from "../terminal/wrap.ts";
import type { Report, ReportInterface } from "./report.ts";

const LABEL = 13;
const NBSP = "\u00a0";

/** The capture: format, interfaces, frames, time. */
export function captureBlock(report: Report, style: Style, room: number): string[] {
  const line = liner(style, room);
  const { frames, span, activity } = report;
  const lines = [style.heading(escapeText(report.file)), line("format", formatText(report))];
  if (report.application) lines.push(line("written by", escapeText(report.application)));
  for (const one of report.interfaces.slice(0, MAX_INTERFACE_LINES)) {
    lines.push(line("interface", interfaceText(one, style)));
  }
  if (report.interfaces.length > MAX_INTERFACE_LINES) {
    lines.push(line("", `and ${grouped(report.interfaces.length - MAX_INTERFACE_LINES)} more`));
  }
  let count = `${grouped(frames.count)}, ${bytesText(frames.bytes)} on the wire`;
  if (frames.cutShort > 0) {
    count += `; ${counted(frames.cutShort, "frame")} cut short, ${bytesText(frames.capturedBytes)} captured`;
  }
  lines.push(line("frames", count));
  if (span) lines.push(line("span", spanText(span)));
  if (activity && activity.segments.length > 1) {
    const unit = durationText(activity.nanoseconds / 1e9);
    const most = grouped(Math.max(...activity.segments));
    lines.push(
      line(
        "activity",
        // The blanks of a line of bars are no place to break it.
        `${style.bar(sparkline(activity.segments).replaceAll(" ", NBSP))}${NBSP} ${style.faint(`up to ${most} segments in ${unit}`)}`,
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

/** TCP as a whole. */
export function segmentsBlock(report: Report, style: Style, room: number): string[] {
  const line = liner(style, room);
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
    ),
  );
  if (segments.count > 0) {
    const cut =
      segments.payloadCut > 0 ? `; ${counted(segments.payloadCut, "payload")} not captured whole` : "";
    lines.push(
      line(
        "payload",
        segments.withPayload === 0
          ? "none"
          : `${bytesText(segments.payloadBytes)} in ${counted(segments.withPayload, "segment")}${cut}`,
      ),
      line(
        "conversations",
        `${grouped(report.conversations)}, opened by ${counted(handshakes.syn, "SYN")} and ${counted(handshakes.synAck, "SYN-ACK")}`,
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
  if (remarks.length > 0) lines.push(line("among them", remarks.join(", ")));
  const besides = [
    packets.udp > 0 && `${grouped(packets.udp)} UDP`,
    packets.icmp > 0 && `${grouped(packets.icmp)} ICMP`,
    packets.other > 0 && `${grouped(packets.other)} of other IP protocols`,
    frames.withoutIp > 0 && `${counted(frames.withoutIp, "frame")} without IP`,
  ].filter((text) => text !== false);
  if (besides.length > 0) lines.push(line("besides", besides.join(", ")));
  if (packets.fragments > 0) {
    const dropped = packets.fragmentsDropped > 0 ? `, ${grouped(packets.fragmentsDropped)} given up` : "";
    lines.push(
      line(
        "fragments",
        `${grouped(packets.fragments)}, ${counted(packets.reassembled, "datagram")} put together${dropped}`,
      ),
    );
  }
  return lines;
}

/** Facts behind what they are called, and beneath themselves where a screen has not the room. */
function liner(style: Style, room: number): (label: string, text: string) => string {
  return (label, text) => {
    const indent = " ".repeat(LABEL + 4);
    const name = `  ${style.strong(label)}${" ".repeat(Math.max(0, LABEL - label.length))}  `;
    return wrap(text, room - indent.length)
      .map((part, i) => (i === 0 ? name : indent) + part.replaceAll(NBSP, " "))
      .join("\n");
  };
}
