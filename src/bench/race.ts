import { ratios, type Summary, summarize } from "./statistics.ts";

/** What a contender's work gave, as names and values that must be equal to the reference's. */
export type Outcome = Readonly<Record<string, string | number>>;

/** One way of doing the work of a race. */
export interface Contender {
  readonly name: string;
  /**
   * Does the work `repeats` times. Returns nothing, and is timed from outside, or the nanoseconds it
   * measured itself (another process).
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
  readonly unit: "packet" | "byte" | "segment";
  /** The one that the others are measured against. */
  readonly reference: Contender;
  readonly others: readonly Contender[];
}

export interface Standing {
  readonly name: string;
  /** Nanoseconds for one unit. */
  readonly time: Summary;
  /**
   * How many times as long as the reference it took; above 1, the reference is faster. Missing for the
   * reference itself, and wherever the results differ: then the times are of different work.
   */
  readonly ratio?: Summary;
  /** Its result has other values than the reference's, under these names. */
  readonly differs?: readonly string[];
  /** What the reference's result has and its lacks: it did less, so its ratio is a lower bound. */
  readonly lacks?: readonly string[];
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
 */
export async function runRace(race: Race, timing: Timing): Promise<RaceResult> {
  const contenders = [race.reference, ...race.others];
  const expected = await race.reference.outcome();
  const comparisons: Comparison[] = [];
  for (const other of contenders) comparisons.push(compare(expected, await other.outcome()));
  const repeats: number[] = [];
  for (const contender of contenders) repeats.push(await warmUp(contender, timing));
  const samples = contenders.map((): number[] => []);
  for (let round = 0; round < timing.rounds; round++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      const i = (round + turn) % contenders.length;
      const nanoseconds = await time(contenders[i], repeats[i], timing.now);
      samples[i].push(nanoseconds / repeats[i] / race.amount);
    }
  }
  return {
    name: race.name,
    title: race.title,
    unit: race.unit,
    amount: race.amount,
    rounds: timing.rounds,
    standings: contenders.map((contender, i) => ({
      name: contender.name,
      time: summarize(samples[i]),
      ...(i > 0 && !comparisons[i].differs && { ratio: ratios(samples[i], samples[0]) }),
      ...comparisons[i],
      ...(contender.note !== undefined && { note: contender.note }),
    })),
  };
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

/** Runs until the time for it is up, and returns the repeats that a sample takes. */
async function warmUp(contender: Contender, timing: Timing): Promise<number> {
  const most = contender.maxRepeats ?? 1 << 24;
  let repeats = 1;
  let spent = 0;
  for (;;) {
    const milliseconds = (await time(contender, repeats, timing.now)) / 1e6;
    spent += milliseconds;
    const wanted = milliseconds > 0 ? (repeats * timing.sample) / milliseconds : repeats * 16;
    const next = Math.max(1, Math.min(most, Math.round(Math.min(wanted, repeats * 16))));
    if (spent >= timing.warm || (next === repeats && repeats === most)) return next;
    repeats = next;
  }
}

async function time(contender: Contender, repeats: number, now: () => number): Promise<number> {
  const start = now();
  const own = contender.run(repeats);
  if (own === undefined) return (now() - start) * 1e6;
  return typeof own === "number" ? own : await own;
}
