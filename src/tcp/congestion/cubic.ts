import type { RoundTrip } from "../rtt.ts";
import type { Congestion, CongestionControl } from "./control.ts";

// RFC 9438 4.6 and 5.
const BETA = 0.7;
const C = 0.4;
/** 4.3: with this much a round trip, Reno with CUBIC's BETA would be as fast as Reno. */
const ALPHA = (3 * (1 - BETA)) / (1 + BETA);

/** What CUBIC remembers (RFC 9438 4.1.2). Windows in segments, times in seconds. */
class Cubic {
  /** When this avoidance began, in the caller's ms; NaN before it does. */
  epoch = Number.NaN;
  /** W_max: cwnd before the last reduction. */
  max = 0;
  /** K: from the epoch until cwnd is W_max again. */
  k = 0;
  /** W_est: what Reno would have. */
  estimate = 0;
  /** cwnd_prior: where that stops being slower than Reno. */
  prior = 0;
  /** The part of a byte by which cwnd is short. */
  rest = 0;
  /** W_max before the last reduction, should that be undone. */
  undo = 0;
}

/** CUBIC (RFC 9438): cwnd grows with the time since the last loss, whatever the round trip. */
export const cubic: CongestionControl = {
  name: "cubic",

  avoid(cc: Congestion, acked: number, mss: number, rtt: RoundTrip, now: number): void {
    const memory = memoryOf(cc);
    const cwnd = cc.cwnd / mss;
    if (Number.isNaN(memory.epoch)) beginEpoch(memory, cwnd, now);
    const t = (now - memory.epoch) / 1000;
    const share = acked / cc.cwnd;
    memory.estimate += (memory.estimate < memory.prior ? ALPHA : 1) * share;
    let grown: number;
    if (cubicWindow(memory, t) < memory.estimate) {
      grown = Math.max(memory.estimate - cwnd, 0); // 4.3: Reno-friendly
    } else {
      const target = cubicWindow(memory, t + rtt.srtt / 1000);
      grown = (Math.min(Math.max(target, cwnd), 1.5 * cwnd) - cwnd) * share; // 4.4, 4.5
    }
    memory.rest += grown * mss;
    const bytes = Math.floor(memory.rest);
    memory.rest -= bytes;
    cc.cwnd += bytes;
  },

  reduce(cc: Congestion, cwnd: number, mss: number): number {
    const memory = memoryOf(cc);
    const segments = cwnd / mss;
    memory.undo = memory.max;
    // 4.7, fast convergence: a flow held lower than the last time leaves room for others.
    memory.max = segments < memory.max ? (segments * (1 + BETA)) / 2 : segments;
    memory.prior = segments;
    memory.epoch = Number.NaN;
    return Math.max(Math.floor(cwnd * BETA), 2 * mss);
  },

  undo(cc: Congestion): void {
    const memory = memoryOf(cc);
    memory.max = memory.undo;
    memory.epoch = Number.NaN;
  },

  /** 4.2: time in which nothing was sent does not count. */
  resume(cc: Congestion, idle: number): void {
    memoryOf(cc).epoch += idle;
  },
};

function memoryOf(cc: Congestion): Cubic {
  cc.memory ??= new Cubic();
  return cc.memory as Cubic;
}

function beginEpoch(memory: Cubic, cwnd: number, now: number): void {
  memory.epoch = now;
  memory.estimate = cwnd;
  memory.rest = 0;
  if (memory.max <= cwnd) {
    memory.max = cwnd; // slow start ended without a loss (4.8)
    memory.k = 0;
  } else {
    memory.k = cubeRoot((memory.max - cwnd) / C);
  }
}

/** Of a positive number, by Newton's steps: engines round `Math.cbrt` and powers differently, and simulations are the same in all. */
function cubeRoot(x: number): number {
  let root = 1;
  while (root * root * root < x) root *= 2;
  while (root * root * root > 8 * x) root /= 2;
  for (let step = 0; step < 6; step++) root -= (root - x / (root * root)) / 3;
  return root;
}

/** W_cubic(t) = C * (t - K)^3 + W_max. */
function cubicWindow(memory: Cubic, t: number): number {
  const since = t - memory.k;
  return C * since * since * since + memory.max;
}
