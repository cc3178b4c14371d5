import { distance } from "../wire/seq.ts";
import type { Tcb } from "./tcb.ts";
import { giveUp } from "./teardown.ts";
import { NEVER } from "./timers.ts";

/** Something waits to be acknowledged from now on: the user timeout counts (RFC 9293 3.10.2, RFC 5482 3). */
export function startUserTimeout(tcb: Tcb, now: number): void {
  const { settings, timers } = tcb;
  if (settings.userTimeout > 0 && timers.user === NEVER) timers.user = now + settings.userTimeout;
}

/** Some of it has been acknowledged. */
export function restartUserTimeout(tcb: Tcb, now: number): void {
  const { snd, timers, settings } = tcb;
  const isDone = distance(snd.una, snd.end) <= (snd.fin ? -1 : 0);
  timers.user = isDone ? NEVER : now + settings.userTimeout;
}

/** USER TIMEOUT (RFC 9293 3.10.8). */
export function userTimedOut(tcb: Tcb): void {
  giveUp(tcb, "userTimeout");
}
