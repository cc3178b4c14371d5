import { SEEN_WINDOW_SCALE } from "../../../assembly/layout/columns.ts";
import {
  FINDING_KEEP_ALIVE,
  FINDING_WINDOW_UPDATE,
  FINDING_ZERO_WINDOW_PROBE,
  JUDGED_KEEP_ALIVE,
  JUDGED_WINDOW_PROBE,
  JUDGED_WINDOW_PROBE_ACK,
} from "../../../assembly/layout/flow-findings.ts";
import { ACK, FIN, PSH, RST, SYN, URG } from "../../../assembly/layout/wire.ts";
import type { Segments } from "../../capture/segments.ts";
import { type Analysis, findingNames, judgementNames, stateName } from "../../flow/index.ts";
import type { Emphasis, Side, Step } from "./model.ts";

/** A row of a capture as a step of the ladder. `origin` is the time of the first step, nanoseconds. */
export function stepOf(segments: Segments, analysis: Analysis, i: number, origin: bigint): Step {
  const from = analysis.direction[i] as Side;
  const own = stateName(analysis.state[i]) ?? "";
  const peer = stateName(analysis.peerState[i]) ?? "";
  const notes = notesOf(analysis, i);
  return {
    at: Number(segments.time[i] - origin) / 1e6,
    from,
    label: labelOf(segments, analysis, i),
    emphasis: emphasisOf(segments.flags[i], notes.length > 0),
    notes,
    states: from === 0 ? [own, peer] : [peer, own],
    frame: segments.frame[i],
    bytes: segments.payloadLength[i],
  };
}

function labelOf(segments: Segments, analysis: Analysis, i: number): string {
  const flags = segments.flags[i];
  const length = segments.payloadLength[i];
  const names = [
    flags & SYN && (flags & ACK ? "SYN ACK" : "SYN"),
    flags & FIN && "FIN",
    flags & RST && "RST",
    flags & URG && "URG",
    flags & PSH && "PSH",
  ];
  let label = names.filter(Boolean).join(" ");
  // A probe without data is one by its number, which was acknowledged before.
  const isProbe =
    analysis.findings[i] & (FINDING_KEEP_ALIVE | FINDING_ZERO_WINDOW_PROBE) ||
    analysis.judgements[i] & (JUDGED_KEEP_ALIVE | JUDGED_WINDOW_PROBE);
  if (length > 0 || flags & (SYN | FIN | RST) || isProbe) label += ` seq ${analysis.seq[i]}`;
  if (flags & ACK) label += ` ack ${analysis.ack[i]}`;
  if (length > 0) label += ` · ${length} ${length === 1 ? "byte" : "bytes"}`;
  if (flags & SYN) {
    if (segments.mss[i]) label += ` mss ${segments.mss[i]}`;
    if (segments.optionsSeen[i] & SEEN_WINDOW_SCALE) label += ` wscale ${segments.windowScale[i]}`;
  }
  if (!(flags & RST)) label += ` win ${analysis.window[i]}`;
  return label.trim();
}

// Our own judgement where there is one: it says what happened rather than what it looks like. But that the window opens
// is the news, whether a probe has asked for it or the receiver says so by itself.
function notesOf(analysis: Analysis, i: number): string[] {
  if (analysis.findings[i] & FINDING_WINDOW_UPDATE && analysis.judgements[i] & JUDGED_WINDOW_PROBE_ACK)
    return ["window update"];
  const judged = judgementNames(analysis.judgements[i]);
  const names: string[] = judged.length > 0 ? judged : findingNames(analysis.findings[i]);
  return names.length === 0 ? [] : [names.map((name) => name.replaceAll("_", " ")).join(", ")];
}

function emphasisOf(flags: number, found: boolean): Emphasis {
  if (flags & RST) return "reset";
  if (flags & SYN) return "open";
  if (flags & FIN) return "close";
  return found ? "finding" : "plain";
}
