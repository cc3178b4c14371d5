import { distance, gt, lt } from "../wire/seq.ts";
import type { Segment } from "./arrives/segment.ts";
import type { Reassembly } from "./reassembly.ts";
import type { Tcb } from "./tcb.ts";

/**
 * Whether `length` bytes of data from `seq` on can be copied into the ring before they are known to be intact: nothing
 * there can be spoilt.
 */
export function canPlaceUnseen(tcb: Tcb, seq: number, length: number): boolean {
  const { rcv } = tcb;
  const { ring } = rcv;
  return (
    ring !== null &&
    rcv.ahead === null &&
    seq === rcv.nxt &&
    distance(rcv.user, rcv.nxt) + length <= ring.size &&
    ring.isContiguous(seq, length)
  );
}

/** Copies the data of `seg` to its place. Returns false when there is no memory: the segment counts as lost then. */
export function placeWhole(tcb: Tcb, seg: Segment): boolean {
  if (!reach(tcb, (seg.seq + seg.dataLength) | 0)) return false;
  tcb.rcv.ring!.copyIn(seg.seq, seg.data, seg.dataLength);
  return true;
}

/** The same where others have arrived before it: the bytes that came first stay, whatever this one says. */
export function placeAround(tcb: Tcb, seg: Segment, ahead: Reassembly): boolean {
  const right = (seg.seq + seg.dataLength) | 0;
  if (!reach(tcb, right)) return false;
  const { ring } = tcb.rcv;
  let from = seg.seq;
  for (let r = ahead.find(from); lt(from, right); r++) {
    const isLast = r >= ahead.count || !lt(ahead.left[r], right);
    const to = isLast ? right : ahead.left[r];
    if (gt(to, from)) ring!.copyIn(from, seg.data + distance(seg.seq, from), distance(from, to));
    if (isLast) break;
    from = ahead.right[r];
  }
  return true;
}

/** Copies up to `target.length` bytes out, and gives an empty ring back. Returns how many. */
export function dequeue(tcb: Tcb, target: Uint8Array): number {
  const { rcv } = tcb;
  const count = Math.min(target.length, distance(rcv.user, endOfText(tcb)));
  if (count === 0) return 0;
  rcv.ring!.read(rcv.user, count === target.length ? target : target.subarray(0, count));
  rcv.user = (rcv.user + count) | 0;
  if (rcv.user === endOfText(tcb)) {
    rcv.user = rcv.nxt;
    if (rcv.ahead === null) releaseReceiveRing(tcb);
  }
  return count;
}

/** Bytes that RECEIVE would give now. */
export function readable(tcb: Tcb): number {
  return distance(tcb.rcv.user, endOfText(tcb));
}

export function releaseReceiveRing(tcb: Tcb): void {
  tcb.rcv.ring?.release();
  tcb.rcv.ring = null;
}

/** RCV.NXT, without the FIN that it may count. */
function endOfText(tcb: Tcb): number {
  const { rcv } = tcb;
  return rcv.fin && rcv.user !== rcv.nxt ? (rcv.nxt - 1) | 0 : rcv.nxt;
}

/** Makes the ring large enough for numbers up to `right`. The next one starts as large as this had to be. */
function reach(tcb: Tcb, right: number): boolean {
  const { rcv, pool } = tcb;
  const needed = distance(rcv.user, right);
  if (needed > rcv.held) rcv.held = needed;
  try {
    if (rcv.ring === null) {
      rcv.ring = pool.take(rcv.held);
      rcv.held = needed;
    } else if (rcv.ring.size < needed) {
      rcv.ring = rcv.ring.grown(needed, rcv.user, rcv.ring.size);
    }
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
  return true;
}
