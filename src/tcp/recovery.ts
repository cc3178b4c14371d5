import { distance, ge, gt, lt } from "../wire/seq.ts";
import { LOSS, OPEN, RECOVERY, REDUCING } from "./congestion/control.ts";
import { beginReduction, reduceProportionally } from "./congestion/prr.ts";
import { growWindow } from "./congestion/slowstart.ts";
import { Delivery } from "./delivery.ts";
import { type Flight, LOST, RETRANSMITTED, SACKED } from "./flight.ts";
import { Recovery } from "./loss.ts";
import { isProbeLost } from "./mtuprobe.ts";
import { detectLosses, noteReordering, recoveryEnded } from "./rack.ts";
import { countSackDuplicates, detectSackLosses } from "./sackloss.ts";
import type { SendVariables } from "./send-variables.ts";
import { SYN_RECEIVED } from "./state.ts";
import type { Tcb } from "./tcb.ts";
import { NEVER } from "./timers.ts";
import { takeProbeAnswer } from "./tlp.ts";

/** Bytes taken to be under way ("pipe", RFC 6675 2). */
export function inFlight(tcb: Tcb): number {
  const { snd } = tcb;
  const { flight } = snd;
  // Beside data that go before the handshake ends (RFC 7413) the SYN is still unacknowledged; it takes no room.
  const sent = distance(snd.una, snd.nxt) - (tcb.state === SYN_RECEIVED ? 1 : 0);
  return flight === null ? sent : sent - flight.sacked - flight.lost + flight.retransmitted;
}

/** The connection's recovery state, from the first time it is needed. */
export function recoveryOf(tcb: Tcb): Recovery {
  tcb.recovery ??= new Recovery();
  return tcb.recovery;
}

/**
 * Takes an acknowledgment into loss recovery and congestion control: what was lost, what cwnd becomes.
 *
 * @param d what it delivered
 * @param isDuplicate in the sense of RFC 5681 2
 * @param tsecr its timestamp echo, or 0
 */
export function acknowledgmentArrived(
  tcb: Tcb,
  flight: Flight | null,
  d: Delivery,
  isDuplicate: boolean,
  tsecr: number,
  now: number,
): void {
  const { cc, snd } = tcb;
  if (cc.phase === OPEN && !isSuspicious(tcb, flight, d, isDuplicate)) {
    cc.dupAcks = 0;
    if (d.acked > 0) grow(tcb, newlyDelivered(d), now);
    return;
  }
  const recovery = recoveryOf(tcb);
  if (recovery.probing && takeProbeAnswer(tcb, recovery, d, isDuplicate) && cc.phase === OPEN) {
    recovery.undoable = false;
    reduce(tcb);
    cc.cwnd = cc.ssthresh;
  }
  if (tcb.sack) {
    if (tcb.settings.rack) noteReordering(tcb, recovery, d);
    else countSackDuplicates(tcb, d);
    if (d.duplicate) countNeedless(tcb, recovery, d);
  } else {
    countDuplicates(tcb, flight, d, isDuplicate);
  }
  const began = cc.phase;
  // The report that a repetition was needless comes a round trip after what ended the recovery, as a rule.
  const isUndone =
    began === OPEN
      ? d.duplicate && isNeedless(recovery)
      : d.acked > 0 && (isNeedless(recovery) || isOlderEcho(tcb, recovery, tsecr));
  if (isUndone) undo(tcb, flight, recovery);
  if (cc.phase !== OPEN && isRecovered(tcb)) leave(tcb, flight, recovery);
  // What ends a fast recovery has said its word to cwnd; after a timeout slow start goes on.
  if (began === LOSS && !isUndone) cc.limited = true;
  const mayGrow = (began === OPEN || (began === LOSS && cc.phase === OPEN && !isUndone)) && d.acked > 0;
  if (flight === null) {
    if (mayGrow && d.marked) reduceAtOnce(tcb);
    else if (mayGrow) grow(tcb, newlyDelivered(d), now);
    return;
  }
  const isWorse = findLosses(tcb, flight, recovery, d, now);
  if (isWorse && snd.search !== null && isProbeLost(tcb, snd.search, flight, now)) return;
  if (d.marked && cc.phase === OPEN && flight.lost === 0) enterReduction(tcb, recovery);
  if (cc.phase === LOSS) {
    afterTimeout(tcb, flight, recovery, d, isDuplicate, now);
  } else if (cc.phase === REDUCING && flight.lost === 0) {
    reduceProportionally(cc, recovery, d.bytes, inFlight(tcb), d.acked > 0, false, snd.mss);
  } else if (cc.phase === RECOVERY) {
    const isPartial = !tcb.sack && d.acked > 0; // RFC 6582 3.2: repeats the next segment, come what may
    reduceProportionally(cc, recovery, d.bytes, inFlight(tcb), d.acked > 0 && !isWorse, isPartial, snd.mss);
  } else if (flight.lost > 0) {
    enterRecovery(tcb, flight, recovery, d);
    reduceProportionally(cc, recovery, d.bytes, inFlight(tcb), false, true, snd.mss);
  } else if (mayGrow) {
    grow(tcb, newlyDelivered(d), now);
  }
}

