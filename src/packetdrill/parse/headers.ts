import type { Header } from "../script.ts";
import type { Cursor } from "./cursor.ts";

/** The lines `--name`, `--name=value` and `-D NAME=VALUE` that come before everything else. */
export function headers(cursor: Cursor): Header[] {
  const found: Header[] = [];
  while (cursor.is("option")) {
    const { text: name, line } = cursor.next();
    const isDefine = name === "D" || name === "define";
    const hasValue = cursor.takes("=") || (isDefine && cursor.peek().line === line);
    found.push(hasValue ? { line, name: isDefine ? "define" : name, value: value(cursor) } : { line, name });
  }
  return found;
}

function value(cursor: Cursor): string {
  const { kind, text } = cursor.next();
  if (kind !== "word") return text;
  // `keepAlive.idle=60000`: a setting that is part of a group.
  const name = cursor.takes(".") ? `${text}.${cursor.word("the name of a setting")}` : text;
  if (!cursor.takes("=")) return name;
  const right = cursor.next();
  const quote = right.kind === "string" ? '"' : right.kind === "command" ? "`" : "";
  return `${name}=${quote}${right.text}${quote}`;
}

/** What the `define` headers put in the place of words. */
export function definitions(found: readonly Header[]): Map<string, string> {
  const map = new Map<string, string>();
  for (const { name, value } of found) {
    const at = value?.indexOf("=") ?? -1;
    if (name === "define" && value !== undefined && at > 0) map.set(value.slice(0, at), value.slice(at + 1));
  }
  return map;
}
