import { MAX_SACK_BLOCKS } from "../../assembly/layout/columns.ts";
import {
  OPT_NOP,
  OPT_SACK,
  OPT_USER_TIMEOUT,
  TCP_HEADER_MIN,
  TIMESTAMPS_PADDED,
  WINDOW_SCALE_MAX,
} from "../../assembly/layout/wire.ts";
import { accEcnLength, writeAccEcn } from "./accecn.ts";
import type { Settings } from "./settings.ts";
import type { Tcb } from "./tcb.ts";

// Options are written in whole words, in the order and with the padding that other kernels use (RFC 7323 A).
const SACK_PADDED = (OPT_NOP << 24) | (OPT_NOP << 16) | (OPT_SACK << 8);
export const TIMESTAMPS_BYTES = 12;
export const MAX_OPTIONS = 40;
const IPV4_AND_TCP = 40;
const IPV6_AND_TCP = 60;

/** What one packet may take now: no more than the path is known to let through. */
export function pathMtu(tcb: Tcb): number {
  const { search } = tcb.snd;
  return search === null ? knownMtu(tcb) : Math.min(search.low, knownMtu(tcb));
}

/** What the link and routers say that the path takes. */
export function knownMtu(tcb: Tcb): number {
  const { told } = tcb.snd;
  const { mtu } = tcb.settings;
  return told === null || told.mtu === 0 ? mtu : Math.min(told.mtu, mtu);
}

/** Bytes of the headers round the data of a segment without SACK. */
export function headers(tcb: Tcb): number {
  return fixedHeaders(tcb.family) + (tcb.timestamps ? TIMESTAMPS_BYTES : 0);
}

/** IP and TCP headers without options. */
export function fixedHeaders(family: number): number {
  return family === 6 ? IPV6_AND_TCP : IPV4_AND_TCP;
}

/** The MSS to announce: the fixed headers taken off, no options (RFC 9293 3.7.1, RFC 6691). */
export function announcedMss(settings: Settings, family: number): number {
  const fits = settings.mtu - fixedHeaders(family);
  return settings.mss === 0 ? fits : Math.min(settings.mss, fits);
}

/** The shift to announce: the least that expresses the largest buffer in 16 bits (RFC 7323 2.3). */
export function announcedScale(settings: Settings): number {
  if (settings.windowScale >= 0) return settings.windowScale;
  const units = Math.ceil(settings.rcvBufMax / 0xffff);
  return units <= 1 ? 0 : Math.min(WINDOW_SCALE_MAX, 32 - Math.clz32(units - 1));
}

/** Eff.snd.MSS (RFC 9293 3.7.1): what fits the peer and the path, less the options that every segment carries. */
export function updateMss(tcb: Tcb): void {
  const { snd, settings } = tcb;
  const path = pathMtu(tcb) - headers(tcb);
  const peer =
    Math.min(snd.peerMss, announcedMss(settings, tcb.family)) - (tcb.timestamps ? TIMESTAMPS_BYTES : 0);
  snd.mss = Math.max(1, Math.min(peer, path));
}

/** Bytes of options that any segment but SYN would carry now. */
export function optionsLength(tcb: Tcb): number {
  return (tcb.timestamps ? TIMESTAMPS_BYTES : 0) + variableLength(tcb);
}

/** Data bytes that fit a segment sent now: Eff.snd.MSS less the options that only some segments carry (RFC 9293 3.7.1, RFC 6691). */
export function dataRoom(tcb: Tcb): number {
  return Math.max(1, tcb.snd.mss - variableLength(tcb));
}

function variableLength(tcb: Tcb): number {
  const length = sackLength(tcb) + (tcb.announces ? 4 : 0);
  return tcb.ecn === null ? length : length + accEcnLength(tcb.ecn, optionRoom(tcb, length));
}

/** What is left for AccECN's counters: SACK goes first (RFC 9768 3.2.3.3). */
function optionRoom(tcb: Tcb, length: number): number {
  const header = MAX_OPTIONS - length - (tcb.timestamps ? TIMESTAMPS_BYTES : 0);
  return Math.min(header, tcb.snd.mss - length - LEAST_DATA);
}

