import type { Address } from "../../wire/address.ts";
import { kept } from "../identity.ts";
import { nameRemote } from "../open.ts";
import { CLOSED, LISTEN, SYN_SENT } from "../state.ts";
import type { Tcb } from "../tcb.ts";
import { isNewSyn } from "../timewait.ts";
import { arrivesClosed } from "./closed.ts";
import { arrivesListen } from "./listen.ts";
import { arrivesPredicted } from "./predicted.ts";
import { readSegment, Segment } from "./segment.ts";
import { arrivesSynSent } from "./syn-sent.ts";
import { arrivesSynchronized } from "./synchronized.ts";
import { isIntact } from "./verify.ts";

const seg = new Segment();

/** `isNewSyn` for bytes; a bad checksum is no SYN. */
export function isSynOfNext(tcb: Tcb, at: number, length: number): boolean {
  return readSegment(seg, tcb.pool.memory, at, length) && isIntact(tcb, seg) && isNewSyn(tcb, seg);
}

/**
 * SEGMENT ARRIVES (RFC 9293 3.10.7): the `length` bytes at `at` in the endpoint's memory.
 *
 * @param ecn the IP header's ECN codepoint
 * @param from the packet's source address, where the endpoint takes any
 */
export function segmentArrives(
  tcb: Tcb,
  at: number,
  length: number,
  ecn: number,
  from: Address | null,
  now: number,
): void {
  if (arrivesPredicted(tcb, at, length, now)) return;
  const { state } = tcb;
  tcb.segmentsIn++;
  if (!readSegment(seg, tcb.pool.memory, at, length)) {
    tcb.incidents.malformed++;
    return;
  }
  seg.ecn = ecn;
  if (tcb.anyRemote && state <= LISTEN) {
    if (from === null) throw new TypeError("onSegment: a listener for any remote socket needs `from`");
    nameRemote(tcb, kept(from), seg.ports >>> 16);
  }
  if (((seg.ports >>> 16) | (seg.ports << 16)) !== tcb.ports) {
    tcb.incidents.malformed++; // not this connection's
    return;
  }
  if (!isIntact(tcb, seg)) {
    tcb.incidents.badChecksums++;
    return;
  }
  if (state === CLOSED) arrivesClosed(tcb, seg);
  else if (state === LISTEN) arrivesListen(tcb, seg, now);
  else if (state === SYN_SENT) arrivesSynSent(tcb, seg, now);
  else arrivesSynchronized(tcb, seg, now);
}
