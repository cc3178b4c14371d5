import { distance } from "../wire/seq.ts";
import type { ByteCounters } from "./accecn-counters.ts";
import { Incidents, type Totals } from "./counters.ts";
import type { Ecn } from "./ecn.ts";
import type { TcpError } from "./errors.ts";
import type { CloseReason } from "./events.ts";
import type { FastOpenProgress } from "./fastopen-options.ts";
import { type Flight, LOST, RETRANSMITTED } from "./flight.ts";
import { hasPeer, told } from "./identity.ts";
import { pathMtu } from "./options.ts";
import { readable } from "./receivebuffer.ts";
import { inFlight } from "./recovery.ts";
import { backedOff } from "./rtt.ts";
import { queuedBytes } from "./sendbuffer.ts";
import { STATE_NAMES, type StateName, SYN_RECEIVED } from "./state.ts";
import type { SocketAddress, Tcb } from "./tcb.ts";
import { NEVER, TIMER_NAMES, type TimerName } from "./timers.ts";

/** The timer that a connection waits for, as `netstat -o` names it. */
export interface TimerStatus {
  /** `on`: retransmission; `probe`: zero window. */
  readonly name: "off" | "on" | "keepalive" | "timewait" | "probe";
  /** When it runs out, in the caller's milliseconds; Infinity when off. */
  readonly expires: number;
  /** Retransmissions of the same data so far. */
  readonly retransmits: number;
  /** Unanswered keep-alive or zero-window probes so far. */
  readonly probes: number;
}

/** Packets marked CE, modulo 8 from 5 on, and payload bytes by codepoint, modulo 2^24 (RFC 9768 3.2.1). */
export interface EcnCounters {
  readonly cep: number;
  readonly e0b: number;
  readonly ceb: number;
  readonly e1b: number;
}

/** What has become of the segments of the retransmission queue. */
export interface SegmentCounts {
  readonly sent: number;
  readonly sacked: number;
  readonly lost: number;
  readonly retransmitted: number;
}

/** STATUS (RFC 9293 3.10.6): the RFC's variables, and the figures that TCP_INFO gives. Bytes, ms, unsigned numbers. */
export interface Status {
  readonly state: StateName;
  readonly local: SocketAddress;
  readonly remote: SocketAddress | null;
  readonly snd: {
    readonly una: number;
    readonly nxt: number;
    readonly wnd: number;
    readonly up: number | null;
    readonly wl1: number;
    readonly wl2: number;
    readonly iss: number;
    readonly mss: number;
    /** The peer's MSS option, or its default (RFC 9293 3.7.1). */
    readonly peerMss: number;
    /** What the path takes in one IP packet, as far as is known. */
    readonly pmtu: number;
    /** While that is searched for (RFC 4821): the least packet that is too large, as far as is known, less one; and the probe in flight, or 0. */
    readonly search: { readonly high: number; readonly probe: number } | null;
    readonly scale: number;
    /** Queued and not acknowledged. */
    readonly queued: number;
    /** Of those, never sent. */
    readonly unsent: number;
    /** Taken to be in the network. */
    readonly inFlight: number;
    /** Segments sent and not acknowledged; of those, reported by SACK, taken for lost, and sent again since. */
    readonly segments: SegmentCounts;
  };
  readonly rcv: {
    readonly nxt: number;
    readonly wnd: number;
    readonly up: number | null;
    readonly irs: number;
    readonly mss: number;
    readonly scale: number;
    /** Waiting for `receive`. */
    readonly queued: number;
    /** Bytes beyond a gap. */
    readonly outOfOrder: number;
    /** Bytes that may wait. */
    readonly buffer: number;
  };
  readonly rtt: {
    readonly srtt: number;
    readonly rttvar: number;
    readonly min: number;
    readonly latest: number;
    /** RTO with its backoff. */
    readonly rto: number;
    readonly backoff: number;
  };
  readonly congestion: {
    readonly algorithm: string;
    readonly phase: "open" | "recovery" | "loss" | "reducing";
    readonly cwnd: number;
    readonly ssthresh: number;
  };
  readonly options: {
    readonly sack: boolean;
    readonly timestamps: boolean;
    readonly windowScaling: boolean;
    readonly ecn: "off" | "classic" | "accurate";
    readonly fastOpen: FastOpenProgress;
  };
  /** With AccECN: its counters (RFC 9768 3.2), of what has arrived and of what the peer reports; else null. */
  readonly accEcn: { readonly rcv: EcnCounters; readonly snd: EcnCounters } | null;
  readonly timer: TimerStatus;
  /** Every timer that runs, with its deadline. */
  readonly timers: Partial<Record<TimerName, number>>;
  readonly counters: Totals;
  /** Why it is CLOSED, once it is; null before, and before OPEN. */
  readonly reason: CloseReason | null;
  readonly error: TcpError | null;
}

