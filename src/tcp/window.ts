import { distance } from "../wire/seq.ts";
import type { Segment } from "./arrives/segment.ts";
import { Round } from "./receive-variables.ts";
import type { Tcb } from "./tcb.ts";

const LARGEST_UNSCALED = 0xffff;
/** On a path that takes no time a millisecond stands for the round trip. */
const SHORTEST_ROUND = 1;

/**
 * Moves RCV.WND to what can be offered now and returns it as the header's 16 bits.
 *
 * The right edge never retreats (RFC 9293 3.8.6, SHLD-14), and it advances only by a worthwhile step
 * (RFC 9293 3.8.6.2.2), so that the peer is not led into sending tiny segments.
 *
 * A scaled window says no less than its unit. Where rounding down would take back part of what was offered, or close a
 * window that is smaller than a unit, it rounds up; but each rounding moves the edge on, whatever the application
 * reads. Once that has gone a quarter past the buffer it rounds down: less than a unit is taken back in word, as
 * RFC 7323 2.4 allows, and still accepted.
 */
export function offerWindow(tcb: Tcb): number {
  const { rcv } = tcb;
  const free = room(tcb);
  const opens = free - seen(tcb) >= worthwhile(tcb);
  const wnd = opens ? Math.max(free, rcv.wnd) : rcv.wnd;
  let field = Math.min(wnd >> rcv.scale, LARGEST_UNSCALED);
  const isShort = field << rcv.scale < rcv.wnd || (field === 0 && opens);
  if (isShort && field << rcv.scale <= free + (rcv.buffer >> 2)) field++;
  const offered = field << rcv.scale;
  if (offered > rcv.wnd) rcv.wnd = offered;
  rcv.edge = (rcv.nxt + offered) | 0;
  return field;
}

/** The window of SYN and SYN,ACK, which is never scaled (RFC 7323 2.2). */
export function offerFirstWindow(tcb: Tcb): number {
  const { rcv } = tcb;
  // One that is sent again offers no less, though the buffer may be a smaller one by now.
  rcv.wnd = Math.max(rcv.wnd, Math.min(room(tcb), LARGEST_UNSCALED));
  rcv.edge = (rcv.nxt + rcv.wnd) | 0;
  return Math.min(rcv.wnd, LARGEST_UNSCALED);
}

/** SEND.WND: the window of a segment of the peer's, in bytes. That of a SYN is never scaled (RFC 7323 2.2). */
export function windowOf(tcb: Tcb, seg: Segment): number {
  return seg.isSyn ? seg.wnd : seg.wnd << tcb.snd.scale;
}

/**
 * Whether RECEIVE has opened the window enough to tell the peer unasked: a worthwhile step, and either the
 * peer could be stuck or what it may send doubles. (Without it a transfer that filled the window stops for good.)
 */
export function isUpdateDue(tcb: Tcb): boolean {
  const free = room(tcb);
  const wnd = seen(tcb);
  if (free - wnd < worthwhile(tcb)) return false;
  return wnd < 2 * tcb.rcv.mss || free >= 2 * wnd;
}

/**
 * Dynamic right-sizing of the receive buffer: an application that took a buffer half full in one round trip
 * could take twice as much in the next, and the sender, in slow start, would send it. Looked at with each
 * segment that arrives in order; an application that does not read gets no larger buffer.
 */
export function tuneBuffer(tcb: Tcb, now: number): void {
  const { rcv, rtt, settings } = tcb;
  const { round } = rcv;
  if (round === null) {
    rcv.round = new Round(now, rcv.user);
    return;
  }
  if (now - round.at < Math.max(rtt.srtt, SHORTEST_ROUND)) return;
  const taken = distance(round.user, rcv.user);
  if (2 * taken > rcv.buffer) rcv.buffer = Math.min(settings.rcvBufMax, Math.max(2 * taken, rcv.buffer));
  round.at = now;
  round.user = rcv.user;
}

/** Bytes beyond RCV.NXT that the buffer has room for and a header can tell; below 0 when rounding has let in more. */
function room(tcb: Tcb): number {
  const { rcv } = tcb;
  return Math.min(rcv.buffer - distance(rcv.user, rcv.nxt), LARGEST_UNSCALED << rcv.scale);
}

/** The window that the peer knows of: less than RCV.WND when that was rounded down. */
function seen(tcb: Tcb): number {
  const { rcv } = tcb;
  return Math.max(0, distance(rcv.nxt, rcv.edge));
}

/** RFC 9293 3.8.6.2.2: min(Fr * RCV.BUFF, Eff.snd.MSS), Fr = 1/2; and nothing less than what a scaled window can say. */
function worthwhile(tcb: Tcb): number {
  const { rcv } = tcb;
  return Math.max(1, Math.min(rcv.buffer >> 1, Math.max(rcv.mss, 1 << rcv.scale)));
}
