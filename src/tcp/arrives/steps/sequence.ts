import { ACK, FIN, RST, SYN } from "../../../../assembly/layout/wire.ts";
import { between, distance, inWindow, le, lt } from "../../../wire/seq.ts";
import { acknowledgeOutside, challengeAck } from "../../challenge.ts";
import { noteDuplicate } from "../../dsack.ts";
import { repeatAnswer } from "../../ecn-negotiation.ts";
import { SYN_RECEIVED, TIME_WAIT } from "../../state.ts";
import { OWE_SYN, type Tcb } from "../../tcb.ts";
import { restartTimeWait } from "../../timewait.ts";
import type { Segment } from "../segment.ts";
import { followsFin } from "./rst.ts";

// RFC 7323 5.5: a TS.Recent older than 24 days may have been passed by the clock's own wrap. In seconds.
const TIMESTAMP_LIFE = 24 * 86_400;

/**
 * First: check sequence number (RFC 9293 3.10.7.4), after the timestamp's (RFC 7323 5.3). What lies outside
 * the window is cut off, so that the steps that follow see a segment that begins at RCV.NXT or after it and
 * does not pass the window's end.
 *
 * @returns false when nothing of the segment is acceptable: it has been answered
 */
export function checkSequence(tcb: Tcb, seg: Segment, now: number): boolean {
  const { rcv } = tcb;
  seg.freshens = false;
  if (tcb.timestamps && seg.hasTimestamps) {
    if (isOld(tcb, seg, now) && !(seg.flags & RST)) {
      tcb.incidents.pawsDrops++;
      reportDuplicate(tcb, seg);
      acknowledgeOutside(tcb, seg.len > 0, now);
      return false;
    }
  }
  const isRepeated = tcb.state === SYN_RECEIVED && (seg.flags & (SYN | RST)) === SYN && seg.seq === rcv.irs;
  if (isRepeated && !repeatedSyn(tcb, seg)) return false;
  if (!isAcceptable(tcb, seg)) {
    if (seg.flags & RST) return followsFin(tcb, seg);
    if (seg.flags & SYN) {
      challengeAck(tcb, now); // RFC 5961 4.2: whatever its number
      repeatAnswer(tcb, seg);
      return false;
    }
    reportDuplicate(tcb, seg);
    acknowledgeOutside(tcb, seg.len > 0, now);
    if (tcb.state === TIME_WAIT && seg.flags & FIN) restartTimeWait(tcb, now);
    return false;
  }
  // RFC 7323 4.3 (2): not from a segment beyond a gap, whose echo would measure the wait for it.
  seg.freshens = tcb.timestamps && seg.hasTimestamps && le(seg.seq, rcv.acked) && !isOld(tcb, seg, now);
  trim(tcb, seg);
  return true;
}

/** Whether TS.Recent says that the segment is from an earlier time, as far as it means anything (RFC 7323 5.3, 5.5). */
function isOld(tcb: Tcb, seg: Segment, now: number): boolean {
  return lt(seg.tsval, tcb.tsRecent) && now / 1000 - tcb.tsRecentAt < TIMESTAMP_LIFE;
}

/**
 * Table 6 of RFC 9293 3.10.7.4, with two allowances. A closed window takes what begins at RCV.NXT ("special
 * allowance should be made to accept valid ACKs, URGs, and RSTs"; `trim` takes the text off). And an empty
 * segment may stand at the window's right edge: the peer has filled the window, and while an earlier segment
 * is missing none of its acknowledgments would count otherwise.
 */
function isAcceptable(tcb: Tcb, seg: Segment): boolean {
  const { nxt, wnd } = tcb.rcv;
  if (seg.len === 0 && !(seg.flags & RST)) return inWindow(seg.seq, nxt, wnd + 1);
  if (wnd === 0) return seg.seq === nxt;
  if (seg.len === 0) return inWindow(seg.seq, nxt, wnd);
  return inWindow(seg.seq, nxt, wnd) || inWindow((seg.seq + seg.len - 1) | 0, nxt, wnd);
}

/** Takes off what precedes RCV.NXT and what passes the window (3.10.7.4: "tailor actual segments to fit"). */
function trim(tcb: Tcb, seg: Segment): void {
  if (seg.flags & SYN) return; // the fourth step drops it whole
  const { rcv } = tcb;
  const before = distance(seg.seq, rcv.nxt);
  if (before > 0) {
    reportDuplicate(tcb, seg);
    takeFront(seg, before);
  }
  let beyond = distance((rcv.nxt + rcv.wnd) | 0, (seg.seq + seg.len) | 0);
  if (beyond <= 0) return;
  // The peer sent past what it was offered, or probes a closed window: tell it where it stands.
  rcv.owed++;
  if (seg.flags & FIN) {
    seg.flags &= ~FIN;
    seg.len--;
    beyond--;
  }
  seg.dataLength -= beyond;
  seg.len -= beyond;
}

/** The segment without its first `count` sequence numbers, all of them data. */
function takeFront(seg: Segment, count: number): void {
  seg.seq = (seg.seq + count) | 0;
  seg.len -= count;
  seg.data += count;
  seg.dataLength -= count;
}

/** A SYN once more in SYN-RECEIVED: from a peer that has not heard our SYN,ACK, or crossing it. */
function repeatedSyn(tcb: Tcb, seg: Segment): boolean {
  const { snd } = tcb;
  if (seg.flags & ACK && between((snd.una + 1) | 0, seg.ack, snd.nxt)) {
    // Simultaneous open, figure 8: the peer's SYN,ACK repeats the SYN that we know and acknowledges ours.
    seg.flags &= ~SYN;
    seg.seq = (seg.seq + 1) | 0;
    seg.len--;
    return true;
  }
  tcb.owes |= OWE_SYN; // an ACK alone would not help it out of SYN-SENT
  return false;
}

/** Notes for a D-SACK the part of a segment that had been received before (RFC 2883 4). */
function reportDuplicate(tcb: Tcb, seg: Segment): void {
  const { rcv } = tcb;
  if (seg.dataLength === 0 || !lt(seg.seq, rcv.nxt)) return;
  tcb.incidents.duplicatesIn++;
  const right = (seg.seq + seg.dataLength) | 0;
  noteDuplicate(tcb, seg.seq, lt(right, rcv.nxt) ? right : rcv.nxt);
}
