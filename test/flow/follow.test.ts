import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { FlowTracker, follow } from "../../src/flow/index.ts";
import { fileSource, readCaptureFileSync } from "../../src/node/index.ts";
import { sharedFolder } from "../corpus/shared.ts";

const corpusFolder = sharedFolder && `${sharedFolder}/corpus`;

const random = (bytes: Uint8Array<ArrayBuffer>) => crypto.getRandomValues(bytes);
const tshark = spawnSync("tshark", ["--version"]).status === 0;
const missing = !corpusFolder
  ? "the corpus (../shared/corpus)"
  : !tshark
    ? "tshark (apt-get install tshark)"
    : "";

// SYN, SYN-ACK, ACK, data, and FIN or RST were seen: tshark's bits 1 2 4 8 and 16 or 32.
const isComplete = (bits: number) => (bits & 15) === 15 && (bits & 48) !== 0;

/** Our numbers of the complete conversations, each with tshark's number (ICMP errors consume numbers there). */
function completeStreams(path: string): [ours: number, theirs: string][] {
  const numbers = new Map(
    tsharkLines(["-r", path, "-Y", "tcp", "-T", "fields", "-e", "frame.number", "-e", "tcp.stream"]).map(
      (line) => line.split("\t") as [string, string],
    ),
  );
  const tracker = new FlowTracker({ random });
  const bits: number[] = [];
  const theirs: string[] = [];
  try {
    for (const batch of readCaptureFileSync(path)) {
      const { stream, completeness } = tracker.add(batch);
      for (let i = 0; i < batch.length; i++) {
        bits[stream[i]] |= completeness[i];
        const number = numbers.get(`${batch.frame[i]}`);
        if (number && !number.includes(",")) theirs[stream[i]] = number;
      }
    }
  } catch {
    // A damaged capture: what was read counts.
  }
  return bits.flatMap((b, stream): [number, string][] => (isComplete(b) ? [[stream, theirs[stream]]] : []));
}

function tsharkLines(args: string[]): string[] {
  const { stdout } = spawnSync("tshark", ["-n", ...args], { encoding: "latin1", maxBuffer: 1 << 28 });
  return stdout.split("\n");
}

type Sides = [client: string, server: string, both: string];

// tshark prints a line of hex a chunk, indented by a tab for the second side, under a line that names the stream.
function tsharkFollow(path: string, streams: string[]): Map<string, Sides> {
  const asked = streams.flatMap((stream) => ["-z", `follow,tcp,raw,${stream}`]);
  const found = new Map<string, Sides>();
  let sides: Sides = ["", "", ""];
  for (const line of tsharkLines(["-r", path, "-q", ...asked])) {
    const stream = /^Filter: tcp.stream eq (\d+)$/.exec(line)?.[1];
    if (stream) found.set(stream, (sides = ["", "", ""]));
    if (!/^\t?([0-9a-f]{2})+$/.test(line)) continue;
    sides[line.startsWith("\t") ? 1 : 0] += line.trim();
    sides[2] += line.trim();
  }
  return found;
}

const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

// What tshark puts in place of bytes that it does not have, its NUL included.
const missingText = (length: number) => toHex(Buffer.from(`[${length} bytes missing in capture file]\0`));

/** Where two hex strings first differ, in words; empty where they do not. */
function difference(ours: string, theirs: string): string {
  if (ours === theirs) return "";
  let at = 0;
  while (ours[at] === theirs[at]) at++;
  at -= at % 2;
  const lengths = `${ours.length / 2} bytes against tshark's ${theirs.length / 2}`;
  return `${lengths}; at ${at / 2}: ${ours.slice(at, at + 40)} against ${theirs.slice(at, at + 40)}`;
}

describe.skipIf(missing && !process.env.CI)("follow gives what tshark's follow gives, byte for byte", () => {
  for (const name of corpusFolder ? readdirSync(corpusFolder).filter((f) => /\.pcap(ng)?$/.test(f)) : []) {
    const path = `${corpusFolder}/${name}`;
    test(name, { timeout: 120_000 }, async () => {
      const streams = completeStreams(path);
      const answers = tsharkFollow(path, [...new Set(streams.map(([, theirs]) => theirs))]);
      for (const [flow, number] of streams) {
        const ours = ["", "", ""];
        for await (const chunk of follow(fileSource(path), { flow, random })) {
          if (chunk.kind === "conflict") continue;
          const hex = chunk.kind === "data" ? toHex(chunk.bytes) : missingText(chunk.length);
          ours[chunk.direction] += hex;
          ours[2] += hex;
        }
        const theirs = answers.get(number) as Sides;
        ["client", "server", "both"].forEach((side, i) => {
          expect(difference(ours[i], theirs[i]), `stream ${flow}, ${side}`).toBe("");
        });
      }
    });
  }
});
if (missing) console.log(`follow against tshark: skipped, it needs ${missing}`);
