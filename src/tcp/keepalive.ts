import { ACK } from "../../assembly/layout/wire.ts";
import { distance } from "../wire/seq.ts";
import { emit, emitGarbage, type SegmentSink } from "./emit.ts";
import { isIn, SYNCHRONIZED, TIME_WAIT } from "./state.ts";
import { OWE_KEEP_ALIVE, Probes, type Tcb } from "./tcb.ts";
import { giveUp, queueReset } from "./teardown.ts";
import { NEVER } from "./timers.ts";

/** Starts or stops the keep-alive timer, as the settings say (RFC 9293 3.8.4: off unless asked for, MUST-24, MUST-25). */
export function startKeepAlive(tcb: Tcb, now: number): void {
  const { keepAlive } = tcb.settings;
  if (tcb.probes !== null) tcb.probes.keepAlive = 0;
  const runs = keepAlive !== null && isIn(tcb.state, SYNCHRONIZED) && tcb.state !== TIME_WAIT;
  tcb.timers.keepAlive = runs ? Math.max(now, tcb.rcv.lastAt + keepAlive.idle) : NEVER;
}

/**
 * The keep-alive timer ran out. It is not restarted with each arrival; what has arrived meanwhile counts
 * now. Only a silence with nothing outstanding is probed (MUST-26), and the connection ends only after all
 * probes stayed unanswered (MUST-29).
 */
export function keepAliveTimedOut(tcb: Tcb, now: number): void {
  const { settings, snd, timers } = tcb;
  const { keepAlive } = settings;
  const probes = tcb.probes?.keepAlive ?? 0;
  timers.keepAlive = NEVER;
  if (keepAlive === null) return;
  const due = tcb.rcv.lastAt + keepAlive.idle;
  if (snd.flight !== null || distance(snd.nxt, snd.end) >= (snd.fin ? 0 : 1)) {
    // What is outstanding finds out by itself whether the peer lives.
    timers.keepAlive = now + keepAlive.idle;
  } else if (probes === 0 && now < due) {
    timers.keepAlive = due;
  } else if (isExhausted(tcb, probes, now - tcb.rcv.lastAt)) {
    queueReset(tcb);
    giveUp(tcb, "keepAlive");
  } else {
    tcb.probes ??= new Probes();
    tcb.probes.keepAlive++;
    tcb.owes |= OWE_KEEP_ALIVE;
    timers.keepAlive = now + keepAlive.interval;
  }
}

/** A segment that repeats the number before SND.NXT: outside the peer's window, so it must be answered (3.10.7.4, first). */
export function sendKeepAlive(tcb: Tcb, sink: SegmentSink, now: number): boolean {
  const seq = (tcb.snd.nxt - 1) | 0;
  return tcb.settings.keepAlive?.garbageByte
    ? emitGarbage(tcb, sink, seq, now)
    : emit(tcb, sink, seq, ACK, 0, now);
}

/** A user timeout, where there is one, is the measure for silence too. */
function isExhausted(tcb: Tcb, probes: number, silence: number): boolean {
  if (tcb.userTimeout > 0) return probes > 0 && silence >= tcb.userTimeout;
  return probes >= tcb.settings.keepAlive!.probes;
}
