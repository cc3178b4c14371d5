import { URG } from "../../../../assembly/layout/wire.ts";
import { gt } from "../../../wire/seq.ts";
import { EVENT_URGENT } from "../../events.ts";
import { isIn, RECEIVING } from "../../state.ts";
import type { Tcb } from "../../tcb.ts";
import type { Segment } from "../segment.ts";

/**
 * Sixth: check the URG bit (RFC 9293 3.10.7.4). RCV.UP only moves forward, and the user is told when it
 * runs ahead of what has been received. The pointer names no place to read: it may lie anywhere.
 */
export function checkUrg(tcb: Tcb, seg: Segment): void {
  if (!(seg.flags & URG) || !isIn(tcb.state, RECEIVING)) return;
  const { rcv } = tcb;
  const up = (seg.seq + seg.up) | 0;
  if (rcv.urgent ? !gt(up, rcv.up) : !gt(up, rcv.user)) return;
  rcv.up = up;
  rcv.urgent = true;
  tcb.events |= EVENT_URGENT;
}
