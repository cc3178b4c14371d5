import ts from "typescript";
import { at, type Sources, type Violation, walk } from "./sources.ts";

/**
 * What code below floor 6 may reach without importing it, beside ECMAScript: web standards that Node, Deno,
 * Bun and browsers share and that read no clock, no randomness and nothing of the machine.
 */
const webStandards = new Set(
  (
    "WebAssembly TextEncoder TextDecoder atob btoa Blob File Response AbortController AbortSignal DOMException " +
    "ReadableStream ReadableStreamDefaultReader ReadableStreamBYOBReader WritableStream TransformStream " +
    "ByteLengthQueuingStrategy CountQueuingStrategy CompressionStream DecompressionStream"
  ).split(" "),
);

/** ECMAScript that gives an answer of its own each time, or hides what is reached. */
const unpredictable = new Set(["globalThis", "eval", "Function", "WeakRef", "FinalizationRegistry", "Intl"]);

/** Clocks, randomness, Node and the DOM where they do not belong. Every source is below floor 6. */
export function globalViolations(sources: Sources): Violation[] {
  const program = programOf(sources);
  const checker = program.getTypeChecker();
  const found: Violation[] = [];
  for (const path of sources.keys()) {
    const file = program.getSourceFile(path);
    if (file === undefined) throw new Error(`${path} did not parse`);
    walk(file, (node) => {
      const trouble = ts.isMetaProperty(node)
        ? "import.meta tells where the file lies"
        : reached(node, checker);
      if (trouble) found.push(`${path}:${at(file, node).split(":").pop()}: ${trouble}`);
    });
  }
  return found;
}

function reached(node: ts.Node, checker: ts.TypeChecker): string | undefined {
  if (!ts.isIdentifier(node) || isMemberName(node)) return undefined;
  const symbol = ts.isShorthandPropertyAssignment(node.parent)
    ? checker.getShorthandAssignmentValueSymbol(node.parent)
    : checker.getSymbolAtLocation(node);
  const declarations = symbol?.declarations ?? [];
  const name = node.text;
  // `globalThis` and unresolved names have no declaration; `undefined` has none either.
  if (declarations.length === 0) {
    if (name === "undefined" || name === "const") return undefined;
    return `${name} is no import and no standard`;
  }
  const files = declarations.map((d) => d.getSourceFile());
  if (!files.every((f) => f.isDeclarationFile)) return undefined;
  if (unpredictable.has(name)) return `${name} is out of bounds below floor 6`;
  if (name === "Date") return clock(node);
  if (name === "Math") return random(node);
  if (webStandards.has(name) || files.some((f) => /\/lib\.es[^/]*\.d\.ts$/.test(f.fileName)))
    return undefined;
  // A type of the DOM's costs nothing at run time; one of Node's would be in our .d.ts files.
  const typeOnly = !(symbol!.flags & ts.SymbolFlags.Value) || isInType(node);
  if (typeOnly && files.some((f) => /\/lib\.dom[^/]*\.d\.ts$/.test(f.fileName))) return undefined;
  return `${name} is the runtime's: pass it in as an argument, or move the code up to floor 6`;
}

function clock(node: ts.Identifier): string | undefined {
  const { parent } = node;
  if (isInType(node)) return undefined;
  if (ts.isNewExpression(parent) && parent.expression === node && (parent.arguments?.length ?? 0) > 0) return;
  if (ts.isPropertyAccessExpression(parent) && /^(UTC|parse)$/.test(parent.name.text)) return;
  return "Date reads the clock: time is an argument";
}

function random(node: ts.Identifier): string | undefined {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.name.text !== "random") return;
  return "Math.random: randomness is injected";
}

/** Whether the identifier only names a member or a label, so that no global is meant. */
function isMemberName(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  if (ts.isQualifiedName(parent)) return parent.right === node;
  if (ts.isShorthandPropertyAssignment(parent)) return false;
  if (ts.isBindingElement(parent)) return parent.propertyName === node;
  if (ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent)) return true;
  return (ts.isClassElement(parent) || ts.isTypeElement(parent) || ts.isPropertyAssignment(parent)) &&
    parent.name === node
    ? true
    : ts.isJSDoc(parent) || ts.isNamedTupleMember(parent) || ts.isLabeledStatement(parent);
}

function isInType(node: ts.Node): boolean {
  for (let n: ts.Node | undefined = node; n; n = n.parent) {
    if (ts.isTypeNode(n) && !ts.isExpressionWithTypeArguments(n)) return true;
    if (ts.isStatement(n)) return false;
  }
  return false;
}

function programOf(sources: Sources): ts.Program {
  const { config } = ts.readConfigFile("tsconfig.json", ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, ".");
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.getSourceFile = (path, ...rest) => {
    const own = sources.get(path);
    if (own !== undefined) return ts.createSourceFile(path, own, ts.ScriptTarget.ES2022, true);
    if (!path.endsWith(".d.ts")) return getSourceFile.call(host, path, ...rest);
    if (!libraries.has(path)) libraries.set(path, getSourceFile.call(host, path, ...rest));
    return libraries.get(path);
  };
  host.fileExists = (path) => sources.has(path) || fileExists.call(host, path);
  host.readFile = (path) => sources.get(path) ?? readFile.call(host, path);
  return ts.createProgram([...sources.keys()], options, host);
}

/** lib.*.d.ts and @types/node, parsed once for all programs. */
const libraries = new Map<string, ts.SourceFile | undefined>();
