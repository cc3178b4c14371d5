import { SYN } from "../../assembly/layout/wire.ts";
import { aceField, withAce } from "../wire/flags.ts";
import { takeOffer } from "./arrives/listen.ts";
import { Segment } from "./arrives/segment.ts";
import { TcpError } from "./errors.ts";
import { nameRemote, number, prepare } from "./open.ts";
import { startRetransmitTimer } from "./rto.ts";
import { CLOSED } from "./state.ts";
import type { Tcb } from "./tcb.ts";
import { offerFirstWindow } from "./window.ts";

/**
 * A connection request that a listener has answered without making a connection of it (RFC 4987 3.3): what
 * the SYN said, and the number that our SYN,ACK began with. `Endpoint.resume` makes the connection.
 */
export interface ConnectionRequest {
  /** SEG.SEQ of the SYN: IRS. */
  readonly seq: number;
  /** ISS of our SYN,ACK. */
  readonly iss: number;
  /** SEG.WND of the SYN, never scaled. */
  readonly wnd: number;
  /** Its MSS option; 0 without one. */
  readonly mss: number;
  /** Its window scale option; -1 without one. */
  readonly windowScale: number;
  readonly sackPermitted: boolean;
  readonly hasTimestamps: boolean;
  /** Its TSval. */
  readonly tsval: number;
  /** Its ACE field, 0 to 7 (RFC 9768 3.1.1), and its IP header's ECN codepoint. */
  readonly ace: number;
  readonly ecn: number;
  /** When the SYN,ACK was sent; Infinity where nothing remembers that. */
  readonly sentAt: number;
  /** Times that it was sent again. */
  readonly retransmits: number;
}

/** The request that a SYN makes. @param iss of the SYN,ACK that is sent now */
export function requestOf(from: Segment, iss: number, now: number): ConnectionRequest {
  return {
    seq: from.seq,
    iss,
    wnd: from.wnd,
    mss: from.mss,
    windowScale: from.windowScale,
    sackPermitted: from.sackPermitted,
    hasTimestamps: from.hasTimestamps,
    tsval: from.tsval,
    ace: aceField(from.flags),
    ecn: from.ecn,
    sentAt: now,
    retransmits: 0,
  };
}

const syn = new Segment();

/**
 * CLOSED to SYN-RECEIVED with a request that has been answered already.
 * @throws {TcpError} `connection-exists`, `remote-unspecified`
 */
export function resume(tcb: Tcb, request: ConnectionRequest, now: number): void {
  const { remote } = tcb;
  if (tcb.state !== CLOSED || tcb.ended !== null) throw new TcpError("connection-exists");
  if (remote === null) throw new TcpError("remote-unspecified");
  nameRemote(tcb, remote, tcb.remotePort);
  replay(tcb, request, now);
  startRetransmitTimer(tcb, now);
}

/** SYN-RECEIVED as it was when the SYN,ACK had been sent. The remote socket is named. */
export function replay(tcb: Tcb, request: ConnectionRequest, now: number): void {
  syn.seq = request.seq | 0;
  syn.flags = withAce(SYN, request.ace);
  syn.ecn = request.ecn;
  syn.wnd = request.wnd;
  syn.mss = request.mss;
  syn.windowScale = request.windowScale;
  syn.sackPermitted = request.sackPermitted;
  syn.hasTimestamps = request.hasTimestamps;
  syn.tsval = request.tsval | 0;
  prepare(tcb, now);
  number(tcb.snd, request.iss | 0);
  takeOffer(tcb, syn, now);
  offerFirstWindow(tcb);
  tcb.snd.lastAt = request.sentAt;
  tcb.retransmits = request.retransmits;
  tcb.rtt.backoff = request.retransmits;
}
