import * as columns from "../../assembly/layout/columns.ts";
import type { SectionInfo } from "./info.ts";
import { NO_NOTES, type PacketNotes, readPacketNotes } from "./packet-notes.ts";
import type { Segments } from "./segments.ts";
import type { CaptureTotals } from "./totals.ts";

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
  readonly totals: () => CaptureTotals;
}

/**
 * Up to 8192 segments of a capture, in order. *Borrowed*: the columns are views of WebAssembly memory that the
 * next batch overwrites, so use a batch before asking for the next one and keep nothing of it. What is to
 * be kept goes into a `SegmentTable`, or is copied (`batch.seq.slice()`).
 */
export class SegmentBatch implements Segments {
  readonly length: number;
  readonly holdsPayload = true;

  /** The section (pcapng) that all rows belong to; `interfaceId` counts within it. */
  readonly section: SectionInfo;
  /** The number of the first frame that this batch covers, with a row in it or not. */
  readonly firstFrame: number;
  /** Frames that this batch covers. */
  readonly frames: number;

  readonly #buffer: ArrayBuffer;
  readonly #place: BatchPlace;
  // A view costs about 50 ns, and nobody looks at all of them: each is made when it is first asked for.
  #time: BigInt64Array<ArrayBuffer> | undefined;
  #frame: Uint32Array<ArrayBuffer> | undefined;
  #frameOffset: Uint32Array<ArrayBuffer> | undefined;
  #frameCaptured: Uint32Array<ArrayBuffer> | undefined;
  #frameLength: Uint32Array<ArrayBuffer> | undefined;
  #src: Uint32Array<ArrayBuffer> | undefined;
  #dst: Uint32Array<ArrayBuffer> | undefined;
  #srcPort: Uint16Array<ArrayBuffer> | undefined;
  #dstPort: Uint16Array<ArrayBuffer> | undefined;
  #seq: Uint32Array<ArrayBuffer> | undefined;
  #ack: Uint32Array<ArrayBuffer> | undefined;
  #flags: Uint16Array<ArrayBuffer> | undefined;
  #window: Uint16Array<ArrayBuffer> | undefined;
  #checksum: Uint16Array<ArrayBuffer> | undefined;
  #checksumStatus: Uint8Array<ArrayBuffer> | undefined;
  #urgentPointer: Uint16Array<ArrayBuffer> | undefined;
  #headerOffset: Uint32Array<ArrayBuffer> | undefined;
  #headerLength: Uint8Array<ArrayBuffer> | undefined;
  #payloadLength: Uint32Array<ArrayBuffer> | undefined;
  #missing: Uint32Array<ArrayBuffer> | undefined;
  #status: Uint8Array<ArrayBuffer> | undefined;
  #ipVersion: Uint8Array<ArrayBuffer> | undefined;
  #ttl: Uint8Array<ArrayBuffer> | undefined;
  #trafficClass: Uint8Array<ArrayBuffer> | undefined;
  #optionsSeen: Uint8Array<ArrayBuffer> | undefined;
  #mss: Uint16Array<ArrayBuffer> | undefined;
  #windowScale: Uint8Array<ArrayBuffer> | undefined;
  #tsval: Uint32Array<ArrayBuffer> | undefined;
  #tsecr: Uint32Array<ArrayBuffer> | undefined;
  #sackCount: Uint8Array<ArrayBuffer> | undefined;
  #sackStart: Uint32Array<ArrayBuffer> | undefined;
  #tunnel: Uint32Array<ArrayBuffer> | undefined;
  #vlan: Uint32Array<ArrayBuffer> | undefined;
  #interfaceId: Uint16Array<ArrayBuffer> | undefined;
  #addresses: Uint8Array<ArrayBuffer> | undefined;
  #sackEdges: Uint32Array<ArrayBuffer> | undefined;
  #bytes: Uint8Array<ArrayBuffer> | undefined;
  #fileOffset: Float64Array<ArrayBuffer> | undefined;

  /** @internal */
  constructor(buffer: ArrayBuffer, length: number, place: BatchPlace) {
    this.length = length;
    this.section = place.section;
    this.firstFrame = place.framesBefore + 1;
    this.frames = place.framesAfter - place.framesBefore;
    this.#buffer = buffer;
    this.#place = place;
  }

