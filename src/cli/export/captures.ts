import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { basename, join, relative } from "node:path";
import {
  GZIP_MAGIC,
  PCAP_MAGIC_MICRO,
  PCAP_MAGIC_MODIFIED,
  PCAP_MAGIC_NANO,
  PCAPNG_SECTION_HEADER,
} from "../../../assembly/layout/capture.ts";
import { UsageError } from "../errors.ts";

/** A capture of a data set. */
export interface Capture {
  readonly path: string;
  /** What tells it from the others. */
  readonly name: string;
}

/**
 * The captures that paths stand for: a file for itself, a folder for all captures in it and in its folders, by
 * content. Names that begin with a dot are passed over.
 * @throws {UsageError} when two captures would have one name
 */
export function capturesIn(paths: readonly string[]): Capture[] {
  const captures = paths.flatMap((path) =>
    isFolder(path) ? inFolder(path) : [{ path, name: basename(path) }],
  );
  const byName = new Map<string, string>();
  for (const { path, name } of captures) {
    const other = byName.get(name);
    if (other !== undefined) throw new UsageError(`${other} and ${path} would both be capture=${name}`);
    byName.set(name, path);
  }
  return captures;
}

export function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}

function inFolder(root: string): Capture[] {
  const found: Capture[] = [];
  const visit = (folder: string): void => {
    const entries = readdirSync(folder, { withFileTypes: true }).filter(({ name }) => !name.startsWith("."));
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) visit(path);
      else if (isFile(path) && looksLikeCapture(path)) found.push({ path, name: relative(root, path) });
    }
  };
  visit(root);
  return found;
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}

function looksLikeCapture(path: string): boolean {
  const start = new Uint8Array(4);
  const file = openSync(path, "r");
  const length = readSync(file, start);
  closeSync(file);
  if (length < start.length) return false;
  const view = new DataView(start.buffer);
  const magics = [view.getUint32(0, true), view.getUint32(0)];
  return magics.some((magic) => MAGICS.has(magic)) || view.getUint16(0, true) === GZIP_MAGIC;
}

const MAGICS: ReadonlySet<number> = new Set([
  PCAP_MAGIC_MICRO,
  PCAP_MAGIC_NANO,
  PCAP_MAGIC_MODIFIED,
  PCAPNG_SECTION_HEADER,
]);
