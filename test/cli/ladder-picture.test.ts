// What the pictures of ladders look like: nothing lies on anything else, whatever is written in them.
import { describe, expect, test } from "vitest";
import { fold, type Ladder, type Step } from "../../src/cli/ladder/model.ts";
import { ladderSvg } from "../../src/cli/ladder/svg.ts";
import { ladderWords } from "../../src/cli/simulate/text.ts";
import { type Language, scenarios, simulate } from "../../src/sim/index.ts";
import { clashes, monospaced, overlap, pictureOf } from "../docs/picture.ts";

const draw = (ladder: Ladder, language: Language = "en") =>
  pictureOf(ladderSvg(ladder, ladderWords(language)), monospaced);

for (const language of ["en", "ko"] as const) {
  describe(`the ladders of every story, told in ${language}`, () => {
    test.each(scenarios.map(({ name }) => name))("%s", (name) => {
      const ladders = simulate(name, { language }).acts.flatMap((act) => act.ladders);
      expect(ladders.length).toBeGreaterThan(0);
      for (const { left, right, rungs } of ladders) {
        const picture = draw({ left, right, rungs: fold(rungs) }, language);
        expect(picture.texts.length).toBeGreaterThan(rungs.length > 12 ? 12 : rungs.length);
        expect(clashes(picture)).toEqual([]);
      }
    });
  });
}

const step: Step = {
  at: 0,
  from: 0,
  label: "PSH seq 1 ack 1 · 1448 bytes win 65535",
  emphasis: "plain",
  notes: [],
  states: ["ESTABLISHED", "ESTABLISHED"],
  bytes: 0,
};

test("a name, a label, a note, an event or a fold that is longer than usual makes the picture wider", () => {
  const long = "a".repeat(120);
  const usual: Ladder = { left: "a.1", right: "b.2", rungs: [step] };
  const event = { event: long, at: 0, states: ["", ""] } as const;
  const narrow = draw(usual).page.right;
  for (const ladder of [
    { ...usual, left: long, right: long },
    { ...usual, left: long },
    { ...usual, right: long },
    { ...usual, rungs: [{ ...step, label: long }] },
    { ...usual, rungs: [{ ...step, label: long, emphasis: "lost" }] },
    { ...usual, rungs: [{ ...step, notes: ["x", long, "y"], emphasis: "lost", from: 1 }, step] },
    { ...usual, rungs: [{ ...step, notes: ["연결 확인 ".repeat(20)] }, step] },
    { ...usual, rungs: [{ ...event, side: 0 }, step] },
    { ...usual, rungs: [step, { ...event, side: 1 }] },
    {
      ...usual,
      rungs: [{ fold: true, at: 0, until: 9, segments: [10 ** 12, 10 ** 12], bytes: [10 ** 15, 10 ** 15] }],
    },
  ] satisfies Ladder[]) {
    const picture = draw(ladder);
    expect(picture.page.right).toBeGreaterThan(narrow);
    expect(clashes(picture)).toEqual([]);
  }
});

test("times of years keep clear of the states", () => {
  const year = 365 * 86_400_000;
  const picture = draw({
    left: "a.1",
    right: "b.2",
    rungs: [step, { ...step, at: 10 * year, states: ["SYN-RECEIVED", "SYN-RECEIVED"] }],
  });
  expect(picture.texts.map((text) => text.what)).toContain("315360000.000");
  expect(clashes(picture)).toEqual([]);
});

test("the words of a silence stand in its bar, and nothing else does", () => {
  const rungs = [step, { ...step, at: 7_200_000, notes: ["keep-alive probe"] }, { ...step, at: 7_260_000 }];
  const picture = draw({ left: "a.1", right: "b.2", rungs });
  const bars = picture.boxes.get("silence")!;
  expect(bars).toHaveLength(2);
  const within = bars.map((bar) =>
    picture.texts.filter((text) => overlap(text, bar)).map((text) => text.what),
  );
  expect(within).toEqual([["2 h 0 min of silence"], ["60.0 s of silence"]]);
});
