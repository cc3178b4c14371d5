import { MAX_SACK_BLOCKS, ROWS, SEEN_OTHER, SEEN_SACK } from "../../assembly/layout/columns.ts";
import {
  FACT_FAST_OPEN_COOKIE,
  FACT_MPTCP,
  IN_ACK,
  IN_ADDRESSES,
  IN_CHECKSUM,
  IN_CHECKSUM_STATUS,
  IN_DST,
  IN_DST_PORT,
  IN_FACTS,
  IN_FLAGS,
  IN_FRAME,
  IN_FRAME_LENGTH,
  IN_HEADER_LENGTH,
  IN_IP_VERSION,
  IN_MSS,
  IN_OPTIONS_SEEN,
  IN_PAYLOAD,
  IN_SACK_COUNT,
  IN_SACK_EDGES,
  IN_SACK_START,
  IN_SEQ,
  IN_SRC,
  IN_SRC_PORT,
  IN_STATUS,
  IN_TIME,
  IN_TSVAL,
  IN_TTL,
  IN_TUNNEL,
  IN_VLAN,
  IN_WINDOW,
  IN_WINDOW_SCALE,
} from "../../assembly/layout/flow-columns.ts";
import { EXID_FAST_OPEN } from "../../assembly/layout/options.ts";
import {
  OPT_EOL,
  OPT_EXPERIMENT_1,
  OPT_EXPERIMENT_2,
  OPT_FAST_OPEN,
  OPT_MPTCP,
  OPT_NOP,
  TCP_OPTIONS,
} from "../../assembly/layout/wire.ts";
import { headerBytes } from "../capture/segment-bytes.ts";
import type { Segments } from "../capture/segments.ts";

type Column = Uint8Array | Uint16Array | Uint32Array | BigInt64Array;

/** The IN_ columns of a flow module's memory, and the copying of segments into them. */
export class InputColumns {
  readonly buffer: ArrayBuffer;
  readonly #context: boolean;
  readonly #columns: [keyof Segments, Column][];
  readonly #context32: [keyof Segments, Column][];
  readonly #ipVersion: Uint8Array;
  readonly #src: Uint32Array;
  readonly #dst: Uint32Array;
  readonly #sackStart: Uint32Array;
  readonly #facts: Uint32Array;
  readonly #addresses: Uint8Array;
  readonly #sackEdges: Uint32Array;
  #factsDirty = true;

