import * as columns from "../../assembly/layout/columns.ts";
import type { SectionInfo } from "./info.ts";
import { NO_NOTES, type PacketNotes, readPacketNotes } from "./packet-notes.ts";
import type { Segments } from "./segments.ts";
import { type CaptureTotals, readTotals } from "./totals.ts";

/** Where a batch stands in its capture. */
export interface BatchPlace {
  readonly section: SectionInfo;
  /** Whether the packets lie in pcapng blocks. */
  readonly inBlocks: boolean;
  /** Frames before this batch. */
  readonly framesBefore: number;
  /** Frames up to its end. */
  readonly framesAfter: number;
  /** What to add to an address in the window for the offset in the file. */
  readonly fileBase: number;
  readonly addresses: number;
  readonly sackBlocks: number;
}

/**
 * Up to 8192 segments of a capture, in order. *Borrowed*: the columns are views of WebAssembly memory that the
 * next batch overwrites, so use a batch before asking for the next one and keep nothing of it. What is to
 * be kept goes into a `SegmentTable`, or is copied (`batch.seq.slice()`).
 */
export class SegmentBatch implements Segments {
  readonly length: number;
  readonly time: BigInt64Array<ArrayBuffer>;
  readonly frame: Uint32Array<ArrayBuffer>;
  /** Offset of the frame's first captured byte in `bytes`; `frameCaptured` bytes are there. */
  readonly frameOffset: Uint32Array<ArrayBuffer>;
  readonly frameCaptured: Uint32Array<ArrayBuffer>;
  readonly frameLength: Uint32Array<ArrayBuffer>;
  readonly src: Uint32Array<ArrayBuffer>;
  readonly dst: Uint32Array<ArrayBuffer>;
  readonly srcPort: Uint16Array<ArrayBuffer>;
  readonly dstPort: Uint16Array<ArrayBuffer>;
  readonly seq: Uint32Array<ArrayBuffer>;
  readonly ack: Uint32Array<ArrayBuffer>;
  readonly flags: Uint16Array<ArrayBuffer>;
  readonly window: Uint16Array<ArrayBuffer>;
  readonly checksum: Uint16Array<ArrayBuffer>;
  readonly checksumStatus: Uint8Array<ArrayBuffer>;
  readonly urgentPointer: Uint16Array<ArrayBuffer>;
  readonly headerOffset: Uint32Array<ArrayBuffer>;
  readonly headerLength: Uint8Array<ArrayBuffer>;
  readonly payloadLength: Uint32Array<ArrayBuffer>;
  readonly missing: Uint32Array<ArrayBuffer>;
  readonly status: Uint8Array<ArrayBuffer>;
  readonly ipVersion: Uint8Array<ArrayBuffer>;
  readonly ttl: Uint8Array<ArrayBuffer>;
  readonly trafficClass: Uint8Array<ArrayBuffer>;
  readonly optionsSeen: Uint8Array<ArrayBuffer>;
  readonly mss: Uint16Array<ArrayBuffer>;
  readonly windowScale: Uint8Array<ArrayBuffer>;
  readonly tsval: Uint32Array<ArrayBuffer>;
  readonly tsecr: Uint32Array<ArrayBuffer>;
  readonly sackCount: Uint8Array<ArrayBuffer>;
  readonly sackStart: Uint32Array<ArrayBuffer>;
  readonly tunnel: Uint32Array<ArrayBuffer>;
  readonly vlan: Uint32Array<ArrayBuffer>;
  readonly interfaceId: Uint16Array<ArrayBuffer>;
  readonly addresses: Uint8Array<ArrayBuffer>;
  readonly sackEdges: Uint32Array<ArrayBuffer>;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly holdsPayload = true;

  /** The section (pcapng) that all rows belong to; `interfaceId` counts within it. */
  readonly section: SectionInfo;
  /** The number of the first frame that this batch covers, with a row in it or not. */
  readonly firstFrame: number;
  /** Frames that this batch covers. */
  readonly frames: number;

  readonly #memory: WebAssembly.Memory;
  readonly #fileBase: number;
  readonly #inBlocks: boolean;
  #fileOffset: Float64Array<ArrayBuffer> | undefined;

