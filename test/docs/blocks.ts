import ts from "typescript";
import { parse, type Sources, walk } from "../architecture/sources.ts";

/** A fenced block of code in a document or a docstring. */
export interface Block {
  /** Where it begins: `README.md:12`. */
  readonly place: string;
  /** The first word behind the fence: `ts`, `js`, `sh`... */
  readonly language: string;
  /** The words after it: `no-run`. */
  readonly words: readonly string[];
  readonly text: string;
}

/** Blocks fenced by ``` in Markdown. `line` is the number of the text's first line. */
export function fencedBlocks(name: string, markdown: string, line = 1): Block[] {
  const blocks: Block[] = [];
  const lines = markdown.split("\n");
  for (let i = 0; i < lines.length; i++) {
    const fence = /^(\s*)```\s*(\S*)(.*)$/.exec(lines[i]);
    if (!fence) continue;
    const end = lines.findIndex((text, j) => j > i && text.trim() === "```");
    if (end < 0) throw new Error(`${name}:${line + i}: a fence that nothing closes`);
    const [, indent, language, rest] = fence;
    blocks.push({
      place: `${name}:${line + i}`,
      language,
      words: rest.trim().split(/\s+/).filter(Boolean),
      text: lines
        .slice(i + 1, end)
        .map((text) => (text.startsWith(indent) ? text.slice(indent.length) : text))
        .join("\n"),
    });
    i = end;
  }
  return blocks;
}

/** Blocks in doc comments: those of `@example`, fenced or bare, and any other that is fenced. */
export function docstringBlocks(sources: Sources): Block[] {
  return [...sources].flatMap(([path, text]) => {
    const file = parse(path, text);
    const comments = new Map<number, string>();
    walk(file, (node) => {
      for (const doc of ts.getJSDocCommentsAndTags(node)) {
        if (ts.isJSDoc(doc)) comments.set(doc.getStart(file), doc.getText(file));
      }
    });
    return [...comments].flatMap(([start, comment]) => {
      const line = file.getLineAndCharacterOfPosition(start).line + 1;
      const body = comment.replace(/^\/\*\*/, "   ").replace(/\*\/$/, "");
      const plain = body.replace(/^[ \t]*\* ?/gm, "");
      return [...fencedBlocks(path, plain, line), ...bareExamples(path, plain, line)];
    });
  });
}

/** An `@example` without a fence is code up to the next tag. */
function bareExamples(path: string, comment: string, line: number): Block[] {
  const lines = comment.split("\n");
  return lines.flatMap((text, i) => {
    if (!/^\s*@example\b/.test(text)) return [];
    const next = lines.findIndex((other, j) => j > i && /^\s*@[a-z]+/.test(other));
    const body = lines.slice(i + 1, next < 0 ? undefined : next).join("\n");
    if (body.includes("```") || body.trim() === "") return [];
    return [{ place: `${path}:${line + i}`, language: "ts", words: [], text: body }];
  });
}
