import { distance } from "../wire/seq.ts";
import { type Flight, SACKED } from "./flight.ts";
import type { MtuSearch } from "./mtu-search.ts";
import { repairUnreduced } from "./mtuprobe.ts";
import { fixedHeaders, headers, pathMtu, updateMss } from "./options.ts";
import { ToldMtu } from "./send-variables.ts";
import { SYN_SENT } from "./state.ts";
import { OWE_SYN, type Tcb } from "./tcb.ts";
import { NEVER } from "./timers.ts";

// The least MTU a path may have (RFC 791, RFC 8200 5), below which a message is a lie or a mistake. IPv6's is discarded
// (RFC 8201 4): no fragment header is added in its place any more (RFC 8021).
const LEAST_MTU_IPV4 = 68;
const LEAST_MTU_IPV6 = 1280;
/** For routers that tell no MTU (RFC 1191 7.1): plateaus below the packet that did not fit. */
const PLATEAUS = [32000, 17914, 8166, 4352, 2002, 1492, 1280, 1006, 508, 296, 68];

/**
 * Path MTU discovery (RFC 1191, RFC 8201): a router could not forward a packet of ours and says what it can.
 *
 * A message that contradicts what has already got through is put aside until a retransmission timeout
 * speaks for it too (RFC 5927 7.2): a forger could otherwise make us send crumbs.
 *
 * @param mtu as told; 0 when the router told none
 * @returns false when the message is not believed, or not yet
 */
export function packetTooBig(tcb: Tcb, mtu: number): boolean {
  const { snd } = tcb;
  const current = pathMtu(tcb);
  const told = mtu === 0 ? (PLATEAUS.find((plateau) => plateau < current) ?? LEAST_MTU_IPV4) : mtu;
  const least = tcb.family === 6 ? LEAST_MTU_IPV6 : LEAST_MTU_IPV4;
  if (told < least) return false;
  if (told >= current) return snd.search !== null && isProbeTooBig(tcb, snd.search, told);
  if (told < snd.proven && tcb.retransmits === 0) {
    snd.told ??= new ToldMtu();
    snd.told.doubtful = told;
    return false;
  }
  lowerMtu(tcb, told);
  return true;
}

/** What a router says of a probe narrows the search. */
function isProbeTooBig(tcb: Tcb, search: MtuSearch, told: number): boolean {
  const { flight } = tcb.snd;
  if (search.size <= told || flight === null) return false;
  search.high = Math.min(search.high, told);
  search.size = 0;
  if (loseLarge(flight, tcb.snd.mss)) repairUnreduced(tcb);
  return true;
}

/** A retransmission timeout: a message that was put aside is believed now. */
export function reconsiderMtu(tcb: Tcb): void {
  const { snd } = tcb;
  if (snd.told === null || snd.told.doubtful === 0) return;
  lowerMtu(tcb, snd.told.doubtful);
}

/** An acknowledgment of `bytes` of data in one segment: packets of that size get through. */
export function noteProven(tcb: Tcb, bytes: number): void {
  const size = bytes + headers(tcb);
  const { snd } = tcb;
  if (size > snd.proven) snd.proven = size;
  if (snd.told !== null) snd.told.doubtful = 0;
}

/** The setting `mtu` was `before`: the first link takes less now, or more. What a router told of the path still holds. */
export function linkMtuChanged(tcb: Tcb, before: number): void {
  const { mtu } = tcb.settings;
  if (mtu < before) shrink(tcb, mtu);
  else updateMss(tcb);
}

function lowerMtu(tcb: Tcb, mtu: number): void {
  const { snd } = tcb;
  snd.told ??= new ToldMtu();
  snd.told.mtu = mtu;
  snd.told.doubtful = 0;
  shrink(tcb, mtu);
}

/** Segments in flight that no longer fit are sent again in pieces, at once; that is no congestion (RFC 1191 6.5). */
function shrink(tcb: Tcb, mtu: number): void {
  const { snd } = tcb;
  const { flight } = snd;
  snd.proven = 0;
  if (snd.search !== null) snd.search.high = Math.min(snd.search.high, mtu);
  updateMss(tcb);
  if (tcb.state === SYN_SENT) shrinkSyn(tcb, mtu);
  if (flight === null || !loseLarge(flight, snd.mss)) return;
  if (!tcb.sack) flight.sacked = 0; // duplicates stood for segments that are lost now
  repairUnreduced(tcb);
}

/**
 * A SYN with data did not fit: it goes again at once, without (RFC 7413 4.1.3), and asks for segments that are likely to
 * fit the way back too.
 */
function shrinkSyn(tcb: Tcb, mtu: number): void {
  const { fastOpen, rcv, snd, timers } = tcb;
  if (fastOpen === null || snd.nxt === ((snd.iss + 1) | 0)) return;
  fastOpen.isGivenUp = true;
  rcv.mss = Math.min(rcv.mss, mtu - fixedHeaders(tcb.family));
  timers.retransmit = NEVER;
  tcb.owes |= OWE_SYN;
}

function loseLarge(flight: Flight, mss: number): boolean {
  let any = false;
  for (let row = flight.first; row !== flight.next; row = (row + 1) | 0) {
    const i = flight.slot(row);
    if (flight.marks[i] & SACKED || distance(flight.start[i], flight.end[i]) <= mss) continue;
    flight.lose(row);
    any = true;
  }
  return any;
}
