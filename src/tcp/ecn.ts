import { CWR, ECE } from "../../assembly/layout/wire.ts";
import { withAce } from "../wire/flags.ts";
import { ByteCounters } from "./accecn-counters.ts";

// The IP header's codepoints (RFC 3168 5).
export const NOT_ECT = 0;
export const ECT_1 = 1;
export const ECT_0 = 2;
export const CE = 3;

/** r.cep and s.cep begin at 5, so that an ACE field wiped to 0 shows (RFC 9768 3.2.1). */
export const FIRST_COUNT = 5;

/** What a connection that has negotiated ECN keeps (RFC 3168 6.1, RFC 9768 3.2). */
export class Ecn {
  /** AccECN; else the classic ECN of RFC 3168. */
  readonly accurate: boolean;
  /** Our data goes out as ECT(0). */
  capable = true;

  /** Classic: CWR is due on the next new segment. */
  reduced = false;
  /** Classic: ECE is due until the peer's CWR. */
  echoes = false;

  /** AccECN: CE marks that arrived (r.cep), and those of ours that the peer has reported (s.cep). */
  marks = FIRST_COUNT;
  reported = FIRST_COUNT;
  /** AccECN: marks since our last acknowledgment. */
  untold = 0;
  /** AccECN: what the handshake's last ACK says instead of `marks`; -1 later. */
  handshake = -1;

  /** AccECN: TSval of the newest feedback taken. */
  tsval = 0;
  /** AccECN: the acknowledgment at hand tells how our SYN,ACK arrived, and counts nothing. */
  isHandshake = false;
  /** AccECN: no feedback has been taken since the handshake. */
  isFirst = true;
  readonly bytes: ByteCounters | null;

  constructor(accurate: boolean) {
    this.accurate = accurate;
    this.bytes = accurate ? new ByteCounters() : null;
  }
}

/** The bits that any segment but SYN and RST carries. */
export function segmentFlags(ecn: Ecn, isNewData: boolean): number {
  if (ecn.accurate) {
    const ace = ecn.handshake >= 0 ? ecn.handshake : ecn.marks;
    ecn.handshake = -1; // a pure ACK goes before any data: see `takeSyn`
    ecn.untold = 0;
    return withAce(0, ace);
  }
  let flags = ecn.echoes ? ECE : 0;
  if (isNewData && ecn.reduced) {
    ecn.reduced = false;
    flags |= CWR;
  }
  return flags;
}
