// Numbers with a name stand in the built code as numbers. What a bundler writes are variables to an engine: it loads
// them at each use, compares with what it loaded, and counts the instructions against what it is willing to inline.
// esbuild puts a constant in its place only when it comes from a module that holds nothing else, so each module's are
// made one.
import { readFile } from "node:fs/promises";
import { resolve, sep } from "node:path";
import type { Plugin } from "esbuild";

const literal = String.raw`-?(?:0x[\da-f_]+|\d[\d_]*(?:\.\d+)?(?:e\d+)?)`;
const declaration = new RegExp(
  String.raw`^(export )?const ([A-Z][A-Z\d_]*) = (${literal}(?: (?:<<|\||\*|\/) ${literal})*|Number\.POSITIVE_INFINITY);`,
  "gm",
);
const SCHEME = "numbers";

/**
 * For esbuild's `plugins`, with `minifySyntax`: for what lies in `src` of the folder that is built in, whatever the
 * folders above it are called. Lines stay where they were.
 */
export function inlineNumbers(): Plugin {
  return {
    name: "inline-numbers",
    setup(build) {
      const modules = new Map<string, string>();
      const own = resolve(build.initialOptions.absWorkingDir ?? "", "src") + sep;
      build.onLoad({ filter: /\.ts$/, namespace: "file" }, async ({ path }) => {
        if (!path.startsWith(own)) return undefined;
        const numbers = takeNumbers(await readFile(path, "utf8"));
        if (numbers.names.length === 0) return undefined;
        modules.set(path, numbers.module);
        const from = JSON.stringify(`${SCHEME}:${path}`);
        const imported = `import { ${numbers.names.join(", ")} } from ${from};`;
        const exported = `export { ${numbers.exported.join(", ")} };`;
        return { contents: `${imported} ${exported} ${numbers.rest}`, loader: "ts" };
      });
      build.onResolve({ filter: new RegExp(`^${SCHEME}:`) }, ({ path }) => ({
        path: path.slice(SCHEME.length + 1),
        namespace: SCHEME,
        sideEffects: false,
      }));
      build.onLoad({ filter: /./, namespace: SCHEME }, ({ path }) => ({
        contents: modules.get(path),
        loader: "ts",
      }));
    },
  };
}

/** A module's constants of one number each, and what is left of it. */
export function takeNumbers(source: string) {
  const names: string[] = [];
  const exported: string[] = [];
  const lines: string[] = [];
  const rest = source.replace(
    declaration,
    (_, isExported: string | undefined, name: string, value: string) => {
      names.push(name);
      if (isExported !== undefined) exported.push(name);
      lines.push(`export const ${name} = ${literalOf(value)};`);
      return "";
    },
  );
  return { names, exported, module: lines.join("\n"), rest };
}

/** As a literal: esbuild works shifts out only where that makes them shorter. */
function literalOf(expression: string): string {
  return expression === "Number.POSITIVE_INFINITY"
    ? "Infinity"
    : String(new Function(`return ${expression}`)());
}
