import { escapeText } from "../terminal/escape.ts";

/** One of the FILEs of a command line. */
export interface FileArgument {
  readonly path: string;
  /** What a data set calls it. */
  readonly name: string;
  /** Whether there are others, from which its output is to be told. */
  readonly isOneOfSeveral: boolean;
  /** The first of them. */
  readonly isFirst: boolean;
}

export function fileArguments(files: readonly { path: string; name: string }[]): FileArgument[] {
  return files.map(({ path, name }, i) => ({
    path,
    name,
    isOneOfSeveral: files.length > 1,
    isFirst: i === 0,
  }));
}

/** What stands above the text of each of several files, as head(1) has it; nothing above one. */
export function heading({ path, isOneOfSeveral }: FileArgument): string {
  return isOneOfSeveral ? `==> ${escapeText(path)} <==\n` : "";
}

/** Lines of JSON objects; of several files each begins with the file that it is about. */
export function fileLine({ path, isOneOfSeveral }: FileArgument): (line: string) => string {
  if (!isOneOfSeveral) return (line) => line;
  const start = `{"file":${JSON.stringify(path)},`;
  return (line) => start + line.slice(1);
}
