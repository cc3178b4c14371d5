import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { inlineNumbers, takeNumbers } from "../scripts/inline-numbers.ts";

test("Numbers are put in the place of their names, in their own module and in others, whatever stands before them", async () => {
  const code = await bundle({
    "src/entry.ts": `import { FIRST, scaled } from "./other.ts";
const LOCAL = 0x40;
export const SEEN = 7;
export const result = () => [FIRST, LOCAL, SEEN, scaled(2)];`,
    "src/other.ts": `import { NEVER } from "./times.ts";
/** Documented. */
export const FIRST = 1 << 4; // a bit
const RATIO = 1 / 8;
export const scaled = (x: number) => (x === NEVER ? 0 : x * RATIO);`,
    "src/times.ts": `export const NEVER = Number.POSITIVE_INFINITY;`,
  });
  expect(code).not.toMatch(/FIRST|LOCAL|NEVER|RATIO/);
  const { result, SEEN } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
  expect(result()).toEqual([16, 64, 7, 0.25]);
  expect(SEEN).toBe(7); // what is exported stays so
});

test("What is built is the same in a folder called src", async () => {
  const files = {
    "src/entry.ts": `export { DOUBLE, numbers } from "../beside/numbers.ts";`,
    "beside/numbers.ts": `export const SINGLE = 5;
export const DOUBLE = SINGLE * 2;
export const numbers = () => [SINGLE, DOUBLE];`,
  };
  expect(await bundle(files, "src/project")).toBe(await bundle(files, "lib/project"));
});

test("What is not one number is left as it is, and so are lines", () => {
  const source = `let COUNT = 1;
const LIST = [1, 2];
const TEXT = "1";
const BOTH = FIRST | 2;
function f() {
  const INNER = 3;
  return INNER;
}
const TYPED: number = 4;
const lower = 5;
const BYTES = 8 * 1024;
`;
  const { names, module, rest } = takeNumbers(source);
  expect(names).toEqual(["BYTES"]);
  expect(module).toBe("export const BYTES = 8192;");
  expect(rest).toBe(source.replace("const BYTES = 8 * 1024;", ""));
});

async function bundle(files: Record<string, string>, below = ""): Promise<string> {
  const top = realpathSync(mkdtempSync(join(tmpdir(), "inline-numbers-")));
  const folder = join(top, below);
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const { outputFiles } = await build({
      absWorkingDir: folder,
      entryPoints: [join(folder, "src/entry.ts")],
      bundle: true,
      write: false,
      format: "esm",
      minifySyntax: true,
      plugins: [inlineNumbers()],
    });
    return outputFiles[0].text;
  } finally {
    rmSync(top, { recursive: true });
  }
}
