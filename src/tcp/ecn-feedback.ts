import { CWR, ECE, SYN } from "../../assembly/layout/wire.ts";
import { aceField } from "../wire/flags.ts";
import type { Segment } from "./arrives/segment.ts";
import { CE, type Ecn } from "./ecn.ts";
import type { Tcb } from "./tcb.ts";

const COUNT_MASK = 7;
/** CE marks after which the peer is told at once (RFC 9768 3.2.2.5.1). */
const MARKS_PER_ACK = 2;

/** A segment has been accepted: note how it arrived (RFC 3168 6.1.3, RFC 9768 3.2.2.5). */
export function noteArrival(tcb: Tcb, ecn: Ecn, seg: Segment): void {
  if (!ecn.accurate && seg.flags & CWR) ecn.echoes = false;
  if (seg.ecn !== CE) return;
  tcb.counters.marksIn++;
  if (!ecn.accurate) {
    if (seg.dataLength > 0) ecn.echoes = true;
    return;
  }
  ecn.marks = (ecn.marks + 1) & COUNT_MASK;
  if (++ecn.untold >= MARKS_PER_ACK) tcb.rcv.ackNow = true;
}

/** Whether an acknowledgment reports marks on what we sent. */
export function tellsOfMarks(tcb: Tcb, ecn: Ecn, seg: Segment): boolean {
  if (!ecn.accurate) return (seg.flags & (ECE | SYN)) === ECE;
  const fresh = (aceField(seg.flags) - ecn.reported) & COUNT_MASK;
  if (fresh === 0) return false;
  ecn.reported = (ecn.reported + fresh) & COUNT_MASK;
  tcb.counters.marksReported += fresh;
  return true;
}
