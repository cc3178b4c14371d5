import type { StateName, Status } from "../../tcp/index.ts";
import { TCP_INFO_CONSTANTS } from "../constants.ts";

const STATES: Readonly<Record<StateName, string>> = {
  CLOSED: "TCP_CLOSE",
  LISTEN: "TCP_LISTEN",
  "SYN-SENT": "TCP_SYN_SENT",
  "SYN-RECEIVED": "TCP_SYN_RECV",
  ESTABLISHED: "TCP_ESTABLISHED",
  "FIN-WAIT-1": "TCP_FIN_WAIT1",
  "FIN-WAIT-2": "TCP_FIN_WAIT2",
  "CLOSE-WAIT": "TCP_CLOSE_WAIT",
  CLOSING: "TCP_CLOSING",
  "LAST-ACK": "TCP_LAST_ACK",
  "TIME-WAIT": "TCP_TIME_WAIT",
};
const MICROSECONDS = 1000;

/** The figures of `struct tcp_info` that the endpoint has, by their names without `tcpi_`. Windows count in segments, times in microseconds. */
const FIGURES: Readonly<Record<string, (status: Status) => number>> = {
  state: ({ state }) => TCP_INFO_CONSTANTS[STATES[state]],
  ca_state: ({ congestion, snd }) => congestionState(congestion.phase, snd.segments.sacked),
  retransmits: ({ timer }) => timer.retransmits,
  probes: ({ timer }) => timer.probes,
  backoff: ({ rtt }) => rtt.backoff,
  options: ({ options }) =>
    (options.timestamps ? TCP_INFO_CONSTANTS.TCPI_OPT_TIMESTAMPS : 0) |
    (options.sack ? TCP_INFO_CONSTANTS.TCPI_OPT_SACK : 0) |
    (options.windowScaling ? TCP_INFO_CONSTANTS.TCPI_OPT_WSCALE : 0) |
    (options.ecn === "off" ? 0 : TCP_INFO_CONSTANTS.TCPI_OPT_ECN) |
    (options.fastOpen === "accepted" ? TCP_INFO_CONSTANTS.TCPI_OPT_SYN_DATA : 0),
  snd_wscale: ({ snd }) => snd.scale,
  rcv_wscale: ({ rcv }) => rcv.scale,
  rto: ({ rtt }) => Math.round(rtt.rto * MICROSECONDS),
  snd_mss: ({ snd }) => snd.mss,
  advmss: ({ rcv }) => rcv.mss,
  pmtu: ({ snd }) => snd.pmtu,
  rtt: ({ rtt }) => Math.round(rtt.srtt * MICROSECONDS),
  rttvar: ({ rtt }) => Math.round(rtt.rttvar * MICROSECONDS),
  min_rtt: ({ rtt }) => Math.round(rtt.min * MICROSECONDS),
  snd_cwnd: ({ congestion, snd }) => Math.floor(congestion.cwnd / snd.mss),
  snd_ssthresh: ({ congestion, snd }) => slowStartThreshold(congestion.ssthresh, snd.mss),
  total_retrans: ({ counters }) => counters.retransmits,
  bytes_acked: ({ counters }) => counters.bytesAcked,
  bytes_received: ({ counters }) => counters.bytesIn,
  bytes_retrans: ({ counters }) => counters.bytesRetransmitted,
  segs_out: ({ counters }) => counters.segmentsOut,
  segs_in: ({ counters }) => counters.segmentsIn,
  notsent_bytes: ({ snd }) => snd.unsent,
  delivered_ce: ({ counters }) => counters.marksReported,
  received_ce: ({ counters }) => counters.marksIn,
  rcv_ooopack: ({ counters }) => counters.outOfOrderIn,
  total_rto: ({ counters }) => counters.timeouts,
  snd_wnd: ({ snd }) => snd.wnd,
  rcv_wnd: ({ rcv }) => rcv.wnd,
  unacked: ({ snd }) => snd.segments.sent,
  sacked: ({ snd }) => snd.segments.sacked,
  lost: ({ snd }) => snd.segments.lost,
  retrans: ({ snd }) => snd.segments.retransmitted,
};

/** A figure by its name in the script; undefined for those that the endpoint does not have. */
export function tcpInfo(name: string, status: Status): number | undefined {
  if (!name.startsWith("tcpi_")) return undefined;
  const figure = name.slice("tcpi_".length);
  return Object.hasOwn(FIGURES, figure) ? FIGURES[figure](status) : undefined;
}

/** Linux's words: Disorder is Open with something reported out of order. */
function congestionState(phase: Status["congestion"]["phase"], sacked: number): number {
  switch (phase) {
    case "recovery":
      return TCP_INFO_CONSTANTS.TCP_CA_Recovery;
    case "loss":
      return TCP_INFO_CONSTANTS.TCP_CA_Loss;
    case "reducing":
      return TCP_INFO_CONSTANTS.TCP_CA_CWR;
    default:
      return sacked > 0 ? TCP_INFO_CONSTANTS.TCP_CA_Disorder : TCP_INFO_CONSTANTS.TCP_CA_Open;
  }
}

/** "No threshold yet" is the largest signed number there. */
function slowStartThreshold(ssthresh: number, mss: number): number {
  return Number.isFinite(ssthresh) && ssthresh < 2 ** 30 ? Math.floor(ssthresh / mss) : 0x7fffffff;
}
