import { distance } from "../wire/seq.ts";
import type { Tcb } from "./tcb.ts";

/** Bytes that SEND takes now: the buffer grows with cwnd, so that a round trip's worth can wait behind one in flight. */
export function sendRoom(tcb: Tcb): number {
  const { snd, settings, cc } = tcb;
  const buffer = Math.min(settings.sndBufMax, Math.max(settings.sndBuf, 2 * cc.cwnd));
  return Math.max(0, buffer - distance(snd.una, snd.end));
}

/** Whether a starved user may be told: not for each byte that gets free, but for a third of the buffer. */
export function isWritable(tcb: Tcb): boolean {
  const { snd } = tcb;
  return 2 * sendRoom(tcb) >= distance(snd.una, snd.end);
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
