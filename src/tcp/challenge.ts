import type { Tcb } from "./tcb.ts";

/**
 * Answers a segment that may come from an off-path attacker with an acknowledgment: a live peer that meant
 * it will send its RST again with the exact number (RFC 5961 3.2, 4.2, 5.2). No more than `challengeAcks` in a
 * period (RFC 5961 7), counted for this connection alone: a shared count is a side channel (CVE-2016-5696).
 */
export function challengeAck(tcb: Tcb, now: number): void {
  const { settings, counters } = tcb;
  if (!(now - tcb.challengesAt < settings.challengeAckPeriod)) {
    tcb.challengesAt = now;
    tcb.challenges = 0;
  }
  if (tcb.challenges >= settings.challengeAcks) return;
  tcb.challenges++;
  counters.challengeAcks++;
  tcb.rcv.owed++;
}

/**
 * Answers a segment outside the window with an acknowledgment (RFC 9293 3.10.7.4, first). Empty ones only
 * now and then: two ends that disagree about their numbers would answer each other for ever.
 */
export function acknowledgeOutside(tcb: Tcb, hasData: boolean, now: number): void {
  if (!hasData) {
    if (now - tcb.outsideAt < tcb.settings.outOfWindowAckInterval) return;
    tcb.outsideAt = now;
  }
  tcb.rcv.owed++;
}
