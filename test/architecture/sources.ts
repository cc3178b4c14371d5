import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import ts from "typescript";

/** Source texts by path from the repository's root, with forward slashes. */
export type Sources = ReadonlyMap<string, string>;

/** One broken rule: where, and what to do about it. */
export type Violation = string;

/** The repository's own code: what git would commit, without generated files. */
export function repositorySources(...folders: string[]): Sources {
  return new Map(
    tracked(folders)
      .filter((path) => /\.(ts|mts|js|mjs)$/.test(path))
      .map((path) => [path, readFileSync(path, "utf8")]),
  );
}

/** Files that git tracks or would track; without git (an unpacked archive) all files of the folders. */
export function tracked(folders: string[] = ["."]): string[] {
  const args = ["ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate", "--", ...folders];
  try {
    const listed = execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    const deleted = execFileSync("git", ["ls-files", "--deleted"], { encoding: "utf8" }).split("\n");
    return listed.split("\n").filter((path) => path !== "" && !deleted.includes(path));
  } catch {
    return folders.flatMap((folder) =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => posix.join(entry.parentPath, entry.name))
        .filter((path) => !/(^|\/)(node_modules|build|dist|generated)\//.test(path)),
    );
  }
}

export function parse(path: string, text: string): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
}

/** Visits a node and everything under it. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

export function at(file: ts.SourceFile, node: ts.Node): string {
  return `${file.fileName}:${file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1}`;
}

/** Every module specifier of a file: imports, re-exports, import types, `import()`. */
export function specifiers(file: ts.SourceFile): { text: string | undefined; node: ts.Node }[] {
  const found: { text: string | undefined; node: ts.Node }[] = [];
  const add = (specifier: ts.Node | undefined) => {
    if (specifier === undefined) return;
    found.push({ text: ts.isStringLiteralLike(specifier) ? specifier.text : undefined, node: specifier });
  };
  walk(file, (node) => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) add(node.moduleSpecifier);
    else if (ts.isImportTypeNode(node))
      add(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : node);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0]);
    }
  });
  return found;
}

/** The file that a relative specifier means, by this repository's habits; undefined for a package's name. */
export function resolveSpecifier(importer: string, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  const path = posix.join(posix.dirname(importer), specifier);
  return /\.[a-z]+$/.test(path) ? path : `${path}.ts`;
}
