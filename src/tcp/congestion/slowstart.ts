import type { RoundTrip } from "../rtt.ts";
import type { Settings } from "../settings.ts";
import type { Congestion } from "./control.ts";
import { HyStart } from "./hystart.ts";

/** Where a sender stands, as far as growing concerns it. */
interface Progress {
  readonly una: number;
  readonly nxt: number;
  readonly mss: number;
}

/**
 * Grows cwnd by an acknowledgment of `acked` bytes: slow start below ssthresh (RFC 5681 3.1), the algorithm's
 * congestion avoidance above.
 */
export function growWindow(
  cc: Congestion,
  acked: number,
  snd: Progress,
  rtt: RoundTrip,
  settings: Settings,
  now: number,
): void {
  let rest = acked;
  if (cc.cwnd < cc.ssthresh) rest = slowStart(cc, acked, snd, rtt, settings);
  if (rest > 0) cc.control.avoid(cc, rest, snd.mss, rtt, now);
  if (cc.cwnd > settings.maxCwnd) cc.cwnd = settings.maxCwnd;
}

/** Each byte acknowledged lets one more be sent. Returns the bytes that were not needed to reach ssthresh. */
function slowStart(cc: Congestion, acked: number, snd: Progress, rtt: RoundTrip, settings: Settings): number {
  // Only the first slow start is blind to the path (RFC 9406 4.2).
  let growth = acked;
  if (settings.hystart && cc.ssthresh === 0x7fffffff) {
    cc.hystart ??= new HyStart(snd.nxt);
    growth = cc.hystart.growth(acked, snd.una, snd.nxt, snd.mss, rtt, settings.pacing);
    if (growth < 0) {
      cc.hystart = null;
      cc.ssthresh = cc.cwnd;
      return acked;
    }
  }
  const taken = Math.min(growth, cc.ssthresh - cc.cwnd);
  cc.cwnd += taken;
  return growth - taken;
}
