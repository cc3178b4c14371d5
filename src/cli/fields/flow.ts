import { ACK, SYN } from "../../../assembly/layout/wire.ts";
import { type Analysis, NO_STREAM } from "../../flow/index.ts";
import type { Field, FieldKind, FieldValue, Rows } from "./field.ts";
import { headerReaches, payloadKnown } from "./header.ts";

/** What the conversation says of a segment: numbers relative to its start, scaled windows, times within it. */
export const flowFields: readonly Field[] = [
  flowField("tcp.stream", "number", "number of the conversation, from 0", ({ stream }, i) => stream[i]),
  flowField(
    "tcp.seq",
    "number",
    "sequence number relative to the conversation's start",
    ({ seq }, i) => seq[i],
  ),
  flowField(
    "tcp.nxtseq",
    "number",
    "relative sequence number of what follows",
    ({ nextSeq }, i, { segments }) => (payloadKnown(segments, i) ? nextSeq[i] : undefined),
  ),
  flowField(
    "tcp.ack",
    "number",
    "acknowledgment number relative to the conversation's start",
    ({ ack }, i) => ack[i],
  ),
  flowField("tcp.window_size", "number", "window in bytes", ({ window }, i) => window[i]),
  flowField(
    "tcp.window_size_scalefactor",
    "number",
    "what the window is multiplied by; -1 unknown, -2 no scaling; nothing on a SYN",
    ({ windowScale }, i, { segments }) =>
      segments.flags[i] & SYN ? undefined : windowScale[i] < 0 ? windowScale[i] : 1 << windowScale[i],
  ),
  flowField(
    "tcp.time_relative",
    "seconds",
    "since the conversation's first segment",
    (a, i) => a.timeRelative[i],
  ),
  flowField(
    "tcp.time_delta",
    "seconds",
    "since the conversation's previous segment",
    (a, i) => a.timeDelta[i],
  ),
  flowField(
    "tcp.completeness",
    "number",
    "what had been seen of the conversation: 1 SYN, 2 SYN-ACK, 4 ACK, 8 data, 16 FIN, 32 RST",
    ({ completeness }, i) => completeness[i],
  ),
  flowField("tcp.options.sack_le", "number", "left edges of the SACK blocks, relative", (a, i, rows) =>
    sackEdges(a, i, rows, 0),
  ),
  flowField("tcp.options.sack_re", "number", "right edges of the SACK blocks, relative", (a, i, rows) =>
    sackEdges(a, i, rows, 1),
  ),
];

/** A field of the analysis; absent for a row whose conversation could not be followed. */
export function flowField(
  name: string,
  kind: FieldKind,
  about: string,
  read: (analysis: Analysis, i: number, rows: Rows) => FieldValue,
): Field {
  return {
    name,
    kind,
    about,
    needs: "flow",
    value(rows, i) {
      const { analysis, segments } = rows;
      if (!analysis || analysis.stream[i] === NO_STREAM || !headerReaches(segments, i, HEADER))
        return undefined;
      return read(analysis, i, rows);
    },
  };
}

const HEADER = 20;

/**
 * Left (`side` 0) or right (1) edges, relative to the start of the direction that they are about, which is
 * what the acknowledgment is relative to.
 */
function sackEdges(analysis: Analysis, i: number, { segments }: Rows, side: 0 | 1): FieldValue {
  const count = segments.sackCount[i];
  if (count === 0) return undefined;
  const base = segments.flags[i] & ACK ? segments.ack[i] - analysis.ack[i] : 0;
  const found: number[] = [];
  for (let block = 0; block < count; block++) {
    found.push((segments.sackEdges[2 * (segments.sackStart[i] + block) + side] - base) >>> 0);
  }
  return found;
}
