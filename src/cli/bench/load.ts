import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Codec } from "../../bench/index.ts";
import { InputError } from "../errors.ts";

/**
 * The codec that the module at `path` exports.
 * @throws {InputError} when it cannot be loaded or is none
 */
export async function loadCodec(path: string, asCodec: (module: unknown) => Codec): Promise<Codec> {
  try {
    return asCodec(await import(pathToFileURL(resolve(path)).href));
  } catch (error) {
    throw new InputError(`${path}: ${error instanceof Error ? error.message : error}`);
  }
}
