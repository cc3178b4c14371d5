import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { TRANSITIONS } from "../src/tcp/index.ts";
import { stateDiagram } from "./docs/state-diagram.ts";

test("docs/states.svg is what the transition table gives (node scripts/make-state-diagram.mjs)", () => {
  const committed = readFileSync(fileURLToPath(new URL("../docs/states.svg", import.meta.url)), "utf8");
  expect(committed).toBe(stateDiagram(TRANSITIONS));
});
