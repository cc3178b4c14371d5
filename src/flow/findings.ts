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
  JUDGED_DUPLICATE,
  JUDGED_HANDSHAKE_RETRY,
  JUDGED_KEEP_ALIVE,
  JUDGED_KEEP_ALIVE_ACK,
  JUDGED_NEEDLESS,
  JUDGED_RECOVERED,
  JUDGED_REORDERED,
  JUDGED_RESET_OTHER_TTL,
  JUDGED_RESET_OUT_OF_WINDOW,
  JUDGED_RETRANSMITTED,
  JUDGED_SIMULTANEOUS_OPEN,
  JUDGED_WINDOW_PROBE,
  JUDGED_WINDOW_PROBE_ACK,
  STATE_CLOSE_WAIT,
  STATE_CLOSED,
  STATE_CLOSING,
  STATE_ESTABLISHED,
  STATE_FIN_WAIT_1,
  STATE_FIN_WAIT_2,
  STATE_LAST_ACK,
  STATE_LISTEN,
  STATE_SYN_RECEIVED,
  STATE_SYN_SENT,
  STATE_TIME_WAIT,
} from "../../assembly/layout/flow-findings.ts";

/** A finding by its name in Wireshark, without `tcp.analysis.`. */
export type FindingName = keyof typeof findingBits;

/** The bit of each finding in `Analysis.findings`. */
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
  return namesIn(findingBits, findings);
}

/**
 * A judgement of our own, without `tcpwire.`. Where Wireshark's findings have to guess, these look at
 * checksums, timestamps, TTLs, at what holes there were and at the other end's window:
 *
 * - `duplicate`: the same segment captured twice, or doubled on the way; it was not sent again
 * - `retransmitted`: sent again, and the capture has it before
 * - `recovered`: sent again after it was lost before the point of capture
 * - `reordered`: sent once, and overtaken on the way
 * - `needless`: sent again although all of it was acknowledged already (comes with `retransmitted`)
 * - `handshake_retry`: a SYN or SYN-ACK sent again (comes with `retransmitted`)
 * - `simultaneous_open`: a SYN or SYN-ACK of a simultaneous open, no retransmission (RFC 9293 3.5)
 * - `keep_alive`: a keep-alive probe, not a probe of a closed window (RFC 9293 3.8.4)
 * - `keep_alive_ack`: the answer to one
 * - `window_probe`: a zero window probe, with a byte of data or in Linux's form without
 * - `window_probe_ack`: the answer to one
 * - `reset_out_of_window`: a RST that the receiver has to ignore (RFC 9293 3.10.7.4)
 * - `reset_other_ttl`: a RST with another TTL than its sender's other segments: from someone in between, perhaps
 */
export type JudgementName = keyof typeof judgementBits;

/** The bit of each judgement in `Analysis.judgements`. */
export const judgementBits = {
  duplicate: JUDGED_DUPLICATE,
  retransmitted: JUDGED_RETRANSMITTED,
  recovered: JUDGED_RECOVERED,
  reordered: JUDGED_REORDERED,
  needless: JUDGED_NEEDLESS,
  handshake_retry: JUDGED_HANDSHAKE_RETRY,
  simultaneous_open: JUDGED_SIMULTANEOUS_OPEN,
  keep_alive: JUDGED_KEEP_ALIVE,
  keep_alive_ack: JUDGED_KEEP_ALIVE_ACK,
  window_probe: JUDGED_WINDOW_PROBE,
  window_probe_ack: JUDGED_WINDOW_PROBE_ACK,
  reset_out_of_window: JUDGED_RESET_OUT_OF_WINDOW,
  reset_other_ttl: JUDGED_RESET_OTHER_TTL,
} as const;

/** The names of the judgements in a bit set, in the order of the bits. */
export function judgementNames(judgements: number): JudgementName[] {
  return namesIn(judgementBits, judgements);
}

/** A state of RFC 9293 3.3.2. */
export type StateName = (typeof stateNames)[keyof typeof stateNames];

const stateNames = {
  [STATE_CLOSED]: "CLOSED",
  [STATE_LISTEN]: "LISTEN",
  [STATE_SYN_SENT]: "SYN-SENT",
  [STATE_SYN_RECEIVED]: "SYN-RECEIVED",
  [STATE_ESTABLISHED]: "ESTABLISHED",
  [STATE_FIN_WAIT_1]: "FIN-WAIT-1",
  [STATE_FIN_WAIT_2]: "FIN-WAIT-2",
  [STATE_CLOSE_WAIT]: "CLOSE-WAIT",
  [STATE_CLOSING]: "CLOSING",
  [STATE_LAST_ACK]: "LAST-ACK",
  [STATE_TIME_WAIT]: "TIME-WAIT",
} as const;

/** The name of a state in `Analysis.state`; `undefined` where the capture does not show it. */
export function stateName(state: number): StateName | undefined {
  return (stateNames as Record<number, StateName>)[state];
}

function namesIn<Name extends string>(bits: Readonly<Record<Name, number>>, set: number): Name[] {
  return (Object.keys(bits) as Name[]).filter((name) => set & bits[name]);
}
