import { expect, test } from "vitest";
import { type Finding, gather } from "../../../src/flow/diagnose/diagnosis.ts";

const finding = (stream: number, frames: readonly number[], more: Partial<Finding> = {}): Finding => ({
  name: "loss",
  severity: "warning",
  title: `loss in ${stream}`,
  explanation: "",
  advice: "",
  frames,
  values: {},
  key: "same",
  stream,
  ...more,
});

test("what both directions of a conversation show is one conversation's, and the first finding speaks for all", () => {
  const told = gather([finding(4, [10, 12]), finding(4, [12, 11]), finding(7, [30])]);
  expect(told).toHaveLength(1);
  expect(told[0]).toMatchObject({
    title: "loss in 4",
    streams: [4, 7],
    conversations: 2,
    frames: [10, 11, 12, 30],
  });
});

test("of many conversations the first hundred are named and all counted, of many frames the first 24 named", () => {
  const [told] = gather(Array.from({ length: 300 }, (_, i) => finding(i >> 1, [i])));
  expect([told.streams.length, told.conversations, told.frames.length]).toEqual([100, 150, 24]);
});

test("another key or name is another diagnosis; the worst comes first, then what most conversations have", () => {
  const told = gather([
    finding(1, [1]),
    finding(2, [2], { key: "other" }),
    finding(3, [3], { key: "other" }),
    finding(4, [4], { name: "close-wait", severity: "problem" }),
    finding(5, [5], { name: "offload", severity: "note" }),
    // The same name twice for one conversation does not make it two.
    finding(1, [9]),
  ]);
  expect(told.map(({ name, conversations }) => [name, conversations])).toEqual([
    ["close-wait", 1],
    ["loss", 2],
    ["loss", 1],
    ["offload", 1],
  ]);
});