  get time(): BigInt64Array<ArrayBuffer> {
    return (this.#time ??= new BigInt64Array(this.#buffer, columns.TIME, this.length));
  }

  get frame(): Uint32Array<ArrayBuffer> {
    return (this.#frame ??= this.#u32(columns.FRAME));
  }

  /** Offset of the frame's first captured byte in `bytes`; `frameCaptured` bytes are there. */
  get frameOffset(): Uint32Array<ArrayBuffer> {
    return (this.#frameOffset ??= this.#u32(columns.FRAME_OFFSET));
  }

  get frameCaptured(): Uint32Array<ArrayBuffer> {
    return (this.#frameCaptured ??= this.#u32(columns.FRAME_CAPTURED));
  }

  get frameLength(): Uint32Array<ArrayBuffer> {
    return (this.#frameLength ??= this.#u32(columns.FRAME_LENGTH));
  }

  get src(): Uint32Array<ArrayBuffer> {
    return (this.#src ??= this.#u32(columns.SRC));
  }

  get dst(): Uint32Array<ArrayBuffer> {
    return (this.#dst ??= this.#u32(columns.DST));
  }

  get srcPort(): Uint16Array<ArrayBuffer> {
    return (this.#srcPort ??= this.#u16(columns.SRC_PORT));
  }

  get dstPort(): Uint16Array<ArrayBuffer> {
    return (this.#dstPort ??= this.#u16(columns.DST_PORT));
  }

  get seq(): Uint32Array<ArrayBuffer> {
    return (this.#seq ??= this.#u32(columns.SEQ));
  }

  get ack(): Uint32Array<ArrayBuffer> {
    return (this.#ack ??= this.#u32(columns.ACKNOWLEDGMENT));
  }

  get flags(): Uint16Array<ArrayBuffer> {
    return (this.#flags ??= this.#u16(columns.FLAGS));
  }

  get window(): Uint16Array<ArrayBuffer> {
    return (this.#window ??= this.#u16(columns.WINDOW));
  }

  get checksum(): Uint16Array<ArrayBuffer> {
    return (this.#checksum ??= this.#u16(columns.CHECKSUM));
  }

  get checksumStatus(): Uint8Array<ArrayBuffer> {
    return (this.#checksumStatus ??= this.#u8(columns.CHECKSUM_STATUS));
  }

  get urgentPointer(): Uint16Array<ArrayBuffer> {
    return (this.#urgentPointer ??= this.#u16(columns.URGENT));
  }

  get headerOffset(): Uint32Array<ArrayBuffer> {
    return (this.#headerOffset ??= this.#u32(columns.HEADER_OFFSET));
  }

  get headerLength(): Uint8Array<ArrayBuffer> {
    return (this.#headerLength ??= this.#u8(columns.HEADER_LENGTH));
  }

  get payloadLength(): Uint32Array<ArrayBuffer> {
    return (this.#payloadLength ??= this.#u32(columns.PAYLOAD_LENGTH));
  }

  get missing(): Uint32Array<ArrayBuffer> {
    return (this.#missing ??= this.#u32(columns.MISSING));
  }

  get status(): Uint8Array<ArrayBuffer> {
    return (this.#status ??= this.#u8(columns.STATUS));
  }

  get ipVersion(): Uint8Array<ArrayBuffer> {
    return (this.#ipVersion ??= this.#u8(columns.IP_VERSION));
  }

  get ttl(): Uint8Array<ArrayBuffer> {
    return (this.#ttl ??= this.#u8(columns.TTL));
  }

  get trafficClass(): Uint8Array<ArrayBuffer> {
    return (this.#trafficClass ??= this.#u8(columns.TRAFFIC_CLASS));
  }

  get optionsSeen(): Uint8Array<ArrayBuffer> {
    return (this.#optionsSeen ??= this.#u8(columns.OPTIONS_SEEN));
  }

  get mss(): Uint16Array<ArrayBuffer> {
    return (this.#mss ??= this.#u16(columns.MSS));
  }

  get windowScale(): Uint8Array<ArrayBuffer> {
    return (this.#windowScale ??= this.#u8(columns.WINDOW_SCALE));
  }

  get tsval(): Uint32Array<ArrayBuffer> {
    return (this.#tsval ??= this.#u32(columns.TSVAL));
  }

  get tsecr(): Uint32Array<ArrayBuffer> {
    return (this.#tsecr ??= this.#u32(columns.TSECR));
  }

  get sackCount(): Uint8Array<ArrayBuffer> {
    return (this.#sackCount ??= this.#u8(columns.SACK_COUNT));
  }

  get sackStart(): Uint32Array<ArrayBuffer> {
    return (this.#sackStart ??= this.#u32(columns.SACK_START));
  }

  get tunnel(): Uint32Array<ArrayBuffer> {
    return (this.#tunnel ??= this.#u32(columns.TUNNEL));
  }

  get vlan(): Uint32Array<ArrayBuffer> {
    return (this.#vlan ??= this.#u32(columns.VLAN));
  }

  get interfaceId(): Uint16Array<ArrayBuffer> {
    return (this.#interfaceId ??= this.#u16(columns.INTERFACE));
  }

  get addresses(): Uint8Array<ArrayBuffer> {
    return (this.#addresses ??= new Uint8Array(this.#buffer, columns.ADDRESSES, this.#place.addresses * 16));
  }

  get sackEdges(): Uint32Array<ArrayBuffer> {
    return (this.#sackEdges ??= new Uint32Array(
      this.#buffer,
      columns.SACK_EDGES,
      this.#place.sackBlocks * 2,
    ));
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    return (this.#bytes ??= new Uint8Array(this.#buffer));
  }

  /** Unlike the other columns it is not borrowed. */
  get fileOffset(): Float64Array<ArrayBuffer> {
    if (this.#fileOffset === undefined) {
      const { frameOffset } = this;
      const { fileBase } = this.#place;
      this.#fileOffset = new Float64Array(this.length);
      for (let i = 0; i < this.length; i++) this.#fileOffset[i] = frameOffset[i] + fileBase;
    }
    return this.#fileOffset;
  }

  /**
   * Comments, direction and drop count of the packet that row `i` was in, which pcapng may have.
   * @throws {RangeError} when there is no such row
   */
  notes(i: number): PacketNotes {
    if (!(i >= 0 && i < this.length)) throw new RangeError(`row ${i} of ${this.length}`);
    if (!this.#place.inBlocks) return NO_NOTES;
    return readPacketNotes(this.bytes, this.frameOffset[i], this.frameCaptured[i], this.section.bigEndian);
  }

  /** What has been counted from the start of the capture to the end of this batch. */
  get totals(): CaptureTotals {
    return this.#place.totals();
  }

  #u8(address: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#buffer, address, this.length);
  }

  #u16(address: number): Uint16Array<ArrayBuffer> {
    return new Uint16Array(this.#buffer, address, this.length);
  }

  #u32(address: number): Uint32Array<ArrayBuffer> {
    return new Uint32Array(this.#buffer, address, this.length);
  }
}
