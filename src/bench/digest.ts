import type { Segments } from "../capture/segments.ts";

/**
 * The columns that results are compared by. `headerOffset` stands for the ports and the sequence number
 * found where it points, `sackEdges` for the blocks of each row, wherever they lie in their pools.
 */
export const comparedColumns = [
  "time",
  "frame",
  "fileOffset",
  "frameCaptured",
  "frameLength",
  "src",
  "dst",
  "srcPort",
  "dstPort",
  "seq",
  "ack",
  "flags",
  "window",
  "checksum",
  "checksumStatus",
  "urgentPointer",
  "headerOffset",
  "headerLength",
  "payloadLength",
  "missing",
  "status",
  "ipVersion",
  "ttl",
  "trafficClass",
  "optionsSeen",
  "mss",
  "windowScale",
  "tsval",
  "tsecr",
  "sackEdges",
  "tunnel",
  "vlan",
  "interfaceId",
] as const;

export type ComparedColumn = (typeof comparedColumns)[number];

/** Columns of a batch, as many as a codec gives. Rows are `length`; a column may be longer. */
export type PartialSegments = Partial<Segments> & { readonly length: number };

/**
 * A running hash of each column over any number of batches, so that how rows are cut into batches does
 * not matter. bench/native/digest.h is the same in C.
 */
export class ColumnDigest {
  #rows = 0;
  readonly #hashes = new Map<ComparedColumn, number>();

  /** The rows of one more batch. A column that any batch lacks is dropped. */
  add(batch: PartialSegments): void {
    for (const name of comparedColumns) {
      if (this.#rows > 0 && !this.#hashes.has(name)) continue;
      const hash = hashColumn(name, batch, this.#hashes.get(name) ?? 0);
      if (hash === undefined) this.#hashes.delete(name);
      else this.#hashes.set(name, hash);
    }
    this.#rows += batch.length;
  }

  /** `rows`, and each column's hash in hexadecimal. */
  result(): Record<string, string> {
    const result: Record<string, string> = { rows: String(this.#rows) };
    for (const [name, hash] of this.#hashes) result[name] = (hash >>> 0).toString(16).padStart(8, "0");
    return result;
  }
}

function hashColumn(name: ComparedColumn, batch: PartialSegments, hash: number): number | undefined {
  switch (name) {
    case "time":
      return batch.time && hashTimes(batch.time, batch.length, hash);
    case "fileOffset":
      return batch.fileOffset && hashOffsets(batch.fileOffset, batch.length, hash);
    case "src":
    case "dst":
      return hashAddresses(batch[name], batch, hash);
    case "headerOffset":
      return hashHeaders(batch, hash);
    case "sackEdges":
      return hashSackBlocks(batch, hash);
    default: {
      const column = batch[name];
      if (!column) return undefined;
      for (let i = 0; i < batch.length; i++) hash = mix(hash, column[i]);
      return hash;
    }
  }
}

function hashTimes(time: BigInt64Array, rows: number, hash: number): number {
  const words = new Uint32Array(time.buffer, time.byteOffset, rows * 2);
  for (let i = 0; i < words.length; i++) hash = mix(hash, words[i]);
  return hash;
}

function hashAddresses(
  column: Uint32Array | undefined,
  { length, ipVersion, addresses }: PartialSegments,
  hash: number,
): number | undefined {
  if (!column) return undefined;
  const view = addresses && new DataView(addresses.buffer, addresses.byteOffset, addresses.byteLength);
  for (let i = 0; i < length; i++) {
    if (view && ipVersion?.[i] === 6) {
      for (let k = 0; k < 16; k += 4) hash = mix(hash, view.getUint32(column[i] * 16 + k));
    } else hash = mix(hash, column[i]);
  }
  return hash;
}

function hashOffsets(offsets: Float64Array, rows: number, hash: number): number {
  for (let i = 0; i < rows; i++)
    hash = mix(mix(hash, offsets[i] % 0x1_0000_0000), offsets[i] / 0x1_0000_0000);
  return hash;
}

function hashHeaders({ length, headerOffset, bytes }: PartialSegments, hash: number): number | undefined {
  if (!headerOffset || !bytes) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = 0; i < length; i++) {
    hash = mix(hash, view.getUint32(headerOffset[i]));
    hash = mix(hash, view.getUint32(headerOffset[i] + 4));
  }
  return hash;
}

function hashSackBlocks(
  { length, sackCount, sackStart, sackEdges }: PartialSegments,
  hash: number,
): number | undefined {
  if (!sackCount || !sackStart || !sackEdges) return undefined;
  for (let i = 0; i < length; i++) {
    hash = mix(hash, sackCount[i]);
    const from = sackStart[i] * 2;
    for (let k = from; k < from + sackCount[i] * 2; k++) hash = mix(hash, sackEdges[k]);
  }
  return hash;
}

function mix(hash: number, word: number): number {
  const x = hash ^ word;
  return Math.imul((x << 15) | (x >>> 17), 0x9e3779b1);
}
