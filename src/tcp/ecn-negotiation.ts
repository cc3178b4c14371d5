import { CWR, ECE } from "../../assembly/layout/wire.ts";
import { aceField, withAce } from "../wire/flags.ts";
import type { Segment } from "./arrives/segment.ts";
import { CE, Ecn, FIRST_COUNT } from "./ecn.ts";
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
    if (answer === HANDSHAKE_ACE[CE]) ecn.reported++;
    if (seg.ecn === CE) ecn.marks++;
    ecn.handshake = HANDSHAKE_ACE[seg.ecn];
    tcb.ecn = ecn;
  }
}

/** The ACK of our SYN,ACK tells how that arrived (RFC 9768 table 4). */
export function takeLastAck(tcb: Tcb, seg: Segment): void {
  const { ecn } = tcb;
  if (ecn === null || !ecn.accurate) return;
  const ace = aceField(seg.flags);
  if (ace === 0) ecn.capable = false; // wiped on the way: marks would never come back
  ecn.reported = ace === HANDSHAKE_ACE[CE] ? FIRST_COUNT + 1 : FIRST_COUNT;
  ecn.handshake = -1;
}

function mayAsk(settings: Settings): boolean {
  return settings.ecn === "classic" || settings.ecn === "accurate";
}
