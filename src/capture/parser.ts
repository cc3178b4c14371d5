import * as layout from "../../assembly/layout/capture.ts";
import * as state from "../../assembly/layout/state.ts";
import {
  CAPTURE_BLOCK_CONTENT,
  CAPTURE_CUT_SHORT,
  CAPTURE_NOT_A_CAPTURE,
  CAPTURE_VERSION,
  STOP_BLOCK,
  STOP_ERROR,
  STOP_NEED_BYTES,
} from "../../assembly/layout/status.ts";
import { SegmentBatch } from "./batch.ts";
import {
  type Block,
  BlockInterpreter,
  blockDamage,
  blockReason,
  onlyDescribes,
} from "./block-interpreter.ts";
import { BlockError, BlockReader } from "./block-reader.ts";
import { type CaptureError, captureError } from "./errors.ts";
import type { CaptureInfo } from "./info.ts";
import { Metadata } from "./metadata.ts";
import { isKnownVersion, isPcap, notACapture, readPcapHeader } from "./pcap-header.ts";
import { type CaptureTotals, readTotals } from "./totals.ts";
import { giveWorkspace, type Workspace } from "./workspace.ts";

/**
 * One capture on its way through one codec instance. It waits for nobody: whoever drives it reads bytes into
 * `space()`, says how many with `filled`, and takes batches from `next()` until that has none.
 */
export class CaptureParser {
  /** No batch will come any more. */
  finished = false;
  /** What ended the capture early; everything before has been given. */
  error: CaptureError | undefined;
  /** The first damage that no packet depends on: to be told once all of them were given. */
  damage: CaptureError | undefined;

  /** Told of each pcapng block that is no packet before it is interpreted; `body` is borrowed. */
  onBlock: ((block: Block) => void) | undefined;
  /**
   * Asked for input when a batch has rows and a record is not whole: `missing` bytes of it are. True when it has
   * put bytes into `room()` and said so with `filled`: then the batch goes on.
   */
  extend: ((missing: number) => boolean) | undefined;

  readonly #workspace;
  readonly #memory;
  readonly #window;
  #metadata: Metadata;
  #blocks: BlockInterpreter;
  /** What is asked for after the end, when the memory is somebody else's. */
  #last:
    | { readonly totals: CaptureTotals; readonly inputOffset: number; readonly memorySize: number }
    | undefined;
  #headerRead = false;
  #inputEnded = false;
  /** Bytes that the next step takes; nothing is tried with fewer. */
  #needed = MAGIC_LENGTH;
  #framesGiven = 0;

  constructor(name: string | undefined, workspace: Workspace) {
    this.#metadata = new Metadata(name);
    this.#workspace = workspace;
    this.#memory = this.#workspace.memory;
    this.#window = this.#workspace.window;
    this.#blocks = new BlockInterpreter(this.#metadata, this.#memory.exports);
  }

  /** Forgets the capture and begins another, or the same somewhere else (`goTo`). */
  restart(): void {
    this.finished = false;
    this.error = this.damage = undefined;
    this.#metadata = new Metadata(this.info.name);
    this.#blocks = new BlockInterpreter(this.#metadata, this.#memory.exports);
    this.#headerRead = false;
    this.#needed = MAGIC_LENGTH;
    this.#framesGiven = 0;
    this.#memory.exports.reset();
    this.goTo(0);
  }

