// UDP (RFC 768) and the tunnels that its ports announce.
import { load16, load32 } from "./bytes";
import { count } from "./counters";
import { at, have, lacks, left, limit, passTunnel, short, skip } from "./cursor";
import { serviceHeader } from "./ethertype";
import { ETHERTYPE_MPLS } from "./layout/capture";
import { MAX_EXTENSIONS } from "./layout/limits";
import { COUNT_MALFORMED_IP, COUNT_MALFORMED_TUNNEL, COUNT_UDP } from "./layout/state";
import {
  GENEVE_HEADER,
  GPE_ETHERNET,
  GPE_IPV4,
  GPE_IPV6,
  GPE_MPLS,
  GPE_NEXT,
  GPE_NSH,
  GTP_ANY_OPTIONAL,
  GTP_EXTENSION,
  GTP_G_PDU,
  GTP_HEADER,
  L2TP_CONTROL,
  L2TP_LENGTH,
  L2TP_OFFSET,
  L2TP_SEQUENCE,
  L2TP_VERSION,
  PORT_GENEVE,
  PORT_GTP_U,
  PORT_L2TP,
  PORT_LISP,
  PORT_MPLS,
  PORT_TEREDO,
  PORT_VXLAN,
  PORT_VXLAN_GPE,
  PORT_VXLAN_LINUX,
  TEREDO_AUTHENTICATION,
  TEREDO_ORIGIN,
  VXLAN_HEADER,
} from "./layout/tunnel";
import { IPV4_HEADER_MAX, IPV4_LENGTH, UDP_HEADER, UDP_LENGTH } from "./layout/wire";
import { IPV4, IPV6 } from "./link";
import { ETHERNET, ETHERTYPE, IP, NOTHING, PPP_HEADER } from "./next";

/** A UDP datagram; the lower port is asked first, as Wireshark does, then the higher. */
export function udp(): u32 {
  if (lacks(UDP_HEADER)) return short(UDP_HEADER, COUNT_MALFORMED_IP);
  const source = load16(at);
  const destination = load16(at + 2);
  const length = load16(at + UDP_LENGTH);
  count(COUNT_UDP);
  if (length) {
    if (length < <u32>UDP_HEADER) {
      count(COUNT_MALFORMED_IP);
      return NOTHING;
    }
    limit(length);
  }
  skip(UDP_HEADER);
  const low = min(source, destination);
  return carriesTunnel(low) ? tunnelled(low) : tunnelled(max(source, destination));
}

/** Whether a datagram from or to that port is looked into. */
export function carriesTunnel(port: u32): bool {
  // The lowest and the highest of them.
  if (port - PORT_L2TP > <u32>(PORT_VXLAN_LINUX - PORT_L2TP)) return false;
  switch (port) {
    case PORT_L2TP:
    case PORT_GTP_U:
    case PORT_TEREDO:
    case PORT_LISP:
    case PORT_VXLAN:
    case PORT_VXLAN_GPE:
    case PORT_GENEVE:
    case PORT_MPLS:
    case PORT_VXLAN_LINUX:
      return true;
    default:
      return false;
  }
}

function tunnelled(port: u32): u32 {
  switch (port) {
    case PORT_L2TP:
      return l2tp();
    case PORT_GTP_U:
      return gtp();
    case PORT_TEREDO:
      return teredo();
    case PORT_LISP:
      return lisp();
    case PORT_VXLAN:
    case PORT_VXLAN_LINUX:
      return vxlan();
    case PORT_VXLAN_GPE:
      return vxlanGpe();
    case PORT_GENEVE:
      return geneve();
    case PORT_MPLS:
      return ETHERTYPE | ETHERTYPE_MPLS;
    default:
      return NOTHING;
  }
}

// RFC 7348 5: flags, network identifier, then a frame.
function vxlan(): u32 {
  if (lacks(VXLAN_HEADER)) return short(VXLAN_HEADER, COUNT_MALFORMED_TUNNEL);
  passTunnel(load32(at + 4) >> 8);
  skip(VXLAN_HEADER);
  return ETHERNET;
}

function vxlanGpe(): u32 {
  if (lacks(VXLAN_HEADER)) return short(VXLAN_HEADER, COUNT_MALFORMED_TUNNEL);
  const flags: u32 = load<u8>(at);
  const next: u32 = load<u8>(at, 3);
  passTunnel(load32(at + 4) >> 8);
  skip(VXLAN_HEADER);
  if (!(flags & GPE_NEXT)) return ETHERNET;
  switch (next) {
    case GPE_IPV4:
      return IPV4;
    case GPE_IPV6:
      return IPV6;
    case GPE_ETHERNET:
      return ETHERNET;
    case GPE_NSH:
      return serviceHeader();
    case GPE_MPLS:
      return ETHERTYPE | ETHERTYPE_MPLS;
    default:
      return NOTHING;
  }
}

