import { type Race, type RaceResult, runRace, type Timing } from "./race.ts";

/** A race that is made only when it is run: captures are large. */
export interface PlannedRace {
  readonly name: string;
  /** At most so many rounds, where they are long. */
  readonly rounds?: number;
  /** At least so many milliseconds of warming up: an engine takes long to compile much code well. */
  readonly warm?: number;
  /** What ran before would change how an engine compiles it: in a process of its own, where there is one to be had. */
  readonly apart?: boolean;
  /** Nothing, when nobody is there to race against. */
  make(): Race | undefined | Promise<Race | undefined>;
}

export interface PlanOptions {
  readonly timing: Timing;
  /** Names, or beginnings of names, of the races to run; all when empty. */
  readonly only?: readonly string[];
  /** Runs a race that wants to be apart; without it all run here. */
  readonly runApart?: (name: string) => RaceResult | undefined;
  /** Awaited before the next race begins. */
  readonly onResult?: (result: RaceResult) => void | Promise<void>;
}

/** Runs a plan's races one after the other. */
export async function runPlan(plan: readonly PlannedRace[], options: PlanOptions): Promise<RaceResult[]> {
  const results: RaceResult[] = [];
  for (const planned of plan) {
    if (!chosen(planned.name, options.only)) continue;
    const result =
      planned.apart && options.runApart
        ? options.runApart(planned.name)
        : await runPlanned(planned, options.timing);
    if (!result) continue;
    await options.onResult?.(result);
    results.push(result);
  }
  return results;
}

async function runPlanned(planned: PlannedRace, timing: Timing): Promise<RaceResult | undefined> {
  const race = await planned.make();
  if (!race) return undefined;
  const rounds = Math.min(timing.rounds, planned.rounds ?? timing.rounds);
  return runRace(race, { ...timing, rounds, warm: Math.max(timing.warm, planned.warm ?? 0) });
}

/** Whether `--only` lets this name through: an empty list lets all. */
export function chosen(name: string, only: readonly string[] = []): boolean {
  return only.length === 0 || only.some((prefix) => name === prefix || name.startsWith(prefix));
}
