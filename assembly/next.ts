// What a layer says comes next: a kind in the high half, a number of that kind in the low half.

export const NOTHING: u32 = 0;
export const SEGMENT: u32 = 0x10000; // a TCP header
export const LINK: u32 = 0x20000; // + LINKTYPE_*
export const ETHERTYPE: u32 = 0x30000; // + ETHERTYPE_*
export const PROTOCOL: u32 = 0x50000; // + IP protocol number
export const ETHERNET: u32 = 0x70000;
export const LLC: u32 = 0x80000;
export const PPP_HEADER: u32 = 0x90000;
export const PSEUDOWIRE: u32 = 0xa0000; // Ethernet below MPLS, with or without a control word
export const IP: u32 = 0xb0000; // IPv4 or IPv6, as the first four bits say
