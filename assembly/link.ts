// Link-layer headers, from what a capture file names its link type to what lies above (tcpdump.org's
// LINKTYPE pages). Each takes the cursor over its header and says what comes next.
import { load16, swap16 } from "./bytes";
import { count } from "./counters";
import { at, end, have, lacks, left, limit, short, skip } from "./cursor";
import {
  ETHERNET_HEADER,
  ETHERNET_MAX_LENGTH,
  LINKTYPE_C_HDLC,
  LINKTYPE_ETHERNET,
  LINKTYPE_IPV4,
  LINKTYPE_IPV6,
  LINKTYPE_LINUX_SLL,
  LINKTYPE_LINUX_SLL2,
  LINKTYPE_LOOP,
  LINKTYPE_NFLOG,
  LINKTYPE_NULL,
  LINKTYPE_PPP,
  LINKTYPE_PPP_ETHER,
  LINKTYPE_PPP_HDLC,
  LINKTYPE_RAW,
  LINKTYPE_RAW_12,
  LINKTYPE_RAW_14,
  SLL2_HEADER,
  SLL_HEADER,
} from "./layout/capture";
import { ETHERTYPE_PPPOE_SESSION } from "./layout/capture";
import { COUNT_MALFORMED_LINK } from "./layout/state";
import {
  BRIDGED_ETHERNET,
  BRIDGED_ETHERNET_FCS,
  FAMILY_IPV4,
  FAMILY_IPV6_BSD,
  FAMILY_IPV6_DARWIN,
  FAMILY_IPV6_FREEBSD,
  FAMILY_IPV6_LINUX,
  FAMILY_IPV6_WINDOWS,
  LLC_IP,
  LLC_SNAP,
  LLC_UNNUMBERED,
  NFLOG_HEADER,
  NFLOG_PAYLOAD,
  OUI_CISCO_90,
  OUI_ETHERNET,
  OUI_IEEE_802_1,
  SLL_802_2,
  SLL_ETHERNET,
  SLL_PPP,
} from "./layout/tunnel";
import { IPPROTO_IPIP, IPPROTO_IPV6 } from "./layout/wire";
import { ETHERNET, ETHERTYPE, IP, LLC, NOTHING, PPP_HEADER, PROTOCOL } from "./next";
import { cisco } from "./ppp";

export const IPV4: u32 = PROTOCOL | IPPROTO_IPIP;
export const IPV6: u32 = PROTOCOL | IPPROTO_IPV6;

/** The frame's first header. */
export function link(type: u32): u32 {
  switch (type) {
    case LINKTYPE_ETHERNET:
      return ETHERNET;
    case LINKTYPE_RAW:
    case LINKTYPE_RAW_12:
    case LINKTYPE_RAW_14:
      return IP;
    case LINKTYPE_IPV4:
      return IPV4;
    case LINKTYPE_IPV6:
      return IPV6;
    case LINKTYPE_LINUX_SLL:
      return cooked(SLL_HEADER, 14);
    case LINKTYPE_LINUX_SLL2:
      return cooked(SLL2_HEADER, 0);
    case LINKTYPE_NULL:
    case LINKTYPE_LOOP:
      return loopback();
    case LINKTYPE_PPP:
    case LINKTYPE_PPP_HDLC:
      return PPP_HEADER;
    case LINKTYPE_PPP_ETHER:
      return ETHERTYPE | ETHERTYPE_PPPOE_SESSION;
    case LINKTYPE_C_HDLC:
      return cisco();
    case LINKTYPE_NFLOG:
      return nflog();
    default:
      return NOTHING;
  }
}

/** Ethernet II, or IEEE 802.3 with its length and LLC (RFC 894, RFC 1042). */
export function ethernet(): u32 {
  if (lacks(ETHERNET_HEADER)) return short(ETHERNET_HEADER, COUNT_MALFORMED_LINK);
  const type = load16(at + 12);
  skip(ETHERNET_HEADER);
  return typeOrLength(type);
}

/** What a type field says that may be a length. */
export function typeOrLength(type: u32): u32 {
  if (type > <u32>ETHERNET_MAX_LENGTH) return ETHERTYPE | type;
  limit(type);
  return LLC;
}

