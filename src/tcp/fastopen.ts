import { FIN, SYN } from "../../assembly/layout/wire.ts";
import { distance } from "../wire/seq.ts";
import type { Segment } from "./arrives/segment.ts";
import { text } from "./arrives/steps/text.ts";
import { EVENT_COOKIE } from "./events.ts";
import { outgoingCookie } from "./fastopen-option.ts";
import { type FastOpen, isCookie } from "./fastopen-options.ts";
import { announcedMss, fixedHeaders, pathMtu } from "./options.ts";
import { SYN_SENT } from "./state.ts";
import { defaultMss } from "./syn-options.ts";
import type { Tcb } from "./tcb.ts";
import { offerFirstWindow } from "./window.ts";

/** Bytes of the send queue that go with our SYN: what fits the MSS beside its options. */
export function synDataLength(tcb: Tcb, optionsLength: number): number {
  const { fastOpen, snd, settings, identity } = tcb;
  if (fastOpen === null || tcb.state !== SYN_SENT) return 0;
  const cookie = outgoingCookie(tcb, fastOpen);
  if (cookie === null || cookie.length === 0) return 0;
  const { family } = identity;
  const peer = fastOpen.options.mss ?? defaultMss(family);
  const mss =
    Math.min(peer, announcedMss(settings, family), pathMtu(tcb) - fixedHeaders(family)) - optionsLength;
  return Math.max(0, Math.min(mss, distance((snd.iss + 1) | 0, snd.end)));
}

/** Our SYN has gone out with `length` bytes of data. */
export function noteSyn(tcb: Tcb, fastOpen: FastOpen, length: number): void {
  const { snd } = tcb;
  const cookie = outgoingCookie(tcb, fastOpen);
  if (cookie !== null) fastOpen.progress = cookie.length > 0 ? "sent" : "requested";
  else if (tcb.retransmits > 0 && fastOpen.progress === "sent") fastOpen.progress = "timedOut";
  // SND.NXT stays where the first SYN took it, also when it is sent again without: the peer may have the first.
  if (length > 0) snd.nxt = (snd.iss + 1 + length) | 0;
}

/** A SYN,ACK answers our SYN: whether the data were taken, and a cookie for the next time (section 4.2.1). */
export function takeCookie(tcb: Tcb, fastOpen: FastOpen, seg: Segment): void {
  const taken = distance((tcb.snd.iss + 1) | 0, seg.ack);
  if (taken > 0) fastOpen.progress = "accepted";
  else if (fastOpen.progress === "sent" && tcb.snd.nxt !== seg.ack) fastOpen.progress = "ignored";
  if (seg.cookieLength <= 0) return;
  fastOpen.received = tcb.pool.memory.u8.slice(seg.cookieAt, seg.cookieAt + seg.cookieLength);
  tcb.events |= EVENT_COOKIE;
}

/**
 * A listener has taken a SYN, and looks at its cookie (section 4.2.2). With a good one its data are taken too,
 * and both sides may send before the handshake ends; with none, or a wrong one, the SYN,ACK brings the right one.
 */
export function checkCookie(tcb: Tcb, fastOpen: FastOpen, seg: Segment, now: number): void {
  const { options } = fastOpen;
  fastOpen.reset();
  if (options.cookieFor === undefined || seg.cookieLength < 0) return;
  const right = options.cookieFor(tcb.identity.remoteAddress!);
  if (!isCookie(right)) throw new RangeError("fastOpen.cookieFor: 4 to 16 bytes, even");
  fastOpen.isExperiment = seg.cookieIsExperiment;
  if (!isSame(tcb, seg, right)) fastOpen.granted = right.slice();
  else if (seg.dataLength > 0 && options.mayAccept?.() !== false) takeEarlyData(tcb, fastOpen, seg, now);
}

/** The SYN's text, as if it followed the handshake. A FIN waits for its repetition. */
function takeEarlyData(tcb: Tcb, fastOpen: FastOpen, seg: Segment, now: number): void {
  const { snd, cc, settings } = tcb;
  fastOpen.early = true;
  fastOpen.progress = "accepted";
  // What a user has seen does not become a listener again.
  tcb.passive = false;
  tcb.anyRemote = false;
  snd.maxWnd = snd.wnd;
  snd.wnd++; // it counts from SND.UNA, where our SYN still stands
  cc.cwnd = settings.initialCwnd * snd.mss;
  seg.flags &= ~(SYN | FIN);
  seg.seq = (seg.seq + 1) | 0;
  seg.dataLength = Math.min(seg.dataLength, offerFirstWindow(tcb));
  seg.len = seg.dataLength;
  text(tcb, seg, now);
}

/** Compares without telling by the time it takes how much of a guess was right. */
function isSame(tcb: Tcb, seg: Segment, right: Uint8Array): boolean {
  if (seg.cookieLength !== right.length) return false;
  const { u8 } = tcb.pool.memory;
  let difference = 0;
  for (let i = 0; i < right.length; i++) difference |= u8[seg.cookieAt + i] ^ right[i];
  return difference === 0;
}
