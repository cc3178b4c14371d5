import { ACK, TCP_HEADER_MIN } from "../../assembly/layout/wire.ts";
import { distance, gt, le, lt } from "../wire/seq.ts";
import { OPEN, RECOVERY } from "./congestion/control.ts";
import { emit, emitReset, emitSyn, type SegmentSink } from "./emit.ts";
import { isEarly } from "./fastopen-options.ts";
import type { Flight } from "./flight.ts";
import { sendKeepAlive } from "./keepalive.ts";
import type { MtuSearch } from "./mtu-search.ts";
import { noteMtuProbe, probeLength } from "./mtuprobe.ts";
import { sendBurst, sendSegment } from "./new-data.ts";
import { dataRoom, optionsLength } from "./options.ts";
import { mayGo } from "./pacing.ts";
import { sendWindowProbe, waitForWindow } from "./persist.ts";
import { inFlight, recoveryOf } from "./recovery.ts";
import { mayResend, resend } from "./retransmit.ts";
import { nextDoubtful, nextRescue } from "./sackloss.ts";
import { isIn, SENDING, SYN_RECEIVED } from "./state.ts";
import { OWE_KEEP_ALIVE, OWE_LOSS_PROBE, OWE_RESET, OWE_SYN, OWE_WINDOW_PROBE, type Tcb } from "./tcb.ts";
import { NEVER } from "./timers.ts";
import { noteProbe } from "./tlp.ts";

/** Sends all that is due, until nothing is left or the sink takes no more. */
export function output(tcb: Tcb, sink: SegmentSink, now: number): void {
  while (outputOne(tcb, sink, now)) {}
}

/**
 * Sends the next segment that is due.
 * @returns false when there is none, or the sink takes none
 */
export function outputOne(tcb: Tcb, sink: SegmentSink, now: number): boolean {
  if (tcb.owes !== 0 && sendOwed(tcb, sink, now)) return true;
  const { rcv, state } = tcb;
  if (rcv.owed > 0) return emit(tcb, sink, numberOfAck(tcb), ACK, 0, now);
  if ((isIn(state, SENDING) || isEarly(tcb)) && sendData(tcb, sink, now)) return true;
  if (rcv.ackNow) return emit(tcb, sink, tcb.snd.nxt, ACK, 0, now);
  return false;
}

/**
 * SND.NXT; for the handshake's last ACK, which goes ahead of data with AccECN, what the peer expects: where it has not
 * taken a Fast Open's data, a listener that remembers nothing knows its cookie by no other number (RFC 4987 3.6).
 */
function numberOfAck({ snd, ecn, fastOpen }: Tcb): number {
  const isLast = fastOpen !== null && ecn !== null && ecn.handshake >= 0 && snd.una === ((snd.iss + 1) | 0);
  return isLast ? snd.una : snd.nxt;
}

function sendOwed(tcb: Tcb, sink: SegmentSink, now: number): boolean {
  const { owes } = tcb;
  if (owes & OWE_RESET) return settle(tcb, OWE_RESET, emitReset(tcb, sink, tcb.reset!, now));
  if (owes & OWE_SYN) return settle(tcb, OWE_SYN, emitSyn(tcb, sink, now));
  if (owes & OWE_LOSS_PROBE) return sendLossProbe(tcb, sink, now);
  if (owes & OWE_WINDOW_PROBE) return settle(tcb, OWE_WINDOW_PROBE, sendWindowProbe(tcb, sink, now));
  return settle(tcb, OWE_KEEP_ALIVE, sendKeepAlive(tcb, sink, now));
}

function settle(tcb: Tcb, owed: number, sent: boolean): boolean {
  if (sent) tcb.owes &= ~owed;
  return sent;
}

/**
 * Tail loss probe (RFC 8985 7.3): the next new segment, past cwnd, or else the last one again.
 */
function sendLossProbe(tcb: Tcb, sink: SegmentSink, now: number): boolean {
  const { snd } = tcb;
  const { flight } = snd;
  tcb.owes &= ~OWE_LOSS_PROBE;
  if (flight === null || tcb.cc.phase !== OPEN) return false;
  const length = Math.min(distance(snd.nxt, snd.end), dataRoom(tcb), snd.wnd - distance(snd.una, snd.nxt));
  const isNew = length > 0;
  const sent = isNew
    ? sendSegment(tcb, sink, length, false, now)
    : resend(tcb, sink, flight, (flight.next - 1) | 0, now);
  if (!sent) tcb.owes |= OWE_LOSS_PROBE;
  else noteProbe(tcb, recoveryOf(tcb), !isNew);
  return sent;
}

