import { existsSync, statSync } from "node:fs";
import { type FileHandle, open, rename, unlink } from "node:fs/promises";
import { InputError, UsageError } from "../errors.ts";
import { escapeText } from "../terminal/escape.ts";
import type { Output } from "./column.ts";

/**
 * A file that appears under its name when it is whole: until then it is called `NAME.partial`, so that nobody
 * takes the half of it for a table. A pipe or a device is written to as it is.
 */
export class OutputFile implements Output {
  readonly #path: string;
  readonly #written: string;
  readonly #handle: FileHandle;
  #isClosed = false;
  #size = 0;

  /**
   * @throws {UsageError} when there is such a file and it may not be replaced
   * @throws {InputError} when it cannot be written
   */
  static async create(path: string, replace: boolean): Promise<OutputFile> {
    const special = existsSync(path) && !statSync(path).isFile();
    if (!replace && !special && existsSync(path)) {
      throw new UsageError(`${path} is there already; --force replaces it`);
    }
    const written = special ? path : `${path}.partial`;
    return new OutputFile(path, written, await reporting(path, () => open(written, "w")));
  }

  private constructor(path: string, written: string, handle: FileHandle) {
    this.#path = path;
    this.#written = written;
    this.#handle = handle;
  }

  /** @throws {InputError} */
  async write(bytes: Uint8Array): Promise<void> {
    await reporting(this.#path, async () => {
      for (let at = 0; at < bytes.length; ) {
        at += (await this.#handle.write(bytes, at)).bytesWritten;
      }
    });
    this.#size += bytes.length;
  }

  /** Bytes written so far. */
  get size(): number {
    return this.#size;
  }

  /** The name that it will have. */
  get path(): string {
    return this.#path;
  }

  /** All is written; the name is still to be given, by `finish`. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await reporting(this.#path, () => this.#handle.close());
  }

  /** All is written: the file gets its name. */
  async finish(): Promise<void> {
    await this.close();
    if (this.#written !== this.#path) {
      await reporting(this.#path, () => rename(this.#written, this.#path));
    }
  }

  /** Nothing came of it: the file goes away. */
  async discard(): Promise<void> {
    await this.close().catch(() => {});
    if (this.#written !== this.#path) await unlink(this.#written).catch(() => {});
  }
}

/**
 * Writes a file under its name, in the place of what is there: whole, or not at all.
 * @returns its bytes
 * @throws {InputError} when it cannot be written
 */
export async function replaceFile(path: string, contents: string | Uint8Array): Promise<number> {
  const file = await OutputFile.create(path, true);
  try {
    await file.write(typeof contents === "string" ? new TextEncoder().encode(contents) : contents);
    await file.finish();
    return file.size;
  } catch (error) {
    await file.discard();
    throw error;
  }
}

/** Whether two paths lead to one file. */
export function isSameFile(a: string, b: string): boolean {
  if (!existsSync(a) || !existsSync(b)) return false;
  const [one, other] = [statSync(a, { bigint: true }), statSync(b, { bigint: true })];
  return one.isFile() && one.dev === other.dev && one.ino === other.ino;
}

/** What the file system has against a path, as an error of the command line. */
export async function reporting<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (typeof code !== "string") throw error;
    throw new InputError(`${escapeText(path)}: cannot be written: ${REASONS[code] ?? escapeText(message)}`);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such folder",
  ENOTDIR: "not a folder",
  EISDIR: "is a folder",
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  EROFS: "the file system is read-only",
  ENOSPC: "no space left",
  ENAMETOOLONG: "the name is too long",
};
