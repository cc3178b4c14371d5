import {
  PCAP_FILE_HEADER,
  PCAPNG_BYTE_ORDER_MAGIC,
  PCAPNG_INTERFACE,
  PCAPNG_SECTION_HEADER,
} from "../../../assembly/layout/capture.ts";
import type { Block } from "../../capture/block-interpreter.ts";
import { isKnownVersion, isPcap, type PcapHeader, readPcapHeader } from "../../capture/pcap-header.ts";
import type { RecordFormat } from "./protocol.ts";

/** What the first bytes of a capture say that parsing somewhere behind them has to know. */
export interface CaptureHead {
  readonly format: RecordFormat;
  /** Of a pcap. */
  readonly pcap?: PcapHeader;
  /** What a capture that begins further on would begin with. */
  readonly preamble: Uint8Array;
}

/** Bytes of a capture that are enough for its head. A pcapng may have more before its first packet. */
export const HEAD_BYTES = 65_536;

/** @returns undefined where the bytes do not begin a capture that can be parsed in ranges: compressed ones cannot */
export function readCaptureHead(bytes: Uint8Array): CaptureHead | undefined {
  if (bytes.length < PCAP_FILE_HEADER + 16) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) === PCAPNG_SECTION_HEADER) return pcapngHead(view, bytes);
  if (!isPcap(bytes)) return undefined;
  const pcap = readPcapHeader(bytes);
  if (!isKnownVersion(pcap)) return undefined;
  const format = {
    kind: "pcap",
    bigEndian: pcap.bigEndian,
    headerLength: pcap.recordHeaderLength,
    lengths: pcap.lengths,
    ticks: pcap.nanosPerTick === 1 ? 1e9 : 1e6,
    snapLength: pcap.snapLength,
    seconds: view.getUint32(PCAP_FILE_HEADER, !pcap.bigEndian),
  } as const;
  return { format, pcap, preamble: bytes.slice(0, PCAP_FILE_HEADER) };
}

function pcapngHead(view: DataView, bytes: Uint8Array): CaptureHead {
  const bigEndian = view.getUint32(8, true) !== PCAPNG_BYTE_ORDER_MAGIC;
  const section = new SectionPreamble();
  for (let at = 0; at + 12 <= bytes.length; ) {
    const type = view.getUint32(at, !bigEndian);
    const length = view.getUint32(at + 4, !bigEndian);
    if (length < 12 || length % 4 !== 0 || at + length > bytes.length) break;
    // Packets come behind the interfaces that they were captured on; what describes others later will be met.
    if (type !== PCAPNG_SECTION_HEADER && type !== PCAPNG_INTERFACE) break;
    if (type === PCAPNG_SECTION_HEADER && at > 0) break;
    section.add({ type, bigEndian, offset: at, body: bytes.subarray(at + 8, at + length - 4) });
    at += length;
  }
  return { format: { kind: "pcapng", bigEndian }, preamble: section.bytes };
}

/** The section header and the interfaces of the section that parsing is in, as blocks again. */
export class SectionPreamble {
  #bytes: Uint8Array = new Uint8Array(0);
  /** Then it is not complete, and nobody can begin with it. */
  isTooLarge = false;

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** @returns whether the block changes what packets behind it mean */
  add({ type, bigEndian, body }: Block): boolean {
    if (type !== PCAPNG_SECTION_HEADER && type !== PCAPNG_INTERFACE) return false;
    this.isTooLarge ||= this.#bytes.length + body.length > MAX_PREAMBLE;
    if (this.isTooLarge) return true;
    const before = type === PCAPNG_SECTION_HEADER ? 0 : this.#bytes.length;
    const bytes = new Uint8Array(before + body.length + 12);
    bytes.set(this.#bytes.subarray(0, before));
    bytes.set(body, before + 8);
    const view = new DataView(bytes.buffer);
    view.setUint32(before, type, !bigEndian);
    view.setUint32(before + 4, body.length + 12, !bigEndian);
    view.setUint32(bytes.length - 4, body.length + 12, !bigEndian);
    this.#bytes = bytes;
    return true;
  }
}

/** Interfaces are some 100 bytes each, and each copies those before it. */
const MAX_PREAMBLE = 64 * 1024;

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a === b || (a.length === b.length && a.every((byte, i) => byte === b[i]));
}
