// Every example in README.md, ARCHITECTURE.md, CONTRIBUTING.md, docs/ and the docstrings is checked against the
// built package and run. `// -> text` behind a statement is what it shows. A block that cannot run in Node
// by itself says so behind its fence: ```ts no-run
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { repositorySources } from "./architecture/sources.ts";
import { type Block, docstringBlocks, fencedBlocks } from "./docs/blocks.ts";
import { captures, completed, run, typeErrors } from "./docs/examples.ts";

if (!existsSync("dist/cli.js")) throw new Error("examples run against the built package: npm run build");
const documents = [
  "README.md",
  "ARCHITECTURE.md",
  "CONTRIBUTING.md",
  ...readdirSync("docs").flatMap((name) => (name.endsWith(".md") ? [`docs/${name}`] : [])),
];
const blocks = [
  ...documents.flatMap((path) => fencedBlocks(path, readFileSync(path, "utf8"))),
  ...docstringBlocks(repositorySources("src")),
];
const code = await Promise.all(
  blocks.filter(({ language }) => /^(ts|js|typescript|javascript)$/.test(language)).map(completed),
);
const runnable = code.filter(({ words }) => !words.includes("no-run"));
const commands = blocks
  .filter(({ language }) => /^(sh|bash|shell|console)$/.test(language))
  .flatMap(({ place, text }) =>
    text
      .replaceAll("\\\n", " ")
      .split("\n")
      .map((line) =>
        line
          .replace(/^\$ /, "")
          .replace(/\s+#.*$/, "")
          .trim(),
      )
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((command) => ({ place, command })),
  );

describe("examples", () => {
  test("have the right types", () => {
    expect(typeErrors(code)).toEqual([]);
  });

  test.each(runnable)("at $place run and show what they say", (block) => {
    expect(run(block)).toEqual([]);
  });

  test("that are wrong are caught", () => {
    const example = (text: string): Block => ({ place: "wrong.md:1", language: "ts", words: [], text });
    expect(run(example("const a = 1 + 1; // -> 2\nconsole.log(a, 'x'); // -> 2 x"))).toEqual([]);
    expect(run(example("for (const a of [1, 2])\n  console.log(a); // -> 1\n  // -> 2"))).toEqual([]);
    expect(run(example("1 + 1; // -> 3"))).toEqual(["wrong.md:1 (line 1) shows 2, not 3"]);
    expect(run(example("if (1 > 2) {\n  console.log(1); // -> 1\n}"))).toEqual([
      "wrong.md:1 (line 2) shows nothing, not 1",
    ]);
    expect(run(example("throw new Error('no');"))).toEqual([expect.stringContaining("Error: no")]);
    expect(() => run(example("if (true) {} // -> 1"))).toThrow("shows nothing");
    expect(typeErrors([example('import { nothing } from "tcpwire/wire";')])).toEqual([
      expect.stringContaining("has no exported member 'nothing'"),
    ]);
    expect(typeErrors([example('\nconst a: number = "x";')])).toEqual([expect.stringContaining("(line 2)")]);
  });
});

describe("commands", () => {
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8"));
  /** Run by .ci/run itself, or for long; their names are checked, no more. */
  const elsewhere =
    /^(npm (?:ci|start|test|install|i)\b|npm run (\S+)|git clone\b|cd \S+$|(?:bash )?\.ci\/run)/;

  test.each([...commands, ...helpExamples()])("at $place: $command", ({ command }) => {
    const known = elsewhere.exec(command);
    if (known) {
      if (known[2]) expect(Object.keys(scripts)).toContain(known[2]);
      return;
    }
    const cli = [process.execPath, resolve("dist/cli.js")].map((word) => JSON.stringify(word)).join(" ");
    const script = `set -o pipefail; tcpwire() { ${cli} "$@"; }; npx() { "$@"; }; ${command}`;
    const { status, stderr } = spawnSync("bash", ["-c", script], {
      // The documents' commands are for a clone, the help's for anywhere.
      cwd: /\b(dist|sample|scripts)\//.test(command) ? "." : captures(),
      encoding: "utf8",
      timeout: 60_000,
    });
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: expect.not.stringMatching(/^tcpwire: (?!wrote )/m),
    });
  });

  test("are found in the help", () => {
    expect(helpExamples().length).toBeGreaterThan(3);
  });
});

/** The lines under "Examples" in the help of the program and of each of its commands. */
function helpExamples(): { place: string; command: string }[] {
  const help = (...args: string[]) =>
    spawnSync(process.execPath, ["dist/cli.js", ...args, "--help"], { encoding: "utf8" }).stdout;
  const names = new Set([...help().matchAll(/^ {2}tcpwire ([a-z]+) /gm)].map(([, name]) => name));
  return [[], ...[...names].map((name) => [name])].flatMap((args) =>
    (help(...args).split(/^Examples$/m)[1] ?? "")
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((command) => ({ place: ["tcpwire", ...args, "--help"].join(" "), command })),
  );
}

test("blocks are found in Markdown and in docstrings", () => {
  const markdown = "# T\n\n```ts no-run\na;\n```\n\n  ```sh\n  ls\n  ```\n";
  expect(fencedBlocks("a.md", markdown)).toEqual([
    { place: "a.md:3", language: "ts", words: ["no-run"], text: "a;" },
    { place: "a.md:7", language: "sh", words: [], text: "ls" },
  ]);
  const source =
    "/**\n * What.\n *\n * @example\n * ```ts\n * f(1);\n * ```\n */\nexport function f(a: number) {}\n/**\n * @example\n * g();\n * @returns x\n */\nexport function g() {}\n";
  expect(docstringBlocks(new Map([["src/a.ts", source]]))).toMatchObject([
    { place: "src/a.ts:5", language: "ts", text: "f(1);" },
    { place: "src/a.ts:11", language: "ts", text: "g();" },
  ]);
});
