import { gt, le } from "../wire/seq.ts";
import { EVER_RETRANSMITTED, type Flight, LOST, RETRANSMITTED, SACKED } from "./flight.ts";
import { NEVER } from "./timers.ts";

/** What one acknowledgment told of the segments in flight. One object serves all. */
export class Delivery {
  /** Bytes that it delivered: acknowledged or SACKed for the first time. */
  bytes = 0;
  /** Bytes by which SND.UNA advanced. */
  acked = 0;
  /** Bytes that SACK reported for the first time. */
  sacked = 0;
  /** When the oldest of the segments acknowledged was sent, if none of them was ever sent twice; else NEVER. */
  oldestAt = NEVER;
  /** Bytes of the largest segment acknowledged. */
  largest = 0;
  /** A segment sent only once was delivered beyond SND.UNA or with it: no timeout had been needed (RFC 5682). */
  original = false;
  /** ECN: the path has marked something of ours. */
  marked = false;
  /** A D-SACK arrived (RFC 2883). */
  duplicate = false;
  /** ... for these numbers. */
  duplicateLeft = 0;
  duplicateRight = 0;
  /** A never retransmitted segment arrived after one sent later (RFC 8985 6.2 step 3). */
  reordered = false;

  reset(): void {
    this.bytes = 0;
    this.acked = 0;
    this.largest = 0;
    this.oldestAt = NEVER;
    this.original = false;
    this.sacked = 0;
    this.marked = false;
    this.duplicate = false;
    this.reordered = false;
  }
}

/** Takes all that `ack` covers out of the queue. */
export function takeAcknowledged(
  flight: Flight,
  ack: number,
  d: Delivery,
  minRtt: number,
  now: number,
): void {
  let ambiguous = false;
  let oldest = NEVER;
  while (flight.first !== flight.next) {
    const i = flight.slot(flight.first);
    if (!le(flight.end[i], ack)) break;
    const marks = flight.marks[i];
    const length = (flight.end[i] - flight.start[i]) | 0;
    if (length > d.largest) d.largest = length;
    if (marks & EVER_RETRANSMITTED) ambiguous = true;
    else if (oldest === NEVER) oldest = flight.at[i];
    if (!(marks & SACKED)) {
      d.bytes += length;
      deliver(flight, i, d, minRtt, now);
    }
    flight.shift();
  }
  if (!ambiguous) d.oldestAt = oldest;
  flight.reported?.dropBefore(ack);
  if (flight.first === flight.next) return;
  const i = flight.slot(flight.first);
  if (!gt(ack, flight.start[i])) return;
  if (!(flight.marks[i] & SACKED)) d.bytes += (ack - flight.start[i]) | 0;
  flight.trim(ack);
}

/** Marks a row as held by the peer. */
export function takeSacked(flight: Flight, row: number, d: Delivery, minRtt: number, now: number): void {
  const i = flight.slot(row);
  if (flight.marks[i] & SACKED) return;
  const length = (flight.end[i] - flight.start[i]) | 0;
  d.bytes += length;
  d.sacked += length;
  deliver(flight, i, d, minRtt, now);
  flight.clear(row, LOST | RETRANSMITTED);
  flight.mark(row, SACKED);
}

/** RFC 8985 6.2, steps 2 and 3: the segment sent last of all that were delivered. */
function deliver(flight: Flight, i: number, d: Delivery, minRtt: number, now: number): void {
  const at = flight.at[i];
  const end = flight.end[i];
  if (flight.marks[i] & EVER_RETRANSMITTED) {
    // Too quick an answer for the second copy: it is the first that arrived.
    if (now - at < minRtt) return;
  } else {
    d.original = true;
    if (gt(flight.highest, end)) d.reordered = true;
  }
  if (gt(end, flight.highest)) flight.highest = end;
  if (at > flight.rackAt || (at === flight.rackAt && gt(end, flight.rackEnd))) {
    flight.rackAt = at;
    flight.rackEnd = end;
    flight.rackRtt = now - at;
  }
}
