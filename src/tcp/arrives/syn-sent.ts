import { ACK, FIN, RST, SYN } from "../../../assembly/layout/wire.ts";
import { between } from "../../wire/seq.ts";
import { acceptCrossing, takeAnswer } from "../ecn-negotiation.ts";
import { establish } from "../establish.ts";
import { takeCookie } from "../fastopen.ts";
import { timestamp } from "../options.ts";
import { enter, SYN_RECEIVED } from "../state.ts";
import { negotiate } from "../syn-options.ts";
import { OWE_SYN, type Tcb } from "../tcb.ts";
import { fail, replyReset } from "../teardown.ts";
import type { Segment } from "./segment.ts";
import { advanceUna } from "./steps/ack.ts";
import { finishSegment } from "./synchronized.ts";

/** SEGMENT ARRIVES in SYN-SENT (RFC 9293 3.10.7.3). */
export function arrivesSynSent(tcb: Tcb, seg: Segment, now: number): void {
  const { snd } = tcb;
  const isAcceptable = (seg.flags & ACK) !== 0 && between((snd.una + 1) | 0, seg.ack, snd.nxt);
  // First: an ACK of something else belongs to a connection that is not; as does the echo of a timestamp.
  if (seg.flags & ACK && !(isAcceptable && echoesOurs(tcb, seg, now))) {
    if (!(seg.flags & RST)) replyReset(tcb, seg.ack, 0, RST);
    return;
  }
  // Second: a RST counts when it acknowledges our SYN (RFC 5961 3.2 leaves this state as it was).
  if (seg.flags & RST) {
    if (isAcceptable) fail(tcb, "refused", "connection-refused");
    return;
  }
  // Third, security: see steps/security.ts. Fifth: neither SYN nor RST.
  if (seg.flags & SYN) takeSyn(tcb, seg, isAcceptable, now);
}

/** Whether a SYN,ACK echoes a timestamp that one of our SYNs can have had (RFC 7323 3.2), if it echoes any. */
function echoesOurs(tcb: Tcb, seg: Segment, now: number): boolean {
  if (!(seg.flags & SYN) || !seg.hasTimestamps || !tcb.settings.timestamps || seg.tsecr === 0) return true;
  return between(tcb.tsFirst, seg.tsecr, timestamp(tcb, now));
}

/** Fourth: the SYN that we wait for, or one that crosses ours. */
function takeSyn(tcb: Tcb, seg: Segment, isAcked: boolean, now: number): void {
  const { snd, rcv } = tcb;
  rcv.irs = seg.seq;
  rcv.nxt = (seg.seq + 1) | 0;
  rcv.user = rcv.nxt;
  rcv.acked = rcv.nxt;
  rcv.lastAt = now;
  negotiate(tcb, seg, now);
  if (isAcked) takeAnswer(tcb, seg);
  else acceptCrossing(tcb, seg);
  if (!isAcked) {
    // Simultaneous open (figure 7): the peer's SYN, and no word of ours.
    snd.wnd = seg.wnd;
    snd.wl1 = seg.seq;
    snd.wl2 = snd.iss;
    enter(tcb, SYN_RECEIVED);
    tcb.owes |= OWE_SYN;
    return;
  }
  if (tcb.fastOpen !== null) takeCookie(tcb, tcb.fastOpen, seg);
  establish(tcb, seg, now);
  if (seg.ack !== snd.una) advanceUna(tcb, seg.ack); // data of our SYN (RFC 7413 4.2.1)
  tcb.owes &= ~OWE_SYN;
  // RFC 9768 3.2.2.1: how the SYN,ACK arrived is told by a pure ACK; any other may go with data.
  if (tcb.ecn?.accurate) rcv.owed++;
  else rcv.ackNow = true;
  // "If there are other controls or text in the segment, then continue processing at the sixth step."
  seg.flags &= ~SYN;
  seg.seq = rcv.nxt;
  seg.len--;
  if (seg.len > 0 || seg.flags & FIN) finishSegment(tcb, seg, now);
}
