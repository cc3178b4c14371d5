import { CHECKSUM_BAD, CHECKSUM_PARTIAL, SEGMENT_FIRST_FRAGMENT } from "../../../assembly/layout/status.ts";
import { ACK, FIN, RESERVED_MASK, RST, SYN, URG } from "../../../assembly/layout/wire.ts";
import type { Segments } from "../../capture/segments.ts";
import { type Analysis, NO_STREAM } from "../../flow/index.ts";
import { segmentReason } from "../../wire/errors.ts";
import { formatFlags } from "../../wire/flags.ts";
import { destinationText, sourceText } from "../addresses.ts";
import type { Rows } from "../fields/field.ts";
import { payloadKnown } from "../fields/header.ts";
import { vlanIds } from "../fields/tcpwire.ts";
import type { Style } from "../terminal/style.ts";
import { isMalformed } from "../words.ts";
import { findingsText } from "./finding-text.ts";
import { optionsText } from "./option-text.ts";
import type { TimeText } from "./time-text.ts";

/**
 * One row as a line, in tcpdump's habits:
 *
 * `    4  09:00:00.020412 IP 192.0.2.7.51000 > 198.51.100.3.80: Flags [P.], seq 1:79, ack 1, win 502, length 78`
 *
 * in front the frame number, behind in brackets what is remarkable about the segment. With an analysis the
 * sequence numbers are relative, but for those of a SYN, which say what they are relative to.
 */
export function segmentLine(rows: Rows, i: number, time: TimeText, style: Style): string {
  const { segments: s } = rows;
  const analysis = rows.analysis?.stream[i] === NO_STREAM ? undefined : rows.analysis;
  const flags = s.flags[i];
  const relative = flags & SYN ? undefined : analysis;
  const number = style.faint(s.frame[i].toString().padStart(5));
  const from = `${sourceText(s, i)}.${s.srcPort[i]}`;
  const to = `${destinationText(s, i)}.${s.dstPort[i]}`;
  let line = `${number}  ${time.of(s.time[i])} ${s.ipVersion[i] === 6 ? "IP6" : "IP"} ${from} > ${to}: Flags ${flagText(flags, style)}`;
  line += sequenceText(s, i, (relative ?? s).seq[i]);
  if (flags & ACK) line += `, ack ${(relative ?? s).ack[i]}`;
  line += `, win ${s.window[i]}`;
  if (flags & URG) line += `, urg ${s.urgentPointer[i]}`;
  if (s.optionsSeen[i] !== 0 || s.headerLength[i] > 20) line += optionsText(s, i, edgeBase(s, i, relative));
  if (payloadKnown(s, i)) line += `, length ${s.payloadLength[i]}`;
  if (analysis && analysis.findings[i] !== 0) line += findingsText(analysis, i, style);
  return `${line}${notes(s, i, style)}\n`;
}

const FLAG_TEXTS = Array.from({ length: 512 }, (_, flags) => formatFlags(flags));

function flagText(flags: number, style: Style): string {
  const text = FLAG_TEXTS[flags & 511];
  if (flags & RST) return style.bad(text);
  return flags & (SYN | FIN) ? style.strong(text) : text;
}

/** Nothing for a bare ACK, as in tcpdump: its sequence number moves nothing. */
function sequenceText(s: Segments, i: number, seq: number): string {
  if (s.payloadLength[i] > 0 && payloadKnown(s, i)) return `, seq ${seq}:${(seq + s.payloadLength[i]) >>> 0}`;
  return s.flags[i] & (SYN | FIN | RST) || !(s.flags[i] & ACK) ? `, seq ${seq}` : "";
}

/** What SACK edges are told from: where the acknowledged direction starts. */
function edgeBase(s: Segments, i: number, relative: Analysis | undefined): number {
  return relative && s.flags[i] & ACK ? s.ack[i] - relative.ack[i] : 0;
}

function notes(s: Segments, i: number, style: Style): string {
  let text = "";
  const status = s.status[i];
  if (s.checksumStatus[i] === CHECKSUM_BAD) text += style.bad(` [bad checksum ${hex16(s.checksum[i])}]`);
  if (s.checksumStatus[i] === CHECKSUM_PARTIAL) text += style.faint(" [partial checksum]");
  if (s.missing[i] > 0) text += style.faint(` [${s.missing[i]} bytes not captured]`);
  if (status === SEGMENT_FIRST_FRAGMENT) text += style.faint(" [first fragment]");
  if (isMalformed(status)) text += style.bad(` [malformed: ${segmentReason(status)}]`);
  if (s.flags[i] & RESERVED_MASK) text += style.warn(` [reserved bits ${hex16(s.flags[i] & RESERVED_MASK)}]`);
  if (s.vlan[i] !== 0) text += style.faint(` [vlan ${vlanIds(s.vlan[i])!.join(".")}]`);
  if (s.tunnel[i] !== 0) text += style.faint(" [tunnelled]");
  return text;
}

function hex16(n: number): string {
  return `0x${n.toString(16).padStart(4, "0")}`;
}
