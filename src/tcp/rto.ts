import { backedOff } from "./rtt.ts";
import type { Tcb } from "./tcb.ts";

/** Starts the retransmission timer with the current RTO (RFC 6298 5.1, 5.3). */
export function startRetransmitTimer(tcb: Tcb, now: number): void {
  tcb.timers.retransmit = now + backedOff(tcb.rtt, tcb.settings.maxRto);
}
