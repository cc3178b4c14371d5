import { ACK, FIN, PSH } from "../../assembly/layout/wire.ts";
import { distance, gt } from "../wire/seq.ts";
import { avoidOption } from "./accecn.ts";
import { returnToListen } from "./arrives/listen.ts";
import { RECOVERY } from "./congestion/control.ts";
import { emit, type SegmentSink } from "./emit.ts";
import { EVENT_SUSPECT } from "./events.ts";
import { isEarly } from "./fastopen-options.ts";
import { EVER_RETRANSMITTED, type Flight, LOST, RETRANSMITTED } from "./flight.ts";
import { noteResent, probeTimedOutToo, suspectBlackHole } from "./mtuprobe.ts";
import { dataRoom, timestamp } from "./options.ts";
import { pace } from "./pacing.ts";
import { reconsiderMtu } from "./pmtu.ts";
import { enterLoss, recoveryOf } from "./recovery.ts";
import { startRetransmitTimer } from "./rto.ts";
import { pushes } from "./sendbuffer.ts";
import { SYN_RECEIVED, SYN_SENT } from "./state.ts";
import { OWE_SYN, type Tcb } from "./tcb.ts";
import { giveUp } from "./teardown.ts";
import { NEVER } from "./timers.ts";

/** RETRANSMISSION TIMEOUT (RFC 9293 3.10.8, RFC 6298 5.4 to 5.7). */
export function retransmitTimedOut(tcb: Tcb, now: number): void {
  const { settings, snd, rtt, timers } = tcb;
  timers.retransmit = NEVER;
  timers.lossProbe = NEVER;
  timers.reorder = NEVER;
  tcb.retransmits++;
  tcb.incidents.timeouts++;
  if (tcb.state === SYN_SENT || tcb.state === SYN_RECEIVED) {
    // A SYN,ACK that crosses our own SYN belongs to an active OPEN, which R2 of a SYN holds for (3.8.3, MUST-23).
    const retries = tcb.passive || isEarly(tcb) ? settings.synAckRetries : settings.synRetries;
    if (tcb.retransmits > retries) {
      if (tcb.passive) returnToListen(tcb);
      else giveUp(tcb, "handshake");
      return;
    }
    tcb.owes |= OWE_SYN;
  } else {
    if (snd.flight === null) return;
    if (tcb.retransmits > settings.retries2) {
      giveUp(tcb, "retransmission");
      return;
    }
    if (tcb.retransmits === settings.retries1) tcb.events |= EVENT_SUSPECT;
    // RFC 9768 3.2.3.2: where nothing gets through from the start, the option may be what is in the way.
    if (tcb.ecn !== null && snd.una === ((snd.iss + 1) | 0)) avoidOption(tcb.ecn);
    enterLoss(tcb, snd.flight);
    reconsiderMtu(tcb);
    if (snd.search !== null) probeTimedOutToo(tcb, snd.search);
    if (tcb.retransmits >= settings.retries1) suspectBlackHole(tcb);
  }
  rtt.backoff++;
  startRetransmitTimer(tcb, now);
}

/**
 * Sends a row of the queue again, as much of it as still fits a segment.
 *
 * @returns false when the sink takes nothing now
 */
export function resend(tcb: Tcb, sink: SegmentSink, flight: Flight, row: number, now: number): boolean {
  const { snd, cc } = tcb;
  const i = flight.slot(row);
  const seq = flight.start[i];
  const hasFin = gt(flight.end[i], snd.end);
  const whole = distance(seq, flight.end[i]) - (hasFin ? 1 : 0);
  const length = Math.min(whole, dataRoom(tcb));
  const isCut = length < whole;
  const flags = hasFin && !isCut ? FIN | ACK : ACK;
  const push = pushes(snd, seq, (seq + length) | 0) ? PSH : 0;
  if (!emit(tcb, sink, seq, flags | push, length, now)) return false;
  if (snd.search !== null) noteResent(snd.search, seq, now);
  if (isCut) flight.split(row, (seq + length) | 0);
  const recovery = recoveryOf(tcb);
  if (recovery.repeats === 0) recovery.firstRepeat = timestamp(tcb, now);
  recovery.repeats++;
  flight.at[flight.slot(row)] = now;
  flight.mark(row, RETRANSMITTED | EVER_RETRANSMITTED);
  if (tcb.sack && tcb.settings.rack) recovery.resent.push(seq, now);
  if (cc.phase === RECOVERY) recovery.prrOut += length;
  const { incidents } = tcb;
  incidents.retransmits++;
  incidents.bytesRetransmitted += length;
  snd.lastAt = now;
  if (tcb.settings.pacing) pace(tcb, length, now);
  // The oldest segment's copy gets a full RTO of its own, or the timer of the lost one would cut its time short.
  if (row === flight.first || tcb.timers.retransmit === NEVER) startRetransmitTimer(tcb, now);
  return true;
}

/** Whether a row is to be sent again and its window allows it: SND.UNA always does, it is the probe of a window that shrank. */
export function mayResend(tcb: Tcb, flight: Flight, row: number): boolean {
  if (row === flight.next || (flight.marks[flight.slot(row)] & LOST) === 0) return false;
  const { snd } = tcb;
  return row === flight.first || distance(snd.una, flight.end[flight.slot(row)]) <= snd.wnd;
}