function sackLength(tcb: Tcb): number {
  const blocks = sackBlocks(tcb);
  return blocks === 0 ? 0 : 4 + 8 * blocks;
}

/** Writes the options of any segment but SYN behind the fixed header at `at`: `optionsLength` bytes. */
export function writeOptions(tcb: Tcb, dv: DataView, at: number, now: number): void {
  const length = sackLength(tcb); // as `optionsLength` had it: an announcement leaves less room
  let p = at + TCP_HEADER_MIN;
  if (tcb.timestamps) {
    writeTimestampsOption(tcb, dv, p, now);
    p += TIMESTAMPS_BYTES;
  }
  const announced = tcb.announces ? 4 : 0;
  if (announced > 0) {
    dv.setInt32(p, userTimeoutOption(tcb.userTimeout));
    tcb.announces = false;
    p += 4;
  }
  const { ecn } = tcb;
  if (ecn !== null && ecn.bytes !== null) {
    const counters = accEcnLength(ecn, optionRoom(tcb, length + announced));
    if (counters > 0) writeAccEcn(ecn.bytes, dv, p, counters);
    p += counters;
  }
  if (length > 0) writeSack(tcb, dv, p, (length - 4) >> 3);
}

/** RFC 5482 4: seconds in 15 bits, or minutes with the top bit set. */
export function userTimeoutOption(ms: number): number {
  const seconds = Math.ceil(ms / 1000);
  const field = seconds < 0x8000 ? seconds : 0x8000 | Math.min(0x7fff, Math.ceil(seconds / 60));
  return (OPT_USER_TIMEOUT << 24) | (4 << 16) | field;
}

/** The timestamp clock: milliseconds (RFC 7323 5.4: 1 ms to 1 s a tick) from a point that is the connection's own. */
export function timestamp(tcb: Tcb, now: number): number {
  return (Math.floor(now) + tcb.tsOffset) | 0;
}

/** The option with its padding: `TIMESTAMPS_BYTES`. */
export function writeTimestampsOption(tcb: Tcb, dv: DataView, p: number, now: number): void {
  dv.setInt32(p, TIMESTAMPS_PADDED);
  writeTimestamps(tcb, dv, p + 4, now);
}

export function writeTimestamps(tcb: Tcb, dv: DataView, p: number, now: number): void {
  dv.setInt32(p, timestamp(tcb, now));
  dv.setInt32(p + 4, tcb.tsRecent);
}

// A peer or a path that takes only tiny segments gets data before it gets SACK blocks.
const LEAST_DATA = 8;

/** As many blocks as fit beside the timestamps, and into a segment of the peer's size. */
function sackBlocks(tcb: Tcb): number {
  const { rcv, snd } = tcb;
  if (!tcb.sack || (rcv.ahead === null && rcv.repeated === null)) return 0;
  const due = (rcv.repeated === null ? 0 : 1) + (rcv.ahead === null ? 0 : rcv.ahead.blocks);
  const header = tcb.timestamps || tcb.announces ? MAX_SACK_BLOCKS - 1 : MAX_SACK_BLOCKS;
  const segment = Math.max(0, (snd.mss - 4 - (tcb.announces ? 4 : 0) - LEAST_DATA) >> 3);
  return Math.min(due, header, segment);
}

/** A D-SACK first (RFC 2883 4), then the ranges, the latest first (RFC 2018 4). */
function writeSack(tcb: Tcb, dv: DataView, p: number, blocks: number): void {
  const { rcv } = tcb;
  dv.setInt32(p, SACK_PADDED | (2 + 8 * blocks));
  let written = 0;
  if (rcv.repeated !== null) {
    dv.setInt32(p + 4, rcv.repeated.left);
    dv.setInt32(p + 8, rcv.repeated.right);
    rcv.repeated = null;
    written = 1;
  }
  if (rcv.ahead !== null) rcv.ahead.report(dv, p + 4, written, blocks);
}