/** Retransmissions first, then new data, as far as cwnd, the peer's window and good manners allow. */
function sendData(tcb: Tcb, sink: SegmentSink, now: number): boolean {
  const { flight } = tcb.snd;
  const pipe = inFlight(tcb);
  if (flight === null) return sendNew(tcb, sink, pipe, now);
  if (flight.lost === 0) return sendNext(tcb, sink, flight, pipe, now);
  // F-RTO looks whether new data gets through before it repeats any more (RFC 5682 3.1 step 2b).
  if (tcb.recovery?.frto === 2 && sendNew(tcb, sink, pipe, now)) return true;
  const row = flight.nextLost();
  if (!mayResend(tcb, flight, row)) return sendNext(tcb, sink, flight, pipe, now);
  const i = flight.slot(row);
  const length = Math.min(distance(flight.start[i], flight.end[i]), dataRoom(tcb));
  if (pipe > 0 && pipe + length > tcb.cc.cwnd) return false;
  if (tcb.settings.pacing && !mayGo(tcb, now)) return false;
  return resend(tcb, sink, flight, row, now);
}

/** New data, or what may be lost though nothing says so yet. */
function sendNext(tcb: Tcb, sink: SegmentSink, flight: Flight, pipe: number, now: number): boolean {
  if (sendNew(tcb, sink, pipe, now)) return true;
  const { cc, snd, recovery, settings } = tcb;
  if (settings.rack || !tcb.sack || cc.phase !== RECOVERY || recovery === null) return false;
  if (pipe + snd.mss > cc.cwnd || (settings.pacing && !mayGo(tcb, now))) return false;
  const doubtful = nextDoubtful(flight);
  if (doubtful !== flight.next) return resend(tcb, sink, flight, doubtful, now);
  const rescue = nextRescue(flight, recovery);
  if (rescue === flight.next || !resend(tcb, sink, flight, rescue, now)) return false;
  recovery.rescued = true;
  return true;
}

function sendNew(tcb: Tcb, sink: SegmentSink, pipe: number, now: number): boolean {
  const { snd, cc } = tcb;
  const unsent = distance(snd.nxt, snd.end);
  // Before the handshake's end (Fast Open) a FIN waits: the state diagram knows none in SYN-RECEIVED.
  const fin = snd.fin && tcb.state !== SYN_RECEIVED;
  if (unsent < 0 || (unsent === 0 && !fin)) return rest(tcb, pipe, false); // all is sent, the FIN too
  const usable = snd.wnd - distance(snd.una, snd.nxt);
  if (snd.search !== null) {
    const probe = probeLength(tcb, snd.search, unsent, usable, pipe, now);
    if (probe > 0) return sendMtuProbe(tcb, sink, snd.search, probe, now);
  }
  const mss = dataRoom(tcb);
  const length = Math.min(unsent, mss, usable);
  const isLast = length === unsent;
  const withFin = fin && isLast && usable > length;
  if (length <= 0 && !withFin) {
    if (snd.flight === null && tcb.state !== SYN_RECEIVED) waitForWindow(tcb, now);
    return rest(tcb, pipe, false);
  }
  if (snd.flight === null) resumeAfterIdle(tcb, now);
  if (length < mss && !withFin && !maySendSmall(tcb, length, isLast)) {
    holdBack(tcb, isLast, now);
    return rest(tcb, pipe, false);
  }
  if (pipe > 0 && pipe + length > cc.cwnd) return rest(tcb, pipe, true);
  if (tcb.settings.pacing && !mayGo(tcb, now)) return rest(tcb, pipe, true);
  // The last goes by itself where a FIN is to ride on it.
  const alike = Math.min(fin ? unsent - 1 : unsent, usable);
  const count = length < mss ? 1 : segmentsAtOnce(tcb, sink, alike, pipe);
  const isSent =
    count <= 1
      ? sendSegment(tcb, sink, length, withFin, now)
      : isCutBelow(sink)
        ? sendSegment(tcb, sink, count * mss, false, now, mss)
        : sendBurst(tcb, sink, mss, count, now);
  // A sink that takes no more is what holds us back then, not cwnd.
  return isSent || rest(tcb, pipe, false);
}

