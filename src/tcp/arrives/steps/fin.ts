import { FIN } from "../../../../assembly/layout/wire.ts";
import { EVENT_END } from "../../events.ts";
import {
  CLOSE_WAIT,
  CLOSING,
  ESTABLISHED,
  enter,
  FIN_WAIT_1,
  FIN_WAIT_2,
  isIn,
  RECEIVING,
} from "../../state.ts";
import type { Tcb } from "../../tcb.ts";
import { enterTimeWait } from "../../timewait.ts";
import type { Segment } from "../segment.ts";

/** Eighth: check the FIN bit (RFC 9293 3.10.7.4): this segment's, or one that waited beyond a gap that has closed. */
export function checkFin(tcb: Tcb, seg: Segment, now: number): void {
  if (!isIn(tcb.state, RECEIVING)) return;
  const { rcv } = tcb;
  if (seg.flags & FIN) {
    rcv.finAhead = true;
    rcv.finAt = (seg.seq + seg.dataLength) | 0;
    // A FIN beyond a gap is a segment out of order, which one without text has not said yet (RFC 5681 4.2).
    if (rcv.finAt !== rcv.nxt && seg.dataLength === 0) rcv.owed++;
  }
  if (!rcv.finAhead || rcv.finAt !== rcv.nxt) return;
  rcv.finAhead = false;
  rcv.fin = true;
  if (rcv.user === rcv.nxt) rcv.user = (rcv.nxt + 1) | 0;
  rcv.nxt = (rcv.nxt + 1) | 0;
  if (rcv.wnd > 0) rcv.wnd--;
  rcv.ackNow = true;
  tcb.events |= EVENT_END;
  switch (tcb.state) {
    case ESTABLISHED:
      enter(tcb, CLOSE_WAIT);
      break;
    case FIN_WAIT_1: // our FIN is not acknowledged, or the fifth step had moved on
      enter(tcb, CLOSING);
      break;
    case FIN_WAIT_2:
      enterTimeWait(tcb, now);
  }
}
