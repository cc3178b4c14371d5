// What the tracker says of real captures, held against what tshark says of them.
import { describe, expect, test } from "vitest";
import { CaptureError, readCaptureSync } from "../../src/capture/index.ts";
import { FlowTracker } from "../../src/flow/index.ts";
import { corpus, readCapture, readTruth } from "../corpus/shared.ts";
import { columnsOfTruth, expectation, statement } from "./statement.ts";
import { random } from "./talk.ts";

/** Rows where something else is said, by capture, frame and column, with the reason. There are none. */
const differences: Record<string, Record<string, Record<string, string>>> = {};

describe("what the tracker says is what tshark says", () => {
  if (corpus === undefined) {
    console.log("skipped: no ../shared beside the repository (TCPWIRE_SHARED names another place)");
    test.runIf(process.env.CI)("in CI tshark's answers are there", () => expect(corpus).toBeDefined());
    return;
  }
  test.each(corpus)("%s", (name) => {
    const answers = readTruth(name);
    const rows = statementsOn(readCapture(name));
    expect(rows).toHaveLength(answers.length);
    const streams = new Map<string, number>();
    const wrong = answers.flatMap((answer, i) => {
      const ours = rows[i];
      if (!streams.has(answer.stream)) streams.set(answer.stream, Number(ours.stream));
      const theirs = expectation(answer, columnsOfTruth, streams.get(answer.stream)!);
      return Object.keys(theirs)
        .filter((column) => !differences[name]?.[answer.frame]?.[column])
        .filter((column) => theirs[column] !== ours[column])
        .map(
          (column) => `frame ${answer.frame} ${column}: tshark ${theirs[column]}, tcpwire ${ours[column]}`,
        );
    });
    expect(wrong.slice(0, 10), `${wrong.length} differ`).toEqual([]);
  });
});

/** A statement on each row of a capture, up to its end or to where it is damaged. */
function statementsOn(capture: Uint8Array): ReturnType<typeof statement>[] {
  const tracker = new FlowTracker({ random });
  const rows: ReturnType<typeof statement>[] = [];
  try {
    for (const batch of readCaptureSync(capture)) {
      const said = tracker.add(batch);
      for (let i = 0; i < batch.length; i++) rows.push(statement(said, i, batch.flags[i]));
    }
  } catch (error) {
    if (!(error instanceof CaptureError)) throw error;
  }
  return rows;
}