/** What SACK or duplicates had reported before has let new data go already (RFC 3042, RFC 6675 5): it does not count twice. */
function newlyDelivered(d: Delivery): number {
  return Math.min(d.acked, d.bytes);
}

/** Anything but an acknowledgment of new data with nothing missing. */
function isSuspicious(tcb: Tcb, flight: Flight | null, d: Delivery, isDuplicate: boolean): boolean {
  if (isDuplicate || d.sacked > 0 || d.duplicate || d.marked || tcb.cc.dupAcks > 0) return true;
  if (tcb.recovery?.probing) return true;
  return flight !== null && (flight.sacked > 0 || flight.lost > 0);
}

/** Lets cwnd grow, but only when it was what held the sender back (RFC 5681 3.1, RFC 7661). */
function grow(tcb: Tcb, acked: number, now: number): void {
  const { cc, settings } = tcb;
  if (!cc.limited && !(cc.cwnd < cc.ssthresh && cc.cwnd < 2 * cc.peak)) return;
  growWindow(cc, acked, tcb.snd, tcb.rtt, settings, now);
}

function findLosses(tcb: Tcb, flight: Flight, recovery: Recovery, d: Delivery, now: number): boolean {
  const { cc, settings } = tcb;
  if (tcb.sack) {
    return settings.rack ? detectLosses(tcb, flight, recovery, now) : detectSackLosses(tcb, flight);
  }
  // NewReno (RFC 6582 3.2): the third duplicate, and each partial acknowledgment, tell of one loss, at SND.UNA.
  const isPartial = cc.phase === RECOVERY && d.acked > 0;
  const isThird = (cc.phase === OPEN || cc.phase === REDUCING) && cc.dupAcks >= settings.dupThresh;
  if (!isPartial && !isThird) return false;
  if ((flight.marks[flight.slot(flight.first)] & (LOST | RETRANSMITTED)) === 0) flight.lose(flight.first);
  return isThird;
}

/**
 * Without SACK a duplicate acknowledgment tells that some segment has left the network, not which (RFC 5681
 * 3.2): it is counted as delivered until SND.UNA moves past it.
 */
function countDuplicates(tcb: Tcb, flight: Flight | null, d: Delivery, isDuplicate: boolean): void {
  const { cc, snd, settings } = tcb;
  if (isDuplicate && flight !== null) {
    cc.dupAcks++;
    d.bytes = snd.mss;
    if (cc.dupAcks < settings.dupThresh && !settings.limitedTransmit) return;
    flight.sacked = Math.min(flight.sacked + snd.mss, countable(snd, flight));
  } else if (d.acked > 0) {
    if (cc.phase !== RECOVERY) cc.dupAcks = 0;
    if (flight === null) return;
    // The acknowledgment covers the segment that was missing and those that were counted before.
    const counted = Math.min(flight.sacked, Math.max(0, d.acked - snd.mss));
    flight.sacked = cc.phase === RECOVERY ? Math.min(flight.sacked - counted, countable(snd, flight)) : 0;
    d.bytes = Math.max(0, d.bytes - counted);
  }
}

/** Bytes in flight that duplicates can stand for: neither those that are lost, nor the oldest segment, which is missing. */
function countable(snd: SendVariables, flight: Flight): number {
  const i = flight.slot(flight.first);
  const oldest = flight.marks[i] & LOST ? 0 : distance(flight.start[i], flight.end[i]);
  return Math.max(0, distance(snd.una, snd.nxt) - flight.lost - oldest);
}

