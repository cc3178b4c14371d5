import * as layout from "../../assembly/layout/capture.ts";
import { formatIPv4, formatIPv6 } from "../wire/address.ts";
import { BlockError, type BlockReader } from "./block-reader.ts";
import type { InterfaceInfo, InterfaceStatistics, NameRecord, SectionInfo } from "./info.ts";
import { NO_INTERFACE, NO_SECTION } from "./metadata.ts";

// The bodies of the pcapng blocks that carry no packet (draft-ietf-opsawg-pcapng 4). Unknown options and
// records are stepped over, and so, as in Wireshark, is an option that only describes and has not the length of its
// kind: no packet is to be lost over it. What does not fit its block throws BlockError, and so do options that time
// stamps depend on.

/** A section header (4.1). */
export function readSectionHeader(body: BlockReader, offset: number, bigEndian: boolean): SectionInfo {
  body.u32(); // byte-order magic
  const major = body.u16();
  const minor = body.u16();
  body.i64(); // section length: -1 or a hint
  const comments: string[] = [];
  const section: Writable<SectionInfo> = {
    ...NO_SECTION,
    offset,
    bigEndian,
    version: `${major}.${minor}`,
    comments,
    interfaces: [],
  };
  body.options(comments, (code, value) => {
    if (code === layout.PCAPNG_SHB_HARDWARE) section.hardware = value.text(value.left);
    else if (code === layout.PCAPNG_SHB_OS) section.os = value.text(value.left);
    else if (code === layout.PCAPNG_SHB_USERAPPL) section.application = value.text(value.left);
  });
  return section;
}

/** An interface as described, and what the codec needs to read its time stamps. */
export interface InterfaceDescription {
  readonly info: InterfaceInfo;
  /** The byte of if_tsresol. */
  readonly tsresol: number;
  /** Seconds. */
  readonly tsoffset: bigint;
}

/** An interface description (4.2). */
export function readInterface(body: BlockReader, id: number): InterfaceDescription {
  const linkType = body.u16();
  body.u16(); // reserved
  const snapLength = body.u32();
  const comments: string[] = [];
  const addresses: string[] = [];
  const info: Writable<InterfaceInfo> = { ...NO_INTERFACE, id, linkType, snapLength, comments, addresses };
  let tsresol = layout.PCAPNG_TSRESOL_DEFAULT;
  let tsoffset = 0n;
  body.options(comments, (code, value) => {
    switch (code) {
      case layout.PCAPNG_IF_NAME:
        info.name = value.text(value.left);
        break;
      case layout.PCAPNG_IF_DESCRIPTION:
        info.description = value.text(value.left);
        break;
      case layout.PCAPNG_IF_OS:
        info.os = value.text(value.left);
        break;
      case layout.PCAPNG_IF_HARDWARE:
        info.hardware = value.text(value.left);
        break;
      case layout.PCAPNG_IF_FILTER:
        info.filter = filterText(value);
        break;
      case layout.PCAPNG_IF_IPV4ADDR:
        if (value.left === 8) addresses.push(ipv4Network(value.bytes(8)));
        break;
      case layout.PCAPNG_IF_IPV6ADDR:
        if (value.left === 17) addresses.push(ipv6Network(value.bytes(17)));
        break;
      case layout.PCAPNG_IF_MACADDR:
        if (value.left === 6) info.macAddress = macAddress(value.bytes(6));
        break;
      case layout.PCAPNG_IF_SPEED:
        if (value.left === 8) info.speed = Number(value.u64());
        break;
      case layout.PCAPNG_IF_TSRESOL:
        tsresol = value.byte();
        break;
      case layout.PCAPNG_IF_TSOFFSET:
        tsoffset = value.i64();
        break;
      case layout.PCAPNG_IF_FCSLEN:
        if (value.left === 1) info.fcsLength = value.byte();
        break;
    }
  });
  info.ticksPerSecond = Number(ticksPerSecond(tsresol));
  info.timeOffset = Number(tsoffset);
  return { info, tsresol, tsoffset };
}

