// What an IP protocol number announces.
import { count } from "./counters";
import { at, have, lacks, short, skip } from "./cursor";
import { ETHERTYPE_MPLS } from "./layout/capture";
import { COUNT_ICMP, COUNT_MALFORMED_IP, COUNT_OTHER_IP } from "./layout/state";
import {
  IPPROTO_AH,
  IPPROTO_ETHERIP,
  IPPROTO_GRE,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_IPIP,
  IPPROTO_IPV6,
  IPPROTO_MPLS,
  IPPROTO_TCP,
  IPPROTO_UDP,
} from "./layout/wire";
import { gre } from "./gre";
import { ipv4 } from "./ipv4";
import { ipv6 } from "./ipv6";
import { ETHERNET, ETHERTYPE, NOTHING, PROTOCOL, SEGMENT } from "./next";
import { udp } from "./udp";

/** The header of an IP protocol. TCP ends the walk; ICMP does too, and what it quotes is nobody's segment. */
export function protocol(number: u32): u32 {
  switch (number) {
    case IPPROTO_TCP:
      return SEGMENT;
    case IPPROTO_UDP:
      return udp();
    case IPPROTO_IPIP:
      return ip();
    case IPPROTO_IPV6:
      return ipv6();
    case IPPROTO_GRE:
      return gre();
    case IPPROTO_AH:
      return authentication();
    case IPPROTO_ETHERIP:
      return etherIp();
    case IPPROTO_MPLS:
      return ETHERTYPE | ETHERTYPE_MPLS;
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6:
      count(COUNT_ICMP);
      return NOTHING;
    default:
      count(COUNT_OTHER_IP);
      return NOTHING;
  }
}

/** An IP packet of the version that its first four bits say, whatever announced it. */
export function ip(): u32 {
  return have() && load<u8>(at) >> 4 == 6 ? ipv6() : ipv4();
}

// RFC 4302 2: next header, length in words less two; nothing is encrypted.
function authentication(): u32 {
  if (lacks(12)) return short(12, COUNT_MALFORMED_IP);
  const next: u32 = load<u8>(at);
  const size = (<u32>load<u8>(at, 1) + 2) << 2;
  if (lacks(size)) return short(size, COUNT_MALFORMED_IP);
  skip(size);
  return PROTOCOL | next;
}

// RFC 3378 3: a version and 12 reserved bits before the frame.
function etherIp(): u32 {
  if (lacks(2)) return short(2, COUNT_MALFORMED_IP);
  skip(2);
  return ETHERNET;
}
