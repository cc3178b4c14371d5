import {
  FINDING_ACK_LOST_SEGMENT,
  FINDING_DUPLICATE_ACK,
  FINDING_FAST_RETRANSMISSION,
  FINDING_KEEP_ALIVE,
  FINDING_KEEP_ALIVE_ACK,
  FINDING_LOST_SEGMENT,
  FINDING_OUT_OF_ORDER,
  FINDING_RETRANSMISSION,
  FINDING_REUSED_PORTS,
  FINDING_SPURIOUS_RETRANSMISSION,
  FINDING_TFO_ACK,
  FINDING_TFO_SYN,
  FINDING_WINDOW_FULL,
  FINDING_WINDOW_UPDATE,
  FINDING_ZERO_WINDOW,
  FINDING_ZERO_WINDOW_PROBE,
  FINDING_ZERO_WINDOW_PROBE_ACK,
} from "../../assembly/layout/flow-findings.ts";

export {
  COMPLETE_ACK,
  COMPLETE_DATA,
  COMPLETE_FIN,
  COMPLETE_RST,
  COMPLETE_SYN,
  COMPLETE_SYN_ACK,
  FINDING_ACK_LOST_SEGMENT,
  FINDING_DUPLICATE_ACK,
  FINDING_FAST_RETRANSMISSION,
  FINDING_KEEP_ALIVE,
  FINDING_KEEP_ALIVE_ACK,
  FINDING_LOST_SEGMENT,
  FINDING_OUT_OF_ORDER,
  FINDING_RETRANSMISSION,
  FINDING_REUSED_PORTS,
  FINDING_SPURIOUS_RETRANSMISSION,
  FINDING_TFO_ACK,
  FINDING_TFO_SYN,
  FINDING_WINDOW_FULL,
  FINDING_WINDOW_UPDATE,
  FINDING_ZERO_WINDOW,
  FINDING_ZERO_WINDOW_PROBE,
  FINDING_ZERO_WINDOW_PROBE_ACK,
  SCALE_NONE,
  SCALE_UNKNOWN,
} from "../../assembly/layout/flow-findings.ts";

/** A finding by its name in Wireshark: `tcp.analysis.` and this. */
export type FindingName = keyof typeof findingBits;

/** The bit in `Analysis.findings` of each finding, by its name in Wireshark without `tcp.analysis.`. */
export const findingBits = {
  retransmission: FINDING_RETRANSMISSION,
  fast_retransmission: FINDING_FAST_RETRANSMISSION,
  spurious_retransmission: FINDING_SPURIOUS_RETRANSMISSION,
  out_of_order: FINDING_OUT_OF_ORDER,
  reused_ports: FINDING_REUSED_PORTS,
  lost_segment: FINDING_LOST_SEGMENT,
  ack_lost_segment: FINDING_ACK_LOST_SEGMENT,
  window_update: FINDING_WINDOW_UPDATE,
  window_full: FINDING_WINDOW_FULL,
  keep_alive: FINDING_KEEP_ALIVE,
  keep_alive_ack: FINDING_KEEP_ALIVE_ACK,
  zero_window: FINDING_ZERO_WINDOW,
  zero_window_probe: FINDING_ZERO_WINDOW_PROBE,
  zero_window_probe_ack: FINDING_ZERO_WINDOW_PROBE_ACK,
  duplicate_ack: FINDING_DUPLICATE_ACK,
  tfo_syn: FINDING_TFO_SYN,
  tfo_ack: FINDING_TFO_ACK,
} as const;

/** The names of the findings in a bit set, in the order of the bits. */
export function findingNames(findings: number): FindingName[] {
  const names = Object.keys(findingBits) as FindingName[];
  return names.filter((name) => findings & findingBits[name]);
}
