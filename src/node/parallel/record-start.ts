import {
  PCAP_LENGTH_FIRST,
  PCAP_SMALLER_CAPTURED,
  PCAPNG_DECRYPTION_SECRETS,
  PCAPNG_ENHANCED_PACKET,
  PCAPNG_INTERFACE,
  PCAPNG_INTERFACE_STATISTICS,
  PCAPNG_NAME_RESOLUTION,
  PCAPNG_PACKET,
  PCAPNG_SIMPLE_PACKET,
} from "../../../assembly/layout/capture.ts";
import { MAX_RECORD } from "../../../assembly/layout/limits.ts";
import type { RecordFormat } from "./protocol.ts";

/** Records that have to follow each other to be believed. */
const CHAIN = 4;

/**
 * Where in `bytes` a record seems to start: several of them stand one behind the other there, or so many as there are
 * up to the end of the capture. A guess, which a payload can mislead: who takes it has to hold it against where the
 * records before end.
 *
 * @param offset where `bytes` start in the capture
 * @param isLast whether the capture ends with them
 * @returns an index into `bytes`, -1 for none
 */
export function findRecordStart(
  bytes: Uint8Array,
  offset: number,
  format: RecordFormat,
  isLast: boolean,
): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lengthAt = format.kind === "pcap" ? pcapRecord(view, format) : pcapngBlock(view, format.bigEndian);
  // Blocks are multiples of four bytes, and so is what is before them.
  const step = format.kind === "pcap" ? 1 : 4;
  for (let at = (step - (offset % step)) % step; at + HEADER <= bytes.length; at += step) {
    if (isChain(at, bytes.length, isLast, lengthAt)) return at;
  }
  return -1;
}

/** Bytes that are looked at of a record; a block is no shorter than 12. */
const HEADER = 16;

/** The length of the record at an index, 0 where there cannot be one. */
type LengthAt = (at: number) => number;

function isChain(start: number, end: number, isLast: boolean, lengthAt: LengthAt): boolean {
  let at = start;
  for (let links = 0; links < CHAIN; links++) {
    if (at + HEADER > end) return isLast && at === end;
    const length = lengthAt(at);
    if (length === 0) return false;
    at += length;
  }
  return true;
}

/** Seconds that a record may be away from the first. */
const YEARS = 10 * 365 * 86_400;
/** Bytes of a frame that are believed where the capture does not limit them. */
const LARGEST_FRAME = 262_144;

function pcapRecord(view: DataView, format: RecordFormat & { kind: "pcap" }): LengthAt {
  const { headerLength, lengths, ticks, seconds, snapLength } = format;
  const little = !format.bigEndian;
  const most = Math.max(LARGEST_FRAME, Math.min(snapLength, MAX_RECORD));
  return (at) => {
    const first = view.getUint32(at + 8, little);
    const second = view.getUint32(at + 12, little);
    const isExchanged =
      lengths === PCAP_LENGTH_FIRST || (lengths === PCAP_SMALLER_CAPTURED && first > second);
    const [captured, length] = isExchanged ? [second, first] : [first, second];
    if (captured === 0 || captured > most) return 0;
    if (length < captured || length > MAX_RECORD) return 0;
    if (view.getUint32(at + 4, little) >= ticks) return 0;
    if (Math.abs(view.getUint32(at, little) - seconds) > YEARS) return 0;
    return headerLength + captured;
  };
}

const KNOWN_BLOCKS: ReadonlySet<number> = new Set([
  PCAPNG_INTERFACE,
  PCAPNG_PACKET,
  PCAPNG_SIMPLE_PACKET,
  PCAPNG_NAME_RESOLUTION,
  PCAPNG_INTERFACE_STATISTICS,
  PCAPNG_ENHANCED_PACKET,
  PCAPNG_DECRYPTION_SECRETS,
]);
const SHORTEST_BLOCK = 12;

function pcapngBlock(view: DataView, bigEndian: boolean): LengthAt {
  const little = !bigEndian;
  return (at) => {
    if (!KNOWN_BLOCKS.has(view.getUint32(at, little))) return 0;
    const length = view.getUint32(at + 4, little);
    if (length < SHORTEST_BLOCK || length % 4 !== 0 || length > MAX_RECORD) return 0;
    // The length stands behind the block again.
    const behind = at + length - 4;
    if (behind + 4 <= view.byteLength && view.getUint32(behind, little) !== length) return 0;
    return length;
  };
}
