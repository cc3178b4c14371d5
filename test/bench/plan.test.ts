import { expect, test } from "vitest";
import { type PlannedRace, runPlan } from "../../src/bench/plan.ts";

const timing = { rounds: 3, sample: 10, warm: 20 };

/** A plan's race of one contender, who takes a millisecond each time; it tells how long it worked in all. */
function planned(more: Partial<PlannedRace> = {}) {
  const clock = { milliseconds: 0 };
  const reference = {
    name: "a",
    run(repeats: number): undefined {
      clock.milliseconds += repeats;
    },
    outcome: () => ({}),
  };
  const race = { name: "r", title: "a race", amount: 1, unit: "packet" as const, reference, others: [] };
  return { clock, race: { name: "r", make: () => race, ...more } };
}

const worked = async (more: Partial<PlannedRace>) => {
  const { clock, race } = planned(more);
  await runPlan([race], { timing: { ...timing, now: () => clock.milliseconds } });
  return clock.milliseconds;
};

test("A race that takes long to become fast is warmed up for as long as it says, others no less than all", async () => {
  expect(await worked({ warm: 500 })).toBeGreaterThan(500);
  expect(await worked({ warm: 1 })).toBe(await worked({}));
  expect(await worked({})).toBeLessThan(100);
});

test("A race that wants to be apart is left to who can do that, and runs here where nobody can", async () => {
  const { clock, race } = planned({ apart: true });
  const now = () => clock.milliseconds;
  const told = { name: "r", title: "a race", unit: "packet" as const, amount: 1, rounds: 9, standings: [] };
  const asked: string[] = [];
  const runApart = (name: string) => {
    asked.push(name);
    return asked.length === 1 ? told : undefined;
  };
  const options = { timing: { ...timing, now }, runApart };
  expect(await runPlan([race, race], options)).toEqual([told]);
  expect(asked).toEqual(["r", "r"]);
  expect(clock.milliseconds).toBe(0);
  expect(await runPlan([race], { timing: { ...timing, now } })).toHaveLength(1);
  expect(clock.milliseconds).toBeGreaterThan(0);
});
