import { MAX_SACK_BLOCKS } from "../../../assembly/layout/columns.ts";
import { EXID_FAST_OPEN } from "../../../assembly/layout/options.ts";
import {
  FIN,
  OPT_ACCECN_0,
  OPT_ACCECN_1,
  OPT_EOL,
  OPT_EXPERIMENT_1,
  OPT_EXPERIMENT_2,
  OPT_FAST_OPEN,
  OPT_MSS,
  OPT_NOP,
  OPT_SACK,
  OPT_SACK_PERMITTED,
  OPT_TIMESTAMPS,
  OPT_USER_TIMEOUT,
  OPT_WINDOW_SCALE,
  SYN,
  TCP_ACK,
  TCP_CHECKSUM,
  TCP_HEADER_MIN,
  TCP_OFFSET_FLAGS,
  TCP_OPTIONS,
  TCP_SEQ,
  TCP_SRC_PORT,
  TIMESTAMPS_PADDED,
} from "../../../assembly/layout/wire.ts";
import type { CodecMemory } from "../../wasm/memory.ts";
import { halves } from "../../wire/sum.ts";

// A Fast Open cookie's bytes (RFC 7413 4.1.1).
export const COOKIE_MIN = 4;
export const COOKIE_MAX = 16;

/** The segment in hand: the SEG variables of RFC 9293 3.3.1 and its options. One object serves all. */
export class Segment {
  /** SEG.SEQ */
  seq = 0;
  /** SEG.ACK */
  ack = 0;
  /** SEG.LEN: data, SYN and FIN. */
  len = 0;
  /** SEG.WND as on the wire; `windowOf` scales it. */
  wnd = 0;
  /** It came with SYN, even where a step has taken that off: its window is not scaled. */
  isSyn = false;
  /** SEG.UP */
  up = 0;
  /** Control bits. */
  flags = 0;
  /** Source and destination port as one word. */
  ports = 0;

  /** Where its data lie in memory, and how many. What is trimmed off the front or the end is taken off here. */
  data = 0;
  dataLength = 0;
  /** The data lie in the receive ring already: they were copied as they were summed. */
  placed = false;
  /** The IP header's ECN codepoint. */
  ecn = 0;

  /** Header as big-endian 16-bit words, summed and not folded. */
  headerSum = 0;
  /** The whole of it, in bytes. */
  bytes = 0;

  hasTimestamps = false;
  /** Its timestamp may become TS.Recent (RFC 7323 4.3), should the segment be a real one. */
  freshens = false;
  tsval = 0;
  tsecr = 0;
  // What only a SYN offers, as the last one that was read did.
  /** 0 without the option. */
  mss = 0;
  /** -1 without the option. */
  windowScale = -1;
  sackPermitted = false;
  /** Where a Fast Open cookie lies in memory, and its length: 0 in a request, -1 without the option (RFC 7413 4.1.1). */
  cookieAt = 0;
  cookieLength = -1;
  /** The option came in its experimental form (RFC 7413 8, RFC 6994). */
  cookieIsExperiment = false;
  /** The peer's user timeout in ms; 0 without the option (RFC 5482). */
  userTimeout = 0;
  /** The order of an AccECN option, 0 or 1; -1 without it. Its counters, -1 where left out (RFC 9768 3.2.3). */
  accEcn = -1;
  accEcnE0b = -1;
  accEcnCeb = -1;
  accEcnE1b = -1;
  /** SACK blocks: left edge, right edge, left... */
  readonly sack = new Int32Array(2 * MAX_SACK_BLOCKS);
  sackBlocks = 0;
}

/**
 * Reads the `length` bytes at `at` into `seg`. An option that does not fit ends the list (MUST-7: a length
 * that lies is survived), with what was read before it kept.
 *
 * @returns false when no header is there: fewer than 20 bytes, or a data offset below 5 or past the end
 */
export function readSegment(seg: Segment, memory: CodecMemory, at: number, length: number): boolean {
  if (length < TCP_HEADER_MIN) return false;
  const { dv } = memory;
  const third = dv.getInt32(at + TCP_OFFSET_FLAGS);
  const header = (third >>> 26) & 0x3c;
  if (header < TCP_HEADER_MIN || header > length) return false;
  const ports = dv.getInt32(at + TCP_SRC_PORT);
  const seq = dv.getInt32(at + TCP_SEQ);
  const ack = dv.getInt32(at + TCP_ACK);
  const last = dv.getInt32(at + TCP_CHECKSUM);
  seg.ports = ports;
  seg.seq = seq;
  seg.ack = ack;
  seg.flags = (third >>> 16) & 0xfff;
  seg.wnd = third & 0xffff;
  seg.isSyn = (seg.flags & SYN) !== 0;
  seg.up = last & 0xffff;
  seg.data = at + header;
  seg.dataLength = length - header;
  seg.len = length - header + (seg.flags & SYN ? 1 : 0) + (seg.flags & FIN ? 1 : 0);
  seg.bytes = length;
  seg.placed = false;
  seg.hasTimestamps = false;
  seg.sackBlocks = 0;
  seg.userTimeout = 0;
  seg.accEcn = -1;
  if (seg.flags & SYN) {
    seg.mss = 0;
    seg.windowScale = -1;
    seg.sackPermitted = false;
    seg.cookieLength = -1;
  }
  seg.headerSum =
    halves(ports) +
    halves(seq) +
    halves(ack) +
    halves(third) +
    halves(last) +
    readOptions(seg, dv, at, header);
  return true;
}

