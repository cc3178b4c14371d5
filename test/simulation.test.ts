// Pairs of endpoints over paths that lose, reorder, duplicate, corrupt, mark and cut: see simulation/plan.ts for what is
// drawn and simulation/run.ts for what has to hold. `npm run simulate:soak -- N` runs any number of them.
import { expect, test } from "vitest";
import { simulateAndAnalyse } from "./simulation/analyse.ts";
import { simulate } from "./simulation/run.ts";

const CONNECTIONS = 300;
const ANALYSED = 100;

test(`${CONNECTIONS} simulated connections deliver every byte once and end`, () => {
  for (let seed = 1; seed <= CONNECTIONS; seed++) simulate(seed);
});

test(`what the analysis says of ${ANALYSED} of them has a cause, and the streams it puts together are those that were sent`, () => {
  for (let seed = 1; seed <= ANALYSED; seed++) simulateAndAnalyse(seed);
});

test("the same seed gives the same trace, another one another", () => {
  const hashes = [7, 8, 9, 10].map((seed) => simulate(seed).hash);
  expect([7, 8, 9, 10].map((seed) => simulate(seed).hash)).toEqual(hashes);
  expect(new Set(hashes).size).toBe(4);
});
