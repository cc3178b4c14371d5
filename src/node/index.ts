/**
 * Files as captures, for Node, Deno and Bun.
 *
 * @module
 */
import {
  type CaptureReader,
  type ReadCaptureOptions,
  type ReadOptions,
  readCapture,
  readCaptureSync,
  type SyncCaptureReader,
} from "../capture/index.ts";
import { fileSource, fileSourceSync } from "./file-source.ts";

export { type FileSource, fileSource, fileSourceSync, type SyncFileSource } from "./file-source.ts";
export {
  type OpenCaptureFile,
  type ReadCaptureParallelOptions,
  readCaptureParallel,
} from "./parallel/reader.ts";

/**
 * Reads the TCP segments of a capture file, as `readCapture` does. A path or URL names the capture in errors unless
 * the options do. The file is closed when the reading is over.
 *
 * @example
 * ```ts
 * import { readCaptureFile } from "tcpwire/node";
 *
 * let segments = 0;
 * for await (const batch of readCaptureFile("trace.pcapng.gz")) segments += batch.length;
 * ```
 *
 * @param file a path, a `file:` URL, or a file descriptor: 0 is standard input
 * @throws what `fs.openSync` throws, when there is no such file; the rest as `readCapture`
 */
export function readCaptureFile(
  file: string | URL | number,
  options: ReadCaptureOptions = {},
): CaptureReader {
  return readCapture(fileSource(file), { name: nameOf(file), ...options });
}

/**
 * Reads the TCP segments of a capture file, as `readCaptureSync` does.
 *
 * @param file a path, a `file:` URL, or a file descriptor: 0 is standard input
 * @throws what `fs.openSync` throws, when there is no such file; the rest as `readCaptureSync`
 */
export function readCaptureFileSync(
  file: string | URL | number,
  options: ReadOptions = {},
): SyncCaptureReader {
  return readCaptureSync(fileSourceSync(file), { name: nameOf(file), ...options });
}

function nameOf(file: string | URL | number): string | undefined {
  return typeof file === "number" ? undefined : String(file);
}
