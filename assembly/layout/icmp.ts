// Numbers of ICMP, ICMPv6 and address resolution. Offsets are bytes from the start of the message.

export const ICMP_TYPE = 0;
export const ICMP_CODE = 1;
export const ICMP_CHECKSUM = 2;
export const ICMP_HEADER = 8; // with the word that identifier, MTU or pointer lie in
export const ICMP_MTU = 6; // 16 bits, of "fragmentation needed" (RFC 1191 4)
export const ICMPV6_MTU = 4; // 32 bits, of "packet too big" (RFC 4443 3.2)

// ICMP (RFC 792, RFC 1122 3.2.2)
export const ICMP_ECHO_REPLY = 0;
export const ICMP_UNREACHABLE = 3;
export const ICMP_SOURCE_QUENCH = 4;
export const ICMP_ECHO = 8;
export const ICMP_TIME_EXCEEDED = 11;
export const ICMP_PARAMETER_PROBLEM = 12;
export const ICMP_NET_UNREACHABLE = 0; // codes of "unreachable"
export const ICMP_HOST_UNREACHABLE = 1;
export const ICMP_PROTOCOL_UNREACHABLE = 2;
export const ICMP_PORT_UNREACHABLE = 3;
export const ICMP_FRAGMENTATION_NEEDED = 4;
export const ICMP_PROHIBITED = 13; // by whoever administers the way (RFC 1812 5.2.7.1)
export const ICMP_HOPS = 0; // codes of "time exceeded", in ICMPv6 too
export const ICMP_REASSEMBLY_TIME = 1;

// ICMPv6 (RFC 4443)
export const ICMPV6_UNREACHABLE = 1;
export const ICMPV6_PACKET_TOO_BIG = 2;
export const ICMPV6_TIME_EXCEEDED = 3;
export const ICMPV6_PARAMETER_PROBLEM = 4;
export const ICMPV6_ECHO = 128;
export const ICMPV6_ECHO_REPLY = 129;
export const ICMPV6_NO_ROUTE = 0; // codes of "unreachable"
export const ICMPV6_PROHIBITED = 1;
export const ICMPV6_ADDRESS_UNREACHABLE = 3;
export const ICMPV6_PORT_UNREACHABLE = 4;
export const ICMPV6_ERRONEOUS_HEADER = 0; // codes of "parameter problem"
export const ICMPV6_UNKNOWN_NEXT_HEADER = 1;
export const ICMPV6_UNKNOWN_OPTION = 2;
export const ICMPV6_FIRST_INFORMATIONAL = 128; // below it are errors

// Neighbour discovery (RFC 4861 4)
export const ND_SOLICITATION = 135;
export const ND_ADVERTISEMENT = 136;
export const ND_FLAGS = 4;
export const ND_TARGET = 8;
export const ND_OPTIONS = 24;
export const ND_SOURCE_LINK_ADDRESS = 1;
export const ND_TARGET_LINK_ADDRESS = 2;
export const ND_FLAG_SOLICITED = 0x40;
export const ND_FLAG_OVERRIDE = 0x20;
export const ND_HOP_LIMIT = 255; // anything else has crossed a router

// ARP for IPv4 over Ethernet (RFC 826)
export const ARP_BYTES = 28;
export const ARP_OPERATION = 6;
export const ARP_SENDER_MAC = 8;
export const ARP_SENDER_IP = 14;
export const ARP_TARGET_MAC = 18;
export const ARP_TARGET_IP = 24;
export const ARP_REQUEST = 1;
export const ARP_REPLY = 2;
export const ARP_ETHERNET = 1;