  /** Drops the input that was not parsed: what comes next is a record, `offset` bytes from the start of the input. */
  goTo(offset: number): void {
    this.#inputEnded = false;
    if (this.#headerRead) this.#needed = 0;
    this.#window.empty(offset);
  }

  get info(): CaptureInfo {
    return this.#metadata.info;
  }

  get totals(): CaptureTotals {
    return this.#last?.totals ?? readTotals(this.#memory.exports.memory.buffer);
  }

  /** Bytes of input that have come, after decompression. */
  get inputOffset(): number {
    return this.#last?.inputOffset ?? this.#window.offset + this.#window.left;
  }

  /** Bytes that have come and are not parsed. */
  get left(): number {
    return this.#window.left;
  }

  /** Add it to an address in the window for the offset in the input. */
  get fileBase(): number {
    return this.#window.fileBase;
  }

  /** Bytes that the next record lacks. */
  get missing(): number {
    return this.#needed - this.#window.left;
  }

  /** Bytes of WebAssembly memory in use. */
  get memorySize(): number {
    return this.#last?.memorySize ?? this.#workspace.size;
  }

  /**
   * Nothing more will be asked of the capture but `info`, `totals` and `error`: its memory goes to the next. Only when
   * it is finished and its last batch has been done with.
   */
  close(): void {
    if (this.#last) return;
    const { totals, inputOffset, memorySize } = this;
    this.#last = { totals, inputOffset, memorySize };
    giveWorkspace(this.#workspace);
  }

  /** Where the next bytes of the input go; at least one. Ends the last batch. */
  space(): Uint8Array<ArrayBuffer> {
    return this.#window.space();
  }

  /** Where more bytes may go without ending the last batch; perhaps none. */
  room(): Uint8Array<ArrayBuffer> {
    return this.#window.room();
  }

  /** So many bytes were written to the start of `space()` or `room()`; 0 for the end of the input. */
  filled(bytes: number): void {
    if (bytes === 0) this.#inputEnded = true;
    this.#window.end += bytes;
  }

  /** The input was taken out of gzip. */
  unzipped(): void {
    this.#metadata.info.compression = "gzip";
  }

  /** The input cannot be read on. */
  fail(status: number, reason?: string, offset = this.#window.offset): void {
    this.finished = true;
    this.error = captureError(status, offset, this.info.name, reason);
  }

  /** The next segments; `undefined` when more input is needed, or the capture is finished. */
  next(): SegmentBatch | undefined {
    const rows = this.advance();
    return rows > 0 ? this.#batch(rows) : undefined;
  }

  /** What `next` does, for who needs the columns alone. Rows there are; 0 where `next` gives no batch. */
  advance(): number {
    if (this.finished || !this.#hasEnough()) return 0;
    if (!this.#headerRead && !this.#readHeader()) return 0;

    const { exports } = this.#memory;
    const window = this.#window;
    for (let row = 0; ; ) {
      const rows = exports.parse(window.start, window.end, row);
      const stop = this.#state(state.STATE_STOP);
      window.start = this.#state(state.STATE_CONSUMED);
      if (stop === STOP_BLOCK) {
        // A batch is of one section.
        if (rows > 0 && this.#blockType() === layout.PCAPNG_SECTION_HEADER) return rows;
        row = rows;
        if (this.#readBlock()) continue;
        return row;
      }
      // What stopped the parser will stop it again, once these rows have been taken.
      this.#needed = stop === STOP_NEED_BYTES ? this.#state(state.STATE_NEEDED) : 0;
      if (rows > 0 && stop === STOP_NEED_BYTES && this.extend?.(this.#needed - window.left)) {
        row = rows;
        continue;
      }
      if (rows > 0) return rows;
      if (stop === STOP_ERROR) this.fail(this.#state(state.STATE_ERROR_CODE));
      else if (stop === STOP_NEED_BYTES && this.#inputEnded) this.#end();
      return 0;
    }
  }

  #hasEnough(): boolean {
    return this.#window.left >= this.#needed || this.#inputEnded;
  }

  #end(): void {
    const { left } = this.#window;
    if (left > 0) this.fail(CAPTURE_CUT_SHORT, `cut short: ${left} of ${this.#needed} bytes of a record`);
    this.finished = true;
  }

  /** Recognises the format. False when that takes more input, or nothing is to be recognised. */
  #readHeader(): boolean {
    const window = this.#window;
    const bytes = window.view(window.start, Math.min(window.left, layout.PCAP_FILE_HEADER));
    const magic =
      bytes.length >= MAGIC_LENGTH ? new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) : 0;
    if (magic === layout.PCAPNG_SECTION_HEADER) {
      this.#metadata.info.format = "pcapng";
      // The section header says the byte order; until then either will do.
      this.#memory.exports.configurePcapng(0);
      this.#headerRead = true;
    } else if (magic === 0 || !isPcap(bytes)) {
      this.fail(CAPTURE_NOT_A_CAPTURE, notACapture(bytes));
    } else if (bytes.length < layout.PCAP_FILE_HEADER) {
      this.#needed = layout.PCAP_FILE_HEADER;
      if (this.#inputEnded) this.#end();
    } else {
      this.#readPcapHeader(bytes);
    }
    return this.#headerRead;
  }

  #readPcapHeader(bytes: Uint8Array): void {
    const header = readPcapHeader(bytes);
    if (!isKnownVersion(header)) {
      this.fail(CAPTURE_VERSION, `pcap version ${header.versionMajor}.${header.versionMinor}`);
      return;
    }
    this.#memory.exports.configurePcap(
      header.bigEndian ? 1 : 0,
      header.nanosPerTick,
      header.linkType,
      header.recordHeaderLength,
      header.lengths,
    );
    this.#metadata.pcap(header);
    this.#window.start += layout.PCAP_FILE_HEADER;
    this.#needed = 0;
    this.#headerRead = true;
  }

  /** Interprets the pcapng block that parsing has stopped at and steps over it. False when nothing can be read behind it. */
  #readBlock(): boolean {
    const window = this.#window;
    const { dv } = this.#memory;
    const type = this.#blockType();
    const bigEndian =
      type === layout.PCAPNG_SECTION_HEADER
        ? dv.getUint32(window.start + BLOCK_HEADER, true) !== layout.PCAPNG_BYTE_ORDER_MAGIC
        : this.#metadata.section.bigEndian;
    const length = dv.getUint32(window.start + 4, !bigEndian);
    const body = window.view(window.start + BLOCK_HEADER, length - BLOCK_OVERHEAD);
    const described = { type, bigEndian, offset: window.offset, body };
    this.onBlock?.(described);
    try {
      const version = this.#blocks.interpret(described, new BlockReader(body, bigEndian));
      if (version !== undefined) this.fail(CAPTURE_VERSION, `pcapng version ${version}`);
    } catch (error) {
      if (!(error instanceof BlockError)) throw error;
      if (onlyDescribes(type)) this.damage ??= blockDamage(described, error, this.info.name);
      else this.fail(CAPTURE_BLOCK_CONTENT, blockReason(type, error));
    }
    if (!this.finished) window.start += length;
    return !this.finished;
  }

  #batch(rows: number): SegmentBatch {
    const framesBefore = this.#framesGiven;
    this.#framesGiven = this.#frames();
    const { memory } = this.#memory.exports;
    return new SegmentBatch(memory.buffer, rows, {
      section: this.#metadata.section,
      inBlocks: this.info.format === "pcapng",
      framesBefore,
      framesAfter: this.#framesGiven,
      fileBase: this.#window.fileBase,
      addresses: this.#state(state.STATE_ADDRESSES),
      sackBlocks: this.#state(state.STATE_SACK_BLOCKS),
      totals: () => readTotals(memory.buffer),
    });
  }

  #state(address: number): number {
    return this.#memory.dv.getUint32(address, true);
  }

  #frames(): number {
    return Number(this.#memory.dv.getBigUint64(state.COUNT_FRAMES, true));
  }

  #blockType(): number {
    return this.#memory.dv.getUint32(this.#window.start, !this.#metadata.section.bigEndian);
  }
}

const MAGIC_LENGTH = 4;
// Type and total length before the body, total length behind it.
const BLOCK_HEADER = 8;
const BLOCK_OVERHEAD = 12;
