import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { TRANSITIONS } from "../src/tcp/index.ts";
import { STATE_NAMES } from "../src/tcp/state.ts";
import { clashes, overlap, passes, pictureOf, proportional } from "./docs/picture.ts";
import { stateDiagram } from "./docs/state-diagram.ts";

const committed = readFileSync(fileURLToPath(new URL("../docs/states.svg", import.meta.url)), "utf8");
const picture = pictureOf(committed, proportional);
const states = picture.boxes.get("state")!;

test("docs/states.svg is what the transition table gives (node scripts/make-state-diagram.mjs)", () => {
  expect(committed).toBe(stateDiagram(TRANSITIONS));
});

describe("in the picture of the states", () => {
  test("every state has a box and every transition its words, by an arrow or in the box of its state", () => {
    expect(states).toHaveLength(STATE_NAMES.length);
    const written = picture.texts
      .map((text) => text.what)
      .join(" ")
      .replaceAll("\u00a0", " ");
    for (const { on } of TRANSITIONS) expect(written).toContain(on);
    const inBoxes = written.match(/→/g)!.length;
    expect(picture.strokes.length + inBoxes).toBe(TRANSITIONS.length);
  });

  test("no label lies on another, on a line, or beyond the page", () => {
    expect(clashes(picture)).toEqual([]);
  });

  test("a text stands inside one box or clear of all of them", () => {
    for (const text of picture.texts) {
      const touched = states.filter((state) => overlap(state, text));
      expect([text.what, touched.length <= 1]).toEqual([text.what, true]);
      for (const { left, right, top, bottom } of touched)
        expect([
          text.what,
          text.left > left && text.right < right && text.top > top && text.bottom < bottom,
        ]).toEqual([text.what, true]);
    }
    expect(states.filter((state, i) => states.slice(0, i).some((other) => overlap(state, other)))).toEqual(
      [],
    );
  });

  test("arrows touch boxes at their ends only, and do not cross each other", () => {
    for (const stroke of picture.strokes)
      for (const state of states) expect(passes(stroke, state)).toBe(false);
    for (const [i, a] of picture.strokes.entries())
      for (const b of picture.strokes.slice(0, i)) expect([a, b, meet(a, b)]).toEqual([a, b, false]);
  });
});

type Line = readonly [x1: number, y1: number, x2: number, y2: number];

/** Whether two lines cross: each has the ends of the other on both of its sides. */
function meet(a: Line, b: Line): boolean {
  const side = ([x1, y1, x2, y2]: Line, x: number, y: number) =>
    Math.sign((x2 - x1) * (y - y1) - (y2 - y1) * (x - x1));
  return side(a, b[0], b[1]) !== side(a, b[2], b[3]) && side(b, a[0], a[1]) !== side(b, a[2], a[3]);
}
