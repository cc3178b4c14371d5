import { ACK, RST } from "../../../../assembly/layout/wire.ts";
import { between, distance, gt, le, lt } from "../../../wire/seq.ts";
import { challengeAck } from "../../challenge.ts";
import { Delivery, takeAcknowledged } from "../../delivery.ts";
import { tellsOfMarks } from "../../ecn-feedback.ts";
import { takeLastAck } from "../../ecn-negotiation.ts";
import { establish } from "../../establish.ts";
import { releaseFlight } from "../../flight.ts";
import { noteProbeArrived } from "../../mtuprobe.ts";
import { timestamp } from "../../options.ts";
import { windowOpened } from "../../persist.ts";
import { noteProven } from "../../pmtu.ts";
import { acknowledgmentArrived } from "../../recovery.ts";
import { startRetransmitTimer } from "../../rto.ts";
import { takeSack } from "../../scoreboard.ts";
import { release, releaseSendRing, tellWritable } from "../../sendbuffer.ts";
import { CLOSING, FIN_WAIT_1, LAST_ACK, SYN_RECEIVED } from "../../state.ts";
import type { Probes, Tcb } from "../../tcb.ts";
import { end, replyReset } from "../../teardown.ts";
import { NEVER } from "../../timers.ts";
import { enterFinWait2, enterTimeWait } from "../../timewait.ts";
import { scheduleProbe } from "../../tlp.ts";
import { restartUserTimeout } from "../../usertimeout.ts";
import { windowOf } from "../../window.ts";
import type { Segment } from "../segment.ts";

const delivery = new Delivery();

/** Fifth: check the ACK field (RFC 9293 3.10.7.4). */
export function checkAck(tcb: Tcb, seg: Segment, now: number): boolean {
  if (!(seg.flags & ACK)) return false;
  const { snd } = tcb;
  if (tcb.state === SYN_RECEIVED) {
    if (!between((snd.una + 1) | 0, seg.ack, snd.nxt)) {
      replyReset(tcb, seg.ack, 0, RST);
      return false;
    }
    takeLastAck(tcb, seg);
    establish(tcb, seg, now);
  }
  // RFC 5961 5.2: neither what was never sent, nor what is older than any window.
  const newest = snd.probed ? (snd.nxt + 1) | 0 : snd.nxt;
  if (!between((snd.una - snd.maxWnd) | 0, seg.ack, newest)) {
    challengeAck(tcb, now);
    return false;
  }
  // Not before: an attacker who guesses a number within the window must not spoil TS.Recent for the real peer.
  if (seg.freshens) {
    tcb.tsRecent = seg.tsval;
    tcb.tsRecentAt = Math.floor(now / 1000);
  }
  tcb.rcv.lastAt = now;
  if (tcb.probes !== null) probesAnswered(tcb, tcb.probes);
  acknowledge(tcb, seg, now);
  return afterAck(tcb, now);
}

/** SND.UNA, the retransmission queue, the send window, and what all that means for losses and cwnd. */
function acknowledge(tcb: Tcb, seg: Segment, now: number): void {
  const { snd, rtt } = tcb;
  const d = delivery;
  d.reset();
  const isDuplicate = isDuplicateAck(tcb, seg);
  const advanced = distance(snd.una, seg.ack);
  if (advanced > 0) {
    // A zero-window probe was taken: its byte counts as sent now.
    if (gt(seg.ack, snd.nxt)) snd.nxt = seg.ack;
    d.acked = advanced;
    if (snd.flight !== null) takeAcknowledged(snd.flight, seg.ack, d, rtt.min, now);
    measure(tcb, seg, d, now);
    noteProven(tcb, d.largest);
    advanceUna(tcb, seg.ack);
    if (snd.search !== null) noteProbeArrived(tcb, snd.search);
  }
  if (tcb.sack && seg.sackBlocks > 0) takeSack(tcb, seg, d, now);
  if (advanced >= 0) updateWindow(tcb, seg, advanced > 0);
  if (tcb.ecn !== null) d.marked = tellsOfMarks(tcb, tcb.ecn, seg, d);
  acknowledgmentArrived(tcb, snd.flight, d, isDuplicate, seg.hasTimestamps ? seg.tsecr : 0, now);
  if (d.acked > 0 || d.sacked > 0) restartTimers(tcb, d, now);
}

/** The peer lives. Zero-window probes go on, ever more seldom, as long as the window stays closed. */
function probesAnswered(tcb: Tcb, probes: Probes): void {
  probes.keepAlive = 0;
  probes.windowUnanswered = 0;
  if (probes.window === 0) tcb.probes = null;
}

