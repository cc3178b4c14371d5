// What an EtherType announces, with the tags and labels that may come before the packet.
import { load16, load32 } from "./bytes";
import { count } from "./counters";
import { at, have, lacks, left, passTag, passTunnel, short, skip } from "./cursor";
import {
  ETHERTYPE_ARP,
  ETHERTYPE_IPV4,
  ETHERTYPE_IPV6,
  ETHERTYPE_MPLS,
  ETHERTYPE_MPLS_MULTICAST,
  ETHERTYPE_NSH,
  ETHERTYPE_PBB,
  ETHERTYPE_PPP,
  ETHERTYPE_PPPOE_SESSION,
  ETHERTYPE_QINQ,
  ETHERTYPE_QINQ_OLD,
  ETHERTYPE_TEB,
  ETHERTYPE_VLAN,
} from "./layout/capture";
import { MAX_TAGS } from "./layout/limits";
import { COUNT_MALFORMED_LINK, COUNT_TOO_DEEP } from "./layout/state";
import {
  MPLS_BOTTOM,
  MPLS_LABEL_GAL,
  MPLS_LABEL_IPV6_NULL,
  NSH_ETHERNET,
  NSH_IPV4,
  NSH_IPV6,
  NSH_MPLS,
} from "./layout/tunnel";
import { IPV4, IPV6, typeOrLength } from "./link";
import { ETHERNET, ETHERTYPE, NOTHING, PPP_HEADER, PSEUDOWIRE } from "./next";
import { pppoe } from "./ppp";

/** What follows an EtherType. */
export function ethertype(type: u32): u32 {
  switch (type) {
    case ETHERTYPE_IPV4:
      return IPV4;
    case ETHERTYPE_IPV6:
      return IPV6;
    case ETHERTYPE_VLAN:
    case ETHERTYPE_QINQ:
    case ETHERTYPE_QINQ_OLD:
      return vlan();
    case ETHERTYPE_MPLS:
    case ETHERTYPE_MPLS_MULTICAST:
      return mpls();
    case ETHERTYPE_PPPOE_SESSION:
      return pppoe();
    case ETHERTYPE_PPP:
      return PPP_HEADER;
    case ETHERTYPE_TEB:
      return ETHERNET;
    case ETHERTYPE_PBB:
      return backbone();
    case ETHERTYPE_NSH:
      return serviceHeader();
    default:
      return NOTHING;
  }
}

// IEEE 802.1Q 9.6: the tag's 16 bits, then a type or length as in Ethernet. A stack is taken whole.
function vlan(): u32 {
  for (let n = 0; n < MAX_TAGS; n++) {
    if (lacks(4)) return short(4, COUNT_MALFORMED_LINK);
    passTag(load16(at));
    const type = load16(at + 2);
    skip(4);
    if (type != ETHERTYPE_VLAN && type != ETHERTYPE_QINQ && type != ETHERTYPE_QINQ_OLD) {
      return typeOrLength(type);
    }
  }
  count(COUNT_TOO_DEEP);
  return NOTHING;
}

// RFC 3032 2.1. Nothing in the stack says what it carries: the bottom label may (4.1), else the first four
// bits, where a payload other than IP has a control word or not (RFC 4385 3, RFC 4928 3).
function mpls(): u32 {
  for (let n = 0; n < MAX_TAGS; n++) {
    if (lacks(4)) return short(4, COUNT_MALFORMED_LINK);
    const entry = load32(at);
    skip(4);
    if (!(entry & MPLS_BOTTOM)) continue;
    const label = entry >> 12;
    if (label == 0) return IPV4;
    if (label == MPLS_LABEL_IPV6_NULL) return IPV6;
    if (label == MPLS_LABEL_GAL) return NOTHING;
    if (lacks(1)) return short(1, COUNT_MALFORMED_LINK);
    switch (load<u8>(at) >> 4) {
      case 4:
        return lengthFits(2, 0) ? IPV4 : PSEUDOWIRE;
      case 6:
        return lengthFits(4, 40) ? IPV6 : PSEUDOWIRE;
      case 0:
        return PSEUDOWIRE;
      default:
        return NOTHING; // 1: an associated channel; the rest is unassigned
    }
  }
  count(COUNT_TOO_DEEP);
  return NOTHING;
}

// A destination address that starts with 4 or 6 looks like an IP header; its length field would not fit.
function lengthFits(offset: u32, extra: u32): bool {
  if (lacks(offset + 2)) return true;
  const length = load16(at + offset) + extra;
  return length <= left();
}

/**
 * Ethernet below MPLS, or four bytes of control word and then Ethernet (RFC 4448 4.6). With the first four
 * bits zero both are possible; the one whose type field makes sense is believed, the control word first.
 */
export function pseudowire(): u32 {
  if (lacks(14)) return short(14, COUNT_MALFORMED_LINK);
  if (load<u8>(at) >> 4) return ETHERNET;
  if (have() >= 18 && (plausible(load16(at + 16), 18) || !plausible(load16(at + 12), 14))) skip(4);
  return ETHERNET;
}

function plausible(type: u32, header: u32): bool {
  switch (type) {
    case ETHERTYPE_IPV4:
    case ETHERTYPE_IPV6:
    case ETHERTYPE_VLAN:
    case ETHERTYPE_QINQ:
    case ETHERTYPE_QINQ_OLD:
    case ETHERTYPE_MPLS:
    case ETHERTYPE_PPPOE_SESSION:
    case ETHERTYPE_ARP:
      return true;
    default:
      return type <= left() - header;
  }
}

// IEEE 802.1ah 9.7: service instance, then the customer's frame.
function backbone(): u32 {
  if (lacks(4)) return short(4, COUNT_MALFORMED_LINK);
  passTunnel(load32(at) & 0xffffff);
  skip(4);
  return ETHERNET;
}

/** Network Service Header (RFC 8300 2.2). */
export function serviceHeader(): u32 {
  if (lacks(8)) return short(8, COUNT_MALFORMED_LINK);
  const length = (<u32>load<u8>(at, 1) & 0x3f) << 2;
  const next: u32 = load<u8>(at, 3);
  if (length < 8) {
    count(COUNT_MALFORMED_LINK);
    return NOTHING;
  }
  if (lacks(length)) return short(length, COUNT_MALFORMED_LINK);
  skip(length);
  switch (next) {
    case NSH_IPV4:
      return IPV4;
    case NSH_IPV6:
      return IPV6;
    case NSH_ETHERNET:
      return ETHERNET;
    case NSH_MPLS:
      return ETHERTYPE | ETHERTYPE_MPLS;
    default:
      return NOTHING;
  }
}
