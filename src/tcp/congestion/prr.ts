import type { Recovery } from "../loss.ts";
import type { Congestion } from "./control.ts";

/**
 * Proportional rate reduction (RFC 9937): while a recovery lasts, cwnd follows what is delivered, so that
 * what is in flight falls to ssthresh evenly over a round trip and no burst or silence comes of it.
 */
export function beginReduction(recovery: Recovery, outstanding: number): void {
  recovery.prrDelivered = 0;
  recovery.prrOut = 0;
  recovery.recoverFs = Math.max(outstanding, 1);
}

/**
 * Takes an acknowledgment that delivered `bytes` (RFC 9937 5).
 *
 * @param inFlight after it
 * @param isSafe SND.UNA advanced and no further loss shows ("safeACK")
 * @param sendsOne a segment must go whatever else holds: the fast retransmission itself
 */
export function reduceProportionally(
  cc: Congestion,
  recovery: Recovery,
  bytes: number,
  inFlight: number,
  isSafe: boolean,
  sendsOne: boolean,
  mss: number,
): void {
  recovery.prrDelivered += bytes;
  const { prrDelivered, prrOut } = recovery;
  let count: number;
  if (inFlight > cc.ssthresh) {
    count = Math.ceil((prrDelivered * cc.ssthresh) / recovery.recoverFs) - prrOut;
  } else {
    count = Math.max(prrDelivered - prrOut, bytes);
    if (isSafe) count += mss;
    count = Math.min(cc.ssthresh - inFlight, count);
  }
  if (sendsOne || prrOut === 0) count = Math.max(count, mss);
  cc.cwnd = inFlight + Math.max(count, 0);
}