/** Fast recovery begins (RFC 5681 3.2, RFC 6675 5, RFC 9937 5). */
export function enterRecovery(tcb: Tcb, flight: Flight, recovery: Recovery, d: Delivery): void {
  const { cc, snd } = tcb;
  tcb.incidents.recoveries++;
  cc.recover = snd.nxt;
  if (cc.phase === REDUCING) {
    cc.phase = RECOVERY; // one reduction a round trip, whatever called for it
    return;
  }
  recovery.rescued = false;
  remember(tcb, recovery);
  reduce(tcb);
  // What SACK had reported before counts as delivered already.
  const before = tcb.sack ? flight.sacked - d.sacked : 0;
  beginReduction(recovery, distance(snd.una, snd.nxt) - before + d.acked);
  cc.phase = RECOVERY;
}

/** The path has marked a segment: cwnd falls as for a loss, but nothing is sent again (RFC 3168 6.1.2). */
function enterReduction(tcb: Tcb, recovery: Recovery): void {
  const { cc, snd } = tcb;
  recovery.undoable = false;
  reduce(tcb);
  beginReduction(recovery, distance(snd.una, snd.nxt));
  cc.phase = REDUCING;
  cc.recover = snd.nxt;
}

/** The same with nothing left in flight. A classic echo that our CWR has not yet answered is of the last time. */
function reduceAtOnce(tcb: Tcb): void {
  const { cc, ecn } = tcb;
  if (ecn !== null && !ecn.accurate && ecn.reduced) return;
  if (tcb.recovery !== null) tcb.recovery.undoable = false;
  reduce(tcb);
  cc.cwnd = Math.min(cc.cwnd, cc.ssthresh);
}

/** A congestion event: ssthresh falls, and the peer hears of it where ECN is in use. */
export function reduce(tcb: Tcb): void {
  const { cc, snd, ecn } = tcb;
  cc.ssthresh = cc.control.reduce(cc, Math.max(cc.cwnd, snd.mss), snd.mss);
  cc.hystart = null;
  if (ecn !== null) ecn.reduced = true;
}

/** The retransmission timer ran out (RFC 5681 3.1, RFC 6298 5): all is lost until an acknowledgment tells otherwise. */
export function enterLoss(tcb: Tcb, flight: Flight): void {
  const { cc, snd, settings } = tcb;
  const recovery = recoveryOf(tcb);
  const isNew = cc.phase !== LOSS || ge(snd.una, cc.recover);
  if (isNew) {
    if (cc.phase === OPEN) remember(tcb, recovery);
    reduce(tcb);
  }
  // RFC 5682 1: where the segment was sent again before, a second timeout tells nothing about the first.
  recovery.frto = settings.frto && isNew && cc.phase === OPEN ? 1 : 0;
  cc.phase = LOSS;
  cc.recover = snd.nxt;
  cc.cwnd = snd.mss;
  cc.hystart = null;
  cc.dupAcks = 0;
  recovery.probing = false;
  recovery.resent.clear();
  forgetReneged(tcb, flight);
  for (let row = flight.first; row !== flight.next; row = (row + 1) | 0) {
    if ((flight.marks[flight.slot(row)] & SACKED) === 0) flight.lose(row);
  }
  flight.decided = flight.next;
}

/** A peer that has SACKed what SND.UNA stands at, and does not acknowledge it, has dropped it (RFC 2018 8). */
function forgetReneged(tcb: Tcb, flight: Flight): void {
  if (!tcb.sack) {
    flight.sacked = 0;
  } else if (flight.marks[flight.slot(flight.first)] & SACKED) {
    for (let row = flight.first; row !== flight.next; row = (row + 1) | 0) flight.clear(row, SACKED);
    flight.reported = null;
  }
}

