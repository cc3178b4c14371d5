import type { RoundTrip } from "../rtt.ts";
import type { HyStart } from "./hystart.ts";

// Phases of congestion control.
/** Nothing lost; losses may be suspected. */
export const OPEN = 0;
/** Fast recovery. */
export const RECOVERY = 1;
/** After a retransmission timeout. */
export const LOSS = 2;
/** Reducing because of ECN. */
export const REDUCING = 3;

/** The congestion variables of a connection (RFC 5681 2). Sizes are bytes. */
export class Congestion {
  /** cwnd: what may be in flight. */
  cwnd = 0;
  /** ssthresh: slow start below, congestion avoidance above. */
  ssthresh = 0x7fffffff;
  phase = OPEN;
  /** RecoveryPoint: SND.NXT when the phase began. */
  recover = 0;
  /** Duplicate acknowledgments in a row (RFC 5681 2). */
  dupAcks = 0;
  /** cwnd, not the application or the peer's window, holds the sender back: only then does it grow (RFC 7661). */
  limited = false;
  /** Most that was in flight lately, and until which SND.UNA that holds. */
  peak = 0;
  peakUntil = 0;
  readonly control: CongestionControl;
  /** What the algorithm keeps of its own: made by it when first needed. */
  memory: object | null = null;
  /** While slow start looks out for rising delay. */
  hystart: HyStart | null = null;

  constructor(control: CongestionControl) {
    this.control = control;
  }
}

/**
 * A congestion control algorithm: how cwnd grows in congestion avoidance, and how far it falls. Slow start,
 * and what is sent while losses are repaired, are the same for all and lie outside.
 */
export interface CongestionControl {
  readonly name: string;
  /** `acked` new bytes were acknowledged while cwnd, at or above ssthresh, was the limit: grow it. */
  avoid(cc: Congestion, acked: number, mss: number, rtt: RoundTrip, now: number): void;
  /** The new ssthresh after a congestion event at `cwnd` bytes. Told once an event. */
  reduce(cc: Congestion, cwnd: number, mss: number): number;
  /** The last reduction was spurious: cwnd and ssthresh are about to be what they were. */
  undo?(cc: Congestion): void;
  /** Nothing was sent for `idle` ms, longer than an RTO. */
  resume?(cc: Congestion, idle: number): void;
}
