import { RST } from "../../../../assembly/layout/wire.ts";
import { lt } from "../../../wire/seq.ts";
import { challengeAck } from "../../challenge.ts";
import { isEarly } from "../../fastopen-options.ts";
import {
  CLOSE_WAIT,
  ESTABLISHED,
  FIN_WAIT_1,
  FIN_WAIT_2,
  isIn,
  SYN_RECEIVED,
  TIME_WAIT,
} from "../../state.ts";
import type { Tcb } from "../../tcb.ts";
import { end, fail } from "../../teardown.ts";
import { returnToListen } from "../listen.ts";
import type { Segment } from "../segment.ts";

/**
 * A RST with the number of the FIN before it, as macOS sends it when a process ends: to ask with a challenge ACK
 * would lead nowhere, as it answers few of them. Such a guess is no easier to make than that of RCV.NXT.
 */
export function followsFin(tcb: Tcb, seg: Segment): boolean {
  return tcb.rcv.fin && tcb.state !== TIME_WAIT && seg.seq === ((tcb.rcv.nxt - 1) | 0);
}

/** States in which the user still waits for the peer's data or FIN. */
const UNFINISHED = (1 << ESTABLISHED) | (1 << FIN_WAIT_1) | (1 << FIN_WAIT_2) | (1 << CLOSE_WAIT);

/**
 * Second: check the RST bit (RFC 9293 3.10.7.4; RFC 5961 3.2). The segment lies in the window, or the first
 * step had dropped it; but only one that names RCV.NXT exactly resets. Any other may be a guess.
 */
export function checkRst(tcb: Tcb, seg: Segment, now: number): boolean {
  if (!(seg.flags & RST)) return true;
  if (tcb.state === TIME_WAIT && tcb.settings.timeWaitIgnoresRst) return false;
  if (seg.seq !== tcb.rcv.nxt && !followsFin(tcb, seg)) {
    challengeAck(tcb, now);
  } else if (tcb.state === SYN_RECEIVED && !isEarly(tcb)) {
    if (tcb.passive) returnToListen(tcb);
    else fail(tcb, "refused", "connection-refused");
  } else if (isIn(tcb.state, UNFINISHED) || isEarly(tcb) || lt(tcb.snd.una, tcb.snd.end)) {
    fail(tcb, "reset", "connection-reset");
  } else {
    // CLOSING, LAST-ACK, TIME-WAIT: both sides had closed, and all data is acknowledged.
    end(tcb, "finished", null);
  }
  return false;
}
