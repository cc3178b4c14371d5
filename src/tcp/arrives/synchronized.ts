import { noteArrival } from "../ecn-feedback.ts";
import { TIME_WAIT } from "../state.ts";
import type { Tcb } from "../tcb.ts";
import { isNewSyn } from "../timewait.ts";
import { takeUserTimeout } from "../usertimeout.ts";
import { reopen } from "./listen.ts";
import type { Segment } from "./segment.ts";
import { checkAck } from "./steps/ack.ts";
import { checkFin } from "./steps/fin.ts";
import { checkRst } from "./steps/rst.ts";
import { checkSecurity } from "./steps/security.ts";
import { checkSequence } from "./steps/sequence.ts";
import { checkSyn } from "./steps/syn.ts";
import { text } from "./steps/text.ts";
import { checkUrg } from "./steps/urg.ts";

/** SEGMENT ARRIVES in SYN-RECEIVED and the synchronized states: the eight steps of RFC 9293 3.10.7.4. */
export function arrivesSynchronized(tcb: Tcb, seg: Segment, now: number): void {
  if (tcb.state === TIME_WAIT && tcb.passive && isNewSyn(tcb, seg)) {
    reopen(tcb, seg, now);
    return;
  }
  if (!checkSequence(tcb, seg, now)) return;
  if (!checkRst(tcb, seg, now)) return;
  if (!checkSecurity(tcb, seg)) return;
  if (!checkSyn(tcb, seg, now)) return;
  if (!checkAck(tcb, seg, now)) return;
  if (seg.userTimeout > 0) takeUserTimeout(tcb, seg, now);
  if (tcb.ecn !== null) noteArrival(tcb, tcb.ecn, seg);
  finishSegment(tcb, seg, now);
}

/** The sixth step and those after it, with which a SYN,ACK that brought text goes on too (3.10.7.3). */
export function finishSegment(tcb: Tcb, seg: Segment, now: number): void {
  checkUrg(tcb, seg);
  if (!text(tcb, seg, now)) return;
  checkFin(tcb, seg, now);
}