  /** `context`: whether VLANs or tunnels separate conversations. */
  constructor(buffer: ArrayBuffer, context: boolean) {
    const u8 = (at: number) => new Uint8Array(buffer, at, ROWS);
    const u16 = (at: number) => new Uint16Array(buffer, at, ROWS);
    const u32 = (at: number) => new Uint32Array(buffer, at, ROWS);
    this.buffer = buffer;
    this.#context = context;
    this.#ipVersion = u8(IN_IP_VERSION);
    this.#src = u32(IN_SRC);
    this.#dst = u32(IN_DST);
    this.#columns = [
      ["time", new BigInt64Array(buffer, IN_TIME, ROWS)],
      ["frame", u32(IN_FRAME)],
      ["frameLength", u32(IN_FRAME_LENGTH)],
      ["src", this.#src],
      ["dst", this.#dst],
      ["seq", u32(IN_SEQ)],
      ["ack", u32(IN_ACK)],
      ["payloadLength", u32(IN_PAYLOAD)],
      ["srcPort", u16(IN_SRC_PORT)],
      ["dstPort", u16(IN_DST_PORT)],
      ["flags", u16(IN_FLAGS)],
      ["window", u16(IN_WINDOW)],
      ["checksum", u16(IN_CHECKSUM)],
      ["mss", u16(IN_MSS)],
      ["tsval", u32(IN_TSVAL)],
      ["ttl", u8(IN_TTL)],
      ["checksumStatus", u8(IN_CHECKSUM_STATUS)],
      ["headerLength", u8(IN_HEADER_LENGTH)],
      ["ipVersion", this.#ipVersion],
      ["status", u8(IN_STATUS)],
      ["windowScale", u8(IN_WINDOW_SCALE)],
      ["optionsSeen", u8(IN_OPTIONS_SEEN)],
      ["sackCount", u8(IN_SACK_COUNT)],
    ];
    this.#context32 = [
      ["tunnel", u32(IN_TUNNEL)],
      ["vlan", u32(IN_VLAN)],
    ];
    this.#sackStart = u32(IN_SACK_START);
    this.#facts = u32(IN_FACTS);
    this.#addresses = new Uint8Array(buffer, IN_ADDRESSES, ROWS * 32);
    this.#sackEdges = new Uint32Array(buffer, IN_SACK_EDGES, ROWS * MAX_SACK_BLOCKS * 2);
  }

  /** Copies rows `from` to `to` - 1, at most ROWS. */
  take(segments: Segments, from: number, to: number): void {
    const whole = from === 0;
    const columns = this.#context ? [...this.#columns, ...this.#context32] : this.#columns;
    for (const [name, column] of columns) {
      const source = segments[name] as unknown as Uint8Array;
      (column as Uint8Array).set(whole && source.length === to ? source : source.subarray(from, to));
    }
    this.#takeAddresses(segments, from, to);
    this.#takeOptions(segments, from, to);
  }

  #takeAddresses({ addresses, src, dst }: Segments, from: number, to: number): void {
    if (addresses.length <= this.#addresses.length) {
      this.#addresses.set(addresses);
      return;
    }
    // A table of more addresses than a batch can have: these rows' get numbers of their own.
    for (let i = from, next = 0; i < to; i++) {
      if (this.#ipVersion[i - from] !== 6) continue;
      this.#addresses.set(addresses.subarray(src[i] * 16, src[i] * 16 + 16), next * 16);
      this.#src[i - from] = next++;
      this.#addresses.set(addresses.subarray(dst[i] * 16, dst[i] * 16 + 16), next * 16);
      this.#dst[i - from] = next++;
    }
  }

  #takeOptions(segments: Segments, from: number, to: number): void {
    const { optionsSeen, sackStart, sackCount, sackEdges } = segments;
    if (this.#factsDirty) this.#facts.fill(0);
    this.#factsDirty = false;
    for (let i = from, next = 0; i < to; i++) {
      if (!(optionsSeen[i] & (SEEN_SACK | SEEN_OTHER))) continue;
      if (optionsSeen[i] & SEEN_SACK) {
        this.#sackStart[i - from] = next;
        const first = 2 * sackStart[i];
        const blocks = Math.min(sackCount[i], MAX_SACK_BLOCKS);
        for (let edge = 0; edge < 2 * blocks; edge++) {
          this.#sackEdges[2 * next + edge] = sackEdges[first + edge];
        }
        next += blocks;
      }
      if (optionsSeen[i] & SEEN_OTHER) {
        const facts = optionFacts(headerBytes(segments, i));
        if (facts === 0) continue;
        this.#facts[i - from] = facts;
        this.#factsDirty = true;
      }
    }
  }
}

/** FACT_ bits of a header: what the analysis wants to know of options that have no column. */
export function optionFacts(header: Uint8Array): number {
  let facts = 0;
  for (let p = TCP_OPTIONS; p < header.length; ) {
    const kind = header[p];
    if (kind === OPT_EOL) break;
    if (kind === OPT_NOP) {
      p++;
      continue;
    }
    const length = header[p + 1];
    if (!(length >= 2 && p + length <= header.length)) break;
    if (kind === OPT_MPTCP && length > 2) facts |= mptcpFacts(header[p + 2] >> 4, length);
    else if (kind === OPT_FAST_OPEN && length > 2) facts |= FACT_FAST_OPEN_COOKIE;
    else if ((kind === OPT_EXPERIMENT_1 || kind === OPT_EXPERIMENT_2) && length > 4) {
      if (((header[p + 2] << 8) | header[p + 3]) === EXID_FAST_OPEN) facts |= FACT_FAST_OPEN_COOKIE;
    }
    p += length;
  }
  return facts;
}

/** A first SYN of MPTCP version 1 is 4 bytes, without a key: it alone makes no MPTCP connection yet. */
function mptcpFacts(subtype: number, length: number): number {
  const makes = subtype !== 0 || length >= 12;
  return (makes ? FACT_MPTCP : 0) | (subtype < 8 ? 1 << subtype : 0);
}
