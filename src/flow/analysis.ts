import {
  OUT_ACK,
  OUT_ACK_RTT,
  OUT_ACKED_FRAME,
  OUT_BYTES_IN_FLIGHT,
  OUT_COMPLETENESS,
  OUT_DIRECTION,
  OUT_DUPLICATE_ACK_FRAME,
  OUT_DUPLICATE_ACK_NUM,
  OUT_FINDINGS,
  OUT_INITIAL_RTT,
  OUT_JUDGEMENTS,
  OUT_NEXT_SEQ,
  OUT_PEER_STATE,
  OUT_PUSH_BYTES,
  OUT_RTO,
  OUT_RTO_FRAME,
  OUT_SEQ,
  OUT_SINCE_PREVIOUS,
  OUT_SINCE_START,
  OUT_STATE,
  OUT_STREAM,
  OUT_WINDOW,
  OUT_WINDOW_SCALE,
} from "../../assembly/layout/flow-columns.ts";

/**
 * What a tracker says of each segment: row `i` of every column is about row `i` of the `Segments` that it
 * was given. Fields with Wireshark's names mean what Wireshark 4.0 means by them, its guesses included.
 *
 * Borrowed where the segments were a batch: the tracker's next `add` overwrites it.
 */
export interface Analysis {
  /** Rows. */
  readonly length: number;
  /** Number of the conversation, from 0 in the order of first segments (`tcp.stream`); `NO_STREAM` without. */
  readonly stream: Uint32Array;
  /** 0 from the client to the server, 1 the other way. */
  readonly direction: Uint8Array;
  /** Relative sequence number (`tcp.seq`). */
  readonly seq: Uint32Array;
  /** Relative acknowledgment number (`tcp.ack`); as on the wire without ACK. */
  readonly ack: Uint32Array;
  /** Relative sequence number of what follows the segment (`tcp.nxtseq`); 0 where the length is unknown. */
  readonly nextSeq: Uint32Array;
  /** Window in bytes (`tcp.window_size`). */
  readonly window: Uint32Array;
  /** Shift of the window, `SCALE_UNKNOWN` or `SCALE_NONE` (`tcp.window_size_scalefactor` tells 1 << shift). */
  readonly windowScale: Int8Array;
  /** `FINDING_*` bits (`tcp.analysis.*`). */
  readonly findings: Uint32Array;
  /** `JUDGED_*` bits (`tcpwire.*`): what we think where Wireshark's rules guess. */
  readonly judgements: Uint32Array;
  /** How often the acknowledgment was repeated by now (`tcp.analysis.duplicate_ack_num`), 0 where it is new. */
  readonly duplicateAckNum: Uint32Array;
  /** The frame that it repeats (`tcp.analysis.duplicate_ack_frame`). */
  readonly duplicateAckFrame: Uint32Array;
  /** The frame whose end the segment acknowledges (`tcp.analysis.acks_frame`), 0 for none. */
  readonly ackedFrame: Uint32Array;
  /** Nanoseconds since that frame (`tcp.analysis.ack_rtt`). */
  readonly ackRtt: BigInt64Array;
  /** Nanoseconds from SYN to ACK (`tcp.analysis.initial_rtt`); 0 where tshark does not print it. */
  readonly initialRtt: BigInt64Array;
  /** `tcp.analysis.bytes_in_flight`, 0 where tshark does not print it. */
  readonly bytesInFlight: Uint32Array;
  /** `tcp.analysis.push_bytes_sent`, 0 where tshark does not print it. */
  readonly pushBytesSent: Uint32Array;
  /** Nanoseconds since what is retransmitted was sent (`tcp.analysis.rto`), 0 for no retransmission. */
  readonly rto: BigInt64Array;
  /** The frame that had sent it (`tcp.analysis.rto_frame`). */
  readonly rtoFrame: Uint32Array;
  /** Nanoseconds since the conversation's first segment (`tcp.time_relative`). */
  readonly timeRelative: BigInt64Array;
  /** Nanoseconds since its previous segment (`tcp.time_delta`). */
  readonly timeDelta: BigInt64Array;
  /** `COMPLETE_*` bits that the conversation had before the segment (`tcp.completeness`, in one pass). */
  readonly completeness: Uint8Array;
  /** `STATE_*` of the sender after the segment, as far as the capture shows it. */
  readonly state: Uint8Array;
  /** `STATE_*` of the other end after the segment. */
  readonly peerState: Uint8Array;
}

