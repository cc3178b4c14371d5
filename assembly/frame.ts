// One frame through its layers, whatever they are, to the TCP header at the bottom, if there is one.
import { countFrame, writeFrame } from "./batch";
import { count } from "./counters";
import { at, end, openFrame, packets, tags, tunnel, wire } from "./cursor";
import { ethertype, pseudowire } from "./ethertype";
import { settle } from "./fragments";
import { CHECKSUM_STATUS, IP_VERSION, TUNNEL, VLAN } from "./layout/columns";
import { MAX_LAYERS } from "./layout/limits";
import {
  COUNT_CHECKSUM,
  COUNT_FRAMES,
  COUNT_IPV4,
  COUNT_IPV6,
  COUNT_NON_IP,
  COUNT_TCP,
  COUNT_TOO_DEEP,
  COUNT_TUNNELLED,
  RARE_TUNNEL,
  RARE_VLAN,
  STATE_RARE,
} from "./layout/state";
import { CHECKSUM_GOOD } from "./layout/status";
import { ethernet, link, llc } from "./link";
import {
  ETHERNET,
  ETHERTYPE,
  IP,
  LINK,
  LLC,
  NOTHING,
  PPP_HEADER,
  PROTOCOL,
  PSEUDOWIRE,
  SEGMENT,
} from "./next";
import { pppHeader } from "./ppp";
import { ip, protocol } from "./protocol";
import { verifyChecksums, writeSegment } from "./segment";
import { UNKNOWN, layoutOf } from "./shape";
import { straightFrame } from "./straight";

/** Takes one frame, straight or not, unless the caller knows that it is not. Returns the rows there are then. */
export function anyFrame(
  time: i64,
  f: u32,
  captured: u32,
  length: u32,
  linkType: u32,
  row: u32,
  crooked: bool,
): u32 {
  countFrame(captured, length);
  writeFrame(row, time, <u32>load<u64>(COUNT_FRAMES), f, captured, length);
  const shape = layoutOf(linkType);
  if (crooked || shape == UNKNOWN || !straightFrame(f, captured, shape, row)) {
    return row + walk(time, f, captured, length, linkType, row);
  }
  count(load<u8>(row, IP_VERSION) == 4 ? COUNT_IPV4 : COUNT_IPV6);
  count(COUNT_TCP);
  const verdict: u32 = load<u8>(row, CHECKSUM_STATUS);
  if (verdict == CHECKSUM_GOOD || !verifyChecksums) count(COUNT_CHECKSUM + (verdict << 3));
  return row + 1;
}

/**
 * Follows the layers of the frame of `captured` bytes at `f` and writes the TCP header found, if any, to
 * the columns of `row`. Returns the rows written. MAX_LAYERS bounds the steps, and each step is bounded.
 */
function walk(time: i64, f: u32, captured: u32, length: u32, linkType: u32, row: u32): u32 {
  openFrame(f, captured, length, time);
  let next = LINK | (linkType & 0xffff);
  for (let n = 0; next != NOTHING && next != SEGMENT; n++) {
    if (n == MAX_LAYERS) {
      count(COUNT_TOO_DEEP);
      break;
    }
    next = step(next);
  }
  if (!packets) count(COUNT_NON_IP);
  else if (packets > 1) count(COUNT_TUNNELLED);
  const written = next == SEGMENT && writeSegment(row, at, wire - at, end - at);
  settle(written);
  if (!written) return 0;
  if (tunnel) {
    store<u32>(row << 2, tunnel, TUNNEL);
    store<u32>(STATE_RARE, load<u32>(STATE_RARE) | RARE_TUNNEL);
  }
  if (tags) {
    store<u32>(row << 2, tags, VLAN);
    store<u32>(STATE_RARE, load<u32>(STATE_RARE) | RARE_VLAN);
  }
  return 1;
}

function step(next: u32): u32 {
  const number = next & 0xffff;
  switch (next & 0xffff0000) {
    case LINK:
      return link(number);
    case ETHERNET:
      return ethernet();
    case ETHERTYPE:
      return ethertype(number);
    case PROTOCOL:
      return protocol(number);
    case LLC:
      return llc();
    case PPP_HEADER:
      return pppHeader();
    case PSEUDOWIRE:
      return pseudowire();
    case IP:
      return ip();
    default:
      return NOTHING;
  }
}
