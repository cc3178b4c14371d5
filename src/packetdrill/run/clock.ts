import type { RunConfig } from "../config/config.ts";
import type { Host } from "../host/host.ts";
import type { EventTime, ScriptEvent } from "../script.ts";

/** When an event may happen, in microseconds of the script; `base` is what relative times count from. */
export interface Window {
  readonly baseUs: number;
  readonly fromUs: number;
  readonly toUs: number;
}

/** By how much what happens may miss its time, in microseconds: so much, or a share of the time since the event before. */
export function toleranceOf({ toleranceUs, tolerancePercent }: RunConfig, { baseUs, toUs }: Window): number {
  return Number.isFinite(toUs) ? Math.max(toleranceUs, (tolerancePercent / 100) * (toUs - baseUs)) : 0;
}

/** The script's time over the host's: microseconds from the first event. */
export class Clock {
  readonly #host: Host;
  readonly #onStep: () => void;
  /** A call that waits wants to be tried then, ms. */
  deadline = Number.POSITIVE_INFINITY;
  /** The event before was a packet that came in, and this was its time. */
  #lastInbound: number | null = null;

  /** @param onStep something may have happened */
  constructor(host: Host, onStep: () => void) {
    this.#host = host;
    this.#onStep = onStep;
  }

  get nowUs(): number {
    return this.#host.now * 1000;
  }

  /**
   * When an event is due. Relative times count from now; those of packets that come in one after the other from the
   * time of the one before.
   */
  window(time: EventTime, isInbound: boolean): Window {
    const baseUs = isInbound && this.#lastInbound !== null ? this.#lastInbound : Math.round(this.nowUs);
    if (time.type === "any") return { baseUs, fromUs: 0, toUs: Number.POSITIVE_INFINITY };
    const from = time.type === "relative" ? baseUs : 0;
    return { baseUs, fromUs: from + time.from, toUs: from + (time.to ?? time.from) };
  }

  /** Keeps the time of a packet that came in. */
  note({ action }: ScriptEvent, when: Window | null): void {
    const isInbound = action.type === "packet" && action.packet.direction === "in";
    this.#lastInbound = isInbound && when !== null ? when.fromUs : null;
  }

  /** Lets time pass, and timers run on the way. */
  advance(toUs: number): void {
    while (this.#next() <= toUs / 1000) this.step(toUs);
    if (this.#host.now < toUs / 1000) this.#host.step(toUs / 1000);
  }

  /**
   * Lets time pass to the next timer or deadline, at most to `limitUs`.
   * @returns false when nothing is left that could happen by then
   */
  step(limitUs: number): boolean {
    const next = this.#next();
    if (next > limitUs / 1000) return false;
    this.#host.step(next);
    this.#onStep();
    return true;
  }

  #next(): number {
    const waits = this.deadline > this.#host.now ? this.deadline : Number.POSITIVE_INFINITY;
    return Math.min(this.#host.nextTimeout(), waits);
  }
}
