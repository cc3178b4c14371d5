import { ACK, RST } from "../../../assembly/layout/wire.ts";
import type { Tcb } from "../tcb.ts";
import { replyReset } from "../teardown.ts";
import type { Segment } from "./segment.ts";

/** SEGMENT ARRIVES in CLOSED (RFC 9293 3.10.7.1): "all data in the incoming segment is discarded", and answered with RST. */
export function arrivesClosed(tcb: Tcb, seg: Segment): void {
  if (seg.flags & RST) return;
  if (seg.flags & ACK) replyReset(tcb, seg.ack, 0, RST);
  else replyReset(tcb, 0, (seg.seq + seg.len) | 0, RST | ACK);
}
