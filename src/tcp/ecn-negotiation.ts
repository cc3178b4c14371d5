import { ACK, CWR, ECE } from "../../assembly/layout/wire.ts";
import { aceField, withAce } from "../wire/flags.ts";
import { noteOption } from "./accecn.ts";
import type { Segment } from "./arrives/segment.ts";
import { CE, ECT_0, ECT_1, Ecn, NOT_ECT } from "./ecn.ts";
import type { Settings } from "./settings.ts";
import type { Tcb } from "./tcb.ts";

// The ACE field in the handshake (RFC 9768 tables 2 and 3): how the SYN, or the SYN,ACK, arrived.
const HANDSHAKE_ACE = [0b010, 0b011, 0b100, 0b110]; // by codepoint
const OFFER_CLASSIC = 0b011;
const OFFER_ACCURATE = 0b111;

/** The bits of our SYN. It is sent again without them: a middlebox may drop what it does not know (RFC 9768 3.1.4). */
export function synFlags(tcb: Tcb): number {
  if (tcb.retransmits > 0) return 0;
  switch (tcb.settings.ecn) {
    case "accurate":
      return withAce(0, OFFER_ACCURATE);
    case "classic":
      return ECE | CWR;
    default:
      return 0;
  }
}

/** Takes a SYN's offer (RFC 3168 6.1.1.1, RFC 9768 3.1.2). */
export function acceptOffer(tcb: Tcb, seg: Segment): void {
  tcb.ecn = null;
  const offer = aceField(seg.flags);
  if (tcb.settings.ecn === "off" || offer === 0) return;
  // 3.1.3: any other combination is that of a later AccECN.
  const ecn = new Ecn(offer !== OFFER_CLASSIC);
  tcb.ecn = ecn;
  if (!ecn.accurate) return;
  ecn.handshake = HANDSHAKE_ACE[seg.ecn];
  if (seg.ecn === CE) ecn.marks++;
  ecn.bytes!.sends = true; // the SYN,ACK tries whether an option gets through
}

/** Takes the offer of a SYN that crosses ours: both sides settle on the less of the two. */
export function acceptCrossing(tcb: Tcb, seg: Segment): void {
  const { ecn } = tcb.settings;
  if (!mayAsk(tcb.settings)) tcb.ecn = null;
  else acceptOffer(tcb, seg);
  if (ecn === "classic" && tcb.ecn !== null) tcb.ecn = new Ecn(false);
}

/** The bits of our SYN,ACK. */
export function synAckFlags(tcb: Tcb): number {
  const { ecn } = tcb;
  if (ecn === null) return 0;
  return ecn.accurate ? withAce(0, ecn.handshake) : ECE;
}

/** Takes the answer that a SYN,ACK gives to our offer (RFC 9768 table 2). */
export function takeAnswer(tcb: Tcb, seg: Segment): void {
  const answer = aceField(seg.flags);
  const { ecn: offered } = tcb.settings;
  tcb.ecn = null;
  if (!mayAsk(tcb.settings) || answer === 0 || answer === OFFER_ACCURATE) return;
  if (answer === 0b001 || answer === 0b101) {
    tcb.ecn = new Ecn(false);
  } else if (offered === "accurate") {
    const ecn = new Ecn(true);
    // 3.2.2.3: our SYN was Not-ECT. Where something marked it all the same, marks tell nothing.
    if (answer !== HANDSHAKE_ACE[NOT_ECT]) ecn.capable = false;
    noteOption(ecn.bytes!, seg);
    if (seg.ecn === CE) ecn.marks++;
    ecn.handshake = HANDSHAKE_ACE[seg.ecn];
    tcb.ecn = ecn;
  }
}

/** The SYN,ACK came again: our ACK was lost, and what it said about the first is said about this one (RFC 9768 3.2.2.1). */
export function repeatAnswer(tcb: Tcb, seg: Segment): void {
  const { ecn } = tcb;
  if (ecn === null || !ecn.accurate || !(seg.flags & ACK) || seg.seq !== tcb.rcv.irs) return;
  ecn.handshake = HANDSHAKE_ACE[seg.ecn];
}

/** The ACK of our SYN,ACK tells how that arrived (RFC 9768 table 4). */
export function takeLastAck(tcb: Tcb, seg: Segment): void {
  const { ecn } = tcb;
  if (ecn === null || !ecn.accurate) return;
  const ace = aceField(seg.flags);
  if (ace === 0) ecn.capable = false; // wiped on the way: marks would never come back
  // With data it is a count already (3.2.2.1).
  if (seg.dataLength === 0) {
    // 3.2.2.3: our SYN,ACK was Not-ECT. Where something marked it all the same, marks tell nothing.
    const isMarked = ace === HANDSHAKE_ACE[CE];
    if (isMarked || ace === HANDSHAKE_ACE[ECT_0] || ace === HANDSHAKE_ACE[ECT_1]) ecn.capable = false;
    if (isMarked) ecn.reported++;
    ecn.isHandshake = true;
    ecn.isFirst = false;
  }
  ecn.handshake = -1;
  // Without an option on it ours do not get through, or the peer has none (3.2.3.2).
  ecn.bytes!.sends = false;
  noteOption(ecn.bytes!, seg);
}

function mayAsk(settings: Settings): boolean {
  return settings.ecn === "classic" || settings.ecn === "accurate";
}
