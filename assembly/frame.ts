// One frame through its layers, whatever they are, to the TCP header at the bottom, if there is one.
import { load16 } from "./bytes";
import { count } from "./counters";
import { at, end, have, left, limit, openFrame, skip, wire } from "./cursor";
import { ETHERTYPE_IPV4, ETHERTYPE_IPV6 } from "./layout/capture";
import { COUNT_IPV4, COUNT_IPV6, COUNT_NON_IP } from "./layout/state";
import { IPPROTO_TCP } from "./layout/wire";
import { ipHeader, writeSegment } from "./segment";

/**
 * Follows the layers of the frame of `captured` bytes at `f` and writes the TCP header found, if any, to
 * the columns of `row`. Returns the rows written.
 */
export function walk(f: u32, captured: u32, length: u32, linkType: u32, row: u32): u32 {
  openFrame(f, captured, length);
  if (linkType != 1 || have() < 14) {
    count(COUNT_NON_IP);
    return 0;
  }
  const type = load16(at + 12);
  skip(14);
  if (type == ETHERTYPE_IPV4 && have() >= 20) {
    const header = (<u32>load<u8>(at) & 15) << 2;
    const total = load16(at + 2);
    if (header < 20 || header > have() || total < header) return 0;
    count(COUNT_IPV4);
    if (load<u8>(at, 9) != IPPROTO_TCP || load16(at + 6) & 0x3fff) return 0;
    ipHeader(4, at + 12, at + 16, <u32>load<u8>(at, 8), <u32>load<u8>(at, 1));
    limit(total);
    skip(header);
  } else if (type == ETHERTYPE_IPV6 && have() >= 40) {
    count(COUNT_IPV6);
    if (load<u8>(at, 6) != IPPROTO_TCP) return 0;
    const p = at;
    ipHeader(6, p + 8, p + 24, <u32>load<u8>(p, 7), (load16(p) >> 4) & 0xff);
    skip(40);
    limit(load16(p + 4));
  } else {
    count(COUNT_NON_IP);
    return 0;
  }
  return writeSegment(row, at, wire - at, end - at) ? 1 : 0;
}
