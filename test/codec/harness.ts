// Drives the codec's WebAssembly as src/capture does, but with the windows, the canaries and the row
// objects that tests want. Rows are plain objects here: a batch is gone with the next one.

import {
  PCAP_CAPTURED_FIRST,
  PCAP_FILE_HEADER,
  PCAP_MAGIC_MICRO,
  PCAP_MAGIC_MODIFIED,
  PCAP_MAGIC_NANO,
  PCAP_MODIFIED_RECORD_HEADER,
  PCAP_RECORD_HEADER,
  PCAPNG_BYTE_ORDER_MAGIC,
  PCAPNG_IF_TSOFFSET,
  PCAPNG_IF_TSRESOL,
  PCAPNG_INTERFACE,
  PCAPNG_OPT_END,
  PCAPNG_SECTION_HEADER,
} from "../../assembly/layout/capture.ts";
import * as layout from "../../assembly/layout/columns.ts";
import * as state from "../../assembly/layout/state.ts";
import {
  CAPTURE_CUT_SHORT,
  CAPTURE_NOT_A_CAPTURE,
  STOP_BLOCK,
  STOP_ERROR,
  STOP_NEED_BYTES,
  STOP_ROWS_FULL,
} from "../../assembly/layout/status.ts";
import { TCP_HEADER_MIN } from "../../assembly/layout/wire.ts";
import { type CodecExports, instantiateCodec } from "../../src/wasm/load.ts";
import { formatIPv4, formatIPv6 } from "../../src/wire/address.ts";

/** One TCP header with everything the columns say of it, addresses and header bytes resolved. */
export interface Row {
  time: bigint;
  frame: number;
  frameCaptured: number;
  frameLength: number;
  src: string;
  dst: string;
  srcPort: number;
  dstPort: number;
  seq: number;
  ack: number;
  flags: number;
  window: number;
  checksum: number;
  checksumStatus: number;
  urgentPointer: number;
  headerLength: number;
  payloadLength: number;
  missing: number;
  status: number;
  ipVersion: number;
  ttl: number;
  trafficClass: number;
  optionsSeen: number;
  mss: number;
  windowScale: number;
  tsval: number;
  tsecr: number;
  sack: number[];
  tunnel: number;
  vlan: number;
  interfaceId: number;
  /** The captured bytes of the header. */
  header: Uint8Array;
  /** The captured bytes behind it. */
  payload: Uint8Array;
}

export interface Outcome {
  rows: Row[];
  /** CAPTURE_*, 0 for a clean end. */
  error: number;
  /** Where in the input it was found. */
  errorOffset: number;
  counters: Record<string, number>;
  earliest: bigint;
  latest: bigint;
}

export interface Options {
  /** Bytes of the window the input passes through; all of it at once when left out. */
  window?: number;
  verify?: boolean;
  /** What the memory around the window is filled with: no answer may depend on it. */
  surroundings?: 0 | 255;
}

const COUNTERS = Object.entries(state).filter(([name]) => name.startsWith("COUNT_"));

// Bytes around the window that are watched.
const GUARD = 4096;
const GUARDS: Record<number, Uint8Array> = { 0: new Uint8Array(GUARD), 255: new Uint8Array(GUARD).fill(255) };

/** All the TCP headers of a capture file, and how it ended. */
export function readRows(file: Uint8Array, options: Options = {}): Outcome {
  return new Harness().read(file, options);
}

/** One codec that reads file after file. */
export class Harness {
  readonly #codec: CodecExports = instantiateCodec();
  #file: Uint8Array = new Uint8Array();
  #size = 0;
  #base = 0;
  #capacity = 0;
  #surroundings: 0 | 255 = 0;
  #rows: Row[] = [];
  // The window holds the file's bytes [#from, #to).
  #from = 0;
  #to = 0;
  #row = 0;
  #bigEndian = false;

