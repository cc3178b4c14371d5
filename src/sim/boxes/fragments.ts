import {
  IPV4_CHECKSUM,
  IPV4_DONT_FRAGMENT,
  IPV4_FRAGMENT,
  IPV4_HEADER_MIN,
  IPV4_LENGTH,
  IPV4_MORE_FRAGMENTS,
  IPV4_OFFSET_MASK,
  IPV4_OPT_COPIED,
  IPV4_OPT_END,
  IPV4_OPT_NOP,
} from "../../../assembly/layout/wire.ts";
import { get16, put16 } from "../../wire/bytes.ts";
import { checksum } from "../../wire/checksum.ts";
import { ipLength, isIp } from "../packet.ts";

/**
 * Cuts an IPv4 packet into fragments of at most `mtu` bytes, in order, all with its identification (RFC 791 3.2). A
 * fragment is cut into smaller ones; padding behind the packet is left out.
 *
 * @returns undefined for what is not to be cut: IPv6, which its source alone may cut (RFC 8200 4.5), DF, a packet that is
 *   shorter than it says, or reaches further than any may; and where not even 8 bytes fit behind a header
 */
export function fragmentsOf(packet: Uint8Array, mtu: number): Uint8Array[] | undefined {
  if (!isIp(packet) || packet[0] >> 4 !== 4) return undefined;
  const place = get16(packet, IPV4_FRAGMENT);
  const header = (packet[0] & 15) * 4;
  const end = ipLength(packet);
  if (place & IPV4_DONT_FRAGMENT || end < header || end > packet.length) return undefined;
  const fragments: Uint8Array[] = [];
  let own = packet.subarray(0, header);
  let at = header;
  do {
    const room = mtu - own.length;
    const isLast = end - at <= room;
    const length = isLast ? end - at : room & ~7; // offsets count 8 bytes
    const offset = (place & IPV4_OFFSET_MASK) + ((at - header) >> 3);
    if ((length < 8 && !isLast) || offset > IPV4_OFFSET_MASK) return undefined;
    const more = isLast ? place & IPV4_MORE_FRAGMENTS : IPV4_MORE_FRAGMENTS;
    fragments.push(withPlace(own, packet.subarray(at, at + length), more | offset));
    own = headerOfOthers(packet.subarray(0, header));
    at += length;
  } while (at < end);
  return fragments;
}

function withPlace(header: Uint8Array, piece: Uint8Array, place: number): Uint8Array {
  const fragment = new Uint8Array(header.length + piece.length);
  fragment.set(header);
  fragment.set(piece, header.length);
  put16(fragment, IPV4_LENGTH, fragment.length);
  put16(fragment, IPV4_FRAGMENT, place);
  put16(fragment, IPV4_CHECKSUM, 0);
  put16(fragment, IPV4_CHECKSUM, checksum(fragment.subarray(0, header.length)));
  return fragment;
}

/** The header of all fragments but the first: of the options it has those that every fragment is to have. */
function headerOfOthers(header: Uint8Array): Uint8Array {
  const copied = new Uint8Array(header.length);
  let length = IPV4_HEADER_MIN;
  copied.set(header.subarray(0, length));
  for (let at = length; at < header.length && header[at] !== IPV4_OPT_END; ) {
    const bytes = header[at] === IPV4_OPT_NOP ? 1 : at + 1 < header.length ? Math.max(2, header[at + 1]) : 2;
    if (at + bytes > header.length) break;
    if (header[at] & IPV4_OPT_COPIED) {
      copied.set(header.subarray(at, at + bytes), length);
      length += bytes;
    }
    at += bytes;
  }
  const words = Math.ceil(length / 4);
  copied[0] = (4 << 4) | words;
  return copied.subarray(0, words * 4);
}
