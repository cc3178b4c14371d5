import type { Host } from "./host.ts";

/** What plans are made to meet. A soak counts the connections that did: one that none meets is not tested by it. */
export const SITUATIONS = [
  "SYN cache",
  "SYN cookie",
  "cookie sent",
  "stranger evicted",
  "host reboots",
  "TIME-WAIT makes way",
  "TIME-WAIT reset",
  "MTU probe",
  "zero-window probe",
  "keep-alive probe",
  "challenge ACK",
  "PAWS",
  "recovery",
  "undone",
  "marks",
  "timed out: handshake",
  "timed out: retransmission",
  "timed out: zeroWindow",
  "timed out: keepAlive",
  "timed out: userTimeout",
  "timed out: finWait2",
] as const;
export type Situation = (typeof SITUATIONS)[number];

/** The situations that a connection has met. */
export class Situations {
  readonly met = new Set<Situation>();

  /** At any time. */
  look({ endpoint }: Host): void {
    const { snd, timer } = endpoint.status();
    if (snd.search !== null && snd.search.probe > 0) this.met.add("MTU probe");
    if (timer.probes > 0) this.met.add(timer.name === "probe" ? "zero-window probe" : "keep-alive probe");
  }

  /** At the end. */
  close({ endpoint, application, requests, isForgotten, hasMadeWay }: Host, isFollowed: boolean): void {
    const { counters } = endpoint.status();
    const { over } = application;
    this.#add("SYN cache", requests?.accepted);
    this.#add("SYN cookie", requests?.cookiesAccepted);
    this.#add("cookie sent", requests?.cookiesSent);
    this.#add("stranger evicted", requests?.evicted);
    this.#add("host reboots", isForgotten);
    this.#add("TIME-WAIT makes way", hasMadeWay);
    this.#add("challenge ACK", counters.challengeAcks);
    this.#add("PAWS", counters.pawsDrops);
    this.#add("recovery", counters.recoveries);
    this.#add("undone", counters.undone);
    this.#add("marks", counters.marksIn);
    if (over?.error?.timeout !== undefined) this.met.add(`timed out: ${over.error.timeout}`);
    this.#add("TIME-WAIT reset", isFollowed && !hasMadeWay && counters.challengeAcks > 0);
  }

  #add(situation: Situation, count: number | boolean | undefined): void {
    if (count) this.met.add(situation);
  }
}
