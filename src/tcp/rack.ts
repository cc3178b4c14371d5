import { gt, lt } from "../wire/seq.ts";
import { LOSS, RECOVERY } from "./congestion/control.ts";
import type { Delivery } from "./delivery.ts";
import { EVER_RETRANSMITTED, type Flight, LOST, RETRANSMITTED, SACKED } from "./flight.ts";
import type { Recovery } from "./loss.ts";
import type { Tcb } from "./tcb.ts";
import { NEVER } from "./timers.ts";

// RFC 8985 5.2: recoveries after which a reordering window that duplicates had widened shrinks again.
const REO_WND_PERSIST = 16;

/**
 * Finds lost segments by time (RFC 8985 6.2): what was sent before a segment that has been delivered, by more
 * than the reordering window, is lost. What may still be excused gets the reorder timer.
 *
 * Segments sent once are in the order of sending, and so are those sent again in `Recovery.resent`; each of
 * the two lists is looked at from where the last look stopped, so a segment is judged once a transmission.
 *
 * @returns true when segments were found lost
 */
export function detectLosses(tcb: Tcb, flight: Flight, recovery: Recovery, now: number): boolean {
  const limit = flight.rackRtt + reorderingWindow(tcb, flight, recovery);
  const before = flight.lost - flight.retransmitted;
  const original = judgeOriginals(flight, limit, now);
  const resent = judgeResent(flight, recovery, limit, now);
  const at = Math.min(original, resent);
  tcb.timers.reorder = at;
  return flight.lost - flight.retransmitted > before;
}

/** Step 3 and 4: how much reordering this path has shown. Called once an acknowledgment. */
export function noteReordering(tcb: Tcb, recovery: Recovery, d: Delivery): void {
  const { snd } = tcb;
  if (d.reordered) recovery.reorderingSeen = true;
  if (recovery.inDuplicateRound && !lt(snd.una, recovery.duplicateRound)) recovery.inDuplicateRound = false;
  if (d.duplicate && !recovery.inDuplicateRound) {
    recovery.inDuplicateRound = true;
    recovery.duplicateRound = snd.nxt;
    recovery.reoWndMult++;
    recovery.reoWndPersist = REO_WND_PERSIST;
  }
}

/** Step 4: a recovery ended. */
export function recoveryEnded(recovery: Recovery): void {
  if (--recovery.reoWndPersist <= 0) recovery.reoWndMult = 1;
}

/** RACK.reo_wnd. None while the path has not reordered and losses are plain to see. */
function reorderingWindow(tcb: Tcb, flight: Flight, recovery: Recovery): number {
  if (!recovery.reorderingSeen) {
    if (tcb.cc.phase === RECOVERY || tcb.cc.phase === LOSS) return 0;
    if (flight.sackedRows >= tcb.settings.dupThresh) return 0;
  }
  const { rtt } = tcb;
  return rtt.min === NEVER ? 0 : Math.min((recovery.reoWndMult * rtt.min) / 4, rtt.srtt);
}

/** Returns when the oldest undecided segment will be lost; NEVER when none waits. */
function judgeOriginals(flight: Flight, limit: number, now: number): number {
  for (let row = flight.decided; row !== flight.next; row = (row + 1) | 0) {
    flight.decided = row;
    const i = flight.slot(row);
    if (flight.marks[i] & (SACKED | LOST | EVER_RETRANSMITTED)) continue;
    if (!isBeforeRack(flight, flight.at[i], flight.end[i])) return NEVER;
    const at = flight.at[i] + limit;
    if (at > now) return at;
    flight.lose(row);
  }
  flight.decided = flight.next;
  return NEVER;
}

function judgeResent(flight: Flight, recovery: Recovery, limit: number, now: number): number {
  const { resent } = recovery;
  while (!resent.isEmpty) {
    const sentAt = resent.at;
    const row = flight.find(resent.seq);
    const i = flight.slot(row);
    const stands = row !== flight.next && flight.at[i] === sentAt && (flight.marks[i] & RETRANSMITTED) !== 0;
    if (stands) {
      if (!isBeforeRack(flight, sentAt, flight.end[i])) return NEVER;
      const at = sentAt + limit;
      if (at > now) return at;
      flight.lose(row);
    }
    resent.shift();
  }
  return NEVER;
}

/** RACK_sent_after(RACK.segment, segment). */
function isBeforeRack(flight: Flight, at: number, end: number): boolean {
  return at < flight.rackAt || (at === flight.rackAt && gt(flight.rackEnd, end));
}
