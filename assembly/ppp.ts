// PPP and its neighbours: HDLC framing, Cisco's HDLC, PPPoE.
import { load16 } from "./bytes";
import { count } from "./counters";
import { at, lacks, limit, short, skip } from "./cursor";
import {
  COUNT_MALFORMED_LINK,
} from "./layout/state";
import {
  CHDLC_MULTICAST,
  CHDLC_UNICAST,
  PPP_ADDRESS_CONTROL,
  PPP_IPV4,
  PPP_IPV6,
  PPP_MPLS,
  PPP_MPLS_MULTICAST,
  PPP_MULTILINK,
} from "./layout/tunnel";
import { ETHERTYPE_IPV4, ETHERTYPE_IPV6, ETHERTYPE_MPLS } from "./layout/capture";
import { ETHERTYPE, NOTHING } from "./next";

const PPPOE_HEADER: u32 = 6;
const PPPOE_VERSION_TYPE: u32 = 0x11;
const MULTILINK_WHOLE: u32 = 0xc0; // beginning and end in one fragment

/** PPP with or without HDLC's address and control bytes (RFC 1662 3.1, 3.2), or Cisco's HDLC in its place. */
export function pppHeader(): u32 {
  if (lacks(2)) return short(2, COUNT_MALFORMED_LINK);
  const first: u32 = load<u8>(at);
  if (first == CHDLC_UNICAST || first == CHDLC_MULTICAST) return cisco();
  if (load16(at) == PPP_ADDRESS_CONTROL) skip(2);
  return pppProtocol();
}

/** The protocol field: two bytes, or one where it is compressed, which the low bit tells (RFC 1661 2). */
export function pppProtocol(): u32 {
  if (lacks(1)) return short(1, COUNT_MALFORMED_LINK);
  let protocol: u32 = load<u8>(at);
  if (protocol & 1) skip(1);
  else {
    if (lacks(2)) return short(2, COUNT_MALFORMED_LINK);
    protocol = load16(at);
    skip(2);
  }
  switch (protocol) {
    case PPP_IPV4:
      return ETHERTYPE | ETHERTYPE_IPV4;
    case PPP_IPV6:
      return ETHERTYPE | ETHERTYPE_IPV6;
    case PPP_MPLS:
    case PPP_MPLS_MULTICAST:
      return ETHERTYPE | ETHERTYPE_MPLS;
    case PPP_MULTILINK:
      return multilink();
    default:
      return NOTHING;
  }
}

/** PPPoE session (RFC 2516 4): version and type, code, session, length, then PPP without HDLC. */
export function pppoe(): u32 {
  if (lacks(PPPOE_HEADER)) return short(PPPOE_HEADER, COUNT_MALFORMED_LINK);
  if (load<u8>(at) != PPPOE_VERSION_TYPE || load<u8>(at, 1) != 0) {
    count(COUNT_MALFORMED_LINK);
    return NOTHING;
  }
  const length = load16(at + 4);
  skip(PPPOE_HEADER);
  limit(length);
  return pppProtocol();
}

/** Cisco HDLC: address, control, EtherType (RFC 1547 4.3.1). */
export function cisco(): u32 {
  if (lacks(4)) return short(4, COUNT_MALFORMED_LINK);
  const type = load16(at + 2);
  skip(4);
  return ETHERTYPE | type;
}

// RFC 1990 3: what is whole in one fragment can be followed; the rest would need reassembly.
function multilink(): u32 {
  if (lacks(4)) return short(4, COUNT_MALFORMED_LINK);
  const bits: u32 = load<u8>(at);
  skip(4);
  if ((bits & MULTILINK_WHOLE) != MULTILINK_WHOLE || lacks(2)) return NOTHING;
  const protocol = load16(at);
  skip(2);
  return protocol == PPP_IPV4
    ? ETHERTYPE | ETHERTYPE_IPV4
    : protocol == PPP_IPV6
      ? ETHERTYPE | ETHERTYPE_IPV6
      : NOTHING;
}
