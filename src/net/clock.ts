/** A host's time. Everything that happens in a host happens at a time that this one tells. */
export interface Clock {
  /** Milliseconds, from any point on, that never run backwards. Fractions count. */
  now(): number;
  /** Makes a timer that calls `run`. A host needs one, whatever the number of its connections. */
  timer(run: () => void): Timer;
}

/** One alarm, set anew as often as needed. */
export interface Timer {
  /**
   * Calls `run` once, at `at` or soon after it, in place of what was set before.
   *
   * @param at milliseconds of `now()`; Infinity: not at all
   * @param isIdle nothing that anybody waits for happens then (connections in TIME-WAIT, caches that age): a program
   *   that has nothing else to do may end
   */
  set(at: number, isIdle: boolean): void;
}
