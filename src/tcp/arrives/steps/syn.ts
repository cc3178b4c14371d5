import { SYN } from "../../../../assembly/layout/wire.ts";
import { challengeAck } from "../../challenge.ts";
import { SYN_RECEIVED } from "../../state.ts";
import type { Tcb } from "../../tcb.ts";
import { returnToListen } from "../listen.ts";
import type { Segment } from "../segment.ts";

/**
 * Fourth: check the SYN bit (RFC 9293 3.10.7.4). A SYN inside the window ends nothing: the peer is asked
 * what it means with a challenge ACK (RFC 5961 4.2).
 */
export function checkSyn(tcb: Tcb, seg: Segment, now: number): boolean {
  if (!(seg.flags & SYN)) return true;
  if (tcb.state === SYN_RECEIVED && tcb.passive) returnToListen(tcb);
  else challengeAck(tcb, now);
  return false;
}
