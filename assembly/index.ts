// The codec's only exported surface. Addresses and lengths are bytes in this module's memory.
import { openBatch, resetCounters } from "./batch";
import { resetFragments } from "./fragments";
import { configure, parseRecords } from "./pcap";
import { describeInterface, openSection, parseBlocks } from "./pcapng";
import { setVerify } from "./segment";

export { allocate } from "./arena";
export { checksumPart, copyAndSum } from "./checksum";
export { incompleteDatagrams } from "./fragments";

let blocks: bool = false;

reset();

/** Forgets the capture read so far: its format, interfaces, counts and unfinished datagrams. */
export function reset(): void {
  resetCounters();
  resetFragments();
}

/** Whether the checksum of every segment is verified. On to begin with. */
export function verifyChecksums(on: bool): void {
  setVerify(on);
}

/**
 * The input is a pcap file whose 24-byte header says this. `nanosPerTick` is 1000 or 1;
 * `recordHeaderLength` is 16, or 24 in Kuznetzov's variant; `lengths` is PCAP_CAPTURED_FIRST or another of its kind.
 */
export function configurePcap(
  bigEndian: bool,
  nanosPerTick: u32,
  linkType: u32,
  recordHeaderLength: u32,
  lengths: u32,
): void {
  blocks = false;
  configure(bigEndian, nanosPerTick, linkType, recordHeaderLength, lengths);
}

/** The input is pcapng; a section of this byte order begins, without interfaces. */
export function configurePcapng(bigEndian: bool): void {
  blocks = true;
  openSection(bigEndian);
}

/**
 * Describes the section's next interface: `tsresol` is the byte of if_tsresol (6 when the option is absent),
 * `tsoffset` is in seconds, `snapLength` 0 means none. Returns false beyond MAX_INTERFACES.
 */
export function addInterface(linkType: u32, tsresol: u32, tsoffset: i64, snapLength: u32): bool {
  return describeInterface(linkType, tsresol, tsoffset, snapLength);
}

/**
 * Takes records from the bytes [`p`, `end`) and appends their TCP segments to the columns, from `row` on;
 * row 0 begins a new batch. Returns the rows there are then. Everything else is in layout/state.ts.
 * SLACK bytes behind `end` must be readable.
 */
export function parse(p: u32, end: u32, row: u32): u32 {
  if (row == 0) openBatch();
  return blocks ? parseBlocks(p, end, row) : parseRecords(p, end, row);
}
