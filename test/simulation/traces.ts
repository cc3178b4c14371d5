// For test/runtimes: what simulated pairs did, as a number each. Nothing here needs Node.
import { simulate } from "./run.ts";

/** The hash of every segment and event of the connections of so many seeds, with their times. */
export function pairTraces(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => simulate(first + i).hash);
}