/** The resolution that an if_tsresol byte stands for: a power of 2 or of 10. */
export function ticksPerSecond(tsresol: number): bigint {
  const exponent = BigInt(tsresol & ~layout.PCAPNG_TSRESOL_BINARY);
  return (tsresol & layout.PCAPNG_TSRESOL_BINARY ? 2n : 10n) ** exponent;
}

/**
 * Interface statistics (4.6); `undefined` where they are of no interface that was described.
 * @param describe the interface that the block names, `undefined` if there is none
 */
export function readStatistics(
  body: BlockReader,
  describe: (id: number) => Pick<InterfaceDescription, "tsresol" | "tsoffset"> | undefined,
): { interfaceId: number; statistics: InterfaceStatistics } | undefined {
  const interfaceId = body.u32();
  const clock = describe(interfaceId);
  if (clock === undefined) return undefined;
  const nanoseconds = (ticks: bigint): bigint =>
    (ticks * SECOND) / ticksPerSecond(clock.tsresol) + clock.tsoffset * SECOND;
  const comments: string[] = [];
  const statistics: Writable<InterfaceStatistics> = {
    time: nanoseconds(body.ticks()),
    start: undefined,
    end: undefined,
    received: undefined,
    dropped: undefined,
    accepted: undefined,
    osDropped: undefined,
    delivered: undefined,
    comments,
  };
  body.options(comments, (code, value) => {
    if (value.left !== 8) return; // all that are known have that length
    if (code === layout.PCAPNG_ISB_STARTTIME) statistics.start = nanoseconds(value.ticks());
    else if (code === layout.PCAPNG_ISB_ENDTIME) statistics.end = nanoseconds(value.ticks());
    else if (code === layout.PCAPNG_ISB_IFRECV) statistics.received = Number(value.u64());
    else if (code === layout.PCAPNG_ISB_IFDROP) statistics.dropped = Number(value.u64());
    else if (code === layout.PCAPNG_ISB_FILTERACCEPT) statistics.accepted = Number(value.u64());
    else if (code === layout.PCAPNG_ISB_OSDROP) statistics.osDropped = Number(value.u64());
    else if (code === layout.PCAPNG_ISB_USRDELIV) statistics.delivered = Number(value.u64());
  });
  return { interfaceId, statistics };
}

/** Name resolution records (4.5). */
export function readNames(body: BlockReader, add: (record: NameRecord) => void): void {
  while (body.left >= 4) {
    const type = body.u16();
    const length = body.u16();
    if (type === layout.PCAPNG_NRB_END) return;
    const record = body.part(length);
    if (type === layout.PCAPNG_NRB_IPV4)
      add({ address: formatIPv4(addressNumber(record.bytes(4))), names: names(record) });
    else if (type === layout.PCAPNG_NRB_IPV6)
      add({ address: formatIPv6(record.bytes(16)), names: names(record) });
  }
}

/** Decryption secrets (4.7): their kind and size alone. */
export function readSecrets(body: BlockReader): { type: number; length: number } {
  const type = body.u32();
  const length = body.u32();
  if (length > body.left) throw new BlockError(`secrets of ${length} bytes where ${body.left} are left`);
  return { type, length };
}

const SECOND = 1_000_000_000n;
const FILTER_TEXT = 0;

function filterText(value: BlockReader): string | undefined {
  if (value.left === 0) return undefined;
  const kind = value.byte();
  return kind === FILTER_TEXT ? value.text(value.left) : undefined; // else BPF byte code
}

function names(record: BlockReader): string[] {
  return record
    .text(record.left)
    .split("\0")
    .filter((name) => name !== "");
}

function macAddress(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(":");
}

function addressNumber(bytes: Uint8Array): number {
  return ((bytes[0] << 24) | (bytes[1] << 16) | (bytes[2] << 8) | bytes[3]) >>> 0;
}

function ipv4Network(bytes: Uint8Array): string {
  const mask = addressNumber(bytes.subarray(4));
  const prefix = Math.clz32(~mask);
  const network = prefix === 32 || mask << prefix === 0 ? String(prefix) : formatIPv4(mask);
  return `${formatIPv4(addressNumber(bytes))}/${network}`;
}

function ipv6Network(bytes: Uint8Array): string {
  return `${formatIPv6(bytes)}/${bytes[16]}`;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };
