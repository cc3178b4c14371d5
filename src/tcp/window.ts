import { distance } from "../wire/seq.ts";
import type { Tcb } from "./tcb.ts";
import { NEVER } from "./timers.ts";

const LARGEST_UNSCALED = 0xffff;
/** On a path that takes no time a millisecond stands for the round trip. */
const SHORTEST_ROUND = 1;

/**
 * Moves RCV.WND to what can be offered now and returns it as the header's 16 bits.
 *
 * The right edge never retreats (RFC 9293 3.8.6, SHLD-14), and it advances only by a worthwhile step
 * (RFC 9293 3.8.6.2.2), so that the peer is not led into sending tiny segments.
 */
export function offerWindow(tcb: Tcb): number {
  const { rcv } = tcb;
  const opens = room(tcb) - rcv.wnd;
  const wnd = opens >= worthwhile(tcb) ? rcv.wnd + opens : rcv.wnd;
  let field = Math.min(wnd >> rcv.scale, LARGEST_UNSCALED);
  // Scaling rounds down. Where that would take back part of what was offered it rounds up instead.
  if (field << rcv.scale < rcv.wnd) field++;
  rcv.wnd = field << rcv.scale;
  return field;
}

/** The window of SYN and SYN,ACK, which is never scaled (RFC 7323 2.2). */
export function offerFirstWindow(tcb: Tcb): number {
  const { rcv } = tcb;
  rcv.wnd = Math.min(room(tcb), LARGEST_UNSCALED);
  return rcv.wnd;
}

/**
 * Whether RECEIVE has opened the window enough to tell the peer unasked: a worthwhile step, and either the
 * peer could be stuck or what it may send doubles. (Without it a transfer that filled the window stops for good.)
 */
export function isUpdateDue(tcb: Tcb): boolean {
  const { rcv } = tcb;
  const free = room(tcb);
  if (free - rcv.wnd < worthwhile(tcb)) return false;
  return rcv.wnd < 2 * rcv.mss || free >= 2 * rcv.wnd;
}

/**
 * Dynamic right-sizing of the receive buffer: an application that took a buffer half full in one round trip
 * could take twice as much in the next, and the sender, in slow start, would send it. Looked at with each
 * segment that arrives in order; an application that does not read gets no larger buffer.
 */
export function tuneBuffer(tcb: Tcb, now: number): void {
  const { rcv, rtt, settings } = tcb;
  if (now - rcv.roundAt < Math.max(rtt.srtt, SHORTEST_ROUND)) return;
  const taken = distance(rcv.roundUser, rcv.user);
  if (rcv.roundAt !== -NEVER && 2 * taken > rcv.buffer) {
    rcv.buffer = Math.min(settings.rcvBufMax, Math.max(2 * taken, rcv.buffer));
  }
  rcv.roundAt = now;
  rcv.roundUser = rcv.user;
}

/** Bytes beyond RCV.NXT that the buffer has room for. */
function room(tcb: Tcb): number {
  const { rcv } = tcb;
  return Math.max(0, rcv.buffer - distance(rcv.user, rcv.nxt));
}

/** RFC 9293 3.8.6.2.2: min(Fr * RCV.BUFF, Eff.snd.MSS), Fr = 1/2. */
function worthwhile(tcb: Tcb): number {
  const { rcv } = tcb;
  return Math.max(1, Math.min(rcv.buffer >> 1, rcv.mss));
}
