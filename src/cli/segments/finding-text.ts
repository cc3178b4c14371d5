import { type Analysis, type FindingName, findingBits, findingNames } from "../../flow/index.ts";
import { findingWords, isTrouble } from "../finding-words.ts";
import type { Style } from "../terminal/style.ts";

const KINDS_OF_RETRANSMISSION = findingBits.fast_retransmission | findingBits.spurious_retransmission;

/** The findings of a row, each in brackets: ` [duplicate ack 2 of frame 14]`. */
export function findingsText(analysis: Analysis, i: number, style: Style): string {
  const findings = analysis.findings[i];
  // A fast or spurious one is a retransmission too: once is enough.
  const shown = findings & KINDS_OF_RETRANSMISSION ? findings & ~findingBits.retransmission : findings;
  return findingNames(shown)
    .map((name) => (isTrouble(name) ? style.bad : style.warn)(` [${words(name, analysis, i)}]`))
    .join("");
}

function words(name: FindingName, analysis: Analysis, i: number): string {
  const text = findingWords(name);
  if (name === "duplicate_ack") {
    return `${text} ${analysis.duplicateAckNum[i]} of frame ${analysis.duplicateAckFrame[i]}`;
  }
  if (name.endsWith("retransmission") && analysis.rtoFrame[i] !== 0) {
    return `${text} of frame ${analysis.rtoFrame[i]}`;
  }
  return text;
}
