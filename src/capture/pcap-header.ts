import {
  PCAP_CAPTURED_FIRST,
  PCAP_FILE_HEADER,
  PCAP_LENGTH_FIRST,
  PCAP_MAGIC_MICRO,
  PCAP_MAGIC_MODIFIED,
  PCAP_MAGIC_NANO,
  PCAP_MODIFIED_RECORD_HEADER,
  PCAP_RECORD_HEADER,
  PCAP_SMALLER_CAPTURED,
} from "../../assembly/layout/capture.ts";

/** What the 24 bytes at the start of a pcap file say (draft-ietf-opsawg-pcap 4). */
export interface PcapHeader {
  readonly bigEndian: boolean;
  readonly nanosPerTick: 1 | 1000;
  readonly versionMajor: number;
  readonly versionMinor: number;
  readonly snapLength: number;
  readonly linkType: number;
  /** Bytes of frame check sequence at the end of each frame; `undefined` where the file does not say. */
  readonly fcsLength: number | undefined;
  /** Bytes before each frame: 16, or 24 in Kuznetzov's variant. */
  readonly recordHeaderLength: number;
  /** The order of a record's two lengths: PCAP_CAPTURED_FIRST and its like. */
  readonly lengths: number;
}

/** Whether the four bytes at the start of `bytes` are a pcap magic. */
export function isPcap(bytes: Uint8Array): boolean {
  const view = viewOf(bytes);
  return isMagic(view.getUint32(0, true)) || isMagic(view.getUint32(0, false));
}

/** Reads the header. `bytes` begins with a magic and holds all 24 bytes. */
export function readPcapHeader(bytes: Uint8Array): PcapHeader {
  const view = viewOf(bytes);
  const little = isMagic(view.getUint32(0, true));
  const magic = view.getUint32(0, little);
  const network = view.getUint32(20, little);
  const versionMajor = view.getUint16(4, little);
  const versionMinor = view.getUint16(6, little);
  return {
    bigEndian: !little,
    nanosPerTick: magic === PCAP_MAGIC_NANO ? 1 : 1000,
    versionMajor,
    versionMinor,
    snapLength: view.getUint32(16, little),
    linkType: network & LINK_TYPE_MASK,
    fcsLength: (network & FCS_PRESENT) !== 0 ? (network >>> 28) * 2 : undefined,
    recordHeaderLength: magic === PCAP_MAGIC_MODIFIED ? PCAP_MODIFIED_RECORD_HEADER : PCAP_RECORD_HEADER,
    lengths: orderOfLengths(versionMajor, versionMinor),
  };
}

/** Whether records of that version are known: of 2, and of 543.0, which DG/UX wrote. */
export function isKnownVersion({ versionMajor, versionMinor }: PcapHeader): boolean {
  return versionMajor === VERSION_MAJOR || isDgUx(versionMajor, versionMinor);
}

// draft-ietf-opsawg-pcap 4 knows 2.4 alone; what was before is libpcap's history.
const VERSION_MAJOR = 2;
const EXCHANGED_IN_MINOR = 3;

function isDgUx(major: number, minor: number): boolean {
  return major === 543 && minor === 0;
}

function orderOfLengths(major: number, minor: number): number {
  if (isDgUx(major, minor) || minor < EXCHANGED_IN_MINOR) return PCAP_LENGTH_FIRST;
  return minor === EXCHANGED_IN_MINOR ? PCAP_SMALLER_CAPTURED : PCAP_CAPTURED_FIRST;
}

// draft-ietf-opsawg-pcap 4: FCS length (4 bits, in units of 16 bits), P, reserved, link type (16 bits).
const LINK_TYPE_MASK = 0xffff;
const FCS_PRESENT = 0x04000000;

function isMagic(word: number): boolean {
  return word === PCAP_MAGIC_MICRO || word === PCAP_MAGIC_NANO || word === PCAP_MAGIC_MODIFIED;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export { PCAP_FILE_HEADER };

const OTHERS: readonly (readonly [string, readonly number[]])[] = [
  ["a zstd file: decompress it first", [0x28, 0xb5, 0x2f, 0xfd]],
  ["an lz4 file: decompress it first", [0x04, 0x22, 0x4d, 0x18]],
  ["an xz file: decompress it first", [0xfd, 0x37, 0x7a, 0x58]],
  ["a bzip2 file: decompress it first", [0x42, 0x5a, 0x68]],
  ["a zip archive: unpack it first", [0x50, 0x4b, 0x03, 0x04]],
  ["a snoop capture (RFC 1761)", [0x73, 0x6e, 0x6f, 0x6f, 0x70, 0x00]],
  ["a Network Monitor capture", [0x47, 0x4d, 0x42, 0x55]],
];

/** What the first bytes of something that is neither pcap nor pcapng look like, in words. */
export function notACapture(bytes: Uint8Array): string {
  if (bytes.length === 0) return "the input is empty";
  for (const [name, magic] of OTHERS) {
    if (magic.every((byte, i) => bytes[i] === byte)) return `neither pcap nor pcapng, but ${name}`;
  }
  return "neither pcap nor pcapng";
}
