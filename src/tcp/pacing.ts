import type { Tcb } from "./tcb.ts";
import { NEVER } from "./timers.ts";

// How much faster than cwnd a round trip: slow start doubles, avoidance needs room to probe.
const GAIN_SLOW_START = 2;
const GAIN_AVOIDANCE = 1.2;

/** Whether pacing lets a segment go now. If not, its timer tells when. */
export function mayGo(tcb: Tcb, now: number): boolean {
  const { snd, timers } = tcb;
  if (snd.paceAt === null || now >= snd.paceAt) return true;
  timers.pacing = snd.paceAt;
  return false;
}

/** A segment of `bytes` went: the next one follows after its share of the round trip. */
export function pace(tcb: Tcb, bytes: number, now: number): void {
  const { snd, cc, rtt, timers } = tcb;
  timers.pacing = NEVER;
  if (rtt.srtt === 0) return;
  const gain = cc.cwnd < cc.ssthresh ? GAIN_SLOW_START : GAIN_AVOIDANCE;
  const wait = (bytes * rtt.srtt) / (Math.max(cc.cwnd, bytes) * gain);
  snd.paceAt = Math.max(now, snd.paceAt ?? now) + wait;
}
