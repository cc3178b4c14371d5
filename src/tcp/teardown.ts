import { ACK, RST } from "../../assembly/layout/wire.ts";
import { TcpError, type TcpErrorCode, type TimeoutCause } from "./errors.ts";
import { type CloseReason, EVENT_CLOSED } from "./events.ts";
import { releaseFlight } from "./flight.ts";
import { CLOSED, enter } from "./state.ts";
import { OWE_RESET, type Reset, type Tcb } from "./tcb.ts";

/** Deletes the connection: CLOSED, no timer left, queues flushed (RFC 9293 3.10). Its user is told `reason`. */
export function end(tcb: Tcb, reason: CloseReason, error: TcpError | null): void {
  enter(tcb, CLOSED);
  tcb.timers.stop();
  tcb.owes &= OWE_RESET;
  tcb.rcv.ackNow = false;
  tcb.rcv.owed = 0;
  flushSend(tcb);
  // What arrived before an orderly close can still be read.
  if (reason !== "finished") flushReceive(tcb);
  tcb.ended = { reason, error };
  tcb.events |= EVENT_CLOSED;
}

/** Ends the connection that the peer or the path has refused or broken. */
export function fail(tcb: Tcb, reason: CloseReason, code: TcpErrorCode): void {
  end(tcb, reason, new TcpError(code));
}

/** Ends the connection that met only silence. The peer, should it live, is told so (SHLD-9 leaves us free to). */
export function giveUp(tcb: Tcb, cause: TimeoutCause): void {
  end(tcb, "timedOut", new TcpError("connection-timed-out", cause));
}

/** Queues <SEQ=SND.NXT><ACK=RCV.NXT><CTL=RST,ACK>, for a connection in a synchronized state (RFC 9293 3.10.5). */
export function queueReset(tcb: Tcb): void {
  queue(tcb, { seq: tcb.snd.nxt, ack: tcb.rcv.nxt, flags: RST | ACK, stamped: tcb.timestamps });
}

/**
 * Queues the RST of a connection that gives up over a segment of the peer's: its number is what the peer has
 * acknowledged, and so just the one that it takes a RST for (RFC 5961 3.2) while data of ours are still under way.
 */
export function queueResetAt(tcb: Tcb, ack: number): void {
  queue(tcb, { seq: ack, ack: 0, flags: RST, stamped: tcb.timestamps });
}

/** Queues a RST as given; it leaves with the next `output`, whatever becomes of the connection. */
export function replyReset(tcb: Tcb, seq: number, ack: number, flags: number): void {
  queue(tcb, { seq, ack, flags, stamped: false });
}

export function flushSend(tcb: Tcb): void {
  const { snd } = tcb;
  snd.ring?.release();
  snd.ring = null;
  if (snd.flight !== null) releaseFlight(snd.flight);
  snd.flight = null;
}

export function flushReceive(tcb: Tcb): void {
  const { rcv } = tcb;
  rcv.ring?.release();
  rcv.ring = null;
  rcv.ahead = null;
  rcv.user = rcv.nxt;
}

function queue(tcb: Tcb, reset: Reset): void {
  tcb.reset = reset;
  tcb.owes |= OWE_RESET;
}