/** Returns the options' sum. */
function readOptions(seg: Segment, dv: DataView, at: number, header: number): number {
  if (header === TCP_HEADER_MIN) return 0;
  const end = at + header;
  let i = at + TCP_OPTIONS;
  if (header === TCP_OPTIONS + 12 && dv.getInt32(i) === TIMESTAMPS_PADDED) {
    const tsval = dv.getInt32(i + 4);
    const tsecr = dv.getInt32(i + 8);
    seg.hasTimestamps = true;
    seg.tsval = tsval;
    seg.tsecr = tsecr;
    return halves(TIMESTAMPS_PADDED) + halves(tsval) + halves(tsecr);
  }
  let sum = 0;
  for (let w = i; w < end; w += 4) sum += halves(dv.getInt32(w));
  while (i < end) {
    const kind = dv.getUint8(i);
    if (kind === OPT_EOL) break;
    if (kind === OPT_NOP) {
      i++;
      continue;
    }
    if (i + 1 >= end) break;
    const length = dv.getUint8(i + 1);
    if (length < 2 || i + length > end) break;
    readOption(seg, dv, i, kind, length);
    i += length;
  }
  return sum;
}

function readOption(seg: Segment, dv: DataView, i: number, kind: number, length: number): void {
  switch (kind) {
    case OPT_MSS:
      if (length === 4) seg.mss = dv.getUint16(i + 2);
      break;
    case OPT_WINDOW_SCALE:
      if (length === 3) seg.windowScale = dv.getUint8(i + 2);
      break;
    case OPT_SACK_PERMITTED:
      if (length === 2) seg.sackPermitted = true;
      break;
    case OPT_TIMESTAMPS:
      if (length === 10) {
        seg.hasTimestamps = true;
        seg.tsval = dv.getInt32(i + 2);
        seg.tsecr = dv.getInt32(i + 6);
      }
      break;
    case OPT_USER_TIMEOUT:
      if (length === 4) seg.userTimeout = userTimeout(dv.getUint16(i + 2));
      break;
    case OPT_FAST_OPEN:
      readCookie(seg, i + 2, length - 2, false);
      break;
    case OPT_EXPERIMENT_1:
    case OPT_EXPERIMENT_2:
      if (length >= 4 && dv.getUint16(i + 2) === EXID_FAST_OPEN) readCookie(seg, i + 4, length - 4, true);
      break;
    case OPT_ACCECN_0:
      readAccEcn(seg, dv, i, length, 0);
      break;
    case OPT_ACCECN_1:
      readAccEcn(seg, dv, i, length, 1);
      break;
    case OPT_SACK:
      if (length > 2 && (length & 7) === 2) {
        seg.sackBlocks = (length - 2) >> 3;
        for (let b = 0; b < 2 * seg.sackBlocks; b++) seg.sack[b] = dv.getInt32(i + 2 + 4 * b);
      }
      break;
  }
}

/** Two, five, eight or eleven bytes; any other length is no option (RFC 9768 3.2.3). */
function readAccEcn(seg: Segment, dv: DataView, i: number, length: number, order: 0 | 1): void {
  if (length % 3 !== 2 || length > 11) return;
  const first = length >= 5 ? dv.getInt32(i + 1) & 0xffffff : -1;
  const third = length >= 11 ? dv.getInt32(i + 7) & 0xffffff : -1;
  seg.accEcn = order;
  seg.accEcnE0b = order === 0 ? first : third;
  seg.accEcnCeb = length >= 8 ? dv.getInt32(i + 4) & 0xffffff : -1;
  seg.accEcnE1b = order === 0 ? third : first;
}

/** A cookie is 4 to 16 bytes, an even number of them (RFC 7413 4.1.1); what is not is no option. */
function readCookie(seg: Segment, at: number, length: number, isExperiment: boolean): void {
  if (length !== 0 && (length < COOKIE_MIN || length > COOKIE_MAX || length & 1)) return;
  seg.cookieAt = at;
  seg.cookieLength = length;
  seg.cookieIsExperiment = isExperiment;
}

/** The top bit says minutes instead of seconds (RFC 5482 4). */
function userTimeout(field: number): number {
  return field & 0x8000 ? (field & 0x7fff) * 60_000 : field * 1000;
}
