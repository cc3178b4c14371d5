import { le } from "../wire/seq.ts";
import { RECOVERY } from "./congestion/control.ts";
import type { Delivery } from "./delivery.ts";
import { EVER_RETRANSMITTED, type Flight, LOST, RETRANSMITTED, SACKED } from "./flight.ts";
import type { Recovery } from "./loss.ts";
import type { Tcb } from "./tcb.ts";

// Loss recovery by counting (RFC 6675), where RACK is switched off. How much may be sent meanwhile is PRR's to
// say, as with RACK (RFC 9937 replaces the fixed cwnd of RFC 6675 5).

/** DupAcks: acknowledgments in a row that do not advance SND.UNA, and report something new (RFC 6675 2). */
export function countSackDuplicates(tcb: Tcb, d: Delivery): void {
  if (d.acked > 0) tcb.cc.dupAcks = 0;
  else if (d.sacked > 0) tcb.cc.dupAcks++;
}

/**
 * Marks the segments for which IsLost (RFC 6675 4) holds: DupThresh separate ranges above them are SACKed, or more
 * than DupThresh - 1 segments' worth of bytes. The DupThresh-th duplicate condemns the oldest whatever is known.
 *
 * @returns true when segments were found lost
 */
export function detectSackLosses(tcb: Tcb, flight: Flight): boolean {
  const { cc, settings } = tcb;
  const before = flight.lost;
  if (cc.phase !== RECOVERY && cc.dupAcks >= settings.dupThresh) condemn(flight, flight.first);
  const { reported } = flight;
  if (reported === null) return flight.lost > before;
  let ranges = 0;
  let bytes = 0;
  for (let r = reported.count - 1; r >= 0; r--) {
    ranges++;
    bytes += (reported.right[r] - reported.left[r]) | 0;
    if (ranges >= settings.dupThresh || bytes > (settings.dupThresh - 1) * tcb.snd.mss) {
      condemnBefore(flight, reported.left[r]);
      break;
    }
  }
  return flight.lost > before;
}

/**
 * NextSeg's rule 3 (RFC 6675 4): below the highest SACKed segment, one that is missing and not condemned yet. Only
 * when nothing else may go.
 *
 * @returns its row; `flight.next` when there is none
 */
export function nextDoubtful(flight: Flight): number {
  const { reported } = flight;
  if (reported === null || reported.count === 0) return flight.next;
  const highest = reported.right[reported.count - 1];
  for (let row = flight.decided; row !== flight.next; row = (row + 1) | 0) {
    const i = flight.slot(row);
    if (!le(flight.end[i], highest)) break;
    if ((flight.marks[i] & (SACKED | LOST | EVER_RETRANSMITTED)) === 0) return row;
  }
  return flight.next;
}

/** NextSeg's rule 4, the rescue retransmission: the last missing segment, once a recovery, should the whole tail be lost. */
export function nextRescue(flight: Flight, recovery: Recovery): number {
  if (recovery.rescued) return flight.next;
  for (let row = (flight.next - 1) | 0; row !== ((flight.first - 1) | 0); row = (row - 1) | 0) {
    const marks = flight.marks[flight.slot(row)];
    if (marks & SACKED) continue;
    return marks & RETRANSMITTED ? flight.next : row;
  }
  return flight.next;
}

/** All that is not SACKED before `seq`. Each row is looked at once. */
function condemnBefore(flight: Flight, seq: number): void {
  let row = flight.decided;
  for (; row !== flight.next; row = (row + 1) | 0) {
    const i = flight.slot(row);
    if (!le(flight.end[i], seq)) break;
    if ((flight.marks[i] & (SACKED | LOST)) === 0) condemn(flight, row);
  }
  flight.decided = row;
}

/** A row that was sent again by rule 3 or 4 is not sent a third time. */
function condemn(flight: Flight, row: number): void {
  const marks = flight.marks[flight.slot(row)];
  if (marks & RETRANSMITTED) flight.mark(row, LOST);
  else if ((marks & (SACKED | LOST)) === 0) flight.lose(row);
}
