import { LINKTYPE_ETHERNET, PCAP_MAGIC_MICRO, PCAP_MAGIC_NANO } from "../../assembly/layout/capture.ts";
import { ByteWriter } from "./byte-writer.ts";
import { type CapturePacket, CaptureWriter, packetLengths } from "./writer.ts";

/** What a pcap file says in its header. */
export interface PcapWriterOptions {
  /** As in tcpdump.org/linktypes.html; Ethernet (1) when left out. */
  readonly linkType?: number;
  /** Time stamps in nanoseconds, which are exact, or in microseconds, rounded down, for very old readers. True when left out. */
  readonly nanoseconds?: boolean;
  /** False when left out. */
  readonly bigEndian?: boolean;
  /** Bytes that are kept of a frame; longer ones are cut. 262,144 when left out, as tcpdump has it. */
  readonly snapLength?: number;
}

/**
 * Writes pcap (draft-ietf-opsawg-pcap), version 2.4.
 *
 * @example
 * ```ts
 * import { PcapWriter } from "tcpwire/capture";
 *
 * const writer = new PcapWriter();
 * writer.write({ time: 1_700_000_000_000_000_000n, bytes: new Uint8Array(60) });
 * const file = writer.take(); // 24 + 16 + 60 bytes
 * ```
 */
export class PcapWriter extends CaptureWriter<CapturePacket> {
  /** @internal */
  protected readonly out: ByteWriter;
  readonly #nanoseconds: boolean;
  readonly #snapLength: number;

  /** @throws {RangeError} when the link type is not of 16 bits, or the snapshot length not from 1 to 2^32 - 1 */
  constructor(options: PcapWriterOptions = {}) {
    super();
    const {
      linkType = LINKTYPE_ETHERNET,
      nanoseconds = true,
      bigEndian = false,
      snapLength = 262_144,
    } = options;
    if (!isUnsigned(linkType, 0xffff)) throw new RangeError(`link type ${linkType}`);
    if (!isUnsigned(snapLength, 0xffffffff) || snapLength === 0)
      throw new RangeError(`snapshot length ${snapLength}`);
    this.#nanoseconds = nanoseconds;
    this.#snapLength = snapLength;
    this.out = new ByteWriter(bigEndian);
    this.out.u32(nanoseconds ? PCAP_MAGIC_NANO : PCAP_MAGIC_MICRO);
    this.out.u16(VERSION_MAJOR);
    this.out.u16(VERSION_MINOR);
    this.out.u32(0); // time zone, which nobody uses
    this.out.u32(0); // accuracy, likewise
    this.out.u32(snapLength);
    this.out.u32(linkType);
  }

  /**
   * Writes a packet, whose bytes are copied.
   * @throws {RangeError} when its time is before 1970 or after 2106, or its length below what was captured
   */
  write(packet: CapturePacket): void {
    const { captured, length } = packetLengths(packet, this.#snapLength);
    const seconds = packet.time / SECOND;
    if (packet.time < 0n || seconds > MAX_SECONDS) {
      throw new RangeError(`packet: pcap has no time stamp for ${packet.time} ns since 1970`);
    }
    const nanoseconds = Number(packet.time % SECOND);
    this.out.u32(Number(seconds));
    this.out.u32(this.#nanoseconds ? nanoseconds : Math.floor(nanoseconds / 1000));
    this.out.u32(captured);
    this.out.u32(length);
    this.out.bytes(packet.bytes.subarray(0, captured));
  }
}

const VERSION_MAJOR = 2;
const VERSION_MINOR = 4;
const SECOND = 1_000_000_000n;
const MAX_SECONDS = 0xffffffffn;

function isUnsigned(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= max;
}
