import { keepAliveTimedOut } from "./keepalive.ts";
import { overrideTimedOut } from "./output.ts";
import { persistTimedOut } from "./persist.ts";
import { reorderTimedOut } from "./recovery.ts";
import { retransmitTimedOut } from "./retransmit.ts";
import { CLOSED, FIN_WAIT_2 } from "./state.ts";
import type { Tcb } from "./tcb.ts";
import { end, giveUp } from "./teardown.ts";
import { NEVER } from "./timers.ts";
import { probeTimedOut } from "./tlp.ts";
import { userTimedOut } from "./usertimeout.ts";

/** Runs every timer whose deadline has come (RFC 9293 3.10.8). */
export function runTimers(tcb: Tcb, now: number): void {
  const { timers } = tcb;
  if (timers.next() > now) return;
  if (timers.user <= now) userTimedOut(tcb);
  if (timers.timeWait <= now) timeWaitTimedOut(tcb);
  if (timers.reorder <= now) reorderTimedOut(tcb, now);
  if (timers.lossProbe <= now) probeTimedOut(tcb, now);
  if (timers.retransmit <= now) retransmitTimedOut(tcb, now);
  if (timers.persist <= now) persistTimedOut(tcb, now);
  if (timers.override <= now) overrideTimedOut(tcb);
  if (timers.pacing <= now) timers.pacing = NEVER; // `output` follows
  if (timers.delayedAck <= now) delayedAckTimedOut(tcb);
  if (timers.keepAlive <= now) keepAliveTimedOut(tcb, now);
}

function delayedAckTimedOut(tcb: Tcb): void {
  tcb.timers.delayedAck = NEVER;
  tcb.rcv.ackNow = true;
}

/** TIME-WAIT TIMEOUT (RFC 9293 3.10.8), or the end of a FIN-WAIT-2 that nobody reads. */
function timeWaitTimedOut(tcb: Tcb): void {
  if (tcb.state === FIN_WAIT_2) giveUp(tcb, "finWait2");
  else if (tcb.state !== CLOSED) end(tcb, "finished", null);
}
