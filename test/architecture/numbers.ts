import ts from "typescript";
import { at, parse, resolveSpecifier, type Sources, specifiers, type Violation, walk } from "./sources.ts";

/** The constants of assembly/layout by value, those whose value says by itself what is meant. */
export type Layout = ReadonlyMap<number, string>;

/** assembly/layout holds `export const NAME = integer` and imports of its own kind, each name once. */
export function layoutViolations(sources: Sources): Violation[] {
  const found: Violation[] = [];
  const seen = new Map<string, string>();
  for (const [path, text] of sources) {
    const file = parse(path, text);
    for (const statement of file.statements) {
      if (ts.isImportDeclaration(statement)) continue;
      const declarations = ts.isVariableStatement(statement) ? statement.declarationList.declarations : [];
      const isConst =
        ts.isVariableStatement(statement) && (statement.declarationList.flags & ts.NodeFlags.Const) !== 0;
      const isExported = ts.canHaveModifiers(statement) && ts.getModifiers(statement)?.[0]?.kind;
      if (!isConst || isExported !== ts.SyntaxKind.ExportKeyword || declarations.length !== 1) {
        found.push(`${at(file, statement)}: a layout file has only \`export const NAME = integer\``);
        continue;
      }
      const [{ name, type, initializer }] = declarations;
      const id = name.getText(file);
      if (type) found.push(`${at(file, type)}: ${id} has a type: asc and tsc would read it differently`);
      if (!initializer || !isInteger(initializer)) {
        found.push(`${at(file, statement)}: ${id} is no constant integer expression`);
      }
      if (seen.has(id)) found.push(`${at(file, statement)}: ${id} stands in ${seen.get(id)} already`);
      seen.set(id, path);
    }
    for (const { text: specifier, node } of specifiers(file)) {
      const target = specifier && resolveSpecifier(path, specifier);
      if (!target?.startsWith("assembly/layout/")) {
        found.push(`${at(file, node)}: a layout file imports only from layout`);
      }
    }
  }
  return found;
}

/** Values of the layout, computed. */
export function layoutConstants(sources: Sources): Map<string, number> {
  const expressions = new Map<string, ts.Expression>();
  for (const [path, text] of sources) {
    walk(parse(path, text), (node) => {
      if (ts.isVariableDeclaration(node) && node.initializer) {
        expressions.set(node.name.getText(), node.initializer);
      }
    });
  }
  const values = new Map<string, number>();
  const value = (name: string): number => {
    const known = values.get(name);
    if (known !== undefined) return known;
    const expression = expressions.get(name);
    const computed = expression ? evaluate(expression, value) : Number.NaN;
    values.set(name, computed);
    return computed;
  };
  for (const name of expressions.keys()) value(name);
  return values;
}

/**
 * Numbers of a specification that stand outside assembly/layout: literals whose value is a layout
 * constant's and that no one writes by chance (not below 256, no round number, no power of two or mask).
 */
export function numberViolations(sources: Sources, constants: ReadonlyMap<string, number>): Violation[] {
  const names = new Map<number, string>();
  for (const [name, value] of constants) if (isDistinctive(value)) names.set(value >>> 0, name);
  const found: Violation[] = [];
  for (const [path, text] of sources) {
    const file = parse(path, text);
    walk(file, (node) => {
      if (ts.isNumericLiteral(node)) {
        const name = names.get(Number(node.text) >>> 0);
        if (name) found.push(`${at(file, node)}: ${node.getText(file)} is ${name} of assembly/layout`);
      } else if (ts.isVariableDeclaration(node) && node.initializer && isInteger(node.initializer)) {
        const name = node.name.getText(file);
        if (constants.get(name) === evaluate(node.initializer, () => Number.NaN)) {
          found.push(`${at(file, node)}: ${name} is written again: import it from layout`);
        }
      }
    });
  }
  return found;
}

function isDistinctive(value: number): boolean {
  const v = value >>> 0;
  const isMask = (v & (v + 1)) === 0 || (v & (v - 1)) === 0 || (~v & (~v + 1)) === 0;
  return v >= 256 && !isMask && v % 100 !== 0;
}

function isInteger(node: ts.Expression): boolean {
  if (ts.isNumericLiteral(node)) return Number.isInteger(Number(node.text));
  if (ts.isIdentifier(node)) return true;
  if (ts.isParenthesizedExpression(node)) return isInteger(node.expression);
  if (ts.isPrefixUnaryExpression(node)) return isInteger(node.operand);
  return ts.isBinaryExpression(node) && isInteger(node.left) && isInteger(node.right);
}

function evaluate(node: ts.Expression, value: (name: string) => number): number {
  if (ts.isNumericLiteral(node)) return Number(node.text);
  if (ts.isIdentifier(node)) return value(node.text);
  if (ts.isParenthesizedExpression(node)) return evaluate(node.expression, value);
  if (ts.isPrefixUnaryExpression(node)) {
    const operand = evaluate(node.operand, value);
    return node.operator === ts.SyntaxKind.TildeToken ? ~operand : -operand;
  }
  if (!ts.isBinaryExpression(node)) return Number.NaN;
  const [a, b] = [evaluate(node.left, value), evaluate(node.right, value)];
  switch (node.operatorToken.kind) {
    case ts.SyntaxKind.PlusToken:
      return a + b;
    case ts.SyntaxKind.MinusToken:
      return a - b;
    case ts.SyntaxKind.AsteriskToken:
      return a * b;
    case ts.SyntaxKind.AmpersandToken:
      return a & b;
    case ts.SyntaxKind.BarToken:
      return a | b;
    case ts.SyntaxKind.LessThanLessThanToken:
      return a << b;
    case ts.SyntaxKind.GreaterThanGreaterThanToken:
      return a >> b;
    default:
      return Number.NaN;
  }
}
