// Segments built by hand: columns as the codec would give them, from a list of what matters in a test.
import {
  SEEN_MSS,
  SEEN_OTHER,
  SEEN_SACK,
  SEEN_SACK_PERMITTED,
  SEEN_TIMESTAMPS,
  SEEN_WINDOW_SCALE,
} from "../../assembly/layout/columns.ts";
import { SEGMENT_OFFSET_PAST_END, SEGMENT_OFFSET_SMALL } from "../../assembly/layout/status.ts";
import type { Segments } from "../../src/capture/segments.ts";
import { addressBytes } from "../../src/wire/address.ts";

export interface Row {
  /** Nanoseconds. */
  time: bigint;
  frame?: number;
  src: string;
  dst: string;
  srcPort: number;
  dstPort: number;
  seq: number;
  ack?: number;
  flags: number;
  window?: number;
  /** Payload bytes; `undefined` where the header says more than there is. */
  length?: number | undefined;
  headerLength?: number;
  mss?: number;
  windowScale?: number;
  sackPermitted?: boolean;
  /** Left and right edges in turn. */
  sack?: number[];
  tsval?: number;
  tsecr?: number;
  /** Bytes of options that have no column. */
  options?: number[];
  ttl?: number;
  checksum?: number;
  frameLength?: number;
  vlan?: number;
  tunnel?: number;
}

export function segmentsOf(rows: readonly Row[]): Segments {
  const n = rows.length;
  const addresses: number[] = [];
  const sackEdges: number[] = [];
  const bytes = new Uint8Array(n * 60);
  const address = (text: string): number => {
    const value = addressBytes(text);
    if (value.length === 4) return ((value[0] << 24) | (value[1] << 16) | (value[2] << 8) | value[3]) >>> 0;
    addresses.push(...value);
    return addresses.length / 16 - 1;
  };
  const u8 = (value: (row: Row, i: number) => number) => Uint8Array.from(rows, value);
  const u16 = (value: (row: Row, i: number) => number) => Uint16Array.from(rows, value);
  const u32 = (value: (row: Row, i: number) => number) => Uint32Array.from(rows, value);
  const segments = {
    length: n,
    time: BigInt64Array.from(rows, (row) => row.time),
    frame: u32((row, i) => row.frame ?? i + 1),
    fileOffset: new Float64Array(n),
    frameCaptured: u32((row) => row.frameLength ?? 54 + (row.length ?? 0)),
    frameLength: u32((row) => row.frameLength ?? 54 + (row.length ?? 0)),
    src: u32((row) => address(row.src)),
    dst: u32((row) => address(row.dst)),
    srcPort: u16((row) => row.srcPort),
    dstPort: u16((row) => row.dstPort),
    seq: u32((row) => row.seq),
    ack: u32((row) => row.ack ?? 0),
    flags: u16((row) => row.flags),
    window: u16((row) => row.window ?? 65535),
    checksum: u16((row) => row.checksum ?? 0),
    checksumStatus: new Uint8Array(n),
    urgentPointer: new Uint16Array(n),
    headerOffset: u32((_, i) => i * 60),
    headerLength: u8((row) => row.headerLength ?? 20 + (((row.options?.length ?? 0) + 3) & ~3)),
    payloadLength: u32((row) => ("length" in row ? (row.length ?? 0) : 0)),
    missing: new Uint32Array(n),
    status: u8((row) => {
      if ((row.headerLength ?? 20) < 20) return SEGMENT_OFFSET_SMALL;
      return "length" in row && row.length === undefined ? SEGMENT_OFFSET_PAST_END : 0;
    }),
    ipVersion: u8((row) => (row.src.includes(":") ? 6 : 4)),
    ttl: u8((row) => row.ttl ?? 64),
    trafficClass: new Uint8Array(n),
    optionsSeen: u8(
      (row) =>
        (row.mss === undefined ? 0 : SEEN_MSS) |
        (row.windowScale === undefined ? 0 : SEEN_WINDOW_SCALE) |
        (row.sackPermitted ? SEEN_SACK_PERMITTED : 0) |
        (row.sack?.length ? SEEN_SACK : 0) |
        (row.tsval === undefined ? 0 : SEEN_TIMESTAMPS) |
        (row.options?.length ? SEEN_OTHER : 0),
    ),
    mss: u16((row) => row.mss ?? 0),
    windowScale: u8((row) => row.windowScale ?? 0),
    tsval: u32((row) => row.tsval ?? 0),
    tsecr: u32((row) => row.tsecr ?? 0),
    sackCount: u8((row) => (row.sack?.length ?? 0) / 2),
    sackStart: u32((row) => {
      sackEdges.push(...(row.sack ?? []));
      return (sackEdges.length - (row.sack?.length ?? 0)) / 2;
    }),
    tunnel: u32((row) => row.tunnel ?? 0),
    vlan: u32((row) => row.vlan ?? 0),
    interfaceId: new Uint16Array(n),
    bytes,
    holdsPayload: false,
  };
  for (const [i, row] of rows.entries()) if (row.options) bytes.set(row.options, i * 60 + 20);
  return {
    ...segments,
    addresses: Uint8Array.from(addresses),
    sackEdges: Uint32Array.from(sackEdges, (edge) => edge >>> 0),
  };
}
