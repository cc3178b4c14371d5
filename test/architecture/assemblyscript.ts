import { readFileSync } from "node:fs";
import asc from "assemblyscript/asc";
import ts from "typescript";
import { at, parse, type Sources, type Violation, walk } from "./sources.ts";

const plainTypes = /^([iu](8|16|32|64)|[iu]size|f32|f64|bool|boolean|v128|void)$/;

/**
 * The modules run without a garbage collector and lay their memory out by hand: what the compiler would
 * allocate for us has no place in them.
 */
export function managedViolations(sources: Sources): Violation[] {
  const found: Violation[] = [];
  for (const [path, text] of sources) {
    const file = parse(path, text);
    walk(file, (node) => {
      const trouble = managed(node);
      if (trouble) found.push(`${at(file, node)}: ${trouble} is a managed object in AssemblyScript`);
    });
  }
  return found;
}

/** The address behind a module's static data. Its fixed addresses must lie above. */
export async function heapBase(entry: string): Promise<number> {
  const probe = "heap-base-probe.ts";
  const source = `export * from "./${entry.replace(/\.ts$/, "")}"; export function heapBase(): usize { return __heap_base; }`;
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    [probe, "--runtime", "stub", "--enable", "simd", "--use", "abort=", "-o", "probe.wasm"],
    {
      readFile: (name, base) => (name === probe ? source : readIfThere(`${base}/${name}`)),
      writeFile: (_, contents) => {
        if (typeof contents !== "string") binary = contents;
      },
      listFiles: () => [],
    },
  );
  if (error || !binary) throw new Error(`${entry} did not compile: ${stderr.toString()}`);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(binary as BufferSource));
  return (exports.heapBase as () => number)();
}

function managed(node: ts.Node): string | undefined {
  if (ts.isClassLike(node)) return "a class";
  if (ts.isNewExpression(node)) return "`new`";
  if (ts.isArrayLiteralExpression(node)) return isStaticData(node.parent) ? undefined : "an array";
  if (ts.isObjectLiteralExpression(node)) return "an object literal";
  if (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) return "a function value";
  if (ts.isTemplateExpression(node) || ts.isNoSubstitutionTemplateLiteral(node)) return "a string";
  if (ts.isStringLiteral(node)) {
    const { parent } = node;
    return ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent) || ts.isDecorator(parent.parent)
      ? undefined
      : "a string";
  }
  if (ts.isTypeReferenceNode(node) && !plainTypes.test(node.typeName.getText())) {
    return `the type ${node.getText()}`;
  }
  return undefined;
}

/** `memory.data<u8>([...])` is laid out by the compiler and collected by no one. */
function isStaticData(node: ts.Node): boolean {
  return ts.isCallExpression(node) && node.expression.getText() === "memory.data";
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
