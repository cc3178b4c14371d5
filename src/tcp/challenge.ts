import { Challenges } from "./challenges.ts";
import type { Tcb } from "./tcb.ts";

/**
 * Answers a segment that may come from an off-path attacker with an acknowledgment: a live peer that meant
 * it will send its RST again with the exact number (RFC 5961 3.2, 4.2, 5.2). No more than `challengeAcks` in a
 * period (RFC 5961 7), counted for this connection alone: a shared count is a side channel (CVE-2016-5696).
 */
export function challengeAck(tcb: Tcb, now: number): void {
  const { settings } = tcb;
  const challenges = challengesOf(tcb);
  if (!(now - challenges.since < settings.challengeAckPeriod)) {
    challenges.since = now;
    challenges.count = 0;
  }
  if (challenges.count >= settings.challengeAcks) return;
  challenges.count++;
  tcb.incidents.challengeAcks++;
  tcb.rcv.owed++;
}

/**
 * Answers a segment outside the window with an acknowledgment (RFC 9293 3.10.7.4, first). Empty ones only
 * now and then: two ends that disagree about their numbers would answer each other for ever.
 */
export function acknowledgeOutside(tcb: Tcb, hasData: boolean, now: number): void {
  if (!hasData) {
    const challenges = challengesOf(tcb);
    if (now - challenges.outsideAt < tcb.settings.outOfWindowAckInterval) return;
    challenges.outsideAt = now;
  }
  tcb.rcv.owed++;
}

function challengesOf(tcb: Tcb): Challenges {
  tcb.challenges ??= new Challenges();
  return tcb.challenges;
}
