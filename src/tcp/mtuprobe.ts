import { distance, gt, le, lt } from "../wire/seq.ts";
import { LOSS, OPEN } from "./congestion/control.ts";
import { type Flight, LOST } from "./flight.ts";
import { MtuSearch } from "./mtu-search.ts";
import { announcedMss, dataRoom, fixedHeaders, headers, knownMtu, updateMss } from "./options.ts";
import type { Tcb } from "./tcb.ts";

/** The MSS at which a search begins, small enough for nearly every path (RFC 4821 7.2 eff_pmtu; Linux's tcp_base_mss). */
const BASE_MSS = 1024;
/** No black hole makes packets smaller than these: every path takes them (RFC 9293 3.7.1, RFC 8200 5). */
const LEAST_MTU_IPV4 = 576;
const LEAST_MTU_IPV6 = 1280;
/** A search that has come this near ends (Linux's tcp_probe_threshold). */
const NEAR_ENOUGH = 8;
/** ... and begins anew after this long, as the path may have changed (RFC 4821 7.3, RFC 8201 4). */
const PAUSE = 600_000;
/** A probe that was lost together with others tells nothing; the next one waits. */
const AFTER_DOUBT = 5000;
/** A probe is only sent by a window in which its loss is seen at once and costs little (RFC 4821 7.4). */
const LEAST_CWND = 11;

/** Begins the search, from where nearly every path lets packets through. */
export function startMtuSearch(tcb: Tcb): void {
  const high = largest(tcb);
  tcb.snd.search = new MtuSearch(Math.min(high, atLeast(tcb, BASE_MSS + headers(tcb))), high);
  updateMss(tcb);
}

/**
 * Retransmissions do not get through: perhaps because large packets fall into a hole that sends no ICMP (RFC 4821
 * 7.7). Segments become smaller with each further timeout.
 */
export function suspectBlackHole(tcb: Tcb): void {
  const { snd, settings } = tcb;
  if (settings.mtuProbing === "off") return;
  const { search } = snd;
  if (search === null) {
    startMtuSearch(tcb);
    return;
  }
  search.low = Math.min(search.low, atLeast(tcb, search.low >> 1));
  updateMss(tcb);
}

/**
 * Data bytes of a probe that should go now instead of an ordinary segment; 0 for none. `unsent` bytes wait, of
 * which the peer's window takes `usable`, and `pipe` are in flight.
 */
export function probeLength(
  tcb: Tcb,
  search: MtuSearch,
  unsent: number,
  usable: number,
  pipe: number,
  now: number,
): number {
  const { cc, snd, settings } = tcb;
  if (search.size > 0 || now < search.waitUntil || cc.phase !== OPEN) return 0;
  if (search.high - search.low < NEAR_ENOUGH) {
    search.waitUntil = now + PAUSE;
    search.high = largest(tcb);
    return 0;
  }
  if (cc.cwnd < LEAST_CWND * snd.mss || tcb.rcv.ahead !== null || snd.flight?.sacked) return 0;
  // Options of this segment alone would make the packet larger than it is meant to be.
  if (dataRoom(tcb) !== snd.mss) return 0;
  const length = ((search.low + search.high + 1) >> 1) - headers(tcb);
  // Enough must follow for duplicate acknowledgments to tell its loss.
  const needed = length + (settings.dupThresh + 1) * snd.mss;
  return needed <= Math.min(unsent, usable) && pipe + length <= cc.cwnd ? length : 0;
}

/** A probe of `length` data bytes went out; it ends at SND.NXT. */
export function noteMtuProbe(tcb: Tcb, search: MtuSearch, length: number): void {
  search.size = length + headers(tcb);
  search.end = tcb.snd.nxt;
  search.start = (search.end - length) | 0;
}

/** SND.UNA has moved: a probe that it covers got through (RFC 4821 7.6.1). */
export function noteProbeArrived(tcb: Tcb, search: MtuSearch): void {
  if (search.size === 0 || lt(tcb.snd.una, search.end)) return;
  search.low = Math.max(search.low, search.size);
  search.size = 0;
  updateMss(tcb);
}

/**
 * Losses were found. A probe that is lost alone was too large, and that is no congestion (RFC 4821 7.6.2): it is
 * sent again in pieces, and cwnd stays. With others it tells nothing.
 *
 * @returns true when nothing but the probe was lost
 */
export function isProbeLost(tcb: Tcb, search: MtuSearch, flight: Flight, now: number): boolean {
  if (search.size === 0) return false;
  const i = flight.slot(flight.find(search.start));
  if (flight.start[i] !== search.start || !(flight.marks[i] & LOST)) return false;
  const isAlone = flight.lost === distance(search.start, search.end);
  if (isAlone) search.high = Math.max(search.low, search.size - 1);
  else search.waitUntil = now + AFTER_DOUBT;
  search.size = 0;
  if (isAlone) repairUnreduced(tcb);
  return isAlone;
}

/** A part of the probe is sent again, for whatever reason: its acknowledgment would tell nothing. */
export function noteResent(search: MtuSearch, seq: number, now: number): void {
  if (search.size === 0 || lt(seq, search.start) || !lt(seq, search.end)) return;
  search.size = 0;
  search.waitUntil = now + AFTER_DOUBT;
}

/** A timeout, with the probe the oldest in flight: it may well be what is lost. */
export function probeTimedOutToo(tcb: Tcb, search: MtuSearch): void {
  if (search.size === 0) return;
  if (le(search.start, tcb.snd.una) && gt(search.end, tcb.snd.una)) {
    search.high = Math.max(search.low, search.size - 1);
  }
  search.size = 0;
}

/** What is lost is sent again as after a timeout, but cwnd stays: no congestion was the cause. */
export function repairUnreduced(tcb: Tcb): void {
  const { cc, snd, recovery } = tcb;
  if (cc.phase === LOSS) return;
  if (recovery !== null) {
    recovery.undoable = false;
    recovery.frto = 0;
  }
  cc.phase = LOSS;
  cc.recover = snd.nxt;
}

/** The largest packet worth trying: what the link, ICMP and the peer's MSS allow. */
function largest(tcb: Tcb): number {
  const { settings, family, snd } = tcb;
  const peer = Math.min(snd.peerMss, announcedMss(settings, family)) + fixedHeaders(family);
  return Math.min(knownMtu(tcb), peer);
}

function atLeast(tcb: Tcb, mtu: number): number {
  return Math.max(mtu, tcb.family === 6 ? LEAST_MTU_IPV6 : LEAST_MTU_IPV4);
}
