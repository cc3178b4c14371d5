import {
  FLAGS_MASK,
  TCP_ACK,
  TCP_CHECKSUM,
  TCP_DST_PORT,
  TCP_OFFSET_FLAGS,
  TCP_OPTIONS,
  TCP_SEQ,
  TCP_SRC_PORT,
  TCP_URGENT,
  TCP_WINDOW,
} from "../../assembly/layout/wire.ts";
import { get16, get32 } from "./bytes.ts";
import {
  type Addresses,
  addressSum,
  type ChecksumVerdict,
  checksumStatus,
  checksumVerdict,
} from "./checksum.ts";
import { controlLength } from "./flags.ts";
import type { CommonOptions } from "./options/common.ts";
import { findOption, parseOptions } from "./options/parse.ts";
import type { TcpOption, TcpOptionOf, TcpOptionType } from "./options/types.ts";
import { checkedHeaderLength, parseSegment, type Segment } from "./segment.ts";

/**
 * A segment read where it lies: lengths are checked once, then every accessor reads its field and cannot fail.
 *
 * The view borrows the bytes: it shows what they hold now, and must not be used once they are used for something
 * else. `reset` moves it to another segment, so that one view can serve a whole stream without allocation.
 *
 * @example
 * ```ts
 * import { ACK, buildSegment, SegmentView } from "tcpwire/wire";
 *
 * const bytes = buildSegment({ srcPort: 1, dstPort: 2, seq: 7, ack: 9, flags: ACK, payload: new Uint8Array(3) });
 * const view = new SegmentView(bytes);
 * view.seq; // -> 7
 * view.has(ACK); // -> true
 * view.payloadLength; // -> 3
 * ```
 */
export class SegmentView {
  #bytes!: Uint8Array;
  #start!: number;
  #end!: number;
  #payload!: number;

  /**
   * A view of the segment in `bytes[start, end)`: TCP header and payload.
   *
   * @throws {WireError} when it has no whole header; its offset counts from the start of `bytes`
   * @throws {RangeError} when the range is not in `bytes`
   */
  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.reset(bytes, start, end);
  }

  /** Moves the view to another segment. @throws as the constructor does, and the view stays where it was */
  reset(bytes: Uint8Array, start = 0, end = bytes.length): this {
    if (!(start >= 0 && start <= end && end <= bytes.length)) {
      throw new RangeError(`segment: bytes ${start} to ${end} do not lie in ${bytes.length} bytes`);
    }
    const headerLength = checkedHeaderLength(bytes, start, end);
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
    this.#payload = start + headerLength;
    return this;
  }

  get srcPort(): number {
    return get16(this.#bytes, this.#start + TCP_SRC_PORT);
  }

  get dstPort(): number {
    return get16(this.#bytes, this.#start + TCP_DST_PORT);
  }

  get seq(): number {
    return get32(this.#bytes, this.#start + TCP_SEQ);
  }

  /** Means nothing without ACK in `flags`. */
  get ack(): number {
    return get32(this.#bytes, this.#start + TCP_ACK);
  }

  /** The low 12 bits: three reserved, AE, CWR, ECE, URG, ACK, PSH, RST, SYN, FIN. */
  get flags(): number {
    return get16(this.#bytes, this.#start + TCP_OFFSET_FLAGS) & FLAGS_MASK;
  }

  /** Unscaled. */
  get window(): number {
    return get16(this.#bytes, this.#start + TCP_WINDOW);
  }

  get checksum(): number {
    return get16(this.#bytes, this.#start + TCP_CHECKSUM);
  }

  /** Means nothing without URG in `flags`. */
  get urgentPointer(): number {
    return get16(this.#bytes, this.#start + TCP_URGENT);
  }

  /** Whether all of the control bits are set. */
  has(bits: number): boolean {
    return (this.flags & bits) === bits;
  }

  /** The header's length in 32-bit words, 5 to 15, as it was when the view was set. */
  get dataOffset(): number {
    return this.headerLength / 4;
  }

  /** Bytes of the header, 20 to 60. */
  get headerLength(): number {
    return this.#payload - this.#start;
  }

  /** Bytes of header and payload. */
  get length(): number {
    return this.#end - this.#start;
  }

  get payloadLength(): number {
    return this.#end - this.#payload;
  }

  /** SEG.LEN (RFC 9293 3.4): the sequence numbers it takes up, payload, SYN and FIN. */
  get segmentLength(): number {
    return this.payloadLength + controlLength(this.flags);
  }

  /** The payload as a view of the borrowed bytes. */
  get payload(): Uint8Array {
    return this.#bytes.subarray(this.#payload, this.#end);
  }

  /** Where the payload starts in the bytes given. */
  get payloadOffset(): number {
    return this.#payload;
  }

  /** The options, parsed anew each time; see `parseOptions`. */
  get options(): TcpOption[] {
    return parseOptions(this.#bytes, this.#start + TCP_OPTIONS, this.#payload);
  }

  /** The last option of a type, `undefined` without one. */
  option<T extends TcpOptionType>(type: T): TcpOptionOf<T> | undefined {
    return this.headerLength === TCP_OPTIONS ? undefined : findOption(this.options, type);
  }

  /** Reads the common options into `into` and returns it, without allocation. */
  readOptions(into: CommonOptions): CommonOptions {
    return into.read(this.#bytes, this.#start + TCP_OPTIONS, this.#payload);
  }

  /** See `verifyChecksum`. @throws {TypeError} when the addresses are none or of two families */
  verifyChecksum({ src, dst }: Addresses): ChecksumVerdict {
    return checksumVerdict(checksumStatus(this.#bytes, this.#start, this.#end, addressSum(src, dst)));
  }

  /** A plain object; its payload is borrowed as the view is. */
  toSegment(): Segment {
    return parseSegment(this.#bytes.subarray(this.#start, this.#end));
  }
}
