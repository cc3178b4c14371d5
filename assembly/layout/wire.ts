// Numbers of the wire formats: where a field lies, what a bit means.
// Plain integers, shared with src/. Offsets are bytes from the start of the header.

// TCP header (RFC 9293 3.1)
export const TCP_SRC_PORT = 0;
export const TCP_DST_PORT = 2;
export const TCP_SEQ = 4;
export const TCP_ACK = 8;
export const TCP_OFFSET_FLAGS = 12;
export const TCP_WINDOW = 14;
export const TCP_CHECKSUM = 16;
export const TCP_URGENT = 18;
export const TCP_OPTIONS = 20;
export const TCP_HEADER_MIN = 20;
export const TCP_HEADER_MAX = 60;

// Control bits, as the low 12 bits of the 16-bit word at TCP_OFFSET_FLAGS
// (RFC 9293 3.1; AE was NS, RFC 9768).
export const FIN = 0x001;
export const SYN = 0x002;
export const RST = 0x004;
export const PSH = 0x008;
export const ACK = 0x010;
export const URG = 0x020;
export const ECE = 0x040;
export const CWR = 0x080;
export const AE = 0x100;
export const RESERVED_MASK = 0xe00;
export const FLAGS_MASK = 0xfff;

// Option kinds (IANA TCP Option Kind Numbers)
export const OPT_EOL = 0;
export const OPT_NOP = 1;
export const OPT_MSS = 2;
export const OPT_WINDOW_SCALE = 3;
export const OPT_SACK_PERMITTED = 4;
export const OPT_SACK = 5;
export const OPT_ECHO = 6;
export const OPT_ECHO_REPLY = 7;
export const OPT_TIMESTAMPS = 8;
export const TIMESTAMPS_PADDED = 0x0101080a; // NOP, NOP, kind, length: as nearly every segment has it (RFC 7323 A)
export const OPT_PARTIAL_ORDER_PERMITTED = 9;
export const OPT_PARTIAL_ORDER_PROFILE = 10;
export const OPT_CC = 11;
export const OPT_CC_NEW = 12;
export const OPT_CC_ECHO = 13;
export const OPT_ALT_CHECKSUM_REQUEST = 14;
export const OPT_ALT_CHECKSUM_DATA = 15;
export const OPT_SKEETER = 16;
export const OPT_BUBBA = 17;
export const OPT_TRAILER_CHECKSUM = 18;
export const OPT_MD5 = 19;
export const OPT_SCPS = 20;
export const OPT_SNACK = 21;
export const OPT_RECORD_BOUNDARIES = 22;
export const OPT_CORRUPTION = 23;
export const OPT_SNAP = 24;
export const OPT_COMPRESSION_FILTER = 26;
export const OPT_QUICK_START = 27;
export const OPT_USER_TIMEOUT = 28;
export const OPT_TCP_AO = 29;
export const OPT_MPTCP = 30;
export const OPT_FAST_OPEN = 34;
export const OPT_ENO = 69;
export const OPT_ACCECN_0 = 172;
export const OPT_ACCECN_1 = 174;
export const OPT_EXPERIMENT_1 = 253;
export const OPT_EXPERIMENT_2 = 254;

// RFC 7323 2.3: a larger shift is used as 14.
export const WINDOW_SCALE_MAX = 14;

// IP protocol numbers (IANA)
export const IPPROTO_HOPOPTS = 0;
export const IPPROTO_ICMP = 1;
export const IPPROTO_IPIP = 4;
export const IPPROTO_TCP = 6;
export const IPPROTO_UDP = 17;
export const IPPROTO_IPV6 = 41;
export const IPPROTO_ROUTING = 43;
export const IPPROTO_FRAGMENT = 44;
export const IPPROTO_GRE = 47;
export const IPPROTO_ESP = 50;
export const IPPROTO_AH = 51;
export const IPPROTO_ICMPV6 = 58;
export const IPPROTO_NONE = 59;
export const IPPROTO_DSTOPTS = 60;
export const IPPROTO_MOBILITY = 135;
export const IPPROTO_HIP = 139;
export const IPPROTO_SHIM6 = 140;
export const IPPROTO_ETHERIP = 97;
export const IPPROTO_MPLS = 137;

// IPv4 header (RFC 791 3.1)
export const IPV4_TRAFFIC_CLASS = 1;
export const IPV4_LENGTH = 2;
export const IPV4_ID = 4;
export const IPV4_FRAGMENT = 6;
export const IPV4_TTL = 8;
export const IPV4_PROTOCOL = 9;
export const IPV4_CHECKSUM = 10;
export const IPV4_SRC = 12;
export const IPV4_DST = 16;
export const IPV4_HEADER_MIN = 20;
export const IPV4_HEADER_MAX = 60;
export const IPV4_DONT_FRAGMENT = 0x4000;
export const IPV4_MORE_FRAGMENTS = 0x2000;
export const IPV4_OFFSET_MASK = 0x1fff;
export const IPV4_OPT_END = 0;
export const IPV4_OPT_NOP = 1;
/** Of an option's type: it stands in every fragment. */
export const IPV4_OPT_COPIED = 0x80;
export const IPV4_OPT_LOOSE_ROUTE = 131;
export const IPV4_OPT_STRICT_ROUTE = 137;

// IPv6 header and its extensions (RFC 8200 3 and 4)
export const IPV6_LENGTH = 4;
export const IPV6_NEXT = 6;
export const IPV6_HOP_LIMIT = 7;
export const IPV6_SRC = 8;
export const IPV6_DST = 24;
export const IPV6_HEADER = 40;
export const IPV6_FRAGMENT_HEADER = 8;
export const IPV6_OPT_PAD1 = 0;
export const IPV6_OPT_JUMBO = 0xc2; // RFC 2675 2
export const IPV6_OPT_HOME_ADDRESS = 0xc9; // RFC 6275 6.3
export const ROUTING_SOURCE = 0; // RFC 5095 took it back
export const ROUTING_MOBILE = 2; // RFC 6275 6.4
export const ROUTING_RPL = 3; // RFC 6554
export const ROUTING_SEGMENTS = 4; // RFC 8754

// UDP header (RFC 768)
export const UDP_LENGTH = 4;
export const UDP_HEADER = 8;
