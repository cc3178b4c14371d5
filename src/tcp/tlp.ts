import { lt } from "../wire/seq.ts";
import { OPEN } from "./congestion/control.ts";
import type { Delivery } from "./delivery.ts";
import type { Recovery } from "./loss.ts";
import { startRetransmitTimer } from "./rto.ts";
import { SYN_RECEIVED } from "./state.ts";
import { OWE_LOSS_PROBE, type Tcb } from "./tcb.ts";
import { NEVER } from "./timers.ts";

// RFC 8985 7.2: the peer's delayed ACK may hold a lone segment's acknowledgment back so long.
const MAX_ACK_DELAY = 200;
const GRANULARITY = 2;
const NO_RTT = 1000;

/**
 * Schedules a tail loss probe (RFC 8985 7.2) after data was sent or acknowledged: where the last segments of
 * a flight are lost nothing follows that could tell, and the probe's acknowledgment does so before the RTO.
 */
export function scheduleProbe(tcb: Tcb, now: number): void {
  const { snd, cc, timers, rtt, settings } = tcb;
  const { flight } = snd;
  const mayProbe =
    settings.tailLossProbe &&
    settings.rack &&
    tcb.sack &&
    flight !== null &&
    cc.phase === OPEN &&
    tcb.state !== SYN_RECEIVED &&
    flight.sacked === 0 &&
    flight.lost === 0;
  if (!mayProbe || tcb.recovery?.probing) {
    timers.lossProbe = NEVER;
    return;
  }
  let wait = rtt.min === NEVER ? NO_RTT : 2 * rtt.srtt + GRANULARITY;
  if (flight.rows === 1) wait += MAX_ACK_DELAY;
  timers.lossProbe = Math.min(now + wait, timers.retransmit); // a probe goes in the place of the first timeout
}

/** The probe timer ran out: `output` sends new data past cwnd, or the last segment again (RFC 8985 7.3). */
export function probeTimedOut(tcb: Tcb, now: number): void {
  tcb.timers.lossProbe = NEVER;
  if (tcb.snd.flight === null) return;
  tcb.owes |= OWE_LOSS_PROBE;
  startRetransmitTimer(tcb, now); // RFC 8985 7.3: the timeout counts from the probe
}

/** A probe has been sent; it `repeats` data or is new. */
export function noteProbe(tcb: Tcb, recovery: Recovery, repeats: boolean): void {
  recovery.probing = true;
  recovery.probeEnd = tcb.snd.nxt;
  recovery.probeRepeats = repeats;
  tcb.timers.lossProbe = NEVER;
}

/**
 * While a probe is out: what an acknowledgment tells of it (RFC 8985 7.4.2).
 * @returns true when the tail was lost and the probe mended it: a congestion event all the same
 */
export function takeProbeAnswer(tcb: Tcb, recovery: Recovery, d: Delivery, isDuplicate: boolean): boolean {
  const { snd } = tcb;
  if (lt(snd.una, recovery.probeEnd)) return false;
  const bothArrived = d.duplicate || (isDuplicate && d.sacked === 0);
  if (!recovery.probeRepeats || bothArrived) {
    recovery.probing = false;
    return false;
  }
  // Acknowledged just up to the probe it may still be the original's acknowledgment, and the probe's to come.
  if (snd.una === recovery.probeEnd) return false;
  recovery.probing = false;
  return true;
}
