// What tsup has split into chunks is put together again, by who needs it: each chunk joins the first entry in `order`
// that reaches it, and entries further on import that one. Nothing is there twice (what `init` brings, and classes
// that are asked for by `instanceof`, are shared by all entries), and an import costs two files instead of ten:
// Node takes a quarter of a millisecond for each, which is more than most of them take to compile.
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join, resolve } from "node:path";
import { transform } from "esbuild";
import { type GetModuleInfo, rollup } from "rollup";
import { parseAst } from "rollup/parseAst";
import { bindOnce } from "./bind-once.ts";

/**
 * Rewrites what tsup has written to `folder`.
 *
 * @param order entries that may be imported, those that need the least first
 * @param others entries that are not: what they alone need stays with them
 */
export async function mergeChunks(
  folder: string,
  order: readonly string[],
  others: readonly string[],
): Promise<void> {
  const paths = Object.fromEntries(
    [...order, ...others].map((name) => [name, resolve(folder, `${name}.js`)]),
  );
  const bundle = await rollup({
    input: paths,
    external: isBuiltin,
    // What an entry exports to other entries stands beside what it exports to users, under a letter.
    preserveEntrySignatures: "allow-extension",
    // tsup has shaken the tree.
    treeshake: false,
    onwarn: (warning) => {
      throw new Error(warning.message);
    },
  });
  let homes: Map<string, string> | undefined;
  const { output } = await bundle.generate({
    format: "esm",
    compact: true,
    // Those of tsup are called chunks already.
    chunkFileNames: ({ name }) => (/^chunk-/.test(name) ? "[name].js" : "chunk-[name].js"),
    manualChunks(id, { getModuleInfo }) {
      homes ??= homesOf(order, paths, getModuleInfo);
      return homes.get(id);
    },
  });
  await bundle.close();
  const modules = new Map<string, string>();
  for (const file of output) {
    if (file.type !== "chunk") throw new Error(`${file.fileName}: not a chunk`);
    modules.set(file.fileName, file.code);
  }
  const written = bindOnce(modules);
  for (const [name, code] of written) writeFileSync(join(folder, name), await compact(code));
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (name.endsWith(".js") && !written.has(name)) rmSync(join(folder, name));
  }
}

/** The entry that each module goes with. What is only imported when it is called for stays by itself. */
function homesOf(
  order: readonly string[],
  paths: Readonly<Record<string, string>>,
  getModuleInfo: GetModuleInfo,
): Map<string, string> {
  const homes = new Map<string, string>();
  const visit = (id: string, name: string): void => {
    if (homes.has(id) || isBuiltin(id)) return;
    homes.set(id, name);
    for (const imported of getModuleInfo(id)?.importedIds ?? []) visit(imported, name);
  };
  for (const name of order) visit(paths[name], name.replace("/", "-"));
  return homes;
}

/**
 * Without what only readers need. Every character counts: an import takes V8 a millisecond for some 30 KB, most of it
 * for functions that are never called. What modules, functions and classes are called stays, for traces and for who looks
 * at an object; what is local to them gets one letter. esbuild does that to a script, whose outermost names may be
 * somebody else's, and not to a module: imports and exports stand aside meanwhile.
 */
async function compact(code: string): Promise<string> {
  // Only a module can ask where it is.
  const asScript = !code.includes("import.meta");
  const { links, rest } = asScript ? withoutLinks(code) : { links: "", rest: code };
  const { code: smaller } = await transform(rest, {
    minifyWhitespace: true,
    minifySyntax: true,
    minifyIdentifiers: asScript,
    target: "es2022",
    legalComments: "none",
  });
  return links + smaller;
}

function withoutLinks(code: string): { links: string; rest: string } {
  let links = "";
  let rest = "";
  let at = 0;
  for (const node of parseAst(code).body) {
    if (!/^(Import|Export)\w*Declaration$/.test(node.type)) continue;
    const { start, end } = node as typeof node & { start: number; end: number };
    links += code.slice(start, end);
    rest += code.slice(at, start);
    at = end;
  }
  return { links, rest: rest + code.slice(at) };
}
