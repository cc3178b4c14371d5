import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { InputError } from "../errors.ts";
import { inputError } from "../input.ts";

const ENDING = ".pkt";

/**
 * The scripts that paths name: files as they are, folders with every script in and below them, sorted.
 * @throws {InputError} for a path that is not there, and for folders without scripts
 */
export function findScripts(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    if (!isFolder(path)) return [path];
    const found = readdirSync(path, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(ENDING))
      .sort()
      .map((name) => join(path, name));
    if (found.length === 0) throw new InputError(`${path}: no ${ENDING} files in this folder`);
    return found;
  });
}

/** @throws {InputError} when it cannot be read */
export function readScriptFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw inputError(error, path) ?? error;
  }
}

/**
 * Files that a script's shell lines run. They are sought from the script's folder, and from those above it: suites are
 * run from various places, and their paths fit one of them.
 */
export function shellFiles(script: string): (path: string) => string | null {
  return (path) => {
    let folder = dirname(script);
    for (let up = 0; up < 4; up++, folder = join(folder, "..")) {
      try {
        return readFileSync(join(folder, path), "utf8");
      } catch {
        // Not there: one folder up.
      }
    }
    return null;
  };
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    throw inputError(error, path) ?? error;
  }
}
