import {
  ACK,
  PSH,
  TCP_ACK,
  TCP_CHECKSUM,
  TCP_HEADER_MIN,
  TCP_OFFSET_FLAGS,
  TCP_OPTIONS,
  TCP_SEQ,
  TCP_SRC_PORT,
  TIMESTAMPS_PADDED,
} from "../../../assembly/layout/wire.ts";
import { le, lt } from "../../wire/seq.ts";
import { fold, halves, swap } from "../../wire/sum.ts";
import { OPEN } from "../congestion/control.ts";
import { TIMESTAMPS_BYTES } from "../options.ts";
import { canPlaceUnseen } from "../receivebuffer.ts";
import { ESTABLISHED } from "../state.ts";
import type { Tcb } from "../tcb.ts";
import { NEVER } from "../timers.ts";
import { acknowledgeSoon, advance } from "./steps/text.ts";

const OFFSET_AND_FLAGS = 0xffff0000 | 0;
const PUSHED = PSH << 16;

/**
 * Header prediction (V. Jacobson, 1990): the segment that nearly every one is which a receiver of data gets. It is the
 * next in order, acknowledges nothing new, offers the window that is known, and nothing else is going on; so each step
 * of RFC 9293 3.10.7.4 but the seventh would find nothing to do.
 *
 * @returns false when it is any other: nothing has changed then, and the steps are to look at it
 */
export function arrivesPredicted(tcb: Tcb, at: number, length: number, now: number): boolean {
  const { rcv, snd, timestamps } = tcb;
  if (tcb.state !== ESTABLISHED || !isQuiet(tcb)) return false;
  const { dv } = tcb.pool.memory;
  const header = timestamps ? TCP_HEADER_MIN + TIMESTAMPS_BYTES : TCP_HEADER_MIN;
  const dataLength = length - header;
  if (dataLength <= 0 || dataLength > rcv.wnd) return false;
  const third = dv.getInt32(at + TCP_OFFSET_FLAGS);
  if ((third & OFFSET_AND_FLAGS & ~PUSHED) !== ((header << 26) | (ACK << 16))) return false;
  const window = third & 0xffff;
  if (window === 0 || window << snd.scale !== snd.wnd) return false;
  const ports = dv.getInt32(at + TCP_SRC_PORT);
  const seq = dv.getInt32(at + TCP_SEQ);
  const ack = dv.getInt32(at + TCP_ACK);
  if (((ports >>> 16) | (ports << 16)) !== tcb.ports || seq !== rcv.nxt || ack !== snd.una) return false;
  const last = dv.getInt32(at + TCP_CHECKSUM);
  let sum = tcb.pseudo + length + halves(ports) + halves(seq) + halves(ack) + halves(third) + halves(last);
  let tsval = 0;
  if (timestamps) {
    if (dv.getInt32(at + TCP_OPTIONS) !== TIMESTAMPS_PADDED) return false;
    tsval = dv.getInt32(at + TCP_OPTIONS + 4);
    if (lt(tsval, tcb.tsRecent)) return false;
    sum += halves(TIMESTAMPS_PADDED) + halves(tsval) + halves(dv.getInt32(at + TCP_OPTIONS + 8));
  }
  if (!canPlaceUnseen(tcb, seq, dataLength)) return false;
  sum += swap(rcv.ring!.copyInSummed(seq, at + header, dataLength, 0));
  if (fold(sum) !== 0xffff) return false; // the steps count it
  tcb.segmentsIn++;
  if (timestamps && le(seq, rcv.acked)) {
    tcb.tsRecent = tsval;
    tcb.tsRecentAt = Math.floor(now / 1000);
  }
  rcv.lastAt = now;
  if (lt(snd.wl1, seq)) {
    snd.wl1 = seq;
    snd.wl2 = ack;
  } else if (snd.wl1 === seq && lt(snd.wl2, ack)) {
    snd.wl2 = ack;
  }
  if (dataLength > rcv.segment) rcv.segment = Math.min(dataLength, rcv.mss);
  advance(tcb, (seq + dataLength) | 0, now);
  acknowledgeSoon(tcb, dataLength, now);
  return true;
}

/** Nothing of ours is in flight, nothing is being mended, probed or searched, and all that has come came in order. */
function isQuiet(tcb: Tcb): boolean {
  const { cc, rcv, recovery, snd, timers } = tcb;
  return (
    snd.flight === null &&
    tcb.ecn === null &&
    tcb.probes === null &&
    timers.persist === NEVER &&
    cc.phase === OPEN &&
    cc.dupAcks === 0 &&
    (recovery === null || !recovery.probing) &&
    !rcv.deaf &&
    !rcv.finAhead
  );
}