/** What STATUS says now. Nothing in it changes later. */
export function status(tcb: Tcb): Status {
  const { snd, rcv, rtt, cc, settings } = tcb;
  const hasAnswered = tcb.state >= SYN_RECEIVED;
  return {
    state: STATE_NAMES[tcb.state],
    local: { address: told(tcb.local), port: tcb.localPort },
    remote: hasPeer(tcb) ? { address: told(tcb.remote!), port: tcb.remotePort } : null,
    snd: {
      una: snd.una >>> 0,
      nxt: snd.nxt >>> 0,
      wnd: snd.wnd,
      up: snd.urgent ? snd.up >>> 0 : null,
      wl1: snd.wl1 >>> 0,
      wl2: snd.wl2 >>> 0,
      iss: snd.iss >>> 0,
      mss: snd.mss,
      peerMss: snd.peerMss,
      pmtu: pathMtu(tcb),
      search: snd.search === null ? null : { high: snd.search.high, probe: snd.search.size },
      scale: snd.scale,
      queued: queuedBytes(tcb),
      unsent: Math.max(0, distance(snd.nxt, snd.end)),
      inFlight: hasAnswered ? inFlight(tcb) : 0,
      segments: segmentCounts(snd.flight),
    },
    rcv: {
      nxt: rcv.nxt >>> 0,
      wnd: rcv.wnd,
      up: rcv.urgent ? rcv.up >>> 0 : null,
      irs: rcv.irs >>> 0,
      mss: rcv.mss,
      scale: rcv.scale,
      queued: readable(tcb),
      outOfOrder: rcv.ahead?.total ?? 0,
      buffer: rcv.buffer,
    },
    rtt: {
      srtt: rtt.srtt,
      rttvar: rtt.rttvar,
      min: rtt.min,
      latest: rtt.latest,
      rto: backedOff(rtt, settings.maxRto),
      backoff: rtt.backoff,
    },
    congestion: {
      algorithm: cc.control.name,
      phase: PHASES[cc.phase],
      cwnd: cc.cwnd,
      ssthresh: cc.ssthresh,
    },
    options: {
      sack: tcb.sack,
      timestamps: tcb.timestamps,
      windowScaling: tcb.scaling,
      ecn: tcb.ecn === null ? "off" : tcb.ecn.accurate ? "accurate" : "classic",
      fastOpen: tcb.fastOpen?.progress ?? "off",
    },
    accEcn: tcb.ecn === null || tcb.ecn.bytes === null ? null : ecnCounters(tcb.ecn, tcb.ecn.bytes),
    timer: timer(tcb),
    timers: runningTimers(tcb),
    counters: totals(tcb),
    reason: tcb.ended?.reason ?? null,
    error: tcb.ended?.error ?? null,
  };
}

const NO_INCIDENTS: Readonly<Incidents> = new Incidents();

function totals({ segmentsIn, segmentsOut, bytesIn, bytesAcked, knownIncidents }: Tcb): Totals {
  return { segmentsIn, segmentsOut, bytesIn, bytesAcked, ...(knownIncidents ?? NO_INCIDENTS) };
}

function ecnCounters(ecn: Ecn, b: ByteCounters): { rcv: EcnCounters; snd: EcnCounters } {
  return {
    rcv: { cep: ecn.marks, e0b: b.e0b, ceb: b.ceb, e1b: b.e1b },
    snd: { cep: ecn.reported, e0b: b.reportedE0b, ceb: b.reportedCeb, e1b: b.reportedE1b },
  };
}

function segmentCounts(flight: Flight | null): SegmentCounts {
  const counts = { sent: 0, sacked: 0, lost: 0, retransmitted: 0 };
  if (flight === null) return counts;
  counts.sent = flight.rows;
  counts.sacked = flight.sackedRows;
  for (let row = flight.first; row !== flight.next; row = (row + 1) | 0) {
    const marks = flight.marks[flight.slot(row)];
    if (marks & LOST) counts.lost++;
    if (marks & RETRANSMITTED) counts.retransmitted++;
  }
  return counts;
}

const PHASES = ["open", "recovery", "loss", "reducing"] as const;

function timer(tcb: Tcb): TimerStatus {
  const { timers, rcv, settings } = tcb;
  const sending = Math.min(timers.retransmit, timers.reorder, timers.lossProbe);
  if (timers.timeWait !== NEVER)
    return { name: "timewait", expires: timers.timeWait, retransmits: 0, probes: 0 };
  if (sending !== NEVER) return { name: "on", expires: sending, retransmits: tcb.retransmits, probes: 0 };
  if (timers.persist !== NEVER) {
    return {
      name: "probe",
      expires: timers.persist,
      retransmits: 0,
      probes: tcb.probes?.windowUnanswered ?? 0,
    };
  }
  if (timers.keepAlive === NEVER || settings.keepAlive === null) {
    return { name: "off", expires: NEVER, retransmits: 0, probes: 0 };
  }
  // The timer itself is not moved by what arrives; its time is.
  const probes = tcb.probes?.keepAlive ?? 0;
  const idleUntil = probes === 0 ? rcv.lastAt + settings.keepAlive.idle : 0;
  const expires = Math.max(timers.keepAlive, idleUntil);
  return { name: "keepalive", expires, retransmits: 0, probes };
}

function runningTimers(tcb: Tcb): Partial<Record<TimerName, number>> {
  const running: Partial<Record<TimerName, number>> = {};
  for (const name of TIMER_NAMES) if (tcb.timers[name] !== NEVER) running[name] = tcb.timers[name];
  return running;
}