// RFC 8926 3.4: version and length of the options in words, flags, EtherType, network identifier.
function geneve(): u32 {
  if (lacks(GENEVE_HEADER)) return short(GENEVE_HEADER, COUNT_MALFORMED_TUNNEL);
  const first: u32 = load<u8>(at);
  const header = <u32>GENEVE_HEADER + ((first & 0x3f) << 2);
  if (first >> 6) {
    count(COUNT_MALFORMED_TUNNEL);
    return NOTHING;
  }
  if (lacks(header)) return short(header, COUNT_MALFORMED_TUNNEL);
  const type = load16(at + 2);
  passTunnel(load32(at + 4) >> 8);
  skip(header);
  return ETHERTYPE | type;
}

// 3GPP TS 29.281 5.1, 5.2: version and flags, message type, length, tunnel endpoint. A tunnel endpoint is
// one direction's own, so it says nothing of the tunnel that both would share.
function gtp(): u32 {
  if (lacks(GTP_HEADER)) return short(GTP_HEADER, COUNT_MALFORMED_TUNNEL);
  const flags: u32 = load<u8>(at);
  // version 1, protocol type GTP (not GTP'), a user's packet
  if (flags >> 4 != 3 || load<u8>(at, 1) != GTP_G_PDU) return NOTHING;
  const length = load16(at + 2);
  skip(GTP_HEADER);
  limit(length);
  if (flags & GTP_ANY_OPTIONAL) {
    if (lacks(4)) return short(4, COUNT_MALFORMED_TUNNEL);
    let extension: u32 = flags & GTP_EXTENSION ? load<u8>(at, 3) : 0;
    skip(4);
    for (let n = 0; extension; n++) {
      // length in words, content, type of the next
      if (lacks(4)) return short(4, COUNT_MALFORMED_TUNNEL);
      const size = <u32>load<u8>(at) << 2;
      if (!size || n == MAX_EXTENSIONS) {
        count(COUNT_MALFORMED_TUNNEL);
        return NOTHING;
      }
      if (lacks(size)) return short(size, COUNT_MALFORMED_TUNNEL);
      extension = load<u8>(at + size - 1);
      skip(size);
    }
  }
  if (lacks(1)) return NOTHING;
  // What the bearer carries was agreed elsewhere; the first byte of IPv4, IPv6 and PPP shows it.
  const first: u32 = load<u8>(at);
  const isIp = (first >= 0x45 && first <= 0x4e) || first >> 4 == 6 || (first == 0x4f && isLongestHeader());
  return isIp ? IP : PPP_HEADER;
}

/** IPv4 with all the options that it can have begins as PPP does that compresses IPv6's header: its length decides. */
function isLongestHeader(): bool {
  if (lacks(IPV4_LENGTH + 2)) return false;
  const total = load16(at + IPV4_LENGTH);
  return total >= <u32>IPV4_HEADER_MAX && total <= left();
}

// RFC 4380 5.1.1: authentication and origin may come before the IPv6 packet.
function teredo(): u32 {
  if (lacks(2)) return short(2, COUNT_MALFORMED_TUNNEL);
  if (load16(at) == TEREDO_AUTHENTICATION) {
    if (lacks(4)) return short(4, COUNT_MALFORMED_TUNNEL);
    // identifier and value of these lengths, nonce, confirmation
    const header = 4 + <u32>load<u8>(at, 2) + <u32>load<u8>(at, 3) + 8 + 1;
    if (lacks(header + 2)) return short(header + 2, COUNT_MALFORMED_TUNNEL);
    skip(header);
  }
  if (load16(at) == TEREDO_ORIGIN) {
    if (lacks(8)) return short(8, COUNT_MALFORMED_TUNNEL);
    skip(8);
  }
  return have() && load<u8>(at) >> 4 == 6 ? IPV6 : NOTHING;
}

// RFC 9300 5.1
function lisp(): u32 {
  if (lacks(8)) return short(8, COUNT_MALFORMED_TUNNEL);
  skip(8);
  return IP;
}

// RFC 2661 3.1: a data message, then PPP.
function l2tp(): u32 {
  if (lacks(6)) return short(6, COUNT_MALFORMED_TUNNEL);
  const bits = load16(at);
  if (bits & L2TP_CONTROL || (bits & L2TP_VERSION) != 2) return NOTHING;
  let header: u32 = 6;
  if (bits & L2TP_LENGTH) {
    limit(load16(at + 2));
    header += 2;
  }
  if (bits & L2TP_SEQUENCE) header += 4;
  if (bits & L2TP_OFFSET) {
    if (lacks(header + 2)) return short(header + 2, COUNT_MALFORMED_TUNNEL);
    header += 2 + load16(at + header);
  }
  if (lacks(header)) return short(header, COUNT_MALFORMED_TUNNEL);
  skip(header);
  return PPP_HEADER;
}
