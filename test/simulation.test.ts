// Pairs of endpoints over paths that lose, reorder, duplicate, corrupt, mark and cut: see simulation/plan.ts for what is
// drawn, simulation/run.ts for what has to hold, and simulation/explain.ts for what the analysis may say of it.
// `npm run simulate:soak -- N` runs any number of them.
import { describe, expect, test } from "vitest";
import { ACK } from "../assembly/layout/wire.ts";
import { simulateAndAnalyse } from "./simulation/analyse.ts";
import { Conversations } from "./simulation/conversation.ts";
import { Explainer } from "./simulation/explain.ts";
import { REGRESSIONS } from "./simulation/regressions.ts";
import { simulate } from "./simulation/run.ts";
import type { Truth } from "./simulation/tap.ts";

const CONNECTIONS = 300;
const ANALYSED = 100;

test(`${CONNECTIONS} simulated connections deliver every byte once and end`, () => {
  for (let seed = 1; seed <= CONNECTIONS; seed++) simulate(seed);
});

test(`what the analysis says of ${ANALYSED} of them has a cause, and the streams it puts together are those that were sent`, () => {
  for (let seed = 1; seed <= ANALYSED; seed++) simulateAndAnalyse(seed);
});

test("seeds that failed once pass", () => {
  for (const { plan, seeds } of REGRESSIONS) {
    for (const seed of seeds) simulateAndAnalyse(seed, plan);
  }
});

test("the same seed gives the same trace, another one another", () => {
  const hashes = [7, 8, 9, 10].map((seed) => simulate(seed).hash);
  expect([7, 8, 9, 10].map((seed) => simulate(seed).hash)).toEqual(hashes);
  expect(new Set(hashes).size).toBe(4);
});

describe("of a capture in which nothing went wrong", () => {
  const segment: Truth = {
    host: 0,
    life: 0,
    seq: 1000,
    flags: ACK,
    length: 100,
    repeats: false,
    fate: 0,
    ahead: false,
    overtaken: false,
    again: false,
    disturbed: false,
  };

  test.each([
    "retransmission",
    "fast_retransmission",
    "spurious_retransmission",
    "out_of_order",
    "lost_segment",
    "ack_lost_segment",
    "duplicate_ack",
  ])("%s has no explanation", (name) => {
    expect(new Explainer().unexplained(segment, 500, ["window_full", name])).toBe(name);
  });

  test("one probe explains one answer that is called a duplicate acknowledgment", () => {
    const explainer = new Explainer();
    const probe = { ...segment, host: 1, seq: 499, length: 0 };
    const answer = { ...segment, seq: 1100, length: 0 };
    expect(explainer.unexplained(segment, 500, [])).toBeUndefined();
    expect(explainer.unexplained(probe, 1100, ["keep_alive"])).toBeUndefined();
    expect(explainer.unexplained(answer, 500, ["duplicate_ack"])).toBeUndefined();
    expect(explainer.unexplained(answer, 500, ["duplicate_ack"])).toBe("duplicate_ack");
  });

  test("an end that begins at another number than before is found out", () => {
    const conversations = new Conversations(() => false);
    const syn = { ...segment, flags: 2, length: 0 };
    expect(conversations.take(syn, 0)).toEqual({ stream: 0, direction: 0 });
    expect(conversations.take({ ...syn, host: 1, flags: 18, seq: 7 }, 1001)).toEqual({
      stream: 0,
      direction: 1,
    });
    expect(() => conversations.take({ ...syn, seq: 2000 }, 0)).toThrow("a SYN at 2000 after one at 1000");
  });
});
