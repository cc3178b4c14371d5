import { ratios, type Summary, summarize } from "./statistics.ts";

/** What a contender's work gave, as names and values that must be equal to the reference's. */
export type Outcome = Readonly<Record<string, string | number>>;

/** One way of doing the work of a race. */
export interface Contender {
  readonly name: string;
  /**
   * Does the work `repeats` times. Returns nothing, and is timed from outside, or the nanoseconds it
   * measured itself (another process); where the race is about memory, bytes.
   */
  run(repeats: number): undefined | number | Promise<number>;
  /** Does the work once more, untimed, for what came out. */
  outcome(): Outcome | Promise<Outcome>;
  /** Said behind its line: what it leaves out, for one. */
  readonly note?: string;
  /** At most this many times a sample, for work that takes seconds. */
  readonly maxRepeats?: number;
}

/** The same work done by several contenders, in turn. */
export interface Race {
  /** For `--only` and JSON: `checksum/1460`. */
  readonly name: string;
  readonly title: string;
  /** What one repeat of the work amounts to: that many packets, bytes... */
  readonly amount: number;
  readonly unit: "packet" | "byte" | "segment" | "connection" | "start" | "memory";
  /** The one that the others are measured against. */
  readonly reference: Contender;
  readonly others: readonly Contender[];
}

export interface Standing {
  readonly name: string;
  /** Nanoseconds for one unit; missing when it failed. */
  readonly time?: Summary;
  /**
   * How many times as long as the reference it took; above 1, the reference is faster. Missing for the
   * reference itself, and wherever the results differ: then the times are of different work.
   */
  readonly ratio?: Summary;
  /** Its result has other values than the reference's, under these names. */
  readonly differs?: readonly string[];
  /** What the reference's result has and its lacks: it did less, so its ratio is a lower bound. */
  readonly lacks?: readonly string[];
  /** It could not do the work at all: what it threw. */
  readonly failed?: string;
  readonly note?: string;
}

export interface RaceResult {
  readonly name: string;
  readonly title: string;
  readonly unit: Race["unit"];
  readonly amount: number;
  readonly rounds: number;
  /** The reference comes first. */
  readonly standings: readonly Standing[];
}

export interface Timing {
  /** A clock in milliseconds that only goes forward, such as `performance.now`. */
  readonly now: () => number;
  /** Samples of each contender. */
  readonly rounds: number;
  /** Milliseconds that a sample should take; many times the clock's resolution. */
  readonly sample: number;
  /** Milliseconds of warming up for each contender. */
  readonly warm: number;
}

export const defaultTiming: Omit<Timing, "now"> = { rounds: 15, sample: 20, warm: 150 };

/**
 * Runs a race: results are compared first, then each contender is warmed up, then all take turns, so that
 * what else the machine does meets all alike. Which one begins a round moves on by one each round.
 *
 * @throws what the reference throws; another contender that throws has failed, and the race goes on
 */
export async function runRace(race: Race, timing: Timing): Promise<RaceResult> {
  const expected = await race.reference.outcome();
  const reference = new Runner(race.reference, {});
  const runners = [reference];
  const standings: Standing[] = [];
  const fail = (name: string, error: unknown): void => {
    standings.push({ name, failed: error instanceof Error ? error.message : String(error) });
  };
  for (const contender of race.others) {
    try {
      runners.push(new Runner(contender, compare(expected, await contender.outcome())));
    } catch (error) {
      fail(contender.name, error);
    }
  }
  // Native code may give up at any time, in a process of its own.
  const out = new Set<Runner>();
  const attempt = async (runner: Runner, work: Promise<void>): Promise<void> => {
    try {
      await work;
    } catch (error) {
      if (runner === reference) throw error;
      out.add(runner);
      fail(runner.name, error);
    }
  };
  for (const runner of runners) await attempt(runner, runner.warmUp(timing));
  for (let round = 0; round < timing.rounds; round++) {
    for (let turn = 0; turn < runners.length; turn++) {
      const runner = runners[(round + turn) % runners.length];
      if (!out.has(runner)) await attempt(runner, runner.sample(timing.now));
    }
  }
  const finished = runners.filter((runner) => !out.has(runner));
  return {
    name: race.name,
    title: race.title,
    unit: race.unit,
    amount: race.amount,
    rounds: timing.rounds,
    standings: [...finished.map((runner) => runner.standing(race.amount, reference)), ...standings],
  };
}

const MOST_WITHOUT_TIME = 1 << 16;

class Runner {
  readonly #contender: Contender;
  readonly #comparison: Comparison;
  readonly #samples: number[] = [];
  #repeats = 1;

  constructor(contender: Contender, comparison: Comparison) {
    this.#contender = contender;
    this.#comparison = comparison;
  }

  get name(): string {
    return this.#contender.name;
  }

  /** Runs until the time for it is up, and settles on the repeats that a sample takes. */
  async warmUp({ now, sample, warm }: Timing): Promise<void> {
    const most = this.#contender.maxRepeats ?? 1 << 24;
    let spent = 0;
    for (;;) {
      const milliseconds = (await this.#time(now)) / 1e6;
      spent += milliseconds;
      // At most 16 times as many: the first runs are slow, and say little of the later ones.
      const wanted = milliseconds > 0 ? Math.min(sample / milliseconds, 16) : 16;
      const next = Math.max(1, Math.min(most, Math.round(this.#repeats * wanted)));
      // A clock that does not move over so much work never will.
      const stuck = milliseconds === 0 && this.#repeats >= MOST_WITHOUT_TIME;
      const settled = stuck || (next === most && next === this.#repeats);
      this.#repeats = next;
      if (spent >= warm || settled) return;
    }
  }

  async sample(now: () => number): Promise<void> {
    this.#samples.push((await this.#time(now)) / this.#repeats);
  }

  standing(amount: number, reference: Runner): Standing {
    const { name, note } = this.#contender;
    const comparable = this !== reference && !this.#comparison.differs;
    return {
      name,
      time: summarize(this.#samples.map((nanoseconds) => nanoseconds / amount)),
      ...(comparable && { ratio: ratios(this.#samples, reference.#samples) }),
      ...this.#comparison,
      ...(note !== undefined && { note }),
    };
  }

  async #time(now: () => number): Promise<number> {
    const start = now();
    const own = this.#contender.run(this.#repeats);
    if (own === undefined) return (now() - start) * 1e6;
    return typeof own === "number" ? own : await own;
  }
}

interface Comparison {
  readonly differs?: readonly string[];
  readonly lacks?: readonly string[];
}

/** What `outcome` has otherwise than `expected`, and what it lacks of it. */
export function compare(expected: Outcome, outcome: Outcome): Comparison {
  const names = Object.keys(expected);
  const differs = names.filter((name) => name in outcome && outcome[name] !== expected[name]);
  const lacks = names.filter((name) => !(name in outcome));
  const unknown = Object.keys(outcome).filter((name) => !(name in expected));
  return {
    ...((differs.length > 0 || unknown.length > 0) && { differs: [...differs, ...unknown] }),
    ...(lacks.length > 0 && { lacks }),
  };
}
