import {
  ACK,
  FIN,
  PSH,
  TCP_ACK,
  TCP_CHECKSUM,
  TCP_HEADER_MIN,
  TCP_OFFSET_FLAGS,
  TCP_OPTIONS,
  TCP_SEQ,
  TCP_SRC_PORT,
  TIMESTAMPS_PADDED,
} from "../../assembly/layout/wire.ts";
import { fold, halves, swap } from "../wire/sum.ts";
import { RECOVERY, REDUCING } from "./congestion/control.ts";
import { NOT_ECT } from "./ecn.ts";
import { acknowledged, emit, type SegmentSink } from "./emit.ts";
import { type Flight, takeFlight } from "./flight.ts";
import { dataRoom, TIMESTAMPS_BYTES, timestamp, writeTimestampsOption } from "./options.ts";
import { pace } from "./pacing.ts";
import { startRetransmitTimer } from "./rto.ts";
import { pushes } from "./sendbuffer.ts";
import type { Tcb } from "./tcb.ts";
import { NEVER } from "./timers.ts";
import { scheduleProbe } from "./tlp.ts";
import { offerWindow } from "./window.ts";

/**
 * Sends `length` new bytes, and the FIN behind them if `withFin`. SND.NXT advances.
 * @param size bytes of each segment that they are to be cut into; 0 when they are one
 */
export function sendSegment(
  tcb: Tcb,
  sink: SegmentSink,
  length: number,
  withFin: boolean,
  now: number,
  size = 0,
): boolean {
  const { snd, cc, recovery } = tcb;
  const after = (snd.nxt + length) | 0;
  const push = pushes(snd, snd.nxt, after) ? PSH : 0;
  const answers = answersData(tcb);
  const isSmall = length < dataRoom(tcb);
  const hasProbe = sharesProbe(tcb, now);
  const flags = ACK | push | (withFin ? FIN : 0);
  if (!emit(tcb, sink, snd.nxt, flags, length, now, length > 0, size)) return false;
  const flight = flightOf(tcb);
  const next = withFin ? (after + 1) | 0 : after;
  // What is cut is lost and acknowledged piece by piece.
  let start = snd.nxt;
  for (let left = length; size > 0 && left > size; left -= size, start = (start + size) | 0) {
    flight.push(start, (start + size) | 0, now);
  }
  flight.push(start, next, now);
  if (isSmall) snd.smallEnd = next;
  snd.nxt = next;
  if (tcb.settings.pacing) pace(tcb, length, now);
  if (recovery !== null && (cc.phase === RECOVERY || cc.phase === REDUCING)) recovery.prrOut += length;
  noteSent(tcb, answers, hasProbe, now);
  return true;
}

/**
 * Sends up to `count` segments of `size` new bytes each, one after the other. But for its number, PSH and checksum
 * each has the same header, so what they have in common is worked out once.
 *
 * @returns false when the sink takes none now: nothing has changed then
 */
export function sendBurst(tcb: Tcb, sink: SegmentSink, size: number, count: number, now: number): boolean {
  const { pool, ports, rcv, snd, timestamps } = tcb;
  const header = TCP_HEADER_MIN + (timestamps ? TIMESTAMPS_BYTES : 0);
  const length = header + size;
  let at = sink.reserve(length, 0);
  if (at === 0) return false;
  const answers = answersData(tcb);
  const hasProbe = sharesProbe(tcb, now);
  const flight = flightOf(tcb);
  const ring = snd.ring!;
  const ack = rcv.nxt;
  const third = (header << 26) | (ACK << 16) | offerWindow(tcb);
  let common = tcb.pseudo + length + halves(ports) + halves(ack) + halves(third);
  if (timestamps) {
    common += halves(TIMESTAMPS_PADDED) + halves(timestamp(tcb, now)) + halves(tcb.tsRecent);
  }
  for (let left = count; at !== 0; at = --left > 0 ? sink.reserve(length, 0) : 0) {
    const { dv } = pool.memory;
    const seq = snd.nxt;
    const next = (seq + size) | 0;
    const push = pushes(snd, seq, next) ? PSH : 0;
    dv.setInt32(at + TCP_SRC_PORT, ports);
    dv.setInt32(at + TCP_SEQ, seq);
    dv.setInt32(at + TCP_ACK, ack);
    dv.setInt32(at + TCP_OFFSET_FLAGS, third | (push << 16));
    if (timestamps) writeTimestampsOption(tcb, dv, at + TCP_OPTIONS, now);
    const sum = common + push + halves(seq) + swap(ring.copyOut(seq, at + header, size));
    dv.setInt32(at + TCP_CHECKSUM, ~fold(sum) << 16); // and no urgent pointer
    tcb.segmentsOut++;
    sink.commit(at, length, NOT_ECT, 0);
    acknowledged(tcb);
    flight.push(seq, next, now);
    snd.nxt = next;
  }
  noteSent(tcb, answers, hasProbe, now);
  return true;
}

/** The peer waits for an acknowledgment, which goes with our data. */
function answersData({ rcv }: Tcb): boolean {
  return rcv.unacked > 0 || rcv.ackNow;
}

/** Segments of one moment share a probe: only behind a lone one it waits longer. */
function sharesProbe({ snd, timers }: Tcb, now: number): boolean {
  return snd.lastAt === now && snd.flight !== null && snd.flight.rows > 1 && timers.lossProbe !== NEVER;
}

function flightOf({ snd }: Tcb): Flight {
  if (snd.flight === null) {
    snd.flight = takeFlight();
    snd.flight.highest = snd.nxt;
  }
  return snd.flight;
}

function noteSent(tcb: Tcb, answers: boolean, hasProbe: boolean, now: number): void {
  const { snd, timers } = tcb;
  snd.probed = false;
  snd.lastAt = now;
  if (answers) tcb.rcv.interactive = true;
  snd.overdue = false;
  timers.override = NEVER;
  timers.persist = NEVER;
  if (timers.retransmit === NEVER) startRetransmitTimer(tcb, now);
  if (!hasProbe) scheduleProbe(tcb, now);
}
