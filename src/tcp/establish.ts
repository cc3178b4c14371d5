import type { Segment } from "./arrives/segment.ts";
import { EVENT_ESTABLISHED } from "./events.ts";
import { synDataAnswered } from "./fastopen.ts";
import { startKeepAlive } from "./keepalive.ts";
import { startMtuSearch } from "./mtuprobe.ts";
import { startRetransmitTimer } from "./rto.ts";
import { tellWritable } from "./sendbuffer.ts";
import { ESTABLISHED, enter, FIN_WAIT_1 } from "./state.ts";
import type { Tcb } from "./tcb.ts";
import { NEVER } from "./timers.ts";
import { restartUserTimeout } from "./usertimeout.ts";
import { windowOf } from "./window.ts";

// RFC 6298 5.7: after a lost SYN, and without a measurement, the first RTO for data.
const RTO_AFTER_LOST_SYN = 3000;

/** `seg` acknowledges our SYN, and the peer's is known: ESTABLISHED (RFC 9293 3.10.7.3, 3.10.7.4 fifth). */
export function establish(tcb: Tcb, seg: Segment, now: number): void {
  const { snd, rcv, timers } = tcb;
  enter(tcb, ESTABLISHED);
  snd.una = (snd.iss + 1) | 0;
  snd.wnd = windowOf(tcb, seg);
  snd.wl1 = seg.seq;
  snd.wl2 = seg.ack;
  snd.maxWnd = snd.wnd;
  timers.retransmit = NEVER;
  if (tcb.settings.mtuProbing === "always") startMtuSearch(tcb);
  beginRoundTrip(tcb, now);
  if (tcb.fastOpen !== null && snd.flight === null && snd.nxt !== ((snd.iss + 1) | 0)) {
    synDataAnswered(tcb, tcb.fastOpen, seg.ack);
  }
  tcb.retransmits = 0;
  tcb.rtt.backoff = 0;
  rcv.quick = tcb.settings.quickAcks;
  tcb.events |= EVENT_ESTABLISHED;
  startKeepAlive(tcb, now);
  if (tcb.userTimeout > 0) restartUserTimeout(tcb, now);
  tcb.announces = tcb.settings.announceUserTimeout && tcb.userTimeout > 0;
  if (snd.flight !== null) startRetransmitTimer(tcb, now);
  tellWritable(tcb); // cwnd has made room
  if (snd.fin) enter(tcb, FIN_WAIT_1); // CLOSE was called in SYN-RECEIVED (3.10.4)
}

/** The handshake is the first measurement, unless it took more than one try (RFC 6298 3), and sets the initial window. */
function beginRoundTrip(tcb: Tcb, now: number): void {
  const { cc, rtt, snd, settings } = tcb;
  if (tcb.retransmits === 0) {
    // A SYN cookie does not tell when it was sent; where data followed the SYN,ACK their own answer tells; and which
    // of two SYNs is answered nobody knows.
    if (snd.lastAt !== NEVER && snd.flight === null && !tcb.fastOpen?.isGivenUp)
      rtt.measured(now - snd.lastAt, 1, settings.minRto, settings.maxRto, now);
    cc.cwnd = settings.initialCwnd * snd.mss;
  } else {
    rtt.rto = Math.max(rtt.rto, RTO_AFTER_LOST_SYN);
    cc.cwnd = snd.mss; // RFC 5681 3.1
  }
}