/** `Analysis.stream` of a segment that there was no memory to follow. */
export { FLOW_NONE as NO_STREAM } from "../../assembly/layout/flow-columns.ts";

type Columns = { -readonly [name in keyof Analysis]: Analysis[name] };

/** The first `length` rows of the module's columns. */
export function analysisIn(buffer: ArrayBuffer, length: number): Columns {
  return {
    length,
    stream: new Uint32Array(buffer, OUT_STREAM, length),
    direction: new Uint8Array(buffer, OUT_DIRECTION, length),
    seq: new Uint32Array(buffer, OUT_SEQ, length),
    ack: new Uint32Array(buffer, OUT_ACK, length),
    nextSeq: new Uint32Array(buffer, OUT_NEXT_SEQ, length),
    window: new Uint32Array(buffer, OUT_WINDOW, length),
    windowScale: new Int8Array(buffer, OUT_WINDOW_SCALE, length),
    findings: new Uint32Array(buffer, OUT_FINDINGS, length),
    judgements: new Uint32Array(buffer, OUT_JUDGEMENTS, length),
    duplicateAckNum: new Uint32Array(buffer, OUT_DUPLICATE_ACK_NUM, length),
    duplicateAckFrame: new Uint32Array(buffer, OUT_DUPLICATE_ACK_FRAME, length),
    ackedFrame: new Uint32Array(buffer, OUT_ACKED_FRAME, length),
    ackRtt: new BigInt64Array(buffer, OUT_ACK_RTT, length),
    initialRtt: new BigInt64Array(buffer, OUT_INITIAL_RTT, length),
    bytesInFlight: new Uint32Array(buffer, OUT_BYTES_IN_FLIGHT, length),
    pushBytesSent: new Uint32Array(buffer, OUT_PUSH_BYTES, length),
    rto: new BigInt64Array(buffer, OUT_RTO, length),
    rtoFrame: new Uint32Array(buffer, OUT_RTO_FRAME, length),
    timeRelative: new BigInt64Array(buffer, OUT_SINCE_START, length),
    timeDelta: new BigInt64Array(buffer, OUT_SINCE_PREVIOUS, length),
    completeness: new Uint8Array(buffer, OUT_COMPLETENESS, length),
    state: new Uint8Array(buffer, OUT_STATE, length),
    peerState: new Uint8Array(buffer, OUT_PEER_STATE, length),
  };
}

/** An analysis of `length` rows that owns its columns, to be filled by `copyRows`. */
export function ownedAnalysis(length: number): Columns {
  return {
    length,
    stream: new Uint32Array(length),
    direction: new Uint8Array(length),
    seq: new Uint32Array(length),
    ack: new Uint32Array(length),
    nextSeq: new Uint32Array(length),
    window: new Uint32Array(length),
    windowScale: new Int8Array(length),
    findings: new Uint32Array(length),
    judgements: new Uint32Array(length),
    duplicateAckNum: new Uint32Array(length),
    duplicateAckFrame: new Uint32Array(length),
    ackedFrame: new Uint32Array(length),
    ackRtt: new BigInt64Array(length),
    initialRtt: new BigInt64Array(length),
    bytesInFlight: new Uint32Array(length),
    pushBytesSent: new Uint32Array(length),
    rto: new BigInt64Array(length),
    rtoFrame: new Uint32Array(length),
    timeRelative: new BigInt64Array(length),
    timeDelta: new BigInt64Array(length),
    completeness: new Uint8Array(length),
    state: new Uint8Array(length),
    peerState: new Uint8Array(length),
  };
}

/** Copies all rows of `part` into `whole` from row `at` on. */
export function copyRows(whole: Analysis, part: Analysis, at: number): void {
  for (const [name, column] of Object.entries(part)) {
    if (name === "length") continue;
    (whole[name as keyof Analysis] as unknown as Uint8Array).set(column, at);
  }
}
