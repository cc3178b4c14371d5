import {
  IPPROTO_FRAGMENT,
  IPV4_HEADER_MIN,
  IPV4_MORE_FRAGMENTS,
  IPV6_FRAGMENT_HEADER,
  IPV6_HEADER,
} from "../../assembly/layout/wire.ts";
import type { IpAddress } from "./ip-address.ts";
import type { Route } from "./routes.ts";
import type { Stack } from "./stack.ts";

/**
 * Sends the `length` bytes at `at`, a datagram's payload, in as many fragments as packets of `mtu` bytes need: IPv4's
 * (RFC 791 3.2) may be cut again on the way, IPv6's are cut at the source alone (RFC 8200 4.5). The identification is
 * one that nobody can guess (RFC 7739).
 *
 * @returns whether all of it went; without one fragment the others are of no use
 */
export function sendFragments(
  stack: Stack,
  route: Route,
  from: IpAddress,
  to: IpAddress,
  at: number,
  length: number,
  protocol: number,
  mtu: number,
): boolean {
  const isV4 = to.family === 4;
  const own = isV4 ? 0 : IPV6_FRAGMENT_HEADER;
  const most = (mtu - (isV4 ? IPV4_HEADER_MIN : IPV6_HEADER) - own) & ~7; // offsets count 8 bytes
  const id = stack.random();
  for (let offset = 0; offset < length; offset += most) {
    const piece = Math.min(most, length - offset);
    const isLast = offset + piece === length;
    const place = stack.output.reserve(route, to, own + piece);
    if (place === 0) return false;
    const { dv, u8 } = stack.pool.memory;
    u8.copyWithin(place + own, at + offset, at + offset + piece);
    if (isV4) {
      const fragment = (id << 16) | (isLast ? 0 : IPV4_MORE_FRAGMENTS) | (offset >> 3);
      stack.output.commit(route, from, to, place, piece, protocol, 0, undefined, 0, fragment);
    } else {
      dv.setUint16(place, protocol << 8);
      dv.setUint16(place + 2, offset | (isLast ? 0 : 1));
      dv.setInt32(place + 4, id);
      stack.output.commit(route, from, to, place, own + piece, IPPROTO_FRAGMENT);
    }
    stack.counters.fragmentsOut++;
  }
  return true;
}
