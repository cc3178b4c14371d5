import {
  ACK,
  SYN,
  TCP_ACK,
  TCP_CHECKSUM,
  TCP_HEADER_MIN,
  TCP_OFFSET_FLAGS,
  TCP_SEQ,
  TCP_SRC_PORT,
  URG,
} from "../../assembly/layout/wire.ts";
import { distance, lt } from "../wire/seq.ts";
import { fold, halves, swap } from "../wire/sum.ts";
import { ECT_0, NOT_ECT, segmentFlags } from "./ecn.ts";
import { synAckFlags, synFlags } from "./ecn-negotiation.ts";
import { noteSyn, synDataLength } from "./fastopen.ts";
import {
  optionsLength,
  TIMESTAMPS_BYTES,
  timestamp,
  writeOptions,
  writeTimestampsOption,
} from "./options.ts";
import { startRetransmitTimer } from "./rto.ts";
import { SYN_SENT } from "./state.ts";
import { synOptionsLength, writeSynOptions } from "./syn-options.ts";
import type { Reset, Tcb } from "./tcb.ts";
import { NEVER } from "./timers.ts";
import { offerFirstWindow, offerWindow } from "./window.ts";

/** Where segments go: memory is the taker's, so that a segment is written where it will be read. */
export interface SegmentSink {
  /**
   * Address for a segment of `length` bytes in the endpoint's memory, with room for lower headers before it
   * as the taker needs; 0 when none can be taken now: the endpoint then keeps what it had to send.
   *
   * @param size as in `commit`
   */
  reserve(length: number, size: number): number;
  /**
   * The segment of `length` bytes stands at the address that `reserve` gave. `ecn` is the codepoint for its IP header.
   *
   * @param size 0, or bytes of data in each of the segments that this one is to be cut into: its data are a multiple
   */
  commit(address: number, length: number, ecn: number, size: number): void;
  /**
   * Bytes, header and data, of the longest segment that a layer below cuts into those that the path takes
   * (segmentation offload). 0, or left out: all come as long as they travel.
   */
  readonly longest?: number;
}

/**
 * Sends `length` bytes of the send queue from `seq` on (0 for none) under `flags`. Each segment carries the
 * newest acknowledgment, window and options, a retransmission too.
 *
 * @param isNewData it has data, for the first time: only such segments are ECN-capable (RFC 3168 6.1.4, 6.1.5)
 * @param size bytes of data in each segment that it is to be cut into; 0 when it is one
 * @returns false when the sink takes nothing now: nothing has changed then
 */
export function emit(
  tcb: Tcb,
  sink: SegmentSink,
  seq: number,
  flags: number,
  length: number,
  now: number,
  isNewData = false,
  size = 0,
): boolean {
  const header = TCP_HEADER_MIN + optionsLength(tcb);
  const at = sink.reserve(header + length, size);
  if (at === 0) return false;
  const { ecn } = tcb;
  const marks = ecn === null ? 0 : segmentFlags(ecn, isNewData);
  const sums = begin(tcb, at, seq, flags | marks, header, now);
  const sum = length === 0 ? 0 : swap(tcb.snd.ring!.copyOut(seq, at + header, length));
  finish(tcb, sink, at, header, length, sums + sum, isNewData && ecn?.capable ? ECT_0 : NOT_ECT, size);
  // A probe that repeats an old number is answered, but its acknowledgment is not looked at (3.10.7.4, first).
  if (!lt(seq, tcb.snd.una)) acknowledged(tcb);
  return true;
}

/** Sends one byte that is no data of ours, a zero, at `seq` (RFC 9293 3.8.4, MAY-6). */
export function emitGarbage(tcb: Tcb, sink: SegmentSink, seq: number, now: number): boolean {
  const header = TCP_HEADER_MIN + optionsLength(tcb);
  const at = sink.reserve(header + 1, 0);
  if (at === 0) return false;
  const sum = begin(tcb, at, seq, ACK, header, now);
  tcb.pool.memory.dv.setUint8(at + header, 0);
  finish(tcb, sink, at, header, 1, sum, NOT_ECT);
  return true;
}

