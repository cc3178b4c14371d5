import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateCapture } from "../src/bench/captures.ts";
import { generateConversations } from "./conversations.ts";

// Change it when the generator changes what it writes.
const EDITION = 1;

/** The kind of capture that conversations.ts generates; the others are the package's. */
export const CONVERSATIONS = "conversations";

/** A generated capture as a file, kept from run to run in `cache`. */
export function captureFile(cache: string, kind: string, frames: number): string {
  const path = join(cache, `${kind}-${frames}-${EDITION}.pcap`);
  if (!existsSync(path)) {
    mkdirSync(cache, { recursive: true });
    const bytes = kind === CONVERSATIONS ? generateConversations(frames) : generateCapture(kind, frames);
    writeFileSync(`${path}.part`, bytes);
    renameSync(`${path}.part`, path);
  }
  return path;
}

export function captureBytes(cache: string, kind: string, frames: number): Uint8Array {
  return new Uint8Array(readFileSync(captureFile(cache, kind, frames)));
}
