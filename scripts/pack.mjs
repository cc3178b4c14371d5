// The package as its users get it: packed by npm, unpacked into an empty project. Checks and runtimes run
// against this copy, so that a file missing from the tarball or a wrong export fails here and not there.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** Packs the repository into `folder` and installs the tarball in `folder`/project. */
export function packAndInstall(folder) {
  rmSync(folder, { recursive: true, force: true });
  const project = resolve(folder, "project");
  const installed = join(project, "node_modules/tcpwire");
  mkdirSync(installed, { recursive: true });
  const [{ filename }] = JSON.parse(
    execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }),
  );
  const tarball = resolve(folder, filename);
  execFileSync("tar", ["-xzf", tarball, "-C", installed, "--strip-components=1"]);
  writeFileSync(join(project, "package.json"), '{ "name": "project", "private": true, "type": "module" }\n');
  return { tarball, project };
}

/** A built entry and all files that it imports, each with its import specifiers. */
export function reachable(entry, seen = new Map()) {
  if (seen.has(entry)) return [...seen.values()];
  const text = readFileSync(entry, "utf8");
  const imports = [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*["']([^"']+)["']/g)].map((m) => m[1]);
  seen.set(entry, { file: entry, imports });
  for (const i of imports) if (i.startsWith(".")) reachable(join(entry, "..", i), seen);
  return [...seen.values()];
}
