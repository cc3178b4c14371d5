// Frames that show at once that they carry no TCP and nothing else that is followed: ARP, ICMP, and UDP outside of
// tunnels, in IPv4 without options or IPv6 without extensions. A run of segments goes on behind them (pcap.ts,
// pcapng.ts): where a network speaks QUIC they are most of a capture. frame.ts counts the same for them.
import { load16, swap16 } from "./bytes";
import { add, count } from "./counters";
import { ETHERTYPE_ARP, ETHERTYPE_IPV4, ETHERTYPE_IPV6 } from "./layout/capture";
import {
  COUNT_BYTES,
  COUNT_CAPTURED,
  COUNT_FRAMES,
  COUNT_ICMP,
  COUNT_IPV4,
  COUNT_IPV6,
  COUNT_NON_IP,
  COUNT_UDP,
} from "./layout/state";
import { IPPROTO_ICMP, IPPROTO_ICMPV6, IPPROTO_UDP, UDP_HEADER, UDP_LENGTH } from "./layout/wire";
import { BARE, ETHERTYPE, IP, isTag } from "./shape";
import { carriesTunnel } from "./udp";

// A UDP header behind each IP header. ARP over Ethernet is as long as the shorter of them.
const OVER_IPV4: u32 = IP + 20 + UDP_HEADER;
const OVER_IPV6: u32 = IP + 40 + UDP_HEADER;

/**
 * Counts the frame of `captured` bytes at `f`, which are all it had, if it is such a one; says whether it was. Its
 * time is the caller's to note.
 */
export function countAside(f: u32, captured: u32, shape: u32): bool {
  const end = f + captured;
  let q = shape == BARE ? f - IP : f + shape;
  if (end < q + OVER_IPV4) return false;
  let start = load<u32>(q, ETHERTYPE);
  if (shape == BARE) {
    start = (start & 0xffff0000) | ((start & 0xf00000) == 0x600000 ? swap16(ETHERTYPE_IPV6) : swap16(ETHERTYPE_IPV4));
  }
  for (let tags = 0; tags < 2 && isTag(start & 0xffff); tags++) {
    q += 4;
    if (end < q + OVER_IPV4) return false;
    start = load<u32>(q, ETHERTYPE);
  }
  if ((start & 0xffffff) == 0x450008) {
    // no MF, no fragment offset
    if (load<u16>(q, IP + 6) & 0xff3f) return false;
    if (load16(q + IP + 2) < <u32>(20 + UDP_HEADER)) return false;
    if (!endsIn(load<u8>(q, IP + 9), q + IP + 20, IPPROTO_ICMP)) return false;
    count(COUNT_IPV4);
  } else if ((start & 0xf0ffff) == 0x60dd86) {
    if (end < q + OVER_IPV6) return false;
    if (load16(q + IP + 4) < <u32>UDP_HEADER) return false;
    if (!endsIn(load<u8>(q, IP + 6), q + IP + 40, IPPROTO_ICMPV6)) return false;
    count(COUNT_IPV6);
  } else if ((start & 0xffff) == swap16(ETHERTYPE_ARP)) count(COUNT_NON_IP);
  else return false;
  count(COUNT_FRAMES);
  add(COUNT_BYTES, captured);
  add(COUNT_CAPTURED, captured);
  return true;
}

// Counts the header at `p` if it is the last that is looked at; `icmp` is the IP version's own number.
function endsIn(protocol: u32, p: u32, icmp: u32): bool {
  if (protocol == icmp) {
    count(COUNT_ICMP);
    return true;
  }
  if (protocol != IPPROTO_UDP) return false;
  const length = load16(p + UDP_LENGTH);
  if (length && length < <u32>UDP_HEADER) return false;
  if (carriesTunnel(load16(p)) || carriesTunnel(load16(p + 2))) return false;
  count(COUNT_UDP);
  return true;
}
