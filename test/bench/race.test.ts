import { describe, expect, test } from "vitest";
import { type Contender, compare, type Race, runRace } from "../../src/bench/race.ts";
import { ratios, summarize } from "../../src/bench/statistics.ts";

/** A clock that moves only when a contender works. */
class Clock {
  milliseconds = 0;
  readonly now = () => this.milliseconds;
}

/** Takes `costs` milliseconds a repeat, one after the other and then the last for ever. */
function contender(
  clock: Clock,
  name: string,
  cost: number,
  outcome: Record<string, string> = {},
): Contender {
  return {
    name,
    run(repeats) {
      clock.milliseconds += cost * repeats;
      return undefined;
    },
    outcome: () => outcome,
  };
}

function race(reference: Contender, ...others: Contender[]): Race {
  return { name: "r", title: "a race", amount: 10, unit: "packet", reference, others };
}

const timing = { rounds: 5, sample: 8, warm: 20 };

describe("statistics", () => {
  test("the median of an even number of samples lies between the middle two", () => {
    expect(summarize([4, 1, 3, 2])).toEqual({ median: 2.5, q1: 1.75, q3: 3.25 });
  });

  test("one sample is its own median and quartiles", () => {
    expect(summarize([7])).toEqual({ median: 7, q1: 7, q3: 7 });
  });

  test("a sample disturbed beyond measure does not move the median", () => {
    expect(summarize([1, 1, 1, 1, 1e9]).median).toBe(1);
  });

  test("no samples are an error, not NaN", () => {
    expect(() => summarize([])).toThrow(RangeError);
  });

  test("ratios are taken within rounds: weather that both met cancels out", () => {
    expect(ratios([20, 200, 2000], [10, 100, 1000])).toEqual({ median: 2, q1: 2, q3: 2 });
  });

  test("ratios of unequal numbers of rounds are refused", () => {
    expect(() => ratios([1, 2], [1])).toThrow(RangeError);
  });
});

describe("a race", () => {
  test("times are nanoseconds for one unit of the work, and the ratio says who took longer", async () => {
    const clock = new Clock();
    const result = await runRace(race(contender(clock, "ours", 2), contender(clock, "theirs", 7)), {
      ...timing,
      now: clock.now,
    });
    // 2 ms for ten packets
    expect(result.standings[0]).toMatchObject({ name: "ours", time: { median: 200_000 } });
    expect(result.standings[0].ratio).toBeUndefined();
    expect(result.standings[1]).toMatchObject({ time: { median: 700_000 }, ratio: { median: 3.5 } });
  });

  test("contenders take turns, and another one begins each round", async () => {
    const clock = new Clock();
    const turns: string[] = [];
    const noted = (name: string): Contender => {
      const { run, ...rest } = contender(clock, name, 8);
      return {
        ...rest,
        run(repeats) {
          turns.push(name);
          return run(repeats);
        },
      };
    };
    await runRace(race(noted("a"), noted("b"), noted("c")), { ...timing, rounds: 3, now: clock.now });
    expect(turns.slice(-9).join("")).toBe("abcbcacab");
  });

  test("fast work is repeated until a sample is long enough for the clock", async () => {
    const clock = new Clock();
    const repeats: number[] = [];
    const fast: Contender = {
      name: "fast",
      run(n) {
        repeats.push(n);
        clock.milliseconds += n / 1000;
        return undefined;
      },
      outcome: () => ({}),
    };
    await runRace(race(fast), { ...timing, now: clock.now });
    expect(repeats.slice(-timing.rounds)).toEqual(Array(timing.rounds).fill(8000));
  });

  test("a contender that measures itself is believed, whatever the clock says", async () => {
    const clock = new Clock();
    const remote: Contender = { name: "remote", run: async (n) => 5e6 * n, outcome: () => ({}) };
    const { standings } = await runRace(race(contender(clock, "ours", 1), remote), {
      ...timing,
      now: clock.now,
    });
    expect(standings[1].time?.median).toBe(500_000);
    expect(standings[1].ratio?.median).toBe(5);
  });

  test("work that takes long is not repeated beyond its limit", async () => {
    const clock = new Clock();
    const most: number[] = [];
    const slow: Contender = {
      ...contender(clock, "slow", 0.001),
      run(n) {
        most.push(n);
        clock.milliseconds += n / 1000;
        return undefined;
      },
      maxRepeats: 3,
    };
    await runRace(race(slow), { ...timing, now: clock.now });
    expect(Math.max(...most)).toBe(3);
  });
});

