// How frames are laid out up to their EtherType, and the VLAN tags before it.
import {
  ETHERTYPE_QINQ,
  ETHERTYPE_QINQ_OLD,
  ETHERTYPE_VLAN,
  LINKTYPE_ETHERNET,
  LINKTYPE_LINUX_SLL,
  LINKTYPE_RAW,
  LINKTYPE_RAW_12,
  LINKTYPE_RAW_14,
} from "./layout/capture";

// Offsets in a frame of Ethernet. Others are looked at as if their EtherType lay there too.
export const ETHERTYPE = 12;
export const IP = 14;

// The tags that are passed over, as they lie in memory: 0x9100 differs from 0x8100 in one bit.
const TAG_BIT: u32 = ((ETHERTYPE_VLAN ^ ETHERTYPE_QINQ_OLD) >> 8) & 0xff;
const TAG_EITHER: u32 = ((ETHERTYPE_QINQ_OLD & 0xff) << 8) | (ETHERTYPE_QINQ_OLD >> 8);
const TAG_LEAST: u32 = ((ETHERTYPE_VLAN & 0xff) << 8) | (ETHERTYPE_VLAN >> 8);
const TAG_QINQ: u32 = ((ETHERTYPE_QINQ & 0xff) << 8) | (ETHERTYPE_QINQ >> 8);

// Ways to lay out a frame: by how many bytes its EtherType comes later than in Ethernet; without an
// EtherType, an IP packet from the first byte on; any other.
export const IN_ETHERNET: u32 = 0;
const IN_COOKED: u32 = 2;
export const BARE: u32 = 0x100;
export const UNKNOWN: u32 = 0x101;

/** How frames of a link type are laid out. */
export function layoutOf(linkType: u32): u32 {
  switch (linkType) {
    case LINKTYPE_ETHERNET:
      return IN_ETHERNET;
    case LINKTYPE_LINUX_SLL:
      return IN_COOKED;
    case LINKTYPE_RAW:
    case LINKTYPE_RAW_12:
    case LINKTYPE_RAW_14:
      return BARE;
    default:
      return UNKNOWN;
  }
}

// As they lie in memory, all tags are numbers between IPv4 and IPv6: one comparison leaves out both, so that where they
// come by turns only one branch, further down, has to guess which it is.
// @ts-ignore: decorator
@inline
export function mayBeTag(type: u32): bool {
  return type - TAG_LEAST <= TAG_QINQ - TAG_LEAST;
}

/** Whether EtherType, as it lies in memory, is that of a tag that is passed over. */
// @ts-ignore: decorator
@inline
export function isTag(type: u32): bool {
  return (type | TAG_BIT) == TAG_EITHER || type == TAG_QINQ;
}
