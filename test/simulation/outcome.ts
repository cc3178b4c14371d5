import type { Situation } from "./situations.ts";

/** What a simulated connection came to. */
export interface Outcome {
  readonly seed: number;
  /** Of every segment and event with its time: equal for equal seeds. */
  readonly hash: number;
  readonly segments: number;
  /** Bytes that each application sent. */
  readonly sent: readonly [number, number];
  readonly bytes: number;
  readonly retransmitted: number;
  /** What the paths did, by kind, in packets. */
  readonly lost: number;
  readonly reordered: number;
  readonly duplicated: number;
  readonly corrupted: number;
  /** Corrupted ones whose flipped bits cancel in the checksum: no checksum finds those, so they are not delivered. */
  readonly cancelled: number;
  /** Virtual milliseconds. */
  readonly duration: number;
  readonly steps: number;
  readonly peakBytes: number;
  /** Why each end closed. */
  readonly reasons: readonly [string, string];
  /** What happened to it of what plans are made for. */
  readonly met: readonly Situation[];
}

/**
 * Told of each packet as it is handed to a path and as it reaches the other host. Borrowed. `life` is 1 for packets of the
 * connection that follows the first.
 */
export interface Tap {
  sent(host: number, packet: Uint8Array, now: number, fate: number, life: number): void;
  arrived(host: number, packet: Uint8Array, now: number, life: number): void;
  /** A path is cut: what is on its way is lost, though its fate, told as it was sent, was another. */
  cut(): void;
}