  /** @internal */
  constructor(memory: WebAssembly.Memory, length: number, place: BatchPlace) {
    const buffer = memory.buffer as ArrayBuffer;
    this.length = length;
    this.time = new BigInt64Array(buffer, columns.TIME, length);
    this.frame = new Uint32Array(buffer, columns.FRAME, length);
    this.frameOffset = new Uint32Array(buffer, columns.FRAME_OFFSET, length);
    this.frameCaptured = new Uint32Array(buffer, columns.FRAME_CAPTURED, length);
    this.frameLength = new Uint32Array(buffer, columns.FRAME_LENGTH, length);
    this.src = new Uint32Array(buffer, columns.SRC, length);
    this.dst = new Uint32Array(buffer, columns.DST, length);
    this.srcPort = new Uint16Array(buffer, columns.SRC_PORT, length);
    this.dstPort = new Uint16Array(buffer, columns.DST_PORT, length);
    this.seq = new Uint32Array(buffer, columns.SEQ, length);
    this.ack = new Uint32Array(buffer, columns.ACKNOWLEDGMENT, length);
    this.flags = new Uint16Array(buffer, columns.FLAGS, length);
    this.window = new Uint16Array(buffer, columns.WINDOW, length);
    this.checksum = new Uint16Array(buffer, columns.CHECKSUM, length);
    this.checksumStatus = new Uint8Array(buffer, columns.CHECKSUM_STATUS, length);
    this.urgentPointer = new Uint16Array(buffer, columns.URGENT, length);
    this.headerOffset = new Uint32Array(buffer, columns.HEADER_OFFSET, length);
    this.headerLength = new Uint8Array(buffer, columns.HEADER_LENGTH, length);
    this.payloadLength = new Uint32Array(buffer, columns.PAYLOAD_LENGTH, length);
    this.missing = new Uint32Array(buffer, columns.MISSING, length);
    this.status = new Uint8Array(buffer, columns.STATUS, length);
    this.ipVersion = new Uint8Array(buffer, columns.IP_VERSION, length);
    this.ttl = new Uint8Array(buffer, columns.TTL, length);
    this.trafficClass = new Uint8Array(buffer, columns.TRAFFIC_CLASS, length);
    this.optionsSeen = new Uint8Array(buffer, columns.OPTIONS_SEEN, length);
    this.mss = new Uint16Array(buffer, columns.MSS, length);
    this.windowScale = new Uint8Array(buffer, columns.WINDOW_SCALE, length);
    this.tsval = new Uint32Array(buffer, columns.TSVAL, length);
    this.tsecr = new Uint32Array(buffer, columns.TSECR, length);
    this.sackCount = new Uint8Array(buffer, columns.SACK_COUNT, length);
    this.sackStart = new Uint32Array(buffer, columns.SACK_START, length);
    this.tunnel = new Uint32Array(buffer, columns.TUNNEL, length);
    this.vlan = new Uint32Array(buffer, columns.VLAN, length);
    this.interfaceId = new Uint16Array(buffer, columns.INTERFACE, length);
    this.addresses = new Uint8Array(buffer, columns.ADDRESSES, place.addresses * 16);
    this.sackEdges = new Uint32Array(buffer, columns.SACK_EDGES, place.sackBlocks * 2);
    this.bytes = new Uint8Array(buffer);
    this.section = place.section;
    this.firstFrame = place.framesBefore + 1;
    this.frames = place.framesAfter - place.framesBefore;
    this.#memory = memory;
    this.#fileBase = place.fileBase;
    this.#inBlocks = place.inBlocks;
  }

  /** Made when it is first asked for; unlike the other columns it is not borrowed. */
  get fileOffset(): Float64Array<ArrayBuffer> {
    if (this.#fileOffset === undefined) {
      this.#fileOffset = new Float64Array(this.length);
      for (let i = 0; i < this.length; i++) this.#fileOffset[i] = this.frameOffset[i] + this.#fileBase;
    }
    return this.#fileOffset;
  }

  /**
   * Comments, direction and drop count of the packet that row `i` was in, which pcapng may have.
   * @throws {RangeError} when there is no such row
   */
  notes(i: number): PacketNotes {
    if (!(i >= 0 && i < this.length)) throw new RangeError(`row ${i} of ${this.length}`);
    if (!this.#inBlocks) return NO_NOTES;
    return readPacketNotes(this.bytes, this.frameOffset[i], this.frameCaptured[i], this.section.bigEndian);
  }

  /** What has been counted from the start of the capture to the end of this batch. */
  get totals(): CaptureTotals {
    return readTotals(this.#memory);
  }
}
