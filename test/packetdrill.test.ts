// Every script in test/scripts, each with initial sequence numbers that wrap early and late.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseScript, runScript, type ScriptOutcome } from "../src/packetdrill/index.ts";

const folder = "test/scripts";
const scripts = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".pkt"))
  .sort();

/** The endpoint's first number, and what is added to the script's for the peer. */
const SEQUENCES: readonly (readonly [number, number])[] = [
  [1_000, 500_000],
  [0x7fffffff - 60, 0x7fffffff - 1100],
  [0xffffffff - 60, 0xffffffff - 1100],
  [0xffffffff, 0x7fffffff],
];

describe("the scripts of test/scripts", () => {
  test.each(scripts)("%s", (name) => {
    const path = join(folder, name);
    const script = parseScript(readFileSync(path, "utf8"), path);
    for (const [initialSequence, remoteOffset] of SEQUENCES) {
      const outcome = runScript(script, { strict: true, initialSequence, remoteOffset });
      if (outcome.status !== "passed") expect.fail(told(path, outcome, initialSequence));
      expect(outcome.notes).toEqual([]);
    }
  });
});

function told(path: string, outcome: ScriptOutcome, initialSequence: number): string {
  if (outcome.status === "passed") return "";
  if (outcome.status === "skipped") return `${path}:${outcome.line} needs ${outcome.reason}`;
  return [
    `${path}:${outcome.line} ${outcome.message} (ISS ${initialSequence})`,
    `  expected ${outcome.expected}`,
    `  got      ${outcome.got}`,
  ].join("\n");
}
