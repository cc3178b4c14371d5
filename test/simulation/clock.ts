import type { ClockPlan } from "./plan.ts";

/** A host's own clock over the world's time: at its own rate, now and then jumping forward. */
export class HostClock {
  readonly #plan: ClockPlan;
  #jumped = 0;
  #last = Number.NEGATIVE_INFINITY;

  constructor(plan: ClockPlan) {
    this.#plan = plan;
  }

  /** What it shows at a time of the world. It never runs backwards. */
  at(time: number): number {
    const { origin, rate } = this.#plan;
    this.#last = Math.max(this.#last, origin + rate * time + this.#jumped);
    return this.#last;
  }

  jump(by: number): void {
    this.#jumped += by;
  }

  /** When in the world a timer set for `deadline` runs. */
  due(deadline: number, now: number): number {
    const { origin, rate, granularity } = this.#plan;
    if (deadline === Number.POSITIVE_INFINITY) return deadline;
    const time = Math.max(now, (deadline - this.#jumped - origin) / rate);
    return granularity === 0 ? time : Math.ceil(time / granularity) * granularity;
  }

  /** What it shows when that timer runs: never before it, as a rounded quotient may say. */
  reached(deadline: number, time: number): number {
    this.#last = Math.max(this.#last, deadline, this.at(time));
    return this.#last;
  }
}
