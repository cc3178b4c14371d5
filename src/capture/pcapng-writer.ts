import * as layout from "../../assembly/layout/capture.ts";
import { parseIPv4, parseIPv6 } from "../wire/address.ts";
import { BlockWriter } from "./block-writer.ts";
import type { ByteWriter } from "./byte-writer.ts";
import type { InterfaceInfo, InterfaceStatistics, NameRecord, SectionInfo } from "./info.ts";
import { writeInterfaceOptions } from "./pcapng-interface.ts";
import { type CapturePacket, CaptureWriter, packetLengths } from "./writer.ts";

/** What a section says of itself. A `SectionInfo` that was read will do. */
export type SectionOptions = Partial<Pick<SectionInfo, "hardware" | "os" | "application" | "comments">>;

/** What is to be said of an interface; all of it may be left out. An `InterfaceInfo` that was read will do. */
export type InterfaceOptions = Partial<Omit<InterfaceInfo, "id" | "statistics">>;

/** How a pcapng file is written. */
export interface PcapngWriterOptions extends SectionOptions {
  /** False when left out. */
  readonly bigEndian?: boolean;
  /** The first section's interfaces; more can be added. Without any, the first packet brings an Ethernet. */
  readonly interfaces?: readonly InterfaceOptions[];
}

/** A packet to be written to pcapng. */
export interface PcapngPacket extends CapturePacket {
  /** The number of its interface, in the order in which they were described; 0 when left out. */
  readonly interfaceId?: number;
  readonly comments?: readonly string[];
  readonly direction?: "inbound" | "outbound";
  /** Packets that were dropped between the one before on this interface and this one. */
  readonly dropped?: number;
}

/**
 * Writes pcapng (draft-ietf-opsawg-pcapng), version 1.0, packets as enhanced packet blocks.
 *
 * @example
 * ```ts
 * import { PcapngWriter } from "tcpwire/capture";
 *
 * const writer = new PcapngWriter({ application: "my tool", interfaces: [{ name: "eth0", linkType: 1 }] });
 * writer.write({ time: 1_700_000_000_000_000_000n, bytes: new Uint8Array(60), comments: ["here it begins"] });
 * const file = writer.take();
 * ```
 */
export class PcapngWriter extends CaptureWriter<PcapngPacket> {
  readonly #blocks: BlockWriter;
  #clocks: Clock[] = [];

  /** @throws as `addInterface` does */
  constructor({ bigEndian = false, interfaces = [], ...section }: PcapngWriterOptions = {}) {
    super();
    this.#blocks = new BlockWriter(bigEndian);
    this.startSection(section);
    for (const described of interfaces) this.addInterface(described);
  }

  /** @internal */
  protected get out(): ByteWriter {
    return this.#blocks.out;
  }

