import { ACK, RST, SYN } from "../../assembly/layout/wire.ts";
import { gt } from "../wire/seq.ts";
import type { Segment } from "./arrives/segment.ts";
import { enter, FIN_WAIT_2, TIME_WAIT } from "./state.ts";
import type { Tcb } from "./tcb.ts";
import { flushSend } from "./teardown.ts";

/**
 * TIME-WAIT: both sides have closed and all is acknowledged, but the last ACK may be lost, and old duplicates
 * may still be under way (RFC 9293 3.6.1). Every other timer stops.
 */
export function enterTimeWait(tcb: Tcb, now: number): void {
  enter(tcb, TIME_WAIT);
  tcb.timers.stop();
  flushSend(tcb);
  restartTimeWait(tcb, now);
}

/** The peer's FIN came once more: our ACK was lost, and the 2 MSL begin anew (3.10.7.4, eighth). */
export function restartTimeWait(tcb: Tcb, now: number): void {
  tcb.timers.timeWait = now + tcb.settings.timeWait;
}

/** Our FIN is acknowledged. With nobody to receive what may still come, the wait for the peer's has an end. */
export function enterFinWait2(tcb: Tcb, now: number): void {
  enter(tcb, FIN_WAIT_2);
  limitFinWait2(tcb, now);
}

/** Starts the timer of a FIN-WAIT-2 in which the application receives no more. */
export function limitFinWait2(tcb: Tcb, now: number): void {
  if (tcb.state === FIN_WAIT_2 && tcb.rcv.deaf) tcb.timers.timeWait = now + tcb.settings.finWait2;
}

/**
 * Whether a segment that meets TIME-WAIT is the SYN of a new connection, and no duplicate of the old one's: its
 * timestamp is later, or, where that cannot tell, its number is past all that the old one used (RFC 9293 3.6.1
 * MAY-2, RFC 6191 2).
 */
export function isNewSyn(tcb: Tcb, seg: Segment): boolean {
  if ((seg.flags & (SYN | ACK | RST)) !== SYN) return false;
  if (tcb.timestamps && seg.hasTimestamps && seg.tsval !== tcb.tsRecent) return gt(seg.tsval, tcb.tsRecent);
  return gt(seg.seq, tcb.rcv.nxt);
}
