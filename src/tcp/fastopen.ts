import { FIN, SYN } from "../../assembly/layout/wire.ts";
import { copyOf } from "../wire/bytes.ts";
import { distance, lt } from "../wire/seq.ts";
import type { Segment } from "./arrives/segment.ts";
import { text } from "./arrives/steps/text.ts";
import { EVENT_COOKIE } from "./events.ts";
import { isGivenUp, outgoingCookie } from "./fastopen-option.ts";
import { type FastOpen, type FastOpenOptions, isCookie } from "./fastopen-options.ts";
import { takeFlight } from "./flight.ts";
import { told } from "./identity.ts";
import { repairUnreduced } from "./mtuprobe.ts";
import { announcedMss, dataRoom, fixedHeaders, pathMtu } from "./options.ts";
import { SYN_SENT } from "./state.ts";
import { defaultMss } from "./syn-options.ts";
import type { Tcb } from "./tcb.ts";
import { offerFirstWindow } from "./window.ts";

/** Bytes of the send queue that go with our SYN: what fits the MSS beside its options. */
export function synDataLength(tcb: Tcb, optionsLength: number): number {
  const { fastOpen, snd, settings, family } = tcb;
  if (fastOpen === null || tcb.state !== SYN_SENT) return 0;
  if (isGivenUp(tcb, fastOpen) || !(fastOpen.options.cookie || fastOpen.options.withoutCookie)) return 0;
  const peer = fastOpen.options.mss ?? defaultMss(family);
  const mss =
    Math.min(peer, announcedMss(settings, family), pathMtu(tcb) - fixedHeaders(family)) - optionsLength;
  return Math.max(0, Math.min(mss, distance((snd.iss + 1) | 0, snd.end)));
}

/** Our SYN has gone out with `length` bytes of data. */
export function noteSyn(tcb: Tcb, fastOpen: FastOpen, length: number): void {
  const { snd } = tcb;
  const cookie = outgoingCookie(tcb, fastOpen);
  if (length > 0 || cookie?.length) fastOpen.progress = "sent";
  else if (cookie !== null) fastOpen.progress = "requested";
  else if (isGivenUp(tcb, fastOpen) && fastOpen.progress !== "off") fastOpen.progress = "timedOut";
  // SND.NXT stays where the first SYN took it, also when it is sent again without: the peer may have the first.
  if (length > 0) snd.nxt = (snd.iss + 1 + length) | 0;
}

/** Our SYN, which brought data, is acknowledged up to `ack`: what that leaves out is sent again (section 4.2.1). */
export function synDataAnswered(tcb: Tcb, fastOpen: FastOpen, ack: number): void {
  if (ack === tcb.snd.nxt) {
    fastOpen.progress = "accepted";
    return;
  }
  if (fastOpen.progress === "sent") fastOpen.progress = "ignored";
  repeatSynData(tcb, ack);
}

/** A SYN,ACK answers our SYN, and may bring a cookie for the next time (section 4.1.3). */
export function takeCookie(tcb: Tcb, fastOpen: FastOpen, seg: Segment): void {
  if (seg.cookieLength <= 0 || fastOpen.options.withoutCookie) return; // what nobody asked for means nothing
  fastOpen.isExperiment = seg.cookieIsExperiment;
  fastOpen.received = tcb.pool.memory.u8.slice(seg.cookieAt, seg.cookieAt + seg.cookieLength);
  tcb.events |= EVENT_COOKIE;
}

/**
 * A listener has taken a SYN, and looks at its cookie (section 4.2.2). With a good one its data are taken too, if it
 * has any, and both sides may send before the handshake ends; with none, or a wrong one, the SYN,ACK brings the right
 * one.
 */
export function checkCookie(tcb: Tcb, fastOpen: FastOpen, seg: Segment, now: number): void {
  const { options } = fastOpen;
  fastOpen.reset();
  const right = rightCookie(tcb, options, seg);
  if (right !== undefined && !isWithoutCookie(options, seg)) {
    fastOpen.isExperiment = seg.cookieIsExperiment;
    if (!isSame(tcb, seg, right)) fastOpen.granted = copyOf(right);
  }
  if (isWelcome(tcb, fastOpen, seg, right) && options.mayAccept?.() !== false) {
    takeEarlyData(tcb, fastOpen, seg, now);
  }
}

/**
 * Whether a SYN may begin a connection at once: by its cookie, made with the present key or the one before, or where
 * none is needed.
 */
export function isWelcome(
  tcb: Tcb,
  { options }: FastOpen,
  seg: Segment,
  right = rightCookie(tcb, options, seg),
): boolean {
  if (isWithoutCookie(options, seg)) return true;
  if (right === undefined || seg.cookieLength === 0) return false;
  if (isSame(tcb, seg, right)) return true;
  const previous = options.previousCookieFor?.(told(tcb.remote!));
  return previous !== undefined && isSame(tcb, seg, previous);
}

function isWithoutCookie({ withoutCookie }: FastOpenOptions, seg: Segment): boolean {
  return withoutCookie === true && seg.dataLength > 0;
}

/** The cookie that the SYN should have brought; undefined where it has no such option, or nobody makes any. */
function rightCookie(tcb: Tcb, options: FastOpenOptions, seg: Segment): Uint8Array | undefined {
  if (seg.cookieLength < 0) return undefined;
  const right = options.cookieFor?.(told(tcb.remote!));
  if (right !== undefined && !isCookie(right))
    throw new RangeError("fastOpen.cookieFor: 4 to 16 bytes, even");
  return right;
}

/** The SYN's text, if any, as if it followed the handshake. A FIN waits for its repetition. */
function takeEarlyData(tcb: Tcb, fastOpen: FastOpen, seg: Segment, now: number): void {
  const { snd, cc, settings } = tcb;
  fastOpen.early = true;
  fastOpen.progress = seg.dataLength > 0 ? "accepted" : "admitted";
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

/**
 * Data of our SYN from `from` on count as lost, though to no congestion, and are sent again at once; what the peer's
 * window does not take counts as never sent.
 */
function repeatSynData(tcb: Tcb, from: number): void {
  const { snd } = tcb;
  snd.nxt = (from + Math.min(snd.wnd, distance(from, snd.nxt))) | 0;
  if (snd.nxt === from) return;
  const flight = takeFlight();
  snd.flight = flight;
  flight.highest = from;
  for (let start = from; lt(start, snd.nxt); ) {
    const end = (start + Math.min(dataRoom(tcb), distance(start, snd.nxt))) | 0;
    flight.push(start, end, snd.lastAt);
    flight.lose((flight.next - 1) | 0);
    start = end;
  }
  flight.decided = flight.next;
  repairUnreduced(tcb);
}

/** Compares without telling by the time it takes how much of a guess was right. */
function isSame(tcb: Tcb, seg: Segment, right: Uint8Array): boolean {
  if (seg.cookieLength !== right.length) return false;
  const { u8 } = tcb.pool.memory;
  let difference = 0;
  for (let i = 0; i < right.length; i++) difference |= u8[seg.cookieAt + i] ^ right[i];
  return difference === 0;
}
