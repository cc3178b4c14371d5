import type { PartialSegments } from "./digest.ts";

/** The fields of one TCP header, for comparing results. Options are there when the header has them. */
export interface SegmentFields {
  readonly srcPort: number;
  readonly dstPort: number;
  readonly seq: number;
  readonly ack: number;
  /** Bytes, options included. */
  readonly headerLength: number;
  /** The low 12 bits of the word at offset 12. */
  readonly flags: number;
  readonly window: number;
  readonly checksum: number;
  readonly urgentPointer: number;
  readonly payloadLength: number;
  readonly mss?: number;
  readonly windowScale?: number;
  readonly sackPermitted?: boolean;
  readonly tsval?: number;
  readonly tsecr?: number;
  /** Left and right edges in turn. */
  readonly sackEdges?: readonly number[];
}

/** What `buildOne` makes a segment from. */
export interface SegmentSpec extends Omit<SegmentFields, "checksum" | "headerLength" | "payloadLength"> {
  /** IPv4 addresses in dotted decimal, for the checksum. */
  readonly src: string;
  readonly dst: string;
  readonly payload: Uint8Array;
}

/** Bulk data for a TCP stack to carry between two ends of its own. */
export interface Transfer {
  /** What to send, again and again. */
  readonly chunk: Uint8Array;
  /** How many bytes in all: a multiple of the chunk's. */
  readonly total: number;
  /** Bytes of the largest IPv4 packet: the MSS is 40 less. */
  readonly mtu: number;
  /** The bytes delivered are compared this time, and time does not count. Else `take` need not be called. */
  readonly isCompared: boolean;
  /** Takes what has been delivered, in order. The bytes may be overwritten once it has returned. */
  readonly take: (bytes: Uint8Array) => void;
}

/**
 * A codec, or a TCP stack, as the benchmark sees it. Give what the codec can do and leave the rest out. What is timed is
 * `checksum`, `parseOne`, `buildOne` and `parseBatch` with the codec's own kind of result; `fields` and
 * `columns` translate that for the comparison and are never timed. Whatever they leave out counts as work
 * not done, and the ratio is then printed as a lower bound; whatever differs leaves no ratio at all.
 *
 * Segments and captures are borrowed: they are the same bytes in every call and must not be written to.
 */
export interface Codec<Segment = unknown, Batch = unknown> {
  readonly name: string;
  /** Said once under the results. */
  readonly note?: string;
  /** Awaited before anything else is called. */
  init?(): void | Promise<void>;
  /** The Internet checksum (RFC 1071) of `bytes`, as it would stand in a header: 0 to 65535. */
  checksum?(bytes: Uint8Array): number;
  /** Parses the TCP segment (header and payload) that `bytes` is. */
  parseOne?(bytes: Uint8Array): Segment;
  /** `parseOne`'s result in common terms. */
  fields?(segment: Segment): Partial<SegmentFields>;
  /**
   * Builds a segment, its checksum filled in, with the options that `spec` has, in any order and with any
   * padding. It is parsed again for the comparison.
   */
  buildOne?(spec: SegmentSpec): Uint8Array;
  /**
   * Parses a whole pcap (little-endian, microseconds, Ethernet) and calls `take` with each batch of rows,
   * a row for each TCP header, in file order. A batch may be overwritten once `take` has returned.
   * Checksums are verified if the codec can; say so with a `checksumStatus` column.
   */
  parseBatch?(capture: Uint8Array, take: (batch: Batch) => void): void;
  /**
   * A batch in common terms: `length`, and those columns of `Segments` (tcpwire/capture) that the codec
   * has worked out. Offsets are meaningful together with the `bytes` they point into.
   */
  columns?(batch: Batch): PartialSegments;
  /**
   * A stack: sends `total` bytes over one connection between two of its ends in one process, checksums computed and
   * verified, and is done when all have been delivered. The connection may be kept from one call to the next.
   * Returns nothing and is timed from outside, or the nanoseconds it took by its own measure, as a program does
   * that is driven from here.
   */
  transfer?(work: Transfer): undefined | number | Promise<number>;
  /** A stack: opens `count` connections one after the other and closes each, until both its ends are CLOSED. Returns as `transfer` does. */
  connections?(count: number): undefined | number | Promise<number>;
}

/**
 * Takes a module's namespace, or its default export, for a codec.
 * @throws {TypeError} naming what is missing
 */
export function asCodec(module: unknown): Codec {
  const candidate = (module as { default?: unknown } | null)?.default ?? module;
  const codec = candidate as Codec;
  if (typeof codec !== "object" || codec === null || typeof codec.name !== "string" || codec.name === "") {
    throw new TypeError("a codec is an object with a `name` (the module's default export)");
  }
  const called = [
    "init",
    "checksum",
    "parseOne",
    "fields",
    "buildOne",
    "parseBatch",
    "columns",
    "transfer",
    "connections",
  ] as const;
  for (const key of called) {
    if (codec[key] !== undefined && typeof codec[key] !== "function") {
      throw new TypeError(`codec ${codec.name}: \`${key}\` is not a function`);
    }
  }
  const raced = ["checksum", "parseOne", "buildOne", "parseBatch", "transfer", "connections"] as const;
  if (!raced.some((key) => codec[key])) {
    throw new TypeError(
      `codec ${codec.name}: none of ${raced.map((key) => `\`${key}\``).join(", ")} is there`,
    );
  }
  if (codec.parseOne && !codec.fields) {
    throw new TypeError(`codec ${codec.name}: \`parseOne\` needs \`fields\` for the comparison`);
  }
  if (codec.parseBatch && !codec.columns) {
    throw new TypeError(`codec ${codec.name}: \`parseBatch\` needs \`columns\` for the comparison`);
  }
  return codec;
}
