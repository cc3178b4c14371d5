// Bounds that keep hostile input from costing more than it weighs.

// The longest record that is believed. libpcap allows 256 KiB on ordinary links and 128 MiB on a few;
// BIG TCP frames reach 512 KiB. A longer one is corruption, and no memory is asked for it.
export const MAX_RECORD = 16 * 1024 * 1024;

// Headers followed inside one frame (VLAN tags, MPLS labels and IPv6 extensions have bounds of their own).
export const MAX_LAYERS = 32;
export const MAX_TAGS = 32;

// IPv6 extension headers followed in one packet.
export const MAX_EXTENSIONS = 32;

// Datagrams under reassembly from IP fragments at a time; the oldest makes room.
export const MAX_DATAGRAMS = 64;
export const MAX_DATAGRAM_BYTES = 65535;
// Seconds after which no receiver still waits for the rest of one (RFC 1122 3.3.2): its identification may be
// another's.
export const MAX_DATAGRAM_AGE = 120;

// Interfaces of one pcapng section: what 16 bits of the column INTERFACE tell apart. mergecap makes thousands.
export const MAX_INTERFACES = 65536;

// Options in 40 bytes.
export const MAX_OPTION_STEPS = 40;

// Bytes readable after every buffer that a SIMD tail load may run over.
export const SLACK = 64;
