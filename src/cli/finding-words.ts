import type { FindingName } from "../flow/index.ts";

/** A finding in words: `keep_alive_ack` is a keep-alive ack. */
export function findingWords(name: FindingName): string {
  return name.replaceAll("_", " ").replace("keep alive", "keep-alive");
}

/** Whether a finding costs time or data; the others are worth knowing. */
export function isTrouble(name: FindingName): boolean {
  return TROUBLE.has(name);
}

const TROUBLE: ReadonlySet<FindingName> = new Set<FindingName>([
  "retransmission",
  "fast_retransmission",
  "spurious_retransmission",
  "lost_segment",
  "zero_window",
  "window_full",
]);
