// Generic Routing Encapsulation (RFC 1701, RFC 2784, RFC 2890), PPTP's variant (RFC 2637 4.1) and ERSPAN
// (draft-foschiano-erspan).
import { load16, load32 } from "./bytes";
import { count } from "./counters";
import { at, have, lacks, left, passTunnel, short, skip } from "./cursor";
import { ETHERTYPE_ERSPAN_2, ETHERTYPE_ERSPAN_3, ETHERTYPE_PPP } from "./layout/capture";
import { MAX_EXTENSIONS } from "./layout/limits";
import { COUNT_MALFORMED_TUNNEL } from "./layout/state";
import {
  ERSPAN_FRAME_ETHERNET,
  ERSPAN_FRAME_IP,
  ERSPAN_HEADER_2,
  ERSPAN_HEADER_3,
  ERSPAN_SUBHEADER,
  ERSPAN_VERSION_2,
  ERSPAN_VERSION_3,
  GRE_ACKNOWLEDGMENT,
  GRE_CHECKSUM,
  GRE_KEY,
  GRE_ROUTING,
  GRE_SEQUENCE,
  GRE_VERSION,
  GRE_WCCP,
} from "./layout/tunnel";
import { IPV4 } from "./link";
import { ETHERNET, ETHERTYPE, IP, NOTHING, PPP_HEADER } from "./next";

export function gre(): u32 {
  if (lacks(4)) return short(4, COUNT_MALFORMED_TUNNEL);
  const flags = load16(at);
  const type = load16(at + 2);
  const enhanced = (flags & GRE_VERSION) == 1;
  let header: u32 = 4;
  if (flags & (GRE_CHECKSUM | GRE_ROUTING)) header += 4;
  const key = header;
  if (flags & GRE_KEY) header += 4;
  if (flags & GRE_SEQUENCE) header += 4;
  if (enhanced && flags & GRE_ACKNOWLEDGMENT) header += 4;
  if (lacks(header)) return short(header, COUNT_MALFORMED_TUNNEL);
  // PPTP's key is a length and one direction's call number.
  if (flags & GRE_KEY && !enhanced) passTunnel(load32(at + key));
  skip(header);
  if (flags & GRE_ROUTING && !skipRouting()) return NOTHING;
  if (!left()) return NOTHING; // PPTP acknowledges without a payload
  switch (type) {
    case ETHERTYPE_PPP:
      return PPP_HEADER;
    case ETHERTYPE_ERSPAN_2:
      // Without sequence numbers it is the first type, which has no header of its own.
      return flags & GRE_SEQUENCE ? erspan() : ETHERNET;
    case ETHERTYPE_ERSPAN_3:
      return erspan();
    case GRE_WCCP:
      if (have() >= 4 && load<u8>(at) >> 4 != 4) skip(4); // its second version has a word more
      return IPV4;
    default:
      return ETHERTYPE | type;
  }
}

// RFC 1701: source route entries, the last one empty.
function skipRouting(): bool {
  for (let n = 0; n < MAX_EXTENSIONS; n++) {
    if (lacks(4)) {
      short(4, COUNT_MALFORMED_TUNNEL);
      return false;
    }
    const family = load16(at);
    const length: u32 = load<u8>(at, 3);
    skip(4);
    if (!family && !length) return true;
    if (lacks(length)) {
      short(length, COUNT_MALFORMED_TUNNEL);
      return false;
    }
    skip(length);
  }
  count(COUNT_MALFORMED_TUNNEL);
  return false;
}

function erspan(): u32 {
  if (lacks(ERSPAN_HEADER_2)) return short(ERSPAN_HEADER_2, COUNT_MALFORMED_TUNNEL);
  const version = load16(at) >> 12;
  if (version == ERSPAN_VERSION_2) {
    skip(ERSPAN_HEADER_2);
    return ETHERNET;
  }
  if (version != ERSPAN_VERSION_3) {
    count(COUNT_MALFORMED_TUNNEL);
    return NOTHING;
  }
  if (lacks(ERSPAN_HEADER_3)) return short(ERSPAN_HEADER_3, COUNT_MALFORMED_TUNNEL);
  const bits = load16(at + 10);
  const header = bits & 1 ? ERSPAN_HEADER_3 + ERSPAN_SUBHEADER : ERSPAN_HEADER_3;
  if (lacks(header)) return short(header, COUNT_MALFORMED_TUNNEL);
  skip(header);
  const frame = (bits >> 10) & 31;
  return frame == ERSPAN_FRAME_ETHERNET ? ETHERNET : frame == ERSPAN_FRAME_IP ? IP : NOTHING;
}
