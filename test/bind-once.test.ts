import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { bindOnce, bindOnceIn } from "../scripts/bind-once.ts";

const library = `var table = build(), count = 0;
var Shape = class _Shape { static made = new _Shape(); name() { return named(this); } };
function build() { return [1, 2]; }
function* steps() { yield* table; }
async function later() { return count; }
function named(shape) { return shape instanceof Shape ? "shape" : "nothing"; }
function replaced() { return 1; }
function bump() { replaced = () => 2; return ++count; }
var late;
({ late } = { late: table.length });
table.extra = 3;
for (var each of [4]) ;
export { table, count as total, Shape, steps, later, bump, replaced, late, each };
`;
const user = `#!/usr/bin/env node
import { table as list, total, Shape, steps, bump as $0, replaced } from "./parts/library.js";
import { sep } from "node:path";
var seen = [];
function note(x) { seen.push(x); }
note([...steps()]); note(total); note($0()); note(total); note(replaced()); note(new Shape().name()); note(list.extra); note(typeof sep);
export { seen, seen as again, note };
`;
const files = () =>
  new Map([
    ["parts/library.js", library],
    ["user.js", user],
  ]);

test("What nothing assigns to is made constant, in its module and where it is imported", () => {
  const written = bindOnce(files());
  const own = written.get("parts/library.js") ?? "";
  for (const name of ["table", "Shape", "build", "steps", "later", "named", "bump"]) {
    expect(own).toMatch(new RegExp(`const ${name} = `));
  }
  for (const name of ["count", "late", "each"]) expect(own).toMatch(new RegExp(`var ${name}\\b`));
  expect(own).toMatch(/function replaced\(/);
  const other = written.get("user.js") ?? "";
  for (const name of ["list", "Shape", "steps", "$0"]) {
    expect(other).toContain(`const ${name} = $`);
  }
  expect(other).toMatch(/^#!\/usr\/bin\/env node\nimport/);
  expect(other).toMatch(/\btotal\b.*from/); // it changes: no copy of it would
});

test("Programs do what they did: hoisting, live bindings, names, what is exported twice", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bind-once-"));
  const run = async (name: string) => {
    const { seen, again, note } = await import(pathToFileURL(join(folder, name)).href);
    const { later, ...rest } = await import(
      `${pathToFileURL(join(folder, "parts/library.js")).href}?${name}`
    );
    return {
      seen,
      isSame: again === seen,
      name: note.name,
      later: await later(),
      rest: Object.keys(rest).sort(),
    };
  };
  try {
    for (const [name, code] of files()) {
      writeFile(join(folder, name), code);
    }
    const before = await run("user.js");
    expect(before.seen).toEqual([[1, 2], 0, 1, 1, 2, "shape", 3, "string"]);
    bindOnceIn(folder);
    expect(readFileSync(join(folder, "user.js"), "utf8")).not.toBe(user);
    writeFile(
      join(folder, "after.js"),
      readFileSync(join(folder, "user.js"), "utf8").replaceAll("library.js", "library.js?after"),
    );
    expect(await run("after.js")).toEqual(before);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("An import of a whole module is left as it is", () => {
  const modules = new Map([
    ["a.js", "function f() {}\nexport { f };"],
    ["b.js", `import * as a from "./a.js";\nexport const g = () => a.f;`],
  ]);
  expect(bindOnce(modules).get("b.js")).toContain("import * as a");
});

function writeFile(path: string, code: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, code);
}
