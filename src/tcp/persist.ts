import { ACK, FIN, PSH } from "../../assembly/layout/wire.ts";
import { distance } from "../wire/seq.ts";
import { emit, type SegmentSink } from "./emit.ts";
import { OWE_WINDOW_PROBE, Probes, type Tcb } from "./tcb.ts";
import { giveUp } from "./teardown.ts";
import { NEVER } from "./timers.ts";

/**
 * Data waits, the window is closed and nothing is in flight: probe, or a lost window update would stop the
 * connection for ever (RFC 9293 3.8.6.1). The first probe comes after an RTO, each later one after twice the
 * time (SHLD-29, SHLD-30).
 */
export function waitForWindow(tcb: Tcb, now: number): void {
  const { timers, rtt, settings } = tcb;
  if (timers.persist !== NEVER) return;
  timers.persist = now + Math.min(settings.maxRto, rtt.rto * 2 ** Math.min(tcb.probes?.window ?? 0, 30));
}

/** The persist timer ran out. A peer that answers keeps the connection for as long as it likes (MUST-37). */
export function persistTimedOut(tcb: Tcb, now: number): void {
  const { snd } = tcb;
  tcb.timers.persist = NEVER;
  // The peer took what the last probe brought, and left its window closed: nothing waits any more.
  if (distance(snd.nxt, snd.end) < (snd.fin ? 0 : 1)) return;
  tcb.probes ??= new Probes();
  const { probes } = tcb;
  if (probes.windowUnanswered >= tcb.settings.retries2) {
    giveUp(tcb, "zeroWindow");
    return;
  }
  probes.window++;
  probes.windowUnanswered++;
  tcb.owes |= OWE_WINDOW_PROBE;
  waitForWindow(tcb, now);
}

/** The window is open: probes begin anew when it closes next. */
export function windowOpened(tcb: Tcb): void {
  tcb.timers.persist = NEVER;
  tcb.owes &= ~OWE_WINDOW_PROBE;
  tcb.probes = null;
}

/** Sends the next byte past the window, or the FIN; or, as Linux does, an empty segment that repeats a number. */
export function sendWindowProbe(tcb: Tcb, sink: SegmentSink, now: number): boolean {
  const { snd, settings } = tcb;
  if (settings.windowProbe === "empty") return emit(tcb, sink, (snd.una - 1) | 0, ACK, 0, now);
  const hasData = distance(snd.nxt, snd.end) > 0;
  if (!emit(tcb, sink, snd.nxt, hasData ? ACK | PSH : ACK | FIN, hasData ? 1 : 0, now)) return false;
  snd.probed = true;
  return true;
}