/** What follows from it in each state. Returns false when the segment is done with. */
function afterAck(tcb: Tcb, now: number): boolean {
  const isFinAcked = gt(tcb.snd.una, tcb.snd.end);
  switch (tcb.state) {
    case FIN_WAIT_1:
      if (isFinAcked) enterFinWait2(tcb, now);
      return true;
    case CLOSING:
      if (isFinAcked) enterTimeWait(tcb, now);
      return isFinAcked;
    case LAST_ACK:
      if (isFinAcked) end(tcb, "finished", null);
      return !isFinAcked;
    default:
      return true;
  }
}

/** The duplicate acknowledgment of RFC 5681 2. */
function isDuplicateAck(tcb: Tcb, seg: Segment): boolean {
  const { snd } = tcb;
  return seg.ack === snd.una && snd.flight !== null && seg.len === 0 && windowOf(tcb, seg) === snd.wnd;
}

/** RFC 6298 3: segments sent twice tell nothing (Karn), unless the timestamp tells which copy was answered (RFC 7323 4). */
function measure(tcb: Tcb, seg: Segment, d: Delivery, now: number): void {
  const { snd, rtt, settings } = tcb;
  let ms = now - d.oldestAt;
  if (d.oldestAt === NEVER) {
    if (snd.flight === null || !tcb.timestamps || !seg.hasTimestamps || seg.tsecr === 0) return;
    ms = distance(seg.tsecr, timestamp(tcb, now));
    if (ms < 0) return;
  }
  const samples = Math.ceil(distance(snd.una, snd.nxt) / (2 * snd.mss));
  rtt.measured(ms, Math.max(1, samples), settings.minRto, settings.maxRto, now);
  rtt.backoff = 0;
}

/** SND.UNA moves to `ack`, and what lies before it is done with. */
export function advanceUna(tcb: Tcb, ack: number): void {
  const { snd } = tcb;
  tcb.bytesAcked += distance(snd.una, gt(ack, snd.end) ? snd.end : ack);
  snd.una = ack;
  if (lt(snd.pushed, ack)) snd.pushed = ack; // or it would be ahead again after 2^31 bytes
  tcb.retransmits = 0;
  if (snd.flight?.rows === 0) {
    releaseFlight(snd.flight);
    snd.flight = null;
  }
  if (snd.urgent && !lt(ack, snd.up)) snd.urgent = false;
  if (snd.ring !== null && !lt(ack, snd.end)) releaseSendRing(tcb);
  // Who said that more follows has had a round trip's time; corked data wait on.
  if (lt(snd.pushed, snd.end) && !tcb.settings.cork) release(tcb);
  tellWritable(tcb);
}

/**
 * "If SND.WL1 < SEG.SEQ or (SND.WL1 = SEG.SEQ and SND.WL2 =< SEG.ACK)": an old segment must not shrink the window. One
 * that advances SND.UNA is not old, though what it repeats may be: the window counts from SND.UNA, so without
 * its word the right edge would move on by itself.
 */
function updateWindow(tcb: Tcb, seg: Segment, isNew: boolean): void {
  const { snd } = tcb;
  if (!isNew && !lt(snd.wl1, seg.seq) && !(snd.wl1 === seg.seq && le(snd.wl2, seg.ack))) return;
  snd.wnd = windowOf(tcb, seg);
  if (lt(snd.wl1, seg.seq)) snd.wl1 = seg.seq;
  snd.wl2 = seg.ack;
  if (snd.wnd > snd.maxWnd) snd.maxWnd = snd.wnd;
  if (snd.wnd === 0)
    tcb.retransmits = 0; // MUST-37: it answers, so it lives
  else if ((tcb.probes !== null && tcb.probes.window > 0) || tcb.timers.persist !== NEVER) windowOpened(tcb);
}

function restartTimers(tcb: Tcb, d: Delivery, now: number): void {
  const { timers, snd } = tcb;
  if (snd.flight === null) {
    timers.retransmit = NEVER; // RFC 6298 5.2
    timers.reorder = NEVER;
    timers.lossProbe = NEVER;
  } else {
    if (d.acked > 0) startRetransmitTimer(tcb, now); // RFC 6298 5.3
    scheduleProbe(tcb, now);
  }
  if (tcb.userTimeout > 0 && d.acked > 0) restartUserTimeout(tcb, now);
}
