// The package through the bundlers that people use, with their defaults as far as they give one file.
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build as esbuild } from "esbuild";

const modules = resolve(import.meta.dirname, "node_modules");
const load = (path) => import(pathToFileURL(join(modules, path)));

const esm = { bundle: true, minify: true, format: "esm", target: "es2022" };

/** The page for a strict policy, which allows no script in the page itself. */
export function bundleStrict(project) {
  return esbuild({ ...esm, entryPoints: [join(project, "strict.js")], outdir: join(project, "strict") });
}

/** The simulation of pairs, which reaches behind what the package exports: one module, with the endpoint in it. */
export function bundlePairs(project) {
  const entry = resolve(import.meta.dirname, "../simulation/traces.ts");
  return esbuild({ ...esm, entryPoints: { pairs: entry }, outdir: project });
}

/** Each bundler and a `build` that returns the bundle's path, relative to the project. */
export function bundles(project) {
  const entry = join(project, "bundled.js");
  const bundled = (name, run) => ({
    name,
    build: async () => {
      await run(join(project, `bundle-${name}`));
      return `bundle-${name}/main.js`;
    },
  });
  return [
    bundled("esbuild", (outdir) => esbuild({ ...esm, entryPoints: { main: entry }, outdir })),
    bundled("rollup", async (dir) => {
      const { rollup } = await load("rollup/dist/es/rollup.js");
      const bundle = await rollup({ input: entry, plugins: [nodeModules(project)] });
      await bundle.write({ dir, format: "es", entryFileNames: "main.js" });
      await bundle.close();
    }),
    bundled("vite", async (outDir) => {
      const { build } = await load("vite/dist/node/index.js");
      await build({
        root: project,
        configFile: false,
        logLevel: "error",
        build: { outDir, target: "es2022", lib: { entry, formats: ["es"], fileName: () => "main.js" } },
      });
    }),
    bundled("webpack", async (path) => {
      const { default: webpack } = await load("webpack/lib/index.js");
      const compiler = webpack({
        mode: "production",
        context: project,
        entry,
        target: ["web", "es2022"],
        experiments: { outputModule: true },
        output: { path, filename: "main.js", module: true, library: { type: "module" } },
        performance: { hints: false },
      });
      await new Promise((done, failed) =>
        compiler.run((error, stats) => {
          if (error || stats.hasErrors()) failed(error ?? new Error(stats.toString("errors-only")));
          else compiler.close(done);
        }),
      );
    }),
  ];
}

/** Rollup by itself resolves only relative imports; this is all of the usual plugin that the package needs. */
function nodeModules(project) {
  const { exports } = JSON.parse(readFileSync(join(project, "node_modules/tcpwire/package.json"), "utf8"));
  return {
    name: "node-modules",
    resolveId: (source) =>
      source.startsWith("tcpwire/")
        ? join(project, "node_modules/tcpwire", exports[source.replace("tcpwire", ".")].default)
        : null,
  };
}
