import { type Race, type RaceResult, runRace, type Timing } from "./race.ts";

/** A race that is made only when it is run: captures are large. */
export interface PlannedRace {
  readonly name: string;
  /** At most so many rounds, where they are long. */
  readonly rounds?: number;
  /** Nothing, when nobody is there to race against. */
  make(): Race | undefined | Promise<Race | undefined>;
}

export interface PlanOptions {
  readonly timing: Timing;
  /** Names, or beginnings of names, of the races to run; all when empty. */
  readonly only?: readonly string[];
  /** Awaited before the next race begins. */
  readonly onResult?: (result: RaceResult) => void | Promise<void>;
}

/** Runs a plan's races one after the other. */
export async function runPlan(plan: readonly PlannedRace[], options: PlanOptions): Promise<RaceResult[]> {
  const results: RaceResult[] = [];
  for (const planned of plan) {
    if (!chosen(planned.name, options.only)) continue;
    const race = await planned.make();
    if (!race) continue;
    const rounds = Math.min(options.timing.rounds, planned.rounds ?? options.timing.rounds);
    const result = await runRace(race, { ...options.timing, rounds });
    await options.onResult?.(result);
    results.push(result);
  }
  return results;
}

/** Whether `--only` lets this name through: an empty list lets all. */
export function chosen(name: string, only: readonly string[] = []): boolean {
  return only.length === 0 || only.some((prefix) => name === prefix || name.startsWith(prefix));
}
