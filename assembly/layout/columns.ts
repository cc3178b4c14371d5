// Where a batch's columns lie in the codec's memory. Compile-time addresses let each store carry its
// column as an immediate; the stagger of five cache lines keeps neighbouring columns off the same
// cache set (without it the loop takes 2.5 times as long).
//
// A row is one TCP header. `ROWS` rows are a batch.

export const ROWS = 8192;
export const STAGGER = 320;

// AssemblyScript's static data lies below; a test holds `__heap_base` under it.
export const COLUMNS = 16384;

// Of every row. MSS, HEADER_LENGTH, IP_VERSION, STATUS, CHECKSUM_STATUS, WINDOW_SCALE, OPTIONS_SEEN and SACK_COUNT are
// filled with what they mostly are before a batch and written in other rows (batch.ts).
export const TIME = COLUMNS; // i64 ns since 1970-01-01T00:00Z
export const FRAME = TIME + ROWS * 8 + STAGGER; // u32 frame number, from 1
export const FRAME_OFFSET = FRAME + ROWS * 4 + STAGGER; // u32 address of the frame's first byte
export const FRAME_CAPTURED = FRAME_OFFSET + ROWS * 4 + STAGGER; // u32 bytes captured
export const FRAME_LENGTH = FRAME_CAPTURED + ROWS * 4 + STAGGER; // u32 bytes on the wire
export const SRC = FRAME_LENGTH + ROWS * 4 + STAGGER; // u32 IPv4 address, or index into ADDRESSES
export const DST = SRC + ROWS * 4 + STAGGER; // u32
export const SEQ = DST + ROWS * 4 + STAGGER; // u32
export const ACKNOWLEDGMENT = SEQ + ROWS * 4 + STAGGER; // u32
export const HEADER_OFFSET = ACKNOWLEDGMENT + ROWS * 4 + STAGGER; // u32 address of the TCP header: in the frame, or in the datagram joined from its fragments
export const PAYLOAD_LENGTH = HEADER_OFFSET + ROWS * 4 + STAGGER; // u32 bytes, from the IP length
export const TSVAL = PAYLOAD_LENGTH + ROWS * 4 + STAGGER; // u32
export const TSECR = TSVAL + ROWS * 4 + STAGGER; // u32
export const SRC_PORT = TSECR + ROWS * 4 + STAGGER; // u16
export const DST_PORT = SRC_PORT + ROWS * 2 + STAGGER; // u16
export const FLAGS = DST_PORT + ROWS * 2 + STAGGER; // u16 the low 12 bits
export const WINDOW = FLAGS + ROWS * 2 + STAGGER; // u16 as on the wire
export const CHECKSUM = WINDOW + ROWS * 2 + STAGGER; // u16
export const URGENT = CHECKSUM + ROWS * 2 + STAGGER; // u16
export const MSS = URGENT + ROWS * 2 + STAGGER; // u16, 0 when absent (OPTIONS_SEEN tells)
export const HEADER_LENGTH = MSS + ROWS * 2 + STAGGER; // u8 bytes
export const IP_VERSION = HEADER_LENGTH + ROWS + STAGGER; // u8 4 or 6
export const TTL = IP_VERSION + ROWS + STAGGER; // u8 TTL or hop limit
export const TRAFFIC_CLASS = TTL + ROWS + STAGGER; // u8 DSCP and ECN
export const STATUS = TRAFFIC_CLASS + ROWS + STAGGER; // u8 SEGMENT_*
export const CHECKSUM_STATUS = STATUS + ROWS + STAGGER; // u8 CHECKSUM_*
export const WINDOW_SCALE = CHECKSUM_STATUS + ROWS + STAGGER; // u8 the shift, 0 when absent
export const OPTIONS_SEEN = WINDOW_SCALE + ROWS + STAGGER; // u8 SEEN_*
export const SACK_COUNT = OPTIONS_SEEN + ROWS + STAGGER; // u8 blocks, from SACK_START on

// Zero but in rare rows: cleared once a batch when the last one wrote them.
export const RARE = SACK_COUNT + ROWS + STAGGER;
export const SACK_START = RARE; // u32 index of the row's first block in SACK_EDGES
export const MISSING = SACK_START + ROWS * 4 + STAGGER; // u32 bytes at the segment's end, of header or payload, that were not captured
export const TUNNEL = MISSING + ROWS * 4 + STAGGER; // u32 hash of the encapsulation, 0 outside any
export const VLAN = TUNNEL + ROWS * 4 + STAGGER; // u32 outer tag << 16 | inner tag (with one tag: that tag)
export const INTERFACE = VLAN + ROWS * 4 + STAGGER; // u16 pcapng interface of the section
export const RARE_END = INTERFACE + ROWS * 2 + STAGGER;

// Pools that rows point into.
export const ADDRESSES = (RARE_END + 63) & ~63; // 16 bytes each, network order, two per IPv6 row
export const SACK_EDGES = ADDRESSES + ROWS * 32 + STAGGER; // u32 left, u32 right
export const MAX_SACK_BLOCKS = 4; // what 40 bytes of options hold

// Layouts of options that were seen (assembly/known.ts), in the batches before too.
export const KNOWN = (SACK_EDGES + ROWS * MAX_SACK_BLOCKS * 8 + STAGGER + 63) & ~63;
export const KNOWN_LAYOUTS = 64;
export const KNOWN_SIZE = 128; // bytes of each
export const KNOWN_INDEX = KNOWN + KNOWN_LAYOUTS * KNOWN_SIZE; // u8 each: where the layout is whose hash this is
export const KNOWN_BITS = 12; // of a hash

export const COLUMNS_END = (KNOWN_INDEX + (1 << KNOWN_BITS) + 65535) & ~65535;

// OPTIONS_SEEN bits
export const SEEN_MSS = 1;
export const SEEN_WINDOW_SCALE = 2;
export const SEEN_SACK_PERMITTED = 4;
export const SEEN_SACK = 8;
export const SEEN_TIMESTAMPS = 16;
export const SEEN_OTHER = 32; // a kind with no column of its own: read it from the header bytes
export const SEEN_MALFORMED = 64; // STATUS says how