/** Sends SYN in SYN-SENT, with data where Fast Open allows it, and SYN,ACK in SYN-RECEIVED. */
export function emitSyn(tcb: Tcb, sink: SegmentSink, now: number): boolean {
  const { snd, fastOpen } = tcb;
  const optionsLength = synOptionsLength(tcb);
  const header = TCP_HEADER_MIN + optionsLength;
  const length = synDataLength(tcb, optionsLength);
  const at = sink.reserve(header + length, 0);
  if (at === 0) return false;
  const { dv } = tcb.pool.memory;
  const active = tcb.state === SYN_SENT;
  writeSynOptions(tcb, dv, at, now);
  const flags = active ? SYN | synFlags(tcb) : SYN | ACK | synAckFlags(tcb);
  const acked = active ? 0 : tcb.rcv.nxt;
  let sum = writeHeader(tcb, dv, at, snd.iss, acked, header, flags, offerFirstWindow(tcb), 0);
  if (length > 0) sum += swap(snd.ring!.copyOut((snd.iss + 1) | 0, at + header, length));
  if (active && fastOpen !== null) noteSyn(tcb, fastOpen, length);
  finish(tcb, sink, at, header, length, sum, NOT_ECT);
  if (!active) acknowledged(tcb);
  // Of crossing SYNs: what acknowledges the SYN,ACK may have been sent for the SYN, which went before it.
  if (active && snd.lastAt === NEVER) tcb.tsFirst = timestamp(tcb, now);
  if (active || tcb.passive) snd.lastAt = now;
  if (tcb.timers.retransmit === NEVER) startRetransmitTimer(tcb, now);
  return true;
}

/** Sends the RST that `tcb.reset` describes. It offers no window, and of the options has timestamps alone (RFC 7323 3.2). */
export function emitReset(tcb: Tcb, sink: SegmentSink, reset: Reset, now: number): boolean {
  const header = TCP_HEADER_MIN + (reset.stamped ? TIMESTAMPS_BYTES : 0);
  const at = sink.reserve(header, 0);
  if (at === 0) return false;
  const { dv } = tcb.pool.memory;
  if (reset.stamped) writeTimestampsOption(tcb, dv, at + TCP_HEADER_MIN, now);
  const sum = writeHeader(tcb, dv, at, reset.seq, reset.ack, header, reset.flags, 0, 0);
  finish(tcb, sink, at, header, 0, sum, NOT_ECT);
  return true;
}

/** Header and options of any segment but SYN and RST. Returns the fixed header's sum. */
function begin(tcb: Tcb, at: number, seq: number, flags: number, header: number, now: number): number {
  const { dv } = tcb.pool.memory;
  const urgent = tcb.snd.urgent ? urgentPointer(tcb, seq) : 0;
  writeOptions(tcb, dv, at, now);
  const marked = urgent > 0 ? flags | URG : flags;
  return writeHeader(tcb, dv, at, seq, tcb.rcv.nxt, header, marked, offerWindow(tcb), urgent);
}

/** Writes the fixed header, its checksum zero, and returns the sum of it and of the pseudo-header but for the length. */
function writeHeader(
  tcb: Tcb,
  dv: DataView,
  at: number,
  seq: number,
  ack: number,
  header: number,
  flags: number,
  window: number,
  urgent: number,
): number {
  const { ports } = tcb;
  const third = (header << 26) | (flags << 16) | window;
  dv.setInt32(at + TCP_SRC_PORT, ports);
  dv.setInt32(at + TCP_SEQ, seq);
  dv.setInt32(at + TCP_ACK, ack);
  dv.setInt32(at + TCP_OFFSET_FLAGS, third);
  dv.setInt32(at + TCP_CHECKSUM, urgent); // the checksum's half is zero while it is computed
  return tcb.pseudo + halves(ports) + halves(seq) + halves(ack) + halves(third) + urgent;
}

/** `before` is the sum of what is not an option: pseudo-header, fixed header, data. */
function finish(
  tcb: Tcb,
  sink: SegmentSink,
  at: number,
  header: number,
  length: number,
  before: number,
  ecn: number,
  size = 0,
): void {
  const { dv } = tcb.pool.memory;
  let sum = before + header + length;
  for (let p = at + TCP_HEADER_MIN; p < at + header; p += 4) sum += halves(dv.getInt32(p));
  dv.setUint16(at + TCP_CHECKSUM, ~fold(sum));
  if (size > 0) tcb.segmentsOut += (length / size) | 0;
  else tcb.segmentsOut++;
  sink.commit(at, header + length, ecn, size);
}

/** What was owed to the peer's segments went out with this one. */
export function acknowledged(tcb: Tcb): void {
  const { rcv } = tcb;
  rcv.acked = rcv.nxt;
  rcv.unacked = 0;
  rcv.ackNow = false;
  if (rcv.owed > 0) rcv.owed--;
  if (rcv.quick > 0) rcv.quick--;
  tcb.timers.delayedAck = NEVER;
}

/** SEG.UP (RFC 9293 3.8.5): from SEG.SEQ to the byte after the last urgent one; 0 when that lies behind. */
function urgentPointer(tcb: Tcb, seq: number): number {
  const ahead = distance(seq, tcb.snd.up);
  return ahead <= 0 ? 0 : Math.min(ahead, 0xffff);
}
