// Numbers of the capture formats: pcap (draft-ietf-opsawg-pcap), pcapng (draft-ietf-opsawg-pcapng),
// and the link types both use (tcpdump.org/linktypes.html).

export const PCAP_MAGIC_MICRO = 0xa1b2c3d4;
export const PCAP_MAGIC_NANO = 0xa1b23c4d;
export const PCAP_MAGIC_MODIFIED = 0xa1b2cd34; // Kuznetzov's: 24-byte record headers
export const PCAP_FILE_HEADER = 24;
export const PCAP_RECORD_HEADER = 16;
export const PCAP_MODIFIED_RECORD_HEADER = 24;

// The order of a record's two lengths. Version 2.3 exchanged them, and some files say 2.3 that have them as before.
export const PCAP_CAPTURED_FIRST = 0;
export const PCAP_LENGTH_FIRST = 1; // before version 2.3
export const PCAP_SMALLER_CAPTURED = 2; // version 2.3: captured is the smaller one

export const PCAPNG_SECTION_HEADER = 0x0a0d0d0a;
export const PCAPNG_BYTE_ORDER_MAGIC = 0x1a2b3c4d;
export const PCAPNG_INTERFACE = 1;
export const PCAPNG_PACKET = 2; // obsolete
export const PCAPNG_SIMPLE_PACKET = 3;
export const PCAPNG_NAME_RESOLUTION = 4;
export const PCAPNG_INTERFACE_STATISTICS = 5;
export const PCAPNG_ENHANCED_PACKET = 6;
export const PCAPNG_DECRYPTION_SECRETS = 10;

// In enhanced and obsolete packet blocks: where the packet begins, behind interface, time (2 words), captured and original
// length; and what a block without one takes.
export const PCAPNG_PACKET_DATA = 28;
export const PCAPNG_PACKET_MIN = 32;

export const PCAPNG_OPT_END = 0;
export const PCAPNG_OPT_COMMENT = 1;

export const PCAPNG_SHB_HARDWARE = 2;
export const PCAPNG_SHB_OS = 3;
export const PCAPNG_SHB_USERAPPL = 4;

export const PCAPNG_IF_NAME = 2;
export const PCAPNG_IF_DESCRIPTION = 3;
export const PCAPNG_IF_IPV4ADDR = 4; // address, netmask
export const PCAPNG_IF_IPV6ADDR = 5; // address, prefix length
export const PCAPNG_IF_MACADDR = 6;
export const PCAPNG_IF_SPEED = 8; // u64 bits per second
export const PCAPNG_IF_TSRESOL = 9;
export const PCAPNG_IF_FILTER = 11;
export const PCAPNG_IF_OS = 12;
export const PCAPNG_IF_FCSLEN = 13;
export const PCAPNG_IF_TSOFFSET = 14; // i64 seconds
export const PCAPNG_IF_HARDWARE = 15;

export const PCAPNG_ISB_STARTTIME = 2; // u32 high, u32 low, ticks of the interface
export const PCAPNG_ISB_ENDTIME = 3;
export const PCAPNG_ISB_IFRECV = 4; // u64, and so on down
export const PCAPNG_ISB_IFDROP = 5;
export const PCAPNG_ISB_FILTERACCEPT = 6;
export const PCAPNG_ISB_OSDROP = 7;
export const PCAPNG_ISB_USRDELIV = 8;

export const PCAPNG_EPB_FLAGS = 2;
export const PCAPNG_EPB_DROPCOUNT = 4;

export const PCAPNG_NRB_END = 0;
export const PCAPNG_NRB_IPV4 = 1;
export const PCAPNG_NRB_IPV6 = 2;

// if_tsresol: a power of 2 with this bit set, else of 10. Microseconds when the option is absent.
export const PCAPNG_TSRESOL_BINARY = 0x80;
export const PCAPNG_TSRESOL_DEFAULT = 6;

export const GZIP_MAGIC = 0x8b1f; // little-endian u16

export const LINKTYPE_NULL = 0;
export const LINKTYPE_ETHERNET = 1;
export const LINKTYPE_PPP = 9;
export const LINKTYPE_PPP_HDLC = 50;
export const LINKTYPE_PPP_ETHER = 51;
export const LINKTYPE_RAW_12 = 12; // DLT_RAW as some systems wrote it
export const LINKTYPE_RAW_14 = 14;
export const LINKTYPE_RAW = 101;
export const LINKTYPE_C_HDLC = 104;
export const LINKTYPE_LOOP = 108;
export const LINKTYPE_LINUX_SLL = 113;
export const LINKTYPE_IPV4 = 228;
export const LINKTYPE_IPV6 = 229;
export const LINKTYPE_NFLOG = 239;
export const LINKTYPE_LINUX_SLL2 = 276;

export const ETHERTYPE_IPV4 = 0x0800;
export const ETHERTYPE_ARP = 0x0806;
export const ETHERTYPE_TEB = 0x6558; // transparent Ethernet bridging (GRE, Geneve)
export const ETHERTYPE_VLAN = 0x8100;
export const ETHERTYPE_IPV6 = 0x86dd;
export const ETHERTYPE_PPP = 0x880b;
export const ETHERTYPE_MPLS = 0x8847;
export const ETHERTYPE_MPLS_MULTICAST = 0x8848;
export const ETHERTYPE_PPPOE_DISCOVERY = 0x8863;
export const ETHERTYPE_PPPOE_SESSION = 0x8864;
export const ETHERTYPE_QINQ = 0x88a8;
export const ETHERTYPE_ERSPAN_2 = 0x88be;
export const ETHERTYPE_ERSPAN_3 = 0x22eb;
export const ETHERTYPE_QINQ_OLD = 0x9100;
export const ETHERTYPE_PBB = 0x88e7; // IEEE 802.1ah: a 4-byte tag, then a whole frame
export const ETHERTYPE_NSH = 0x894f;

// Link-level headers
export const ETHERNET_HEADER = 14;
export const ETHERNET_MAX_LENGTH = 1500; // at most this, the type field is a length (IEEE 802.3 3.2.6)
export const SLL_HEADER = 16;
export const SLL2_HEADER = 20;
