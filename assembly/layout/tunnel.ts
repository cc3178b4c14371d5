// Numbers of the encapsulations that carry IP packets inside IP packets or beneath them.

// UDP ports (IANA; VXLAN's second is what Linux used before it had one)
export const PORT_L2TP = 1701;
export const PORT_GTP_U = 2152;
export const PORT_TEREDO = 3544;
export const PORT_LISP = 4341;
export const PORT_VXLAN = 4789;
export const PORT_VXLAN_GPE = 4790;
export const PORT_GENEVE = 6081;
export const PORT_MPLS = 6635;
export const PORT_VXLAN_LINUX = 8472;

// GRE flags (RFC 1701, RFC 2637 4.1, RFC 2784, RFC 2890)
export const GRE_CHECKSUM = 0x8000;
export const GRE_ROUTING = 0x4000;
export const GRE_KEY = 0x2000;
export const GRE_SEQUENCE = 0x1000;
export const GRE_ACKNOWLEDGMENT = 0x0080;
export const GRE_VERSION = 0x0007;
export const GRE_WCCP = 0x883e; // EtherType position: web cache redirection, an IPv4 packet

// ERSPAN (draft-foschiano-erspan): version field, header length
export const ERSPAN_VERSION_2 = 1;
export const ERSPAN_VERSION_3 = 2;
export const ERSPAN_HEADER_2 = 8;
export const ERSPAN_HEADER_3 = 12;
export const ERSPAN_SUBHEADER = 8; // type III with its O bit
export const ERSPAN_FRAME_ETHERNET = 0;
export const ERSPAN_FRAME_IP = 2;

// GTP-U (3GPP TS 29.281 5)
export const GTP_HEADER = 8;
export const GTP_G_PDU = 255;
export const GTP_ANY_OPTIONAL = 0x07; // E, S or PN: four bytes more
export const GTP_EXTENSION = 0x04;

// VXLAN (RFC 7348 5), VXLAN-GPE (draft-ietf-nvo3-vxlan-gpe 3), Geneve (RFC 8926 3)
export const VXLAN_HEADER = 8;
export const GENEVE_HEADER = 8;
export const GPE_NEXT = 0x04; // flags: the last byte of the first word names the payload
export const GPE_IPV4 = 1;
export const GPE_IPV6 = 2;
export const GPE_ETHERNET = 3;
export const GPE_NSH = 4;
export const GPE_MPLS = 5;

// Teredo (RFC 4380 5.1.1)
export const TEREDO_ORIGIN = 0x0000;
export const TEREDO_AUTHENTICATION = 0x0001;

// L2TP version 2 (RFC 2661 3.1)
export const L2TP_CONTROL = 0x8000;
export const L2TP_LENGTH = 0x4000;
export const L2TP_SEQUENCE = 0x0800;
export const L2TP_OFFSET = 0x0200;
export const L2TP_VERSION = 0x000f;

// Network Service Header (RFC 8300 2.2): length in words in the low 6 bits of the second byte
export const NSH_IPV4 = 1;
export const NSH_IPV6 = 2;
export const NSH_ETHERNET = 3;
export const NSH_MPLS = 5;

// MPLS (RFC 3032 2.1)
export const MPLS_BOTTOM = 0x100;
export const MPLS_LABEL_ROUTER_ALERT = 1;
export const MPLS_LABEL_IPV6_NULL = 2;
export const MPLS_LABEL_GAL = 13; // RFC 5586 4.2

// PPP (RFC 1661, RFC 1662; numbers: IANA "PPP Numbers")
export const PPP_ADDRESS_CONTROL = 0xff03;
export const PPP_IPV4 = 0x0021;
export const PPP_IPV6 = 0x0057;
export const PPP_MULTILINK = 0x003d;
export const PPP_MPLS = 0x0281;
export const PPP_MPLS_MULTICAST = 0x0283;
export const CHDLC_UNICAST = 0x0f;
export const CHDLC_MULTICAST = 0x8f;

// LLC and SNAP (IEEE 802.2, 802)
export const LLC_SNAP = 0xaa;
export const LLC_IP = 0x06;
export const LLC_UNNUMBERED = 0x03;
export const OUI_ETHERNET = 0x000000;
export const OUI_CISCO_90 = 0x0000f8;
export const OUI_IEEE_802_1 = 0x0080c2;
export const BRIDGED_ETHERNET_FCS = 0x0001;
export const BRIDGED_ETHERNET = 0x0007;

// Linux cooked captures: protocols below the EtherTypes
export const SLL_ETHERNET = 0x0003;
export const SLL_802_2 = 0x0004;
export const SLL_PPP = 0x0007;

// NFLOG (tcpdump.org/linktypes/LINKTYPE_NFLOG.html)
export const NFLOG_HEADER = 4;
export const NFLOG_PAYLOAD = 9;

// Address families as the systems that wrote NULL captures had them
export const FAMILY_IPV4 = 2;
export const FAMILY_IPV6_LINUX = 10;
export const FAMILY_IPV6_WINDOWS = 23;
export const FAMILY_IPV6_BSD = 24;
export const FAMILY_IPV6_FREEBSD = 28;
export const FAMILY_IPV6_DARWIN = 30;
