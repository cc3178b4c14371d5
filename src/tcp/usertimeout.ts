import { distance } from "../wire/seq.ts";
import type { Segment } from "./arrives/segment.ts";
import type { Tcb } from "./tcb.ts";
import { giveUp } from "./teardown.ts";
import { NEVER } from "./timers.ts";

// RFC 5482 3.1: a peer can make us neither give up earlier than R2 allows, nor hold on for ever.
const LEAST = 100_000;
const MOST = 7 * 86_400_000;

/** Something waits to be acknowledged from now on: the user timeout counts (RFC 9293 3.10.2, RFC 5482 3). */
export function startUserTimeout(tcb: Tcb, now: number): void {
  if (tcb.userTimeout > 0 && tcb.timers.user === NEVER) tcb.timers.user = now + tcb.userTimeout;
}

/** Some of it has been acknowledged, or the timeout is another. */
export function restartUserTimeout(tcb: Tcb, now: number): void {
  const { snd, timers } = tcb;
  const isDone = distance(snd.una, snd.end) <= (snd.fin ? -1 : 0);
  timers.user = isDone || tcb.userTimeout === 0 ? NEVER : now + tcb.userTimeout;
}

/** The peer announces how long it will hold on (RFC 5482 3.1). A timeout that our own user set stays. */
export function takeUserTimeout(tcb: Tcb, seg: Segment, now: number): void {
  const { settings } = tcb;
  if (!settings.acceptUserTimeout || settings.userTimeout > 0) return;
  tcb.userTimeout = Math.min(MOST, Math.max(LEAST, seg.userTimeout));
  restartUserTimeout(tcb, now);
}

/** USER TIMEOUT (RFC 9293 3.10.8). */
export function userTimedOut(tcb: Tcb): void {
  giveUp(tcb, "userTimeout");
}
