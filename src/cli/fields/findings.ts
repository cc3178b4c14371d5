import { type Analysis, type FindingName, findingBits } from "../../flow/index.ts";
import type { Field, FieldKind } from "./field.ts";
import { flowField } from "./flow.ts";

const ABOUT: Readonly<Record<FindingName, string>> = {
  retransmission: "sent before",
  fast_retransmission: "sent again soon after duplicate ACKs asked for it",
  spurious_retransmission: "sent again though it had been acknowledged",
  out_of_order: "arrived after what follows it",
  reused_ports: "a new conversation between addresses and ports that had one",
  lost_segment: "a segment before it was not captured",
  ack_lost_segment: "acknowledges what was not captured",
  window_update: "an ACK that changes nothing but the window",
  window_full: "fills the receiver's window",
  keep_alive: "a keep-alive probe",
  keep_alive_ack: "the answer to one",
  zero_window: "the receiver has no room",
  zero_window_probe: "asks a receiver without room for news",
  zero_window_probe_ack: "the answer to that",
  duplicate_ack: "acknowledges the same again",
  tfo_syn: "a SYN with a fast open option and data",
  tfo_ack: "the SYN-ACK that accepts them",
};

/** What the analysis finds, and the figures it comes with (`tcp.analysis.*`). */
export const findingFields: readonly Field[] = [
  ...(Object.keys(findingBits) as FindingName[]).map((name) =>
    flowField(`tcp.analysis.${name}`, "flag", ABOUT[name], ({ findings }, i) =>
      findings[i] & findingBits[name] ? true : undefined,
    ),
  ),
  figure(
    "duplicate_ack_num",
    "number",
    "how often the ACK was repeated by now",
    (a, i) => a.duplicateAckNum[i],
  ),
  figure("duplicate_ack_frame", "number", "the frame that it repeats", (a, i) => a.duplicateAckFrame[i]),
  figure("acks_frame", "number", "the frame whose end it acknowledges", (a, i) => a.ackedFrame[i]),
  figure("ack_rtt", "seconds", "since that frame", (a, i) => a.ackRtt[i]),
  figure(
    "initial_rtt",
    "seconds",
    "from the SYN to the ACK that ends the handshake",
    (a, i) => a.initialRtt[i],
  ),
  figure("bytes_in_flight", "number", "bytes sent and not acknowledged", (a, i) => a.bytesInFlight[i]),
  figure("push_bytes_sent", "number", "bytes sent since the last PSH", (a, i) => a.pushBytesSent[i]),
  figure("rto", "seconds", "since what it retransmits was sent", (a, i) => a.rto[i]),
  figure("rto_frame", "number", "the frame that had sent it", (a, i) => a.rtoFrame[i]),
];

/** A figure that stands only where it is not 0. */
function figure(
  name: string,
  kind: FieldKind,
  about: string,
  read: (analysis: Analysis, i: number) => number | bigint,
): Field {
  return flowField(`tcp.analysis.${name}`, kind, about, (analysis, i) => read(analysis, i) || undefined);
}
