import { TcpError } from "./errors.ts";
import { told } from "./identity.ts";
import { isOneHost, nameRemote, prepare } from "./open.ts";
import { dequeue, readable } from "./receivebuffer.ts";
import { enqueue, sendRoom } from "./sendbuffer.ts";
import {
  CLOSE_WAIT,
  CLOSED,
  ESTABLISHED,
  enter,
  FIN_WAIT_1,
  FIN_WAIT_2,
  isIn,
  LAST_ACK,
  LISTEN,
  SYN_RECEIVED,
  SYN_SENT,
  TIME_WAIT,
} from "./state.ts";
import { OWE_SYN, type Tcb } from "./tcb.ts";
import { end, flushReceive, queueReset } from "./teardown.ts";
import { limitFinWait2 } from "./timewait.ts";
import { startUserTimeout } from "./usertimeout.ts";
import { isUpdateDue } from "./window.ts";

/** States in which SEND takes data; before ESTABLISHED it is kept. */
const MAY_SEND = (1 << SYN_SENT) | (1 << SYN_RECEIVED) | (1 << ESTABLISHED) | (1 << CLOSE_WAIT);
/** States in which a RST tells the peer of an ABORT (RFC 9293 3.10.5). */
const RESETS_ON_ABORT =
  (1 << SYN_RECEIVED) | (1 << ESTABLISHED) | (1 << FIN_WAIT_1) | (1 << FIN_WAIT_2) | (1 << CLOSE_WAIT);

/** Passive OPEN (RFC 9293 3.10.1). */
export function openPassive(tcb: Tcb): void {
  if (tcb.state !== CLOSED || tcb.ended !== null) throw new TcpError("connection-exists");
  tcb.passive = true;
  const { remote } = tcb;
  tcb.anyRemote = remote === null;
  if (remote !== null) nameRemote(tcb, remote, tcb.remotePort);
  enter(tcb, LISTEN);
}

/** Active OPEN (RFC 9293 3.10.1): from CLOSED, or turning a LISTEN into it. */
export function openActive(tcb: Tcb, now: number): void {
  const { remote } = tcb;
  if ((tcb.state !== CLOSED && tcb.state !== LISTEN) || tcb.ended !== null) {
    throw new TcpError("connection-exists");
  }
  if (remote === null) throw new TcpError("remote-unspecified");
  if (!isOneHost(told(remote))) throw new TcpError("remote-invalid");
  nameRemote(tcb, remote, tcb.remotePort);
  tcb.passive = false;
  tcb.anyRemote = false;
  prepare(tcb, now);
  enter(tcb, SYN_SENT);
  tcb.owes |= OWE_SYN;
  startUserTimeout(tcb, now);
}

/**
 * SEND (RFC 9293 3.10.2). Takes as many bytes as the buffer has room for.
 *
 * @param more a following SEND continues this one: do not push a partial segment
 * @param urgent SND.UP moves behind these bytes
 * @returns how many were taken
 */
export function send(tcb: Tcb, bytes: Uint8Array, more: boolean, urgent: boolean, now: number): number {
  const { snd } = tcb;
  if (tcb.state === CLOSED) throw tcb.ended?.error ?? new TcpError("connection-does-not-exist");
  // "If the remote socket is specified, then change the connection from passive to active."
  if (tcb.state === LISTEN) openActive(tcb, now);
  if (!isIn(tcb.state, MAY_SEND) || snd.fin) throw new TcpError("connection-closing");
  const count = Math.min(bytes.length, sendRoom(tcb));
  if (count > 0) enqueue(tcb, count === bytes.length ? bytes : bytes.subarray(0, count));
  if (count < bytes.length) snd.starved = true;
  if (urgent) {
    snd.up = snd.end;
    snd.urgent = true;
  }
  if (!more) snd.pushed = snd.end;
  startUserTimeout(tcb, now);
  return count;
}

/**
 * RECEIVE (RFC 9293 3.10.3). Copies what has arrived, up to `target.length` bytes; 0 while nothing has.
 * What an orderly close left behind can be read in every state that follows it.
 */
export function receive(tcb: Tcb, target: Uint8Array): number {
  const available = readable(tcb);
  if (available === 0) {
    if (tcb.state === CLOSED && tcb.ended?.reason !== "finished")
      throw tcb.ended?.error ?? new TcpError("connection-does-not-exist");
    return 0;
  }
  const count = dequeue(tcb, target);
  if (count > 0 && tcb.state >= ESTABLISHED && !tcb.rcv.fin && isUpdateDue(tcb)) tcb.rcv.ackNow = true;
  return count;
}

/** CLOSE (RFC 9293 3.10.4): "I have no more data to send". What was sent before still arrives; receiving goes on. */
export function close(tcb: Tcb, now: number): void {
  switch (tcb.state) {
    case CLOSED:
      throw tcb.ended?.error ?? new TcpError("connection-does-not-exist");
    case LISTEN:
    case SYN_SENT:
      end(tcb, "aborted", null);
      break;
    case SYN_RECEIVED:
      // "If no SENDs have been issued ... form a FIN segment ...; otherwise, queue for processing after entering
      // ESTABLISHED": either way the FIN follows the data, and both need the peer's ACK first.
      finish(tcb, now);
      break;
    case ESTABLISHED:
      finish(tcb, now);
      enter(tcb, FIN_WAIT_1);
      break;
    case CLOSE_WAIT:
      finish(tcb, now);
      enter(tcb, LAST_ACK);
      break;
    default:
      throw new TcpError("connection-closing");
  }
}

/**
 * The application receives no more (the "full-duplex CLOSE" of RFC 9293 3.6.1): what waits is dropped, and
 * data that still comes is answered with RST.
 */
export function stopReceiving(tcb: Tcb, now: number): void {
  const { rcv } = tcb;
  if (tcb.state === CLOSED || rcv.deaf) return;
  const isLost = readable(tcb) > 0;
  rcv.deaf = true;
  if (isLost && isIn(tcb.state, RESETS_ON_ABORT)) abort(tcb);
  else limitFinWait2(tcb, now);
}

/** ABORT (RFC 9293 3.10.5): the connection is gone, and the peer is told with RST. */
export function abort(tcb: Tcb): void {
  if (tcb.state === CLOSED) {
    flushReceive(tcb);
    return;
  }
  if (isIn(tcb.state, RESETS_ON_ABORT)) queueReset(tcb);
  end(tcb, "aborted", tcb.state === TIME_WAIT ? null : new TcpError("connection-aborted"));
}

function finish(tcb: Tcb, now: number): void {
  tcb.snd.fin = true;
  tcb.snd.pushed = tcb.snd.end;
  startUserTimeout(tcb, now);
}
