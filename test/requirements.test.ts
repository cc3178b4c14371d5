// docs/rfc9293.md names for each requirement of RFC 9293 the test that shows it, or why it is left out.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

/** How many of each kind the RFC numbers. */
const NUMBERED = { MUST: 69, SHLD: 31, MAY: 18, REC: 1 };
const MUSTS_LEFT_OUT = ["MUST-51", "MUST-52", "MUST-53"];

const read = (path: string) => readFileSync(fileURLToPath(new URL(path, import.meta.url)), "utf8");

const listed = read("../docs/rfc9293.md")
  .split("\n")
  .filter((line) => line.startsWith("- "))
  .map((line) => {
    const [, id, what, rest] = /^- \*\*(\w+-\d+)\*\* (.+?): (.+)$/.exec(line) ?? [];
    if (id === undefined) throw new Error(`docs/rfc9293.md: no requirement: ${line}`);
    const [, file, title] = /^`(.+?)` "(.+)"$/.exec(rest) ?? [];
    return { id, what, file, title, reason: /^left out, (.+)$/.exec(rest)?.[1] };
  });

describe("the requirements of RFC 9293", () => {
  test("are all there, each once", () => {
    const numbers = Object.entries(NUMBERED).flatMap(([kind, count]) =>
      Array.from({ length: count }, (_, i) => `${kind}-${i + 1}`),
    );
    expect(listed.map(({ id }) => id).sort()).toEqual(numbers.sort());
  });

  test("are shown by a test or left out with a reason, few of the MUSTs", () => {
    for (const { id, title, reason } of listed) {
      expect((title === undefined) !== (reason === undefined), `${id}: a test or a reason`).toBe(true);
    }
    const without = listed.filter(({ id, reason }) => reason !== undefined && id.startsWith("MUST"));
    expect(without.map(({ id }) => id).sort()).toEqual(MUSTS_LEFT_OUT);
  });

  // The files run in the same run as this one: it is enough that the test stands there and is not passed over.
  for (const { id, what, file, title } of listed) {
    if (file === undefined || title === undefined) continue;
    test(`${id}, ${what}: ${file}, "${title}"`, () => {
      const calls = [...read(file).matchAll(/\b(?:test|scenario)((?:\.\w+)*)\(\s*(["`])((?:(?!\2).)*)\2/g)];
      const found = calls.filter(([, , , called]) => called.includes(title));
      expect(found.length, `no test "${title}" in ${file}`).toBeGreaterThan(0);
      for (const [, modifiers] of found) expect(modifiers, "it is skipped").not.toMatch(/skip|todo/);
    });
  }
});
