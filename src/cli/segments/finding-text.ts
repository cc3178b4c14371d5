import { type Analysis, type FindingName, findingNames } from "../../flow/index.ts";
import type { Style } from "../terminal/style.ts";

/** The findings of a row, each in brackets: ` [duplicate ack 2 of frame 14]`. */
export function findingsText(analysis: Analysis, i: number, style: Style): string {
  return findingNames(analysis.findings[i])
    .map((name) => (TROUBLE.has(name) ? style.bad : style.warn)(` [${words(name, analysis, i)}]`))
    .join("");
}

/** What costs time or data; the rest is worth knowing. */
const TROUBLE: ReadonlySet<FindingName> = new Set<FindingName>([
  "retransmission",
  "fast_retransmission",
  "spurious_retransmission",
  "lost_segment",
  "zero_window",
  "window_full",
]);

function words(name: FindingName, analysis: Analysis, i: number): string {
  const text = name.replaceAll("_", " ").replace("keep alive", "keep-alive");
  if (name === "duplicate_ack")
    return `${text} ${analysis.duplicateAckNum[i]} of frame ${analysis.duplicateAckFrame[i]}`;
  if (name.endsWith("retransmission") && analysis.rtoFrame[i] !== 0)
    return `${text} of frame ${analysis.rtoFrame[i]}`;
  return text;
}
