import {
  type CaptureSource,
  type ReadCaptureOptions,
  readCapture,
  readCaptureSync,
  type SyncCaptureSource,
} from "../../src/capture/index.ts";
import { headerBytes, payloadBytes } from "../../src/capture/segment-bytes.ts";
import type { Segments } from "../../src/capture/segments.ts";

/** The number columns of `Segments` that stand for themselves, whatever memory they lie in. */
const PLAIN = [
  "time", "frame", "fileOffset", "frameCaptured", "frameLength", "srcPort", "dstPort", "seq", "ack", "flags",
  "window", "checksum", "checksumStatus", "urgentPointer", "headerLength", "payloadLength", "missing", "status",
  "ipVersion", "ttl", "trafficClass", "optionsSeen", "mss", "windowScale", "tsval", "tsecr", "sackCount",
  "tunnel", "vlan", "interfaceId",
] as const satisfies readonly (keyof Segments)[]; // biome-ignore format: a table

/** All there is to know of each row, as text: two readings agree if and only if these do. */
export function rowTexts(segments: Segments, withPayload = segments.holdsPayload): string[] {
  return Array.from({ length: segments.length }, (_, i) => {
    const address = (index: number): string =>
      segments.ipVersion[i] === 6
        ? Array.from(segments.addresses.subarray(index * 16, index * 16 + 16)).join(".")
        : String(index);
    const sack = segments.sackEdges.subarray(
      segments.sackStart[i] * 2,
      (segments.sackStart[i] + segments.sackCount[i]) * 2,
    );
    return [
      ...PLAIN.map((name) => `${name}=${segments[name][i]}`),
      `src=${address(segments.src[i])}`,
      `dst=${address(segments.dst[i])}`,
      `sack=${segments.sackCount[i] > 0 ? Array.from(sack) : ""}`,
      `header=${Array.from(headerBytes(segments, i))}`,
      withPayload ? `payload=${Array.from(payloadBytes(segments, i))}` : "",
    ].join(" ");
  });
}

export interface Reading {
  rows: string[];
  error: unknown;
}

export async function read(source: CaptureSource, options?: ReadCaptureOptions): Promise<Reading> {
  const rows: string[] = [];
  try {
    for await (const batch of readCapture(source, options)) rows.push(...rowTexts(batch));
  } catch (error) {
    return { rows, error };
  }
  return { rows, error: undefined };
}

export function readSync(source: SyncCaptureSource): Reading {
  const rows: string[] = [];
  try {
    for (const batch of readCaptureSync(source)) rows.push(...rowTexts(batch));
  } catch (error) {
    return { rows, error };
  }
  return { rows, error: undefined };
}
