import { distance, lt } from "../wire/seq.ts";
import { EVENT_WRITABLE } from "./events.ts";
import type { SendVariables } from "./send-variables.ts";
import { SYN_RECEIVED, SYN_SENT } from "./state.ts";
import type { Tcb } from "./tcb.ts";
import { NEVER } from "./timers.ts";

/** Bytes that SEND takes now: the buffer grows with cwnd, so that a round trip's worth can wait behind one in flight. */
export function sendRoom(tcb: Tcb): number {
  const { settings, cc } = tcb;
  const buffer = Math.min(settings.sndBufMax, Math.max(settings.sndBuf, 2 * cc.cwnd));
  return Math.max(0, buffer - queuedBytes(tcb));
}

/** Bytes that SEND took and the peer has not acknowledged. */
export function queuedBytes(tcb: Tcb): number {
  const { snd, state } = tcb;
  const numbers = distance(snd.una, snd.end);
  return Math.max(0, state === SYN_SENT || state === SYN_RECEIVED ? numbers - 1 : numbers);
}

/** Tells a user whom SEND has turned away that there is room: not for each byte that gets free, but for a third of the buffer. */
export function tellWritable(tcb: Tcb): void {
  const { snd } = tcb;
  if (!snd.starved || 2 * sendRoom(tcb) < queuedBytes(tcb)) return;
  snd.starved = false;
  tcb.events |= EVENT_WRITABLE;
}

/**
 * Queues bytes behind `snd.end`, which must fit `sendRoom`.
 * @throws {RangeError} when the memory cannot grow
 */
export function enqueue(tcb: Tcb, bytes: Uint8Array): void {
  const { snd } = tcb;
  const held = distance(snd.una, snd.end);
  const needed = held + bytes.length;
  if (needed > snd.held) snd.held = needed;
  if (snd.ring === null) {
    snd.ring = tcb.pool.take(snd.held);
    snd.held = needed;
  } else if (snd.ring.size < needed) {
    snd.ring = snd.ring.grown(needed, snd.una, held);
  }
  snd.ring.write(snd.end, bytes);
  snd.end = (snd.end + bytes.length) | 0;
}

/**
 * Whether data from `from` up to `to` reach the end of what SEND has pushed, and so carry PSH: where nothing more is
 * queued, unless a SEND with `more` said that this is no end (RFC 9293 3.9.1.2, MUST-61).
 */
export function pushes({ pushed }: SendVariables, from: number, to: number): boolean {
  return lt(from, pushed) && !lt(to, pushed);
}

/** The part of a segment that is held back for more, or by `cork`, goes now, whatever its size. */
export function release(tcb: Tcb): void {
  const { settings, snd, timers } = tcb;
  if (timers.override !== NEVER && (settings.cork || lt(snd.pushed, snd.end))) snd.overdue = true;
}

/** The queue is empty: its ring goes back to the pool, and the next one starts as large as this had to be. */
export function releaseSendRing(tcb: Tcb): void {
  const { snd } = tcb;
  snd.ring?.release();
  snd.ring = null;
}