  read(file: Uint8Array, options: Options = {}): Outcome {
    this.#open(file, options);
    let at = this.#start();
    let error = at < 0 ? CAPTURE_NOT_A_CAPTURE : 0;
    if (!error) this.#load(at);
    while (!error) {
      const before = [at, this.#row].join();
      const p = this.#base + at - this.#from;
      const end = this.#base + this.#to - this.#from;
      this.#row = this.#codec.parse(p, end, this.#row);
      this.#checkMemory();
      const stop = this.#state(state.STATE_STOP);
      at = this.#state(state.STATE_CONSUMED) - this.#base + this.#from;
      if (stop === STOP_ROWS_FULL) {
        if ([at, this.#row].join() === before) throw new Error(`no progress at ${at}`);
        this.#take();
      } else if (stop === STOP_NEED_BYTES) {
        if (this.#to === this.#file.length) {
          if (at < this.#to) error = CAPTURE_CUT_SHORT;
          break;
        }
        this.#load(at);
      } else if (stop === STOP_BLOCK) at = this.#block(at);
      else if (stop === STOP_ERROR) error = this.#state(state.STATE_ERROR_CODE);
    }
    this.#take();
    const view = this.#view();
    return {
      rows: this.#rows,
      error,
      errorOffset: error ? Math.max(at, 0) : 0,
      counters: Object.fromEntries(
        COUNTERS.map(([name, address]) => [name, Number(view.getBigUint64(address, true))]),
      ),
      earliest: view.getBigInt64(state.STATE_EARLIEST, true),
      latest: view.getBigInt64(state.STATE_LATEST, true),
    };
  }

  /** What the codec remembers of layouts of options. */
  known(): Uint8Array {
    return new Uint8Array(this.#codec.memory.buffer).slice(layout.KNOWN, layout.KNOWN_INDEX);
  }

  #open(file: Uint8Array, options: Options): void {
    this.#file = file;
    this.#size = Math.max(options.window ?? file.length, 64);
    this.#surroundings = options.surroundings ?? 0;
    if (this.#size > this.#capacity) {
      this.#capacity = this.#size;
      this.#base = this.#codec.allocate(this.#size + 2 * GUARD) + GUARD;
    }
    this.#rows = [];
    this.#from = this.#to = this.#row = 0;
    this.#codec.reset();
    this.#codec.verifyChecksums(options.verify === false ? 0 : 1);
  }

  // The file header; -1 when there is none that is known.
  #start(): number {
    if (this.#file.length < 12) return -1;
    const head = new DataView(this.#file.buffer, this.#file.byteOffset, this.#file.length);
    if (head.getUint32(0) === PCAPNG_SECTION_HEADER) {
      this.#codec.configurePcapng(0);
      return 0;
    }
    for (const littleEndian of [true, false]) {
      const magic = head.getUint32(0, littleEndian);
      if (![PCAP_MAGIC_MICRO, PCAP_MAGIC_NANO, PCAP_MAGIC_MODIFIED].includes(magic)) continue;
      if (this.#file.length < PCAP_FILE_HEADER) return -1;
      const header = magic === PCAP_MAGIC_MODIFIED ? PCAP_MODIFIED_RECORD_HEADER : PCAP_RECORD_HEADER;
      const nanos = magic === PCAP_MAGIC_NANO ? 1 : 1000;
      const linkType = head.getUint32(20, littleEndian) & 0x0fffffff;
      this.#codec.configurePcap(littleEndian ? 0 : 1, nanos, linkType, header, PCAP_CAPTURED_FIRST);
      return PCAP_FILE_HEADER;
    }
    return -1;
  }

  // Has the window go on at `at`. Moving its bytes ends the batch that points into them.
  #load(at: number): void {
    if (this.#to > 0 && at === this.#from) throw new RangeError(`no record fits a window of ${this.#size}`);
    this.#take();
    this.#from = at;
    this.#to = Math.min(this.#file.length, at + this.#size);
    const memory = new Uint8Array(this.#codec.memory.buffer);
    const bytes = this.#file.subarray(at, this.#to);
    memory.fill(this.#surroundings, this.#base - GUARD, this.#base);
    memory.set(bytes, this.#base);
    memory.fill(this.#surroundings, this.#base + bytes.length, this.#base + this.#capacity + GUARD);
  }

  // What was put there is still there, and nothing else.
  #checkMemory(): void {
    const memory = new Uint8Array(this.#codec.memory.buffer);
    const bytes = this.#file.subarray(this.#from, this.#to);
    const guard = GUARDS[this.#surroundings];
    const around = (start: number, end: number) => Buffer.compare(memory.subarray(start, end), guard) === 0;
    const end = this.#base + bytes.length;
    const kept = Buffer.compare(memory.subarray(this.#base, end), bytes) === 0;
    if (!kept || !around(this.#base - GUARD, this.#base) || !around(end, end + GUARD)) {
      throw new Error("the codec wrote outside of its own memory");
    }
  }

  #block(at: number): number {
    const view = new DataView(this.#file.buffer, this.#file.byteOffset + at);
    if (view.getUint32(0) === PCAPNG_SECTION_HEADER) {
      this.#bigEndian = view.getUint32(8) === PCAPNG_BYTE_ORDER_MAGIC;
      this.#codec.configurePcapng(this.#bigEndian ? 1 : 0);
      return at + view.getUint32(4, !this.#bigEndian);
    }
    const little = !this.#bigEndian;
    const length = view.getUint32(4, little);
    if (view.getUint32(0, little) === PCAPNG_INTERFACE) {
      let resolution = 6;
      let offset = 0n;
      for (let o = 16; o + 4 <= length - 4; o += 4 + ((view.getUint16(o + 2, little) + 3) & ~3)) {
        const code = view.getUint16(o, little);
        if (code === PCAPNG_OPT_END) break;
        if (code === PCAPNG_IF_TSRESOL) resolution = view.getUint8(o + 4);
        if (code === PCAPNG_IF_TSOFFSET) offset = view.getBigInt64(o + 4, little);
      }
      const linkType = view.getUint16(8, little);
      this.#codec.addInterface(linkType, resolution, offset, view.getUint32(12, little));
    }
    return at + length;
  }

  #take(): void {
    const { u8, view } = { u8: new Uint8Array(this.#codec.memory.buffer), view: this.#view() };
    const u32 = (column: number, i: number) => view.getUint32(column + 4 * i, true);
    const u16 = (column: number, i: number) => view.getUint16(column + 2 * i, true);
    for (let i = 0; i < this.#row; i++) {
      const version = u8[layout.IP_VERSION + i];
      const address = (value: number) =>
        version === 4
          ? formatIPv4(value)
          : formatIPv6(u8.slice(layout.ADDRESSES + 16 * value, layout.ADDRESSES + 16 * value + 16));
      const headerLength = u8[layout.HEADER_LENGTH + i];
      const payloadLength = u32(layout.PAYLOAD_LENGTH, i);
      const missing = u32(layout.MISSING, i);
      const at = u32(layout.HEADER_OFFSET, i);
      const whole = Math.max(headerLength, TCP_HEADER_MIN);
      const header = Math.min(whole, whole + payloadLength - missing);
      const first = u32(layout.SACK_START, i) * 2;
      this.#rows.push({
        time: view.getBigInt64(layout.TIME + 8 * i, true),
        frame: u32(layout.FRAME, i),
        frameCaptured: u32(layout.FRAME_CAPTURED, i),
        frameLength: u32(layout.FRAME_LENGTH, i),
        src: address(u32(layout.SRC, i)),
        dst: address(u32(layout.DST, i)),
        srcPort: u16(layout.SRC_PORT, i),
        dstPort: u16(layout.DST_PORT, i),
        seq: u32(layout.SEQ, i),
        ack: u32(layout.ACKNOWLEDGMENT, i),
        flags: u16(layout.FLAGS, i),
        window: u16(layout.WINDOW, i),
        checksum: u16(layout.CHECKSUM, i),
        checksumStatus: u8[layout.CHECKSUM_STATUS + i],
        urgentPointer: u16(layout.URGENT, i),
        headerLength,
        payloadLength,
        missing,
        status: u8[layout.STATUS + i],
        ipVersion: version,
        ttl: u8[layout.TTL + i],
        trafficClass: u8[layout.TRAFFIC_CLASS + i],
        optionsSeen: u8[layout.OPTIONS_SEEN + i],
        mss: u16(layout.MSS, i),
        windowScale: u8[layout.WINDOW_SCALE + i],
        tsval: u32(layout.TSVAL, i),
        tsecr: u32(layout.TSECR, i),
        sack: Array.from({ length: u8[layout.SACK_COUNT + i] * 2 }, (_, k) =>
          u32(layout.SACK_EDGES, first + k),
        ),
        tunnel: u32(layout.TUNNEL, i),
        vlan: u32(layout.VLAN, i),
        interfaceId: u16(layout.INTERFACE, i),
        header: u8.slice(at, at + header),
        payload: u8.slice(at + header, at + whole + payloadLength - missing),
      });
    }
    this.#row = 0;
  }

  #state(address: number): number {
    return this.#view().getUint32(address, true);
  }

  #view(): DataView {
    return new DataView(this.#codec.memory.buffer);
  }
}
