import { addressSum } from "../wire/checksum.ts";
import { chosen, initialSequence } from "./isn.ts";
import { announcedMss } from "./options.ts";
import type { SocketAddress, Tcb } from "./tcb.ts";

/** Names the peer: ports and the pseudo-header's sum follow from it. */
export function nameRemote(tcb: Tcb, remote: SocketAddress): void {
  const { identity } = tcb;
  identity.remote = remote;
  tcb.ports = (identity.local.port << 16) | remote.port;
  tcb.pseudo = addressSum(identity.local.address, remote.address);
}

/** Chooses ISS and prepares the variables that SYN will show (RFC 9293 3.4.1, 3.10.1). The peer is known. */
export function prepare(tcb: Tcb, now: number): void {
  const { snd, rcv, settings, identity, rtt } = tcb;
  initialSequence(identity.key, identity.local.address, identity.remote!.address, tcb.ports, now);
  const isFixed = identity.isn >= 0;
  snd.iss = isFixed ? identity.isn | 0 : chosen.isn;
  tcb.ts.offset = isFixed ? 0 : chosen.timestampOffset;
  snd.una = snd.iss;
  snd.nxt = (snd.iss + 1) | 0;
  // What SEND queued before is numbered from here on.
  snd.end = snd.pushed = snd.smallEnd = snd.up = snd.nxt;
  rcv.mss = announcedMss(settings, identity.family);
  rcv.buffer = settings.rcvBuf;
  rtt.rto = settings.initialRto;
  rtt.backoff = 0;
  tcb.retransmits = 0;
}
