import type { Congestion, CongestionControl } from "./control.ts";

/** Bytes acknowledged that have not grown cwnd yet. */
class Reno {
  credit = 0;
}

/** Reno (RFC 5681): a segment more each round trip, half of it after a loss. */
export const reno: CongestionControl = {
  name: "reno",

  /** A full cwnd acknowledged lets one segment more be sent (3.1, the form that counts bytes). */
  avoid(cc: Congestion, acked: number, mss: number): void {
    cc.memory ??= new Reno();
    const memory = cc.memory as Reno;
    memory.credit += acked;
    while (memory.credit >= cc.cwnd) {
      memory.credit -= cc.cwnd;
      cc.cwnd += mss;
    }
  },

  /** (4) of 3.1. */
  reduce(cc: Congestion, cwnd: number, mss: number): number {
    cc.memory = null;
    return Math.max(cwnd >> 1, 2 * mss);
  },
};