  /** Starts another section, which has no interfaces yet. */
  startSection(options: SectionOptions = {}): void {
    this.#clocks = [];
    this.#blocks.block(layout.PCAPNG_SECTION_HEADER, (blocks) => {
      blocks.out.u32(layout.PCAPNG_BYTE_ORDER_MAGIC);
      blocks.out.u16(VERSION_MAJOR);
      blocks.out.u16(VERSION_MINOR);
      blocks.out.u64(UNKNOWN_LENGTH);
      blocks.comments(options.comments);
      blocks.text(layout.PCAPNG_SHB_HARDWARE, options.hardware);
      blocks.text(layout.PCAPNG_SHB_OS, options.os);
      blocks.text(layout.PCAPNG_SHB_USERAPPL, options.application);
      blocks.endOfOptions();
    });
  }

  /**
   * Describes the section's next interface and returns its number.
   * @throws {RangeError} when `ticksPerSecond` is a power neither of 10 nor of 2, or a number does not fit; {TypeError} when
   *   an address is none
   */
  addInterface(options: InterfaceOptions = {}): number {
    const {
      linkType = layout.LINKTYPE_ETHERNET,
      snapLength = 0,
      ticksPerSecond = 1e9,
      timeOffset = 0,
    } = options;
    if (!(Number.isInteger(linkType) && linkType >= 0 && linkType <= 0xffff))
      throw new RangeError(`link type ${linkType}`);
    if (!(Number.isInteger(snapLength) && snapLength >= 0 && snapLength <= 0xffffffff)) {
      throw new RangeError(`snapshot length ${snapLength}`);
    }
    if (!Number.isSafeInteger(timeOffset))
      throw new RangeError(`time offset ${timeOffset}: expected whole seconds`);
    const tsresol = tsresolOf(ticksPerSecond);
    this.#blocks.block(layout.PCAPNG_INTERFACE, (blocks) => {
      blocks.out.u16(linkType);
      blocks.out.u16(0);
      blocks.out.u32(snapLength);
      writeInterfaceOptions(blocks, options, tsresol, BigInt(timeOffset));
    });
    const binary = (tsresol & layout.PCAPNG_TSRESOL_BINARY) !== 0;
    const exponent = BigInt(tsresol & ~layout.PCAPNG_TSRESOL_BINARY);
    this.#clocks.push({
      ticksPerSecond: (binary ? 2n : 10n) ** exponent,
      offset: BigInt(timeOffset) * SECOND,
      snapLength,
    });
    return this.#clocks.length - 1;
  }

  /**
   * Writes a packet, whose bytes are copied.
   * @throws {RangeError} when its interface was not described, its time does not fit the interface's resolution and
   *   offset, or its length is below what was captured
   */
  write(packet: PcapngPacket): void {
    const { interfaceId = 0, comments = [], direction, dropped } = packet;
    if (this.#clocks.length === 0 && interfaceId === 0) this.addInterface();
    const clock = this.#clock(interfaceId);
    const { captured, length } = packetLengths(packet, clock.snapLength);
    const ticks = ticksAt(clock, packet.time);
    this.#blocks.block(layout.PCAPNG_ENHANCED_PACKET, (blocks) => {
      blocks.out.u32(interfaceId);
      blocks.out.highLow(ticks);
      blocks.out.u32(captured);
      blocks.out.u32(length);
      blocks.padded(packet.bytes.subarray(0, captured));
      if (comments.length === 0 && direction === undefined && dropped === undefined) return;
      blocks.comments(comments);
      if (direction)
        blocks.option(layout.PCAPNG_EPB_FLAGS, 4, (out) => out.u32(direction === "inbound" ? 1 : 2));
      if (dropped !== undefined)
        blocks.option(layout.PCAPNG_EPB_DROPCOUNT, 8, (out) => out.u64(BigInt(dropped)));
      blocks.endOfOptions();
    });
  }

  /**
   * Writes names of addresses.
   * @throws {TypeError} when an address is none
   */
  writeNames(records: readonly NameRecord[]): void {
    this.#blocks.block(layout.PCAPNG_NAME_RESOLUTION, (blocks) => {
      for (const { address, names } of records) {
        const isIPv6 = address.includes(":");
        const type = isIPv6 ? layout.PCAPNG_NRB_IPV6 : layout.PCAPNG_NRB_IPV4;
        const text = new TextEncoder().encode(names.map((name) => `${name}\0`).join(""));
        blocks.option(type, (isIPv6 ? 16 : 4) + text.length, (out) => {
          out.bytes(isIPv6 ? parseIPv6(address) : ipv4Bytes(address));
          out.bytes(text);
        });
      }
      blocks.endOfOptions();
    });
  }

  /**
   * Writes statistics of an interface.
   * @throws {RangeError} when the interface was not described, or a time does not fit it
   */
  writeStatistics(
    interfaceId: number,
    statistics: Partial<InterfaceStatistics> & { readonly time: bigint },
  ): void {
    const clock = this.#clock(interfaceId);
    const { time, start, end, received, dropped, accepted, osDropped, delivered, comments } = statistics;
    this.#blocks.block(layout.PCAPNG_INTERFACE_STATISTICS, (blocks) => {
      blocks.out.u32(interfaceId);
      blocks.out.highLow(ticksAt(clock, time));
      blocks.comments(comments);
      const stamp = (code: number, at: bigint | undefined): void => {
        if (at !== undefined) blocks.option(code, 8, (out) => out.highLow(ticksAt(clock, at)));
      };
      const count = (code: number, value: number | undefined): void => {
        if (value !== undefined) blocks.option(code, 8, (out) => out.u64(BigInt(value)));
      };
      stamp(layout.PCAPNG_ISB_STARTTIME, start);
      stamp(layout.PCAPNG_ISB_ENDTIME, end);
      count(layout.PCAPNG_ISB_IFRECV, received);
      count(layout.PCAPNG_ISB_IFDROP, dropped);
      count(layout.PCAPNG_ISB_FILTERACCEPT, accepted);
      count(layout.PCAPNG_ISB_OSDROP, osDropped);
      count(layout.PCAPNG_ISB_USRDELIV, delivered);
      blocks.endOfOptions();
    });
  }

  /** Writes secrets that decrypt packets behind them, of a kind that the format numbers (TLS key log: 0x544c534b). */
  writeSecrets(type: number, bytes: Uint8Array): void {
    this.#blocks.block(layout.PCAPNG_DECRYPTION_SECRETS, (blocks) => {
      blocks.out.u32(type);
      blocks.out.u32(bytes.length);
      blocks.padded(bytes);
    });
  }

  #clock(interfaceId: number): Clock {
    const clock = this.#clocks[interfaceId];
    if (clock === undefined)
      throw new RangeError(`interface ${interfaceId} is not described in this section`);
    return clock;
  }
}

interface Clock {
  readonly ticksPerSecond: bigint;
  /** Nanoseconds. */
  readonly offset: bigint;
  readonly snapLength: number;
}

const VERSION_MAJOR = 1;
const VERSION_MINOR = 0;
const UNKNOWN_LENGTH = 0xffff_ffff_ffff_ffffn;
const SECOND = 1_000_000_000n;
const MAX_EXPONENT = 0x7f;

function ticksAt({ ticksPerSecond, offset }: Clock, time: bigint): bigint {
  const since = time - offset;
  const ticks = ticksPerSecond === SECOND ? since : (since * ticksPerSecond) / SECOND;
  if (since < 0n || ticks >> 64n !== 0n) {
    throw new RangeError(`no time stamp of this interface is ${time} ns since 1970`);
  }
  return ticks;
}

/** The byte of if_tsresol for a resolution (draft-ietf-opsawg-pcapng 4.2). */
function tsresolOf(ticksPerSecond: number): number {
  for (let exponent = 0; exponent <= MAX_EXPONENT; exponent++) {
    if (Number(10n ** BigInt(exponent)) === ticksPerSecond) return exponent;
    if (2 ** exponent === ticksPerSecond) return layout.PCAPNG_TSRESOL_BINARY | exponent;
  }
  throw new RangeError(`resolution ${ticksPerSecond}: expected a power of 10 or of 2`);
}

function ipv4Bytes(text: string): number[] {
  const address = parseIPv4(text);
  return [address >>> 24, (address >>> 16) & 0xff, (address >>> 8) & 0xff, address & 0xff];
}
