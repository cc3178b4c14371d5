import { CWR, ECE, SYN } from "../../assembly/layout/wire.ts";
import { aceField } from "../wire/flags.ts";
import { gt } from "../wire/seq.ts";
import { countBytes, takeOption } from "./accecn.ts";
import type { Segment } from "./arrives/segment.ts";
import type { Delivery } from "./delivery.ts";
import { CE, type Ecn } from "./ecn.ts";
import type { Tcb } from "./tcb.ts";

const COUNT_MASK = 7;
/** CE marks after which the peer is told at once; more where no data came, or two ends would never fall silent (RFC 9768 3.2.2.5.1). */
const MARKS_PER_ACK = 2;
const MARKS_PER_ACK_OF_ACKS = 3;

/** A segment has been accepted: note how it arrived (RFC 3168 6.1.3, RFC 9768 3.2.2.5). */
export function noteArrival(tcb: Tcb, ecn: Ecn, seg: Segment): void {
  if (!ecn.accurate && seg.flags & CWR) ecn.echoes = false;
  if (ecn.bytes !== null && countBytes(ecn.bytes, seg)) tcb.rcv.ackNow = true;
  if (seg.ecn !== CE) return;
  tcb.incidents.marksIn++;
  if (!ecn.accurate) {
    if (seg.dataLength > 0) ecn.echoes = true;
    return;
  }
  ecn.marks = (ecn.marks + 1) & COUNT_MASK;
  ecn.untold++;
  if (ecn.untold >= (seg.dataLength > 0 ? MARKS_PER_ACK : MARKS_PER_ACK_OF_ACKS)) tcb.rcv.ackNow = true;
}

/** Whether an acknowledgment, which delivered `d`, reports marks on what we sent. */
export function tellsOfMarks(tcb: Tcb, ecn: Ecn, seg: Segment, d: Delivery): boolean {
  if (ecn.bytes === null) return (seg.flags & (ECE | SYN)) === ECE;
  if (ecn.isHandshake) {
    ecn.isHandshake = false;
    return false;
  }
  if (!isNewer(tcb, ecn, seg, d)) return false;
  const ace = aceField(seg.flags);
  if (ecn.isFirst) {
    ecn.isFirst = false;
    if (ace === 0) ecn.capable = false; // 3.2.2.4: wiped on the way, marks would never come back
  }
  const markedBytes = takeOption(ecn.bytes, seg);
  if (!ecn.capable) return false;
  const fresh = freshMarks(tcb, ecn, ace, markedBytes, d);
  ecn.reported = ace;
  tcb.incidents.marksReported += fresh;
  return fresh > 0;
}

/** An acknowledgment that was overtaken by another says what was so before (RFC 9768 A.2.1). */
function isNewer(tcb: Tcb, ecn: Ecn, seg: Segment, d: Delivery): boolean {
  const isLater = tcb.timestamps && seg.hasTimestamps && gt(seg.tsval, ecn.tsval);
  if (isLater) ecn.tsval = seg.tsval;
  return d.acked > 0 || d.sacked > 0 || isLater;
}

/**
 * How many of our packets were marked. ACE counts modulo 8, and acknowledgments get lost: of the numbers that it
 * could stand for, the largest that the packets delivered allow is assumed (3.2.2.5.2), unless the bytes that
 * the option reports are too few for it.
 *
 * @param markedBytes -1 where no option says
 */
function freshMarks(tcb: Tcb, ecn: Ecn, ace: number, markedBytes: number, d: Delivery): number {
  const least = (ace - ecn.reported) & COUNT_MASK;
  const { mss } = tcb.snd;
  const delivered = Math.ceil(d.bytes / mss);
  if (delivered <= COUNT_MASK) return least;
  const most = delivered - ((delivered - least) & COUNT_MASK);
  return markedBytes >= 0 && 2 * markedBytes < most * mss ? least : most;
}
