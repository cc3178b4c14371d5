import {
  OPT_MSS,
  OPT_NOP,
  OPT_SACK_PERMITTED,
  OPT_TIMESTAMPS,
  OPT_WINDOW_SCALE,
  TCP_HEADER_MIN,
  TIMESTAMPS_PADDED,
  WINDOW_SCALE_MAX,
} from "../../assembly/layout/wire.ts";
import { accEcnLength, writeAccEcn } from "./accecn.ts";
import type { Segment } from "./arrives/segment.ts";
import { fastOpenLength, writeFastOpen } from "./fastopen-option.ts";
import {
  announcedScale,
  MAX_OPTIONS,
  TIMESTAMPS_BYTES,
  updateMss,
  userTimeoutOption,
  writeTimestamps,
} from "./options.ts";
import type { Settings, SettingsInput } from "./settings.ts";
import { SYN_SENT } from "./state.ts";
import type { Tcb } from "./tcb.ts";

const MSS_WORD = (OPT_MSS << 24) | (4 << 16);
const SACK_PERMITTED_BEFORE_TIMESTAMPS = (OPT_SACK_PERMITTED << 24) | (2 << 16) | (OPT_TIMESTAMPS << 8) | 10;
const SACK_PERMITTED_PADDED = (OPT_NOP << 24) | (OPT_NOP << 16) | (OPT_SACK_PERMITTED << 8) | 2;
const WINDOW_SCALE_PADDED = (OPT_NOP << 24) | (OPT_WINDOW_SCALE << 16) | (3 << 8);

// RFC 9293 3.7.1: without the option, 536 over IPv4 and 1220 over IPv6.
const DEFAULT_MSS_IPV4 = 536;
const DEFAULT_MSS_IPV6 = 1220;

/** Bytes of options of SYN (all that the settings allow) or SYN,ACK (what the peer's SYN agreed to). */
export function synOptionsLength(tcb: Tcb): number {
  const has = synOptions(tcb);
  const length = synLength(has) + fastOpenLength(tcb);
  return length + countersLength(tcb, length);
}

/** Writes them behind the fixed header at `at`. */
export function writeSynOptions(tcb: Tcb, dv: DataView, at: number, now: number): void {
  const has = synOptions(tcb);
  let p = at + TCP_HEADER_MIN;
  dv.setInt32(p, MSS_WORD | tcb.rcv.mss);
  p += 4;
  if (has & HAS_TIMESTAMPS) {
    dv.setInt32(p, has & HAS_SACK ? SACK_PERMITTED_BEFORE_TIMESTAMPS : TIMESTAMPS_PADDED);
    writeTimestamps(tcb, dv, p + 4, now);
    p += TIMESTAMPS_BYTES;
  } else if (has & HAS_SACK) {
    dv.setInt32(p, SACK_PERMITTED_PADDED);
    p += 4;
  }
  if (has & HAS_SCALE) {
    dv.setInt32(p, WINDOW_SCALE_PADDED | announcedScale(tcb.settings));
    p += 4;
  }
  if (has & HAS_USER_TIMEOUT) {
    dv.setInt32(p, userTimeoutOption(tcb.userTimeout));
    p += 4;
  }
  writeFastOpen(tcb, dv, p);
  p += fastOpenLength(tcb);
  const counters = countersLength(tcb, p - at - TCP_HEADER_MIN);
  if (counters > 0) writeAccEcn(tcb.ecn!.bytes!, dv, p, counters);
}

/** Bytes of AccECN's option on a SYN,ACK; when sent again it goes without, should that be what was in the way (RFC 9768 3.2.3.2.2). */
function countersLength(tcb: Tcb, before: number): number {
  const { ecn } = tcb;
  if (ecn === null || tcb.state === SYN_SENT || tcb.retransmits > 0) return 0;
  return accEcnLength(ecn, MAX_OPTIONS - before);
}

const HAS_TIMESTAMPS = 1;
const HAS_SACK = 2;
const HAS_SCALE = 4;
const HAS_USER_TIMEOUT = 8;

function synOptions(tcb: Tcb): number {
  const { settings } = tcb;
  const offers = tcb.state === SYN_SENT;
  const has =
    ((offers ? settings.timestamps : tcb.timestamps) ? HAS_TIMESTAMPS : 0) |
    ((offers ? settings.sack : tcb.sack) ? HAS_SACK : 0) |
    ((offers ? settings.windowScaling : tcb.scaling) ? HAS_SCALE : 0);
  if (!settings.announceUserTimeout || tcb.userTimeout === 0) return has;
  // The first segment after the handshake announces it too: here it makes room for a long cookie.
  return synLength(has) + fastOpenLength(tcb) + 4 <= MAX_OPTIONS ? has | HAS_USER_TIMEOUT : has;
}

function synLength(has: number): number {
  let length = 4;
  if (has & HAS_TIMESTAMPS) length += TIMESTAMPS_BYTES;
  else if (has & HAS_SACK) length += 4;
  if (has & HAS_SCALE) length += 4;
  if (has & HAS_USER_TIMEOUT) length += 4;
  return length;
}

/** What a SYN says holds for the connection's life: a retransmission says it again, and the answer is taken by it. */
export function saidInSyn(settings: Settings): SettingsInput {
  const { windowScaling, timestamps, sack, ecn } = settings;
  return { windowScaling, windowScale: announcedScale(settings), timestamps, sack, ecn };
}

/** The MSS of a peer that announces none. */
export function defaultMss(family: number): number {
  return family === 6 ? DEFAULT_MSS_IPV6 : DEFAULT_MSS_IPV4;
}

/**
 * Takes what SYN or SYN,ACK offered, where our settings (for a SYN) or our own offer (for a SYN,ACK: the
 * same settings) agree to it. Without an option its mechanism is off for the connection's life.
 */
export function negotiate(tcb: Tcb, seg: Segment, now: number): void {
  const { settings, snd, rcv } = tcb;
  snd.peerMss = Math.max(seg.mss === 0 ? defaultMss(tcb.family) : seg.mss, settings.minMss);
  tcb.sack = settings.sack && seg.sackPermitted;
  tcb.timestamps = settings.timestamps && seg.hasTimestamps;
  if (tcb.timestamps) {
    tcb.tsRecent = seg.tsval;
    tcb.tsRecentAt = Math.floor(now / 1000);
  }
  tcb.scaling = settings.windowScaling && seg.windowScale >= 0;
  snd.scale = tcb.scaling ? Math.min(seg.windowScale, WINDOW_SCALE_MAX) : 0;
  rcv.scale = tcb.scaling ? announcedScale(settings) : 0;
  updateMss(tcb);
}
