import { ACK, RST, SYN } from "../../../assembly/layout/wire.ts";
import { acceptOffer } from "../ecn-negotiation.ts";
import { EVENT_SOFT_ERROR } from "../events.ts";
import { checkCookie } from "../fastopen.ts";
import { prepare } from "../open.ts";
import { ReceiveVariables } from "../receive-variables.ts";
import { SendVariables } from "../send-variables.ts";
import { enter, LISTEN, SYN_RECEIVED } from "../state.ts";
import { negotiate } from "../syn-options.ts";
import { OWE_SYN, type Tcb } from "../tcb.ts";
import { flushReceive, flushSend, replyReset } from "../teardown.ts";
import type { Segment } from "./segment.ts";

/**
 * SEGMENT ARRIVES in LISTEN (RFC 9293 3.10.7.2). Text that comes with a SYN "may be processed later": it is not
 * kept, and not acknowledged, so that the peer sends it again after the handshake; a spoofed SYN costs no memory.
 * Only a Fast Open cookie lets it in.
 */
export function arrivesListen(tcb: Tcb, seg: Segment, now: number): void {
  if (seg.flags & RST) return; // first: "an incoming RST should be ignored"
  if (seg.flags & ACK) {
    replyReset(tcb, seg.ack, 0, RST); // second: nothing was sent that could be acknowledged
    return;
  }
  if (seg.flags & SYN) acceptSyn(tcb, seg, now); // third
  // Fourth: "any other ... segment ... should be dropped".
}

/** Takes a SYN: SYN-RECEIVED, our SYN,ACK owed. */
export function acceptSyn(tcb: Tcb, seg: Segment, now: number, after?: number): void {
  prepare(tcb, now, after);
  takeOffer(tcb, seg, now);
  tcb.owes |= OWE_SYN;
  if (tcb.fastOpen !== null) checkCookie(tcb, tcb.fastOpen, seg, now);
}

/** SYN-RECEIVED, with what the SYN says and offers. ISS is chosen. */
export function takeOffer(tcb: Tcb, seg: Segment, now: number): void {
  const { snd, rcv } = tcb;
  rcv.irs = seg.seq;
  rcv.nxt = (seg.seq + 1) | 0;
  rcv.user = rcv.nxt;
  rcv.acked = rcv.nxt;
  rcv.lastAt = now;
  negotiate(tcb, seg, now);
  acceptOffer(tcb, seg);
  snd.wnd = seg.wnd;
  snd.wl1 = seg.seq;
  snd.wl2 = snd.iss;
  enter(tcb, SYN_RECEIVED);
}

/**
 * A new SYN in TIME-WAIT of a connection that was opened passively: the old one is over, and this one begins with
 * a number past all that the old one sent (RFC 9293 3.6.1).
 */
export function reopen(tcb: Tcb, seg: Segment, now: number): void {
  const sent = tcb.snd.nxt;
  reset(tcb);
  acceptSyn(tcb, seg, now, sent);
}

/** RST or SYN in SYN-RECEIVED after a passive OPEN: the listener waits for the next (3.10.7.4, second and fourth). */
export function returnToListen(tcb: Tcb): void {
  enter(tcb, LISTEN);
  reset(tcb);
  if (tcb.anyRemote) tcb.remote = null;
}

/** Forgets all of a connection but who it is and what it may do. */
function reset(tcb: Tcb): void {
  flushSend(tcb);
  flushReceive(tcb);
  tcb.timers.stop();
  tcb.snd = new SendVariables();
  tcb.rcv = new ReceiveVariables();
  tcb.owes = 0;
  tcb.events &= ~EVENT_SOFT_ERROR;
  tcb.softError = null;
  tcb.challenges = null;
  tcb.probes = null;
  tcb.userTimeout = tcb.settings.userTimeout;
  tcb.recovery = null;
  tcb.ecn = null;
  tcb.fastOpen?.reset();
}
