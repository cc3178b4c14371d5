import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import ts from "typescript";
import { parse, walk } from "../architecture/sources.ts";
import { frames, pcap, pcapng } from "../runtimes/suite/vectors.js";
import type { Block } from "./blocks.ts";

// Within the package's own folder `tcpwire/...` means the built package, to Node and to TypeScript.
const folder = resolve("build/docs");

/** What examples in docstrings may use without saying where it comes from; show.mjs supplies it. */
const ambient = `
  /** The bytes of a small capture, and the same as a file that someone chose. */
  declare const bytes: Uint8Array<ArrayBuffer>;
  declare const file: File;
  /** A TCP segment of 1460 bytes of payload, and the addresses of its packet. */
  declare const segment: Uint8Array<ArrayBuffer>;
  declare const src: string;
  declare const dst: string;
  /** Something to add up in. */
  declare let total: number;
  /** Where an endpoint's segments go. */
  declare const network: { send(segment: Uint8Array): void };
  /** A host on a network. */
  declare const host: import("tcpwire/net").Host;`;

/** A statement marked `// -> text`: what it must show, line by line. */
interface Mark {
  readonly line: number;
  readonly expected: readonly string[];
}

/**
 * Docstrings stay short: an example without imports has the package's exports in scope, and what
 * `ambient` declares. In documents an example is whole, as a reader would paste it.
 */
export async function completed(block: Block): Promise<Block> {
  if (!block.place.startsWith("src/") || /^import /m.test(block.text)) return block;
  const { exports } = JSON.parse(readFileSync("package.json", "utf8"));
  const taken = new Set<string>();
  let imports = "";
  for (const [path, target] of Object.entries(exports)) {
    if (typeof target !== "object") continue;
    const entry = `tcpwire${path.slice(1)}`;
    const built = resolve((target as { default: string }).default);
    const names = Object.keys(await import(/* @vite-ignore */ pathToFileURL(built).href)).filter(
      // One letter is what entries export to each other.
      (name) => name.length > 1 && !taken.has(name) && new RegExp(`\\b${name}\\b`).test(block.text),
    );
    for (const name of names) taken.add(name);
    if (names.length > 0) imports += `import { ${names.join(", ")} } from "${entry}"; `;
  }
  // On the line of the first statement, so that line numbers stay what they are.
  return { ...block, text: imports + block.text };
}

/** Type errors of every block, as `README.md:12 (line 3): message`. */
export function typeErrors(blocks: readonly Block[]): string[] {
  mkdirSync(folder, { recursive: true });
  const byFile = new Map<string, Block>();
  blocks.forEach((block, i) => {
    const file = resolve(folder, `example-${i}.ts`);
    writeFileSync(file, block.text);
    byFile.set(file, block);
  });
  const { config } = ts.readConfigFile("tsconfig.json", ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, ".");
  const declared = resolve(folder, "ambient.d.ts");
  writeFileSync(declared, ambient);
  const program = ts.createProgram([declared, ...byFile.keys()], {
    ...options,
    noImplicitAny: false, // Examples are read as JavaScript too.
    moduleDetection: ts.ModuleDetectionKind.Force,
  });
  return [...byFile].flatMap(([path, block]) => {
    const file = program.getSourceFile(path)!;
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map((d) => {
      const line = file.getLineAndCharacterOfPosition(d.start ?? 0).line + 1;
      return `${block.place} (line ${line}): ${ts.flattenDiagnosticMessageText(d.messageText, " ")}`;
    });
  });
}

