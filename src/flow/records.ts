import type { FindingName, StateName } from "./findings.ts";

/**
 * Statistics of round trips: from a segment with data that was sent once to the ACK of its end, unless that ACK waited for
 * another segment which was lost or late (Karn, RFC 6298 3; tcptrace's rules, without its samples of SYN and FIN).
 */
export interface RoundTrips {
  readonly count: number;
  /** Nanoseconds, as are the next three. */
  readonly min: number;
  readonly mean: number;
  readonly max: number;
  /** Standard deviation of the samples, as of a whole population. */
  readonly deviation: number;
}

/** What one end sent, and what its own segments tell of it. */
export interface FlowSide {
  readonly address: string;
  readonly port: number;
  /** The end's state after the last segment; `undefined` where the capture does not show it. */
  readonly state: StateName | undefined;
  /** Segments. */
  readonly packets: number;
  /** Bytes on the wire, with all headers. */
  readonly bytes: number;
  readonly payloadBytes: number;
  /** Segments with payload. */
  readonly dataPackets: number;
  /** Payload bytes of the largest segment; more than the MSS where the capture has offloaded segments. */
  readonly largestPayload: number;
  /** First and last time that the end sent payload, nanoseconds since the epoch. */
  readonly firstData: bigint | undefined;
  readonly lastData: bigint | undefined;
  /** Payload bytes per second between the two; `undefined` for less than two segments with payload. */
  readonly throughput: number | undefined;

  /** Segments judged to be sent again: `tcpwire.retransmitted` and `tcpwire.recovered`. */
  readonly retransmissions: number;
  readonly retransmittedBytes: number;
  /** Of those, segments that had been acknowledged already. */
  readonly needlessRetransmissions: number;
  /** Segments that were overtaken on the way. */
  readonly reordered: number;
  /** Segments captured twice. */
  readonly duplicates: number;
  /** How often each finding was made of the end's segments; those that were never made are left out. */
  readonly findings: Readonly<Partial<Record<FindingName, number>>>;
  /** Round trips of the end's data as seen at the point of capture; `undefined` without any. */
  readonly rtt: RoundTrips | undefined;

  /** Smallest and largest window that the end announced outside of SYN and RST, in bytes. */
  readonly windowMin: number | undefined;
  readonly windowMax: number | undefined;
  /** Segments that announced a window of 0. */
  readonly zeroWindows: number;
  /** Probes of the other end's closed window. */
  readonly windowProbes: number;

  /** From the end's SYN; all `undefined` or false where it was not captured. */
  readonly mss: number | undefined;
  readonly offersWindowScale: boolean;
  readonly offersSack: boolean;
  readonly offersTimestamps: boolean;
  /** Shift of the end's window, as far as it is used; `undefined` where the handshake was not captured. */
  readonly windowScale: number | undefined;
  /** TTL or hop limit of the end's first segment. */
  readonly ttl: number;

  readonly keepAlive: KeepAlive | undefined;
}

/** Keep-alive probes of one end. Times are nanoseconds. */
export interface KeepAlive {
  readonly probes: number;
  /** How many since the other end was last heard. */
  readonly unanswered: number;
  /** Silence before the last run of probes: the end's keep-alive idle time. */
  readonly idle: number | undefined;
  /** Between the last two probes without an answer: its keep-alive interval. */
  readonly interval: number | undefined;
}

/** Zeek's summary of a connection (`conn_state`). */
export type ConnState =
  | "S0"
  | "S1"
  | "SF"
  | "REJ"
  | "S2"
  | "S3"
  | "RSTO"
  | "RSTR"
  | "RSTOS0"
  | "RSTRH"
  | "SH"
  | "SHR"
  | "OTH";

/** A conversation, as it stands after the last segment that the tracker was given. */
export interface FlowRecord {
  /** Its number (`tcp.stream`). */
  readonly stream: number;
  readonly ipVersion: 4 | 6;
  /** The end that sent the SYN, or received the SYN-ACK; else by its port, else the one that spoke first. */
  readonly client: FlowSide;
  readonly server: FlowSide;
  /** Nanoseconds since the epoch. */
  readonly start: bigint;
  readonly end: bigint;
  readonly firstFrame: number;
  /** `undefined` where there were so few segments that it was not counted. */
  readonly lastFrame: number | undefined;
  readonly connState: ConnState;
  /** Zeek's history: what the ends did first in which order, upper case for the client. */
  readonly history: string;
  /** `COMPLETE_*` bits (`tcp.completeness`) after the last segment. */
  readonly completeness: number;

  /** Nanoseconds from the last SYN to the first ACK (`tcp.analysis.initial_rtt`). */
  readonly initialRtt: number | undefined;
  /** Nanoseconds of it from the first SYN-ACK on: the client's part of the way. */
  readonly clientRtt: number | undefined;
  /** The longest silence, nanoseconds. */
  readonly maxIdle: number;
  /** The frame that ended it. */
  readonly maxIdleFrame: number | undefined;

  /** Who sent the first FIN or RST. */
  readonly closedBy: "client" | "server" | undefined;
  /** When. */
  readonly closedAt: bigint | undefined;
  /** Who sent the first RST. */
  readonly resetBy: "client" | "server" | undefined;
  /**
   * Why it ended: `fin` both ends closed, `reset` one reset it, `half-closed` one closed and the other did
   * not, `unanswered` it never came about, `silent` probes or data went unanswered to the end, `open`.
   */
  readonly outcome: "fin" | "reset" | "half-closed" | "unanswered" | "silent" | "open";
  /** Whether a later conversation has the same addresses and ports. */
  readonly reused: boolean;
  /** Whether the tracker gave it up, to keep within its bounds, before the end of the capture. */
  readonly evicted: boolean;
}
