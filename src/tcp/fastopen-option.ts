import { EXID_FAST_OPEN } from "../../assembly/layout/options.ts";
import { OPT_EXPERIMENT_2, OPT_FAST_OPEN, OPT_NOP } from "../../assembly/layout/wire.ts";
import type { FastOpen } from "./fastopen-options.ts";
import { SYN_SENT } from "./state.ts";
import type { Tcb } from "./tcb.ts";

const EMPTY = new Uint8Array(0);

/** The cookie that our next SYN or SYN,ACK carries: empty to ask for one, null for no option at all. */
export function outgoingCookie(tcb: Tcb, fastOpen: FastOpen): Uint8Array | null {
  if (tcb.state !== SYN_SENT) return fastOpen.granted;
  const { cookie, cookieFor, withoutCookie } = fastOpen.options;
  if (isGivenUp(tcb, fastOpen) || cookieFor !== undefined || withoutCookie) return null;
  return cookie ?? EMPTY;
}

/** RFC 7413 4.1.3: a SYN that was lost may have been dropped for its option or its data, and goes without. */
export function isGivenUp(tcb: Tcb, fastOpen: FastOpen): boolean {
  return tcb.retransmits > 0 || fastOpen.isGivenUp;
}

/** Bytes of the Fast Open option of our next SYN or SYN,ACK, padding included. */
export function fastOpenLength(tcb: Tcb): number {
  const { fastOpen } = tcb;
  const cookie = fastOpen === null ? null : outgoingCookie(tcb, fastOpen);
  if (cookie === null) return 0;
  return (optionLength(fastOpen!, cookie) + 3) & ~3;
}

/** Writes it at `p`, behind NOPs that fill its words (RFC 7413 4.1.1). */
export function writeFastOpen(tcb: Tcb, dv: DataView, p: number): void {
  const { fastOpen } = tcb;
  const cookie = fastOpen === null ? null : outgoingCookie(tcb, fastOpen);
  if (fastOpen === null || cookie === null) return;
  const length = optionLength(fastOpen, cookie);
  let at = p;
  for (let padding = -length & 3; padding > 0; padding--) dv.setUint8(at++, OPT_NOP);
  dv.setUint8(at, fastOpen.isExperiment ? OPT_EXPERIMENT_2 : OPT_FAST_OPEN);
  dv.setUint8(at + 1, length);
  if (fastOpen.isExperiment) dv.setUint16(at + 2, EXID_FAST_OPEN);
  const from = at + length - cookie.length;
  for (let i = 0; i < cookie.length; i++) dv.setUint8(from + i, cookie[i]);
}

function optionLength(fastOpen: FastOpen, cookie: Uint8Array): number {
  return (fastOpen.isExperiment ? 4 : 2) + cookie.length;
}
