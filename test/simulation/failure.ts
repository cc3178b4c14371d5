// A broken assertion of a simulation, and what a run that met one says.
import type { PlanVersion } from "./plan.ts";

export class Broken extends Error {
  override readonly name = "Broken";
}

export function check(holds: boolean, what: string | (() => string)): asserts holds {
  if (!holds) throw new Broken(typeof what === "string" ? what : what());
}

/** What a failed run says. */
export class SimulationFailure extends Error {
  override readonly name = "SimulationFailure";
}

/** @returns the line that says how to run a seed again, and it alone */
export function replay(seed: number, version: PlanVersion): string {
  return `replay: npm run simulate:soak -- 1 --plan ${version} --seed ${seed}`;
}