describe("a contender that throws", () => {
  const broken: Contender = {
    name: "broken",
    run: () => undefined,
    outcome() {
      throw new Error("option 19");
    },
  };

  test("has failed with its message, and the others race on", async () => {
    const clock = new Clock();
    const { standings } = await runRace(
      race(contender(clock, "ours", 1), broken, contender(clock, "theirs", 2)),
      {
        ...timing,
        now: clock.now,
      },
    );
    expect(standings.map((s) => s.name)).toEqual(["ours", "theirs", "broken"]);
    expect(standings[2]).toEqual({ name: "broken", failed: "option 19" });
    expect(standings[1].ratio?.median).toBe(2);
  });

  test.each([
    ["as it warms up", 1],
    ["in the middle of the race", 8],
  ])("is out %s, and the others race on", async (_, lasts) => {
    const clock = new Clock();
    let runs = 0;
    const dying: Contender = {
      ...contender(clock, "dying", 5),
      run() {
        if (++runs >= lasts) throw new Error("its process ended");
        clock.milliseconds += 5;
        return undefined;
      },
    };
    const all = race(contender(clock, "ours", 1), dying, contender(clock, "theirs", 2));
    const { standings } = await runRace(all, { ...timing, now: clock.now });
    expect(standings.map((s) => s.name)).toEqual(["ours", "theirs", "dying"]);
    expect(standings[2]).toEqual({ name: "dying", failed: "its process ended" });
    expect(standings[1].ratio?.median).toBe(2);
    expect(runs).toBe(lasts);
  });

  test("ends the race when it is the reference: there is nothing to hold the others against", async () => {
    const clock = new Clock();
    await expect(runRace(race(broken), { ...timing, now: clock.now })).rejects.toThrow("option 19");
    const late = { ...broken, outcome: () => ({}), run: () => Promise.reject(new Error("option 20")) };
    await expect(runRace(race(late), { ...timing, now: clock.now })).rejects.toThrow("option 20");
  });
});

describe("results that differ", () => {
  const ours = { rows: "3", seq: "aa", ack: "bb" };

  test("a contender with another value gets no ratio, and the value's name is given", async () => {
    const clock = new Clock();
    const { standings } = await runRace(
      race(contender(clock, "ours", 1, ours), contender(clock, "wrong", 2, { ...ours, seq: "ab" })),
      { ...timing, now: clock.now },
    );
    expect(standings[1].ratio).toBeUndefined();
    expect(standings[1].differs).toEqual(["seq"]);
    expect(standings[1].time?.median).toBe(200_000);
  });

  test("a contender that does less keeps its ratio and is said to lack the rest", async () => {
    const clock = new Clock();
    const { standings } = await runRace(
      race(contender(clock, "ours", 1, ours), contender(clock, "less", 2, { rows: "3", seq: "aa" })),
      { ...timing, now: clock.now },
    );
    expect(standings[1].ratio?.median).toBe(2);
    expect(standings[1].lacks).toEqual(["ack"]);
    expect(standings[1].differs).toBeUndefined();
  });

  test("a name that the reference does not have is a difference: nobody has checked it", () => {
    expect(compare(ours, { ...ours, extra: "1" })).toEqual({ differs: ["extra"] });
  });

  test("fewer columns do not excuse a wrong one", () => {
    expect(compare(ours, { rows: "2" })).toEqual({ differs: ["rows"], lacks: ["seq", "ack"] });
  });
});
