import { gt, le, lt } from "../wire/seq.ts";
import type { Segment } from "./arrives/segment.ts";
import { type Delivery, takeSacked } from "./delivery.ts";
import type { Flight } from "./flight.ts";
import { Ranges } from "./ranges.ts";
import type { Tcb } from "./tcb.ts";

/**
 * Marks what the SACK blocks of an acknowledgment report (RFC 2018 3, RFC 6675 4). Only what no earlier block
 * had reported is looked at, so that all the blocks of a window cost no more than its segments.
 *
 * A block counts as D-SACK when it lies below SEG.ACK or inside the second block (RFC 2883 4). Blocks that
 * name anything but [SND.UNA, SND.NXT) are not believed.
 */
export function takeSack(tcb: Tcb, seg: Segment, d: Delivery, now: number): void {
  const { snd } = tcb;
  const { flight } = snd;
  const first = takeDuplicate(tcb, seg, d) ? 1 : 0;
  if (flight === null) return;
  for (let b = first; b < seg.sackBlocks; b++) {
    const left = seg.sack[2 * b];
    const right = seg.sack[2 * b + 1];
    if (!lt(left, right) || lt(left, snd.una) || gt(right, snd.nxt)) continue;
    if (le(right, seg.ack)) continue;
    if (flight.reported === null) flight.reported = new Ranges();
    takeBlock(flight, flight.reported, left, right, d, tcb.rtt.min, now);
  }
}

/** Returns true when the first block is a D-SACK. */
function takeDuplicate(tcb: Tcb, seg: Segment, d: Delivery): boolean {
  if (seg.sackBlocks === 0) return false;
  const left = seg.sack[0];
  const right = seg.sack[1];
  if (!lt(left, right)) return true;
  const below = lt(left, seg.ack);
  const inside = seg.sackBlocks > 1 && !lt(left, seg.sack[2]) && le(right, seg.sack[3]);
  if (!below && !inside) return false;
  // What was acknowledged longer ago than a window is not about this flight.
  const { snd } = tcb;
  if (gt(right, snd.nxt) || lt(left, (snd.una - Math.max(snd.maxWnd, 1)) | 0)) return true;
  d.duplicate = true;
  d.duplicateLeft = left;
  d.duplicateRight = right;
  return true;
}

/** Marks the rows in those parts of [left, right) that are new. */
function takeBlock(
  flight: Flight,
  known: Ranges,
  left: number,
  right: number,
  d: Delivery,
  minRtt: number,
  now: number,
): void {
  let from = left;
  for (let r = known.find(left); lt(from, right); r++) {
    const isLast = r >= known.count || !lt(known.left[r], right);
    const to = isLast ? right : known.left[r];
    for (let row = flight.find(from); row !== flight.next; row = (row + 1) | 0) {
      const i = flight.slot(row);
      if (!lt(flight.start[i], to)) break;
      if (isCovered(known, flight.start[i], flight.end[i], left, right))
        takeSacked(flight, row, d, minRtt, now);
    }
    if (isLast) break;
    from = known.right[r];
  }
  known.add(left, right);
}

/** Whether a row lies in [left, right), with what is known on either side of it. A row of which a part is missing is missing. */
function isCovered(known: Ranges, start: number, end: number, left: number, right: number): boolean {
  return (!lt(start, left) || known.covers(start, left)) && (!gt(end, right) || known.covers(right, end));
}
