import { OPT_ACCECN_0, OPT_ACCECN_1, OPT_NOP } from "../../assembly/layout/wire.ts";
import type { ByteCounters } from "./accecn-counters.ts";
import type { Segment } from "./arrives/segment.ts";
import { CE, ECT_0, ECT_1, type Ecn } from "./ecn.ts";

const COUNTER_MASK = 0xffffff;
const FULL = 11;
const SHORT = 8;

/** Data have arrived. A codepoint other than the last one's is told at once (3.2.3.3, change-triggered). Returns whether. */
export function countBytes(bytes: ByteCounters, seg: Segment): boolean {
  const { ecn, dataLength } = seg;
  if (dataLength === 0) return false;
  bytes.due = true;
  if (ecn === ECT_0) bytes.e0b = (bytes.e0b + dataLength) & COUNTER_MASK;
  else if (ecn === CE) bytes.ceb = (bytes.ceb + dataLength) & COUNTER_MASK;
  else if (ecn === ECT_1) bytes.e1b = (bytes.e1b + dataLength) & COUNTER_MASK;
  else return false;
  const changed = bytes.last >= 0 && bytes.last !== ecn;
  bytes.last = ecn;
  return changed;
}

/** Notes that the peer sends options; the first one shows whether they are wiped on the way (3.2.3.2.3). */
export function noteOption(bytes: ByteCounters, seg: Segment): void {
  if (seg.accEcn < 0 || bytes.seen) return;
  bytes.seen = true;
  bytes.sends = true;
  bytes.mangled = seg.accEcnE0b === 0 || seg.accEcnE1b === 0;
}

/**
 * What an option reports beyond the last one's, in bytes that arrived marked CE; -1 when it says nothing of them.
 * The segment is known to be newer than the last one looked at.
 */
export function takeOption(bytes: ByteCounters, seg: Segment): number {
  noteOption(bytes, seg);
  if (seg.accEcn < 0 || bytes.mangled) return -1;
  if (seg.accEcnE0b >= 0) bytes.reportedE0b = seg.accEcnE0b;
  if (seg.accEcnE1b >= 0) bytes.reportedE1b = seg.accEcnE1b;
  if (seg.accEcnCeb < 0) return -1;
  const fresh = (seg.accEcnCeb - bytes.reportedCeb) & COUNTER_MASK;
  // Backwards: an option that was overtaken after all.
  if (fresh > COUNTER_MASK >>> 1) return -1;
  bytes.reportedCeb = seg.accEcnCeb;
  return fresh;
}

/** Sends no more options. */
export function avoidOption({ bytes }: Ecn): void {
  if (bytes !== null) bytes.sends = false;
}

/** Bytes of the option on the next segment, padding included, where `room` bytes are left for it; 0 for none. */
export function accEcnLength(ecn: Ecn, room: number): number {
  const { bytes } = ecn;
  if (bytes === null || !bytes.due || !bytes.sends || room < SHORT) return 0;
  return room > SHORT ? FULL + 1 : SHORT;
}

/**
 * Writes it at `p`: all three counters, or as many as `length` has room for, that of the last codepoint first
 * (order 0 begins with ECT(0), order 1 with ECT(1)).
 */
export function writeAccEcn(bytes: ByteCounters, dv: DataView, p: number, length: number): void {
  const isOrder1 = bytes.last === ECT_1;
  const option = length > SHORT ? FULL : SHORT;
  dv.setUint8(p, isOrder1 ? OPT_ACCECN_1 : OPT_ACCECN_0);
  dv.setUint8(p + 1, option);
  setUint24(dv, p + 2, isOrder1 ? bytes.e1b : bytes.e0b);
  setUint24(dv, p + 5, bytes.ceb);
  if (option === FULL) {
    setUint24(dv, p + 8, isOrder1 ? bytes.e0b : bytes.e1b);
    dv.setUint8(p + FULL, OPT_NOP);
  }
  bytes.due = false;
}

function setUint24(dv: DataView, p: number, value: number): void {
  dv.setUint8(p, value >>> 16);
  dv.setUint16(p + 1, value & 0xffff);
}
