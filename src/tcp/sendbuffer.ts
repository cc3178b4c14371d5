import { distance } from "../wire/seq.ts";
import { EVENT_WRITABLE } from "./events.ts";
import { SYN_RECEIVED, SYN_SENT } from "./state.ts";
import type { Tcb } from "./tcb.ts";

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

/** The queue is empty: its ring goes back to the pool, and the next one starts as large as this had to be. */
export function releaseSendRing(tcb: Tcb): void {
  const { snd } = tcb;
  snd.ring?.release();
  snd.ring = null;
}
