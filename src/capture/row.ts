import { CHECKSUM_BAD, CHECKSUM_GOOD, CHECKSUM_PARTIAL } from "../../assembly/layout/status.ts";
import { TCP_HEADER_MIN } from "../../assembly/layout/wire.ts";
import { formatIPv4, formatIPv6 } from "../wire/address.ts";
import { type SegmentCode, segmentCode } from "../wire/errors.ts";
import { type FlagName, flagNames } from "../wire/flags.ts";
import { parseOptions } from "../wire/options/parse.ts";
import type { SackBlock, TcpOption } from "../wire/options/types.ts";
import { capturedHeaderLength, headerBytes, payloadBytes } from "./segment-bytes.ts";
import type { Segments } from "./segments.ts";

/**
 * Goes through segments row by row, for those who would rather have rows than columns.
 *
 * @example
 * ```ts
 * for await (const batch of readCapture(file)) {
 *   for (const row of rows(batch)) console.log(row.src, row.srcPort, row.flagNames, row.payload.length);
 * }
 * ```
 * @returns one `SegmentRow` again and again, moved on: take what is to be kept out of it
 */
export function* rows(segments: Segments): Generator<SegmentRow, void, undefined> {
  const row = new SegmentRow(segments);
  for (let i = 0; i < segments.length; i++) yield row.at(i);
}

/** One row of segments. Its values are looked up when they are asked for; it can be moved to another row. */
export class SegmentRow {
  readonly #segments: Segments;
  #i = 0;

  constructor(segments: Segments) {
    this.#segments = segments;
  }

  /**
   * Moves to row `index` and returns itself.
   * @throws {RangeError} when there is no such row
   */
  at(index: number): this {
    if (!(Number.isInteger(index) && index >= 0 && index < this.#segments.length)) {
      throw new RangeError(`row ${index} of ${this.#segments.length}`);
    }
    this.#i = index;
    return this;
  }

  /** Which row this is, from 0. */
  get index(): number {
    return this.#i;
  }

  /** Frame number in the capture, from 1. */
  get frame(): number {
    return this.#segments.frame[this.#i];
  }

  /** Nanoseconds since 1970-01-01T00:00Z. */
  get time(): bigint {
    return this.#segments.time[this.#i];
  }

  /** Bytes of the frame on the wire. */
  get frameLength(): number {
    return this.#segments.frameLength[this.#i];
  }

  /** Bytes of the frame that were captured. */
  get frameCaptured(): number {
    return this.#segments.frameCaptured[this.#i];
  }

  /** Where the frame is in the capture: bytes from its start, after decompression. */
  get fileOffset(): number {
    return this.#segments.fileOffset[this.#i];
  }

  /** Source address as text: dotted decimal, or as RFC 5952 has it. */
  get src(): string {
    return this.#address(this.#segments.src[this.#i]);
  }

  /** Destination address as text. */
  get dst(): string {
    return this.#address(this.#segments.dst[this.#i]);
  }

  get srcPort(): number {
    return this.#segments.srcPort[this.#i];
  }

  get dstPort(): number {
    return this.#segments.dstPort[this.#i];
  }

  /** Sequence number as on the wire. */
  get seq(): number {
    return this.#segments.seq[this.#i];
  }

  /** Acknowledgment number as on the wire; means nothing without ACK. */
  get ack(): number {
    return this.#segments.ack[this.#i];
  }

  /** The low 12 bits. */
  get flags(): number {
    return this.#segments.flags[this.#i];
  }

  /** The control bits that are set, by name: `["SYN", "ACK"]`. */
  get flagNames(): FlagName[] {
    return flagNames(this.flags);
  }

  /** Window as on the wire, unscaled. */
  get window(): number {
    return this.#segments.window[this.#i];
  }

  get checksum(): number {
    return this.#segments.checksum[this.#i];
  }

  /**
   * `"partial"` is the pseudo-header's sum alone, as offload leaves it; `"unverified"` means that bytes are missing, or
   * that nobody wanted to know (`ReadOptions.verifyChecksums`).
   */
  get checksumStatus(): "unverified" | "good" | "bad" | "partial" {
    switch (this.#segments.checksumStatus[this.#i]) {
      case CHECKSUM_GOOD:
        return "good";
      case CHECKSUM_BAD:
        return "bad";
      case CHECKSUM_PARTIAL:
        return "partial";
      default:
        return "unverified";
    }
  }

  get urgentPointer(): number {
    return this.#segments.urgentPointer[this.#i];
  }

  /** Bytes, as the data offset says. */
  get headerLength(): number {
    return this.#segments.headerLength[this.#i];
  }

  /** Payload bytes on the wire. */
  get payloadLength(): number {
    return this.#segments.payloadLength[this.#i];
  }

  /** Bytes at the segment's end that the capture lacks. */
  get missing(): number {
    return this.#segments.missing[this.#i];
  }

  /** What is wrong with the segment; `"OK"` when nothing is. */
  get status(): SegmentCode {
    return segmentCode(this.#segments.status[this.#i]);
  }

  get ipVersion(): 4 | 6 {
    return this.#segments.ipVersion[this.#i] as 4 | 6;
  }

  /** TTL or hop limit. */
  get ttl(): number {
    return this.#segments.ttl[this.#i];
  }

  /** DSCP in the high 6 bits, ECN in the low 2. */
  get trafficClass(): number {
    return this.#segments.trafficClass[this.#i];
  }

  /** The hash of the encapsulations around the packet, 0 outside any. */
  get tunnel(): number {
    return this.#segments.tunnel[this.#i];
  }

  /** VLAN identifiers, the outer one first. */
  get vlans(): number[] {
    const tags = this.#segments.vlan[this.#i];
    if (tags === 0) return [];
    const inner = tags & VLAN_ID;
    return tags >>> 16 === 0 ? [inner] : [(tags >>> 16) & VLAN_ID, inner];
  }

  /** pcapng interface number within its section; 0 in pcap. */
  get interfaceId(): number {
    return this.#segments.interfaceId[this.#i];
  }

  /** The options, decoded from the header bytes, malformed ones included; copies. */
  get options(): TcpOption[] {
    const start = this.#segments.headerOffset[this.#i];
    const end = start + capturedHeaderLength(this.#segments, this.#i);
    const first = start + TCP_HEADER_MIN;
    return end > first ? parseOptions(this.#segments.bytes, first, end) : [];
  }

  /** SACK blocks. */
  get sack(): SackBlock[] {
    const { sackStart, sackCount, sackEdges } = this.#segments;
    return Array.from({ length: sackCount[this.#i] }, (_, block) => {
      const at = 2 * (sackStart[this.#i] + block);
      return { left: sackEdges[at], right: sackEdges[at + 1] };
    });
  }

  /** The TCP header as far as it was captured. Borrowed. */
  get header(): Uint8Array {
    return headerBytes(this.#segments, this.#i);
  }

  /** The payload as far as it was captured and kept. Borrowed. */
  get payload(): Uint8Array {
    return payloadBytes(this.#segments, this.#i);
  }

  #address(address: number): string {
    return this.ipVersion === 6 ? formatIPv6(this.#segments.addresses, address * 16) : formatIPv4(address);
  }
}

const VLAN_ID = 0xfff;
