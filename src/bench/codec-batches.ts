// The codec's batch parser without a reader around it, for bytes that are in its memory already. Little-endian Ethernet pcap with microseconds, which generateCapture writes.
import {
  LINKTYPE_ETHERNET,
  PCAP_CAPTURED_FIRST,
  PCAP_FILE_HEADER,
  PCAP_RECORD_HEADER,
} from "../../assembly/layout/capture.ts";
import * as layout from "../../assembly/layout/columns.ts";
import { SLACK } from "../../assembly/layout/limits.ts";
import { STATE_CONSUMED, STATE_STOP } from "../../assembly/layout/state.ts";
import { STOP_NEED_BYTES, STOP_ROWS_FULL } from "../../assembly/layout/status.ts";
import { instantiateCodec } from "../wasm/load.ts";
import { CodecMemory } from "../wasm/memory.ts";
import type { PartialSegments } from "./digest.ts";

/** Called for each batch with its rows. */
export type TakeRows = (rows: number) => void;

export class CodecBatches {
  readonly memory = new CodecMemory(instantiateCodec());
  #resident = 0;
  #residentSize = 0;
  #room = 0;

  /** Copies a capture into the codec's memory, to stay there. */
  load(capture: Uint8Array): void {
    if (capture.length > this.#room) {
      this.#resident = this.memory.allocate(capture.length + SLACK);
      this.#room = capture.length;
    }
    this.#residentSize = capture.length;
    this.memory.u8.set(capture, this.#resident);
  }

  /** Parses the loaded capture where it lies; returns its rows. */
  parseResident(verify: boolean, take?: TakeRows): number {
    this.#open(verify);
    const end = this.#resident + this.#residentSize;
    return this.#parse(this.#resident + PCAP_FILE_HEADER, end, take);
  }

  /** The batch that is in the columns: `length` rows. */
  segments(length: number): PartialSegments {
    const { buffer } = this.memory.exports.memory;
    const u8 = (address: number) => new Uint8Array(buffer, address, length);
    const u16 = (address: number) => new Uint16Array(buffer, address, length);
    const u32 = (address: number) => new Uint32Array(buffer, address, length);
    return {
      length,
      time: new BigInt64Array(buffer, layout.TIME, length),
      frame: u32(layout.FRAME),
      fileOffset: Float64Array.from(u32(layout.FRAME_OFFSET), (at) => at - this.#resident),
      frameCaptured: u32(layout.FRAME_CAPTURED),
      frameLength: u32(layout.FRAME_LENGTH),
      src: u32(layout.SRC),
      dst: u32(layout.DST),
      srcPort: u16(layout.SRC_PORT),
      dstPort: u16(layout.DST_PORT),
      seq: u32(layout.SEQ),
      ack: u32(layout.ACKNOWLEDGMENT),
      flags: u16(layout.FLAGS),
      window: u16(layout.WINDOW),
      checksum: u16(layout.CHECKSUM),
      checksumStatus: u8(layout.CHECKSUM_STATUS),
      urgentPointer: u16(layout.URGENT),
      headerOffset: u32(layout.HEADER_OFFSET),
      headerLength: u8(layout.HEADER_LENGTH),
      payloadLength: u32(layout.PAYLOAD_LENGTH),
      missing: u32(layout.MISSING),
      status: u8(layout.STATUS),
      ipVersion: u8(layout.IP_VERSION),
      ttl: u8(layout.TTL),
      trafficClass: u8(layout.TRAFFIC_CLASS),
      optionsSeen: u8(layout.OPTIONS_SEEN),
      mss: u16(layout.MSS),
      windowScale: u8(layout.WINDOW_SCALE),
      tsval: u32(layout.TSVAL),
      tsecr: u32(layout.TSECR),
      sackCount: u8(layout.SACK_COUNT),
      sackStart: u32(layout.SACK_START),
      tunnel: u32(layout.TUNNEL),
      vlan: u32(layout.VLAN),
      interfaceId: u16(layout.INTERFACE),
      addresses: new Uint8Array(buffer, layout.ADDRESSES, layout.ROWS * 32),
      sackEdges: new Uint32Array(buffer, layout.SACK_EDGES, layout.ROWS * layout.MAX_SACK_BLOCKS * 2),
      bytes: this.memory.u8,
    };
  }

  #open(verify: boolean): void {
    const { exports } = this.memory;
    exports.reset();
    exports.verifyChecksums(verify ? 1 : 0);
    exports.configurePcap(0, 1000, LINKTYPE_ETHERNET, PCAP_RECORD_HEADER, PCAP_CAPTURED_FIRST);
  }

  #parse(from: number, end: number, take?: TakeRows): number {
    const { exports } = this.memory;
    const state = new Uint32Array(exports.memory.buffer);
    let rows = 0;
    for (;;) {
      const batch = exports.parse(from, end, 0);
      rows += batch;
      from = state[STATE_CONSUMED >> 2];
      take?.(batch);
      const stop = state[STATE_STOP >> 2];
      if (stop === STOP_NEED_BYTES) return rows;
      if (stop !== STOP_ROWS_FULL) throw new Error(`the codec stopped for reason ${stop} at ${from}`);
    }
  }
}
