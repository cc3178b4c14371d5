// Pairs of endpoints over faulty paths (test/simulation): every segment and event with its time.
import { pairTraces } from "./pairs.js";

const SEEDS = 50;

export const pairCases = Object.fromEntries(
  [1, 51, 101, 151].map((first) => [
    `simulated pairs ${first} to ${first + SEEDS - 1}`,
    () => pairTraces(first, SEEDS),
  ]),
);