/** Phase LOSS: slow start, and F-RTO (RFC 5682 3), which tells a spurious timeout from a real one. */
function afterTimeout(
  tcb: Tcb,
  flight: Flight,
  recovery: Recovery,
  d: Delivery,
  isDuplicate: boolean,
  now: number,
): void {
  const { cc, snd } = tcb;
  if (recovery.frto > 0) {
    // Data that was sent once arrived after all: nothing was lost but time.
    if (d.original && recovery.undoable) {
      undo(tcb, flight, recovery);
      return;
    }
    const isNew = d.acked > 0 && !isDuplicate && d.sacked === 0;
    recovery.frto = recovery.frto === 1 && isNew && lt(snd.nxt, snd.end) ? 2 : 0;
  }
  if (d.acked > 0) {
    cc.limited = true;
    grow(tcb, d.acked, now);
  }
}

function isRecovered(tcb: Tcb): boolean {
  const { cc, snd } = tcb;
  // Without SACK, duplicates of what was sent again could start a second recovery (RFC 6582 4.1); and an ECE
  // stays until our CWR, which went out with the segment after RecoveryPoint, has arrived.
  if (!tcb.sack || cc.phase === REDUCING) return gt(snd.una, cc.recover) || snd.una === snd.nxt;
  return ge(snd.una, cc.recover);
}

function leave(tcb: Tcb, flight: Flight | null, recovery: Recovery): void {
  const { cc } = tcb;
  if (cc.phase !== LOSS) cc.cwnd = Math.max(cc.ssthresh, tcb.snd.mss);
  cc.phase = OPEN;
  cc.dupAcks = 0;
  if (!tcb.sack && flight !== null) flight.sacked = 0;
  recovery.frto = 0;
  recoveryEnded(recovery);
}

function remember(tcb: Tcb, recovery: Recovery): void {
  const { cc, snd } = tcb;
  recovery.undoable = true;
  recovery.undoFrom = snd.una;
  recovery.priorCwnd = cc.cwnd;
  recovery.priorSsthresh = cc.ssthresh;
  recovery.repeats = 0;
  recovery.needless = 0;
}

/** D-SACK calls a repetition of this recovery needless. */
function countNeedless(tcb: Tcb, recovery: Recovery, d: Delivery): void {
  if (!recovery.undoable || lt(d.duplicateLeft, recovery.undoFrom)) return;
  recovery.needless += Math.max(1, Math.ceil(distance(d.duplicateLeft, d.duplicateRight) / tcb.snd.mss));
}

/** Every repetition was needless, as D-SACK told (RFC 3708 2). */
function isNeedless(recovery: Recovery): boolean {
  return recovery.undoable && recovery.repeats > 0 && recovery.needless >= recovery.repeats;
}

/** The acknowledgment echoes a segment from before the first repetition (RFC 3522 3.2). */
function isOlderEcho(tcb: Tcb, recovery: Recovery, tsecr: number): boolean {
  if (!recovery.undoable || recovery.repeats === 0) return false;
  return tcb.timestamps && tsecr !== 0 && lt(tsecr, recovery.firstRepeat);
}

/** Takes a reduction back (RFC 4015 3.2, RFC 5682 3.4). */
function undo(tcb: Tcb, flight: Flight | null, recovery: Recovery): void {
  const { cc } = tcb;
  cc.control.undo?.(cc);
  cc.cwnd = Math.max(cc.cwnd, recovery.priorCwnd);
  cc.ssthresh = recovery.priorSsthresh;
  cc.phase = OPEN;
  cc.dupAcks = 0;
  tcb.incidents.undone++;
  recovery.undoable = false;
  recovery.frto = 0;
  if (flight === null) return;
  for (let row = flight.first; row !== flight.next; row = (row + 1) | 0) flight.clear(row, LOST);
  flight.decided = flight.first;
}

const NOTHING = new Delivery();

/** The reordering window has passed for segments that could have been merely late (RFC 8985 6.3). */
export function reorderTimedOut(tcb: Tcb, now: number): void {
  const { cc, snd } = tcb;
  const { flight } = snd;
  tcb.timers.reorder = NEVER;
  if (flight === null) return;
  const recovery = recoveryOf(tcb);
  if (!detectLosses(tcb, flight, recovery, now)) return;
  if (snd.search !== null && isProbeLost(tcb, snd.search, flight, now)) return;
  if (cc.phase === OPEN) enterRecovery(tcb, flight, recovery, NOTHING);
  if (cc.phase === RECOVERY) reduceProportionally(cc, recovery, 0, inFlight(tcb), false, false, snd.mss);
}