/**
 * How many full segments go one after the other, with the same header but for their numbers: as one, where a layer below
 * cuts it, or each by itself. Cuts do not move the urgent pointer, CWR is for one segment alone, and SACK and other
 * options that come and go must not be repeated.
 */
function segmentsAtOnce(tcb: Tcb, sink: SegmentSink, ready: number, pipe: number): number {
  const { snd, rcv, cc, ecn, settings } = tcb;
  if (cc.phase !== OPEN || settings.pacing || snd.urgent || ecn?.reduced) return 1;
  const mss = dataRoom(tcb);
  const usable = Math.min(ready, cc.cwnd - pipe);
  if (isCutBelow(sink)) {
    // Each cut has all of the options: a D-SACK is reported once (RFC 2883 4), and so is a user timeout.
    if (rcv.repeated !== null || tcb.announces) return 1;
    return Math.trunc(Math.min(usable, sink.longest! - TCP_HEADER_MIN - optionsLength(tcb)) / mss);
  }
  return ecn === null && mss === snd.mss ? Math.trunc(usable / mss) : 1;
}

function isCutBelow({ longest }: SegmentSink): boolean {
  return longest !== undefined && longest > 0;
}

function sendMtuProbe(tcb: Tcb, sink: SegmentSink, search: MtuSearch, length: number, now: number): boolean {
  if (!sendSegment(tcb, sink, length, false, now)) return false;
  noteMtuProbe(tcb, search, length);
  return true;
}

/**
 * Whether a segment that is not full may go: the sender's silly-window avoidance (RFC 9293 3.8.6.2.1) and
 * Nagle's algorithm (3.7.4), in Minshall's form: only a small segment that is still unacknowledged holds the
 * next one back, not a full one.
 */
function maySendSmall(tcb: Tcb, length: number, isLast: boolean): boolean {
  const { snd, settings } = tcb;
  if (snd.overdue) return true;
  if (!isLast) return 2 * length >= snd.maxWnd; // the window is the limit
  if (snd.urgent && gt(snd.up, snd.nxt)) return true;
  if (settings.cork || lt(snd.pushed, snd.end)) return false;
  return settings.noDelay || snd.flight === null || le(snd.smallEnd, snd.una);
}

/** Starts the override timer where no acknowledgment would bring the matter up again (3.8.6.2.1, (4)). */
function holdBack(tcb: Tcb, isLast: boolean, now: number): void {
  const { timers, settings, snd } = tcb;
  if (timers.override !== NEVER) return;
  if (isLast && (settings.cork || lt(snd.pushed, snd.end))) timers.override = now + settings.corkTime;
  else if (snd.flight === null) timers.override = now + settings.overrideTimeout;
}

/** What was held back goes now, whatever its size: what should have followed has not come. */
export function overrideTimedOut(tcb: Tcb): void {
  const { snd, timers } = tcb;
  timers.override = NEVER;
  snd.overdue = true;
  snd.pushed = snd.end;
}

/**
 * After an RTO without sending the path may have changed and no acknowledgments clock what is sent: cwnd
 * falls back to the restart window (RFC 5681 4.1).
 */
function resumeAfterIdle(tcb: Tcb, now: number): void {
  const { cc, snd, rtt, settings } = tcb;
  const idle = now - snd.lastAt;
  if (!settings.idleRestart || !(idle > rtt.rto)) return;
  cc.control.resume?.(cc, idle);
  cc.cwnd = Math.min(cc.cwnd, settings.initialCwnd * snd.mss);
}

/** Nothing more goes now. Whether cwnd was the reason decides if acknowledgments may grow it (RFC 7661 4.3). */
function rest(tcb: Tcb, pipe: number, byCwnd: boolean): false {
  const { cc, snd } = tcb;
  if (byCwnd || !lt(snd.una, cc.peakUntil) || (!cc.limited && pipe > cc.peak)) {
    cc.limited = byCwnd;
    cc.peak = pipe;
    cc.peakUntil = snd.nxt;
  }
  return false;
}