/** IEEE 802.2 LLC, with SNAP where it says so (RFC 1042). */
export function llc(): u32 {
  if (lacks(3)) return short(3, COUNT_MALFORMED_LINK);
  const destination: u32 = load<u8>(at);
  const source: u32 = load<u8>(at, 1);
  const control: u32 = load<u8>(at, 2);
  if (destination == 0xff && source == 0xff) return NOTHING; // Novell's raw IPX, no LLC at all
  skip((control & LLC_UNNUMBERED) == LLC_UNNUMBERED || lacks(4) ? 3 : 4);
  if (control != LLC_UNNUMBERED) return NOTHING;
  if (destination == LLC_IP) return IPV4;
  if (destination != LLC_SNAP || source != LLC_SNAP) return NOTHING;
  if (lacks(5)) return short(5, COUNT_MALFORMED_LINK);
  const oui = (load16(at) << 8) | <u32>load<u8>(at, 2);
  const type = load16(at + 3);
  skip(5);
  if (oui == OUI_ETHERNET || oui == OUI_CISCO_90) return ETHERTYPE | type;
  if (oui != OUI_IEEE_802_1 || (type != BRIDGED_ETHERNET && type != BRIDGED_ETHERNET_FCS)) return NOTHING;
  if (lacks(2)) return short(2, COUNT_MALFORMED_LINK);
  skip(2); // padding (RFC 2684 5.2)
  return ETHERNET;
}

// LINKTYPE_LINUX_SLL and _SLL2: an EtherType, or one of Linux' own numbers below them.
function cooked(header: u32, protocolAt: u32): u32 {
  if (lacks(header)) return short(header, COUNT_MALFORMED_LINK);
  const protocol = load16(at + protocolAt);
  skip(header);
  switch (protocol) {
    case SLL_ETHERNET:
      return ETHERNET;
    case SLL_802_2:
      return LLC;
    case SLL_PPP:
      return PPP_HEADER;
    default:
      return protocol > <u32>ETHERNET_MAX_LENGTH ? ETHERTYPE | protocol : NOTHING;
  }
}

// LINKTYPE_NULL has the family in the byte order of the machine that captured, LINKTYPE_LOOP in network
// order; no family exceeds 16 bits, so the order shows.
function loopback(): u32 {
  if (lacks(4)) return short(4, COUNT_MALFORMED_LINK);
  let family = load<u32>(at);
  if (family >> 16) family = bswap<u32>(family);
  skip(4);
  switch (family) {
    case FAMILY_IPV4:
      return IPV4;
    case FAMILY_IPV6_LINUX:
    case FAMILY_IPV6_WINDOWS:
    case FAMILY_IPV6_BSD:
    case FAMILY_IPV6_FREEBSD:
    case FAMILY_IPV6_DARWIN:
      return IPV6;
    default:
      // Some writers put an EtherType there.
      return family > <u32>ETHERNET_MAX_LENGTH && family < 0x10000 ? ETHERTYPE | family : NOTHING;
  }
}

// Type-length-value items, each padded to 4 bytes, in the byte order of the machine that captured; the
// packet is the value of one of them.
function nflog(): u32 {
  if (lacks(NFLOG_HEADER)) return short(NFLOG_HEADER, COUNT_MALFORMED_LINK);
  const family: u32 = load<u8>(at);
  skip(NFLOG_HEADER);
  const swap = !itemsFit(false) && itemsFit(true);
  // Each step takes at least 4 bytes of the frame.
  while (have() >= 4) {
    const length = item(at, swap);
    const type = item(at + 2, swap) & 0x7fff;
    if (length < 4 || length > left()) break;
    if (type == NFLOG_PAYLOAD) {
      limit(length);
      skip(4);
      return family == FAMILY_IPV4 ? IPV4 : family == FAMILY_IPV6_LINUX ? IPV6 : IP;
    }
    if (((length + 3) & ~3) > have()) return NOTHING;
    skip((length + 3) & ~3);
  }
  count(COUNT_MALFORMED_LINK);
  return NOTHING;
}

// Whether the items, read in this byte order, follow each other to the end of the frame.
function itemsFit(swap: bool): bool {
  let p = at;
  while (end - p >= 4) {
    const length = item(p, swap);
    if (length < 4) return false;
    if (length >= end - p) return length == end - p || end - p < left();
    p += min((length + 3) & ~3, end - p);
  }
  return true;
}

// @ts-ignore: decorator
@inline
function item(p: u32, swap: bool): u32 {
  const x = <u32>load<u16>(p);
  return swap ? swap16(x) : x;
}