/** Runs a block and returns what is wrong: its error, or each `// ->` that shows something else. */
export function run(block: Block): string[] {
  mkdirSync(folder, { recursive: true });
  const name = block.place.replace(/[^a-z0-9]+/gi, "-");
  const script = resolve(folder, `${name}.mjs`);
  const shown = resolve(folder, `${name}.json`);
  const { text, marks } = instrument(block);
  const options = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    verbatimModuleSyntax: true,
  };
  writeFileSync(script, ts.transpileModule(text, { compilerOptions: options }).outputText);
  rmSync(shown, { force: true });
  const { status, stderr } = spawnSync(
    process.execPath,
    ["--import", resolve("test/docs/show.mjs"), script],
    {
      cwd: captures(),
      encoding: "utf8",
      timeout: 30_000,
      env: { ...process.env, TCPWIRE_SHOWN: shown },
    },
  );
  if (status !== 0) return [`${block.place}: exit ${status}\n${stderr}`];
  const lines: Record<number, string[]> = JSON.parse(readFileSync(shown, "utf8"));
  return marks.flatMap(({ line, expected }, i) => {
    const actual = (lines[i] ?? []).join("\n");
    return matches(actual, expected.join("\n"))
      ? []
      : [`${block.place} (line ${line}) shows ${actual || "nothing"}, not ${expected.join("\n")}`];
  });
}

/** A folder with the files that examples may name, and without those that others have written. */
export function captures(): string {
  const place = resolve(folder, "captures");
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place, { recursive: true });
  const list = frames(11, 200);
  writeFileSync(resolve(place, "capture.pcap"), pcap(list));
  writeFileSync(resolve(place, "capture.pcapng"), pcapng(list));
  writeFileSync(resolve(place, "trace.pcapng.gz"), gzipSync(pcapng(list)));
  return place;
}

/** Wraps every marked statement so that what it shows is recorded. */
function instrument(block: Block): { text: string; marks: Mark[] } {
  const file = parse("example.ts", block.text);
  const marks: Mark[] = [];
  const edits: { start: number; end: number; text: string }[] = [];
  walk(file, (node) => {
    if (!ts.isStatement(node) || ts.isBlock(node)) return;
    const expected = marksBehind(block.text, node.end);
    if (expected.length === 0) return;
    const [start, end] = [node.getStart(file), node.end];
    const line = file.getLineAndCharacterOfPosition(start).line + 1;
    const recorded = recording(node, file, marks.length);
    if (!recorded) return;
    edits.push({ start, end, text: recorded });
    marks.push({ line, expected });
  });
  const wanted = block.text.split("\n").filter((line) => /\S.*\/\/ -> /.test(line)).length;
  if (wanted !== marks.length)
    throw new Error(`${block.place}: a "// ->" behind something that shows nothing`);
  let text = block.text;
  for (const { start, end, text: by } of edits.reverse()) text = text.slice(0, start) + by + text.slice(end);
  return { text, marks };
}

function recording(node: ts.Statement, file: ts.SourceFile, mark: number): string | undefined {
  if (ts.isVariableStatement(node)) {
    const [{ name }] = node.declarationList.declarations;
    return `${node.getText(file)} __show(${mark}, ${name.getText(file)});`;
  }
  if (!ts.isExpressionStatement(node)) return undefined;
  const { expression } = node;
  const isLog = ts.isCallExpression(expression) && expression.expression.getText(file) === "console.log";
  if (!isLog) return `__show(${mark}, ${expression.getText(file)});`;
  return `__log(${[mark, ...expression.arguments.map((a) => a.getText(file))].join(", ")});`;
}

/** The expected lines: behind the statement on its last line, and on comment lines right under it. */
function marksBehind(text: string, end: number): string[] {
  const [rest, ...below] = text.slice(end).split("\n");
  const first = /^\s*\/\/ -> (.*)$/.exec(rest);
  if (!first) return [];
  const expected = [first[1]];
  for (const line of below) {
    const more = /^\s*\/\/ -> (.*)$/.exec(line);
    if (!more) break;
    expected.push(more[1]);
  }
  return expected.map((line) => line.trimEnd());
}

/** Quotes of either kind are alike, and `...` stands for anything. */
function matches(actual: string, expected: string): boolean {
  const pattern = expected
    .replaceAll("'", '"')
    .split("...")
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .join("[^]*");
  return new RegExp(`^${pattern}$`).test(actual.replaceAll("'", '"'));
}
