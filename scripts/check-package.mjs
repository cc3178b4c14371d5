// Packs the package as npm would publish it, installs the tarball in an empty project, and holds that
// against publint, attw and what the README promises: importable everywhere, nothing of Node below the CLI.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { recordCounts } from "./counts.mjs";
import { packAndInstall, reachable } from "./pack.mjs";

const tools = "test/packaging";
/** Entries that may use Node: the rest runs in any runtime. */
const floorSix = new Set(["./node", "./net/node", "./cli"]);
if (!existsSync(`${tools}/node_modules`)) {
  console.log(`installing publint and attw into ${tools}`);
  execFileSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: tools, stdio: "inherit" });
}

const counts = { passed: 0, failed: 0, skipped: 0 };
const { tarball, project } = packAndInstall("build/check/package");
const root = join(project, "node_modules/tcpwire");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const entries = Object.keys(manifest.exports).filter((path) => typeof manifest.exports[path] === "object");

expect("publint finds nothing", tool("publint/src/cli.js", "run", tarball, "--strict"));
expect(
  "attw resolves the types of every entry (ESM only)",
  tool(
    "@arethetypeswrong/cli/dist/index.js",
    tarball,
    "--profile",
    "esm-only",
    "--no-color",
    "--no-emoji",
    "--exclude-entrypoints",
    ...Object.keys(manifest.exports).filter((path) => !entries.includes(path)),
  ),
);
expect("the package has no dependency at run time", () => Object.keys(manifest.dependencies ?? {}).join());
expect("the tarball carries no sources, tests or build leftovers", () =>
  readdirSync(root)
    .filter((name) => !/^(dist|docs|package\.json|LICENSE|[A-Z]+\.md)$/.test(name))
    .join(),
);
for (const path of entries) {
  const specifier = join("tcpwire", path);
  expect(`import ${specifier}`, () => {
    const code = `const m = await import(${JSON.stringify(specifier)}); if (Object.keys(m).length === 0) throw "empty"`;
    const { status, stderr } = run(["--input-type=module", "-e", code], project);
    return status === 0 ? "" : stderr;
  });
  if (floorSix.has(path)) continue;
  expect(`${specifier} reaches nothing of Node`, () => {
    return reachable(join(root, manifest.exports[path].default))
      .filter(({ imports }) => imports.some((i) => i.startsWith("node:")))
      .map(({ file }) => file)
      .join();
  });
}
expect("tcpwire/codec.wasm is a module that compiles", () => {
  const code = `import { createRequire } from "node:module"; import { readFileSync } from "node:fs";
    new WebAssembly.Module(readFileSync(createRequire(import.meta.url).resolve("tcpwire/codec.wasm")))`;
  writeFileSync(join(project, "raw.mjs"), code);
  const { status, stderr } = run(["raw.mjs"], project);
  return status === 0 ? "" : stderr;
});
for (const lib of ["DOM", "WebWorker"]) {
  for (const [module, moduleResolution] of [
    ["nodenext", "nodenext"],
    ["esnext", "bundler"],
  ]) {
    expect(`types hold for a strict user of lib ${lib}, ${moduleResolution}, declarations checked`, () =>
      typeErrors(
        entries.filter((path) => !floorSix.has(path)),
        { lib: ["ES2022", lib], types: [], module, moduleResolution },
      ),
    );
  }
}
expect("... and, for the entries of Node, with @types/node", () =>
  typeErrors(entries, {
    lib: ["ES2022", "DOM"],
    types: ["node"],
    typeRoots: [resolve("node_modules/@types")],
    module: "nodenext",
    moduleResolution: "nodenext",
  }),
);

recordCounts(counts);
process.exit(counts.failed > 0 ? 1 : 0);

function expect(title, check) {
  let trouble = "";
  try {
    trouble = check();
  } catch (error) {
    trouble = String(error);
  }
  counts[trouble === "" ? "passed" : "failed"]++;
  console.log(`${trouble === "" ? "ok    " : "FAILED"} ${title}${trouble === "" ? "" : `\n${trouble}`}`);
}

/** What tsc has to say of a project that imports all of `paths`. */
function typeErrors(paths, compilerOptions) {
  const lines = paths.map((path, i) => `export * as m${i} from ${JSON.stringify(join("tcpwire", path))};\n`);
  writeFileSync(join(project, "all.ts"), lines.join(""));
  const checked = { strict: true, noEmit: true, target: "es2022", skipLibCheck: false, ...compilerOptions };
  const config = { compilerOptions: checked, files: ["all.ts"] };
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify(config));
  const { status, stdout } = run([resolve("node_modules/typescript/bin/tsc"), "-p", "."], project);
  return status === 0 ? "" : stdout;
}

function tool(script, ...args) {
  return () => {
    const { status, stdout, stderr } = run([resolve(tools, "node_modules", script), ...args], ".");
    return status === 0 ? "" : stdout + stderr;
  };
}

function run(args, cwd) {
  return spawnSync(process.execPath, args, { cwd, encoding: "utf8" });
}
