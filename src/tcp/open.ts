import { type Address, addressBytes } from "../wire/address.ts";
import { get32 } from "../wire/bytes.ts";
import { addressSum } from "../wire/checksum.ts";
import { gt } from "../wire/seq.ts";
import { OPEN } from "./congestion/control.ts";
import { told } from "./identity.ts";
import { chosen, initialSequence } from "./isn.ts";
import { announcedMss } from "./options.ts";
import type { SendVariables } from "./send-variables.ts";
import type { Tcb } from "./tcb.ts";

/** Names the peer: ports and the pseudo-header's sum follow from it. */
export function nameRemote(tcb: Tcb, address: Address, port: number): void {
  tcb.remote = address;
  tcb.ports = (tcb.localPort << 16) | port;
  tcb.pseudo = addressSum(told(tcb.local), told(address));
}

/**
 * Whether an address can be one host's: not that of many, nor of nobody (MUST-46). The broadcast address of a subnet is
 * known to its hosts alone.
 */
export function isOneHost(address: Address): boolean {
  if (typeof address === "number") return address !== 0 && address >>> 28 !== 0xe && address !== 0xffffffff;
  const bytes = addressBytes(address);
  if (bytes.length === 4) return isOneHost(get32(bytes, 0));
  return bytes[0] !== 0xff && bytes.some((byte) => byte !== 0);
}

// How far a new connection's numbers keep from an old one's whose clock has not moved enough.
const STEP = 64_000;

/**
 * Chooses ISS and prepares the variables that SYN will show (RFC 9293 3.4.1, 3.10.1). The peer is known.
 *
 * @param after the number that an earlier connection of the same sockets had reached, which ISS must pass
 */
export function prepare(tcb: Tcb, now: number, after?: number): void {
  const { snd, rcv, settings, rtt, cc } = tcb;
  initialSequence(tcb.key, tcb.local, tcb.remote!, tcb.ports, now);
  const iss = tcb.fixedIss ?? chosen.isn;
  tcb.tsOffset = tcb.fixedIss === null ? chosen.timestampOffset : 0;
  number(snd, after !== undefined && !gt(iss, after) ? (after + STEP) | 0 : iss);
  rcv.mss = announcedMss(settings, tcb.family);
  rcv.buffer = settings.rcvBuf;
  rcv.wnd = 0;
  rtt.rto = settings.initialRto;
  rtt.backoff = 0;
  tcb.retransmits = 0;
  cc.phase = OPEN;
  cc.ssthresh = 0x7fffffff;
  cc.memory = null;
  cc.hystart = null;
}

/** Numbers what is sent from `iss` on. Nothing has been queued yet. */
export function number(snd: SendVariables, iss: number): void {
  snd.iss = iss;
  snd.una = snd.smallEnd = iss;
  snd.nxt = (iss + 1) | 0;
  snd.end = snd.pushed = snd.up = snd.nxt;
}
