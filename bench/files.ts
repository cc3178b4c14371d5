import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateCapture } from "../src/bench/captures.ts";

// Change it when the generator changes what it writes.
const EDITION = 1;

/** A generated capture as a file, kept from run to run in `cache`. */
export function captureFile(cache: string, kind: string, frames: number): string {
  const path = join(cache, `${kind}-${frames}-${EDITION}.pcap`);
  if (!existsSync(path)) {
    mkdirSync(cache, { recursive: true });
    writeFileSync(`${path}.part`, generateCapture(kind, frames));
    renameSync(`${path}.part`, path);
  }
  return path;
}

export function captureBytes(cache: string, kind: string, frames: number): Uint8Array {
  return new Uint8Array(readFileSync(captureFile(cache, kind, frames)));
}
