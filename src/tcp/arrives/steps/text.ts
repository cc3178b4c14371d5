import { distance } from "../../../wire/seq.ts";
import { noteDuplicate } from "../../dsack.ts";
import { EVENT_READABLE } from "../../events.ts";
import { isEarly } from "../../fastopen-options.ts";
import { Reassembly } from "../../reassembly.ts";
import { placeAround, placeWhole } from "../../receivebuffer.ts";
import { isIn, RECEIVING } from "../../state.ts";
import type { Tcb } from "../../tcb.ts";
import { end, queueResetAt } from "../../teardown.ts";
import { NEVER } from "../../timers.ts";
import { tuneBuffer } from "../../window.ts";
import type { Segment } from "../segment.ts";

/**
 * Seventh: process the segment text (RFC 9293 3.10.7.4). By now it lies inside the window. Returns false when
 * the connection is gone.
 */
export function text(tcb: Tcb, seg: Segment, now: number): boolean {
  if (seg.dataLength === 0) return true;
  // "This should not occur since a FIN has been received from the remote side. Ignore the segment text."
  if (!isIn(tcb.state, RECEIVING) && !isEarly(tcb)) return true;
  if (tcb.rcv.deaf) {
    // Nobody will read it: say so, or the peer would take it for delivered (3.6.1, SHLD-3).
    queueResetAt(tcb, seg.ack);
    end(tcb, "aborted", null);
    return false;
  }
  if (seg.dataLength > tcb.rcv.segment) tcb.rcv.segment = Math.min(seg.dataLength, tcb.rcv.mss);
  if (seg.seq === tcb.rcv.nxt) receiveInOrder(tcb, seg, now);
  else receiveAhead(tcb, seg);
  return true;
}

function receiveInOrder(tcb: Tcb, seg: Segment, now: number): void {
  const { rcv } = tcb;
  const right = (seg.seq + seg.dataLength) | 0;
  const fillsGap = rcv.ahead !== null;
  if (!seg.placed && !(fillsGap ? placeAround(tcb, seg, rcv.ahead!) : placeWhole(tcb, seg))) return;
  const nxt = fillsGap ? rcv.ahead!.advance(right) : right;
  const taken = advance(tcb, nxt, now);
  if (fillsGap) {
    if (rcv.ahead!.count === 0) rcv.ahead = null;
    rcv.owed++; // RFC 5681 4.2: at once, when a segment fills in a gap
  } else {
    acknowledgeSoon(tcb, taken, now);
  }
}

/** RCV.NXT moves to `nxt`, up to where all has come. Returns by how many bytes. */
export function advance(tcb: Tcb, nxt: number, now: number): number {
  const { rcv } = tcb;
  const taken = distance(rcv.nxt, nxt);
  rcv.nxt = nxt;
  rcv.wnd -= taken;
  tcb.bytesIn += taken;
  tcb.events |= EVENT_READABLE;
  if (rcv.buffer < tcb.settings.rcvBufMax) tuneBuffer(tcb, now);
  const held = distance(rcv.user, nxt);
  if (held > rcv.held) rcv.held = held;
  return taken;
}

/** Keeps what lies beyond a gap, and says at once what is missing (RFC 5681 4.2). */
function receiveAhead(tcb: Tcb, seg: Segment): void {
  const { rcv, settings } = tcb;
  rcv.owed++;
  rcv.interactive = false;
  tcb.incidents.outOfOrderIn++;
  rcv.ahead ??= new Reassembly();
  const right = (seg.seq + seg.dataLength) | 0;
  if (rcv.ahead.count >= settings.maxOutOfOrderRanges && rcv.ahead.isApart(seg.seq, right)) return;
  if (rcv.ahead.covers(seg.seq, right)) noteDuplicate(tcb, seg.seq, right);
  if (placeAround(tcb, seg, rcv.ahead)) rcv.ahead.arrived(seg.seq, right);
}

/**
 * Delayed acknowledgment (RFC 9293 3.8.6.3, RFC 5681 4.2): at the latest for every second full segment, at the
 * latest after `delayedAck` ms; without delay while the peer may be in slow start.
 */
export function acknowledgeSoon(tcb: Tcb, taken: number, now: number): void {
  const { rcv, timers, settings } = tcb;
  rcv.unacked += taken;
  if (rcv.unacked > rcv.segment || (rcv.quick > 0 && !rcv.interactive) || settings.delayedAck === 0) {
    rcv.ackNow = true;
  } else if (timers.delayedAck === NEVER) {
    timers.delayedAck = now + settings.delayedAck;
  }
}
