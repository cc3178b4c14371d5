// One conversation in the flow module's memory: its key; its record, which is what belongs to neither direction and a
// side for each direction, in one piece; statistics apart, once there is something to count.

export const K_LOW = 0; // u32 the lower end's IPv4 address, or where its IPv6 address lies: a pair of them in 32 bytes
export const K_HIGH = 4; // u32 the higher end's IPv4 address, or where its IPv6 address lies
export const K_PORTS = 8; // u32 the lower end's port << 16 | the higher end's
export const K_CONTEXT = 12; // u32 VLAN and tunnel, where they separate conversations, else 0; bit 0: IPv6
export const KEY_BYTES = 16;

export const R_STATISTICS = 0; // u32 address with RECORD_COUNTED; before, up to six letters of history, 5 bits each
export const R_STREAM = 4; // u32, FLOW_NONE in a free record
export const R_FIRST_FRAME = 8; // u32
export const R_LIKENESS = 12; // u32 of the client's last segment: what it has in common with itself captured twice
export const LIKENESS_STRIDE = 32; // the server's stands so many bytes on
export const R_FIRST = 16; // i64 time of the first segment
export const R_LAST = 24; // i64 time of the last segment
export const R_ROUND_TRIP = 32; // i64 initial round-trip time; before it is known, when the last SYN was sent
export const R_COMPLETENESS = 40; // u8 COMPLETE_ bits
export const R_FLAGS = 41; // u8 RECORD_ bits
export const R_MPTCP = 42; // u8 MPTCP subtypes seen so far
export const R_STATES = 43; // u8 STATE_ of the client | of the server << 4

export const RECORD_TURNED = 1 << 0; // the client is the key's higher end
export const RECORD_ROUND_TRIP_KNOWN = 1 << 1;
export const RECORD_MPTCP = 1 << 2;
export const RECORD_TOLD = 1 << 3; // something was found of the last segment: a guess at what the next one touches
export const RECORD_DETACHED = 1 << 4; // out of the table
export const RECORD_DEPARTED = 1 << 5; // given up, and freed once the tracker has taken it

export const RECORD_COUNTED = 1 << 6; // there are statistics
export const RECORD_REUSED = 1 << 7; // a later conversation has its ports

// Segments of a conversation that are counted in its sides alone: most that are no more than an attempt
// never get statistics.
export const SLIM_SEGMENTS = 3;

// One direction, seen from its sender; zeros, but for the scale, before anything was seen.
export const SIDE_BYTES = 80;
export const R_CLIENT = 48;
export const R_SERVER = R_CLIENT + SIDE_BYTES;
export const RECORD_BYTES = R_SERVER + SIDE_BYTES;

export const S_BASE = 0; // u32 initial sequence number
export const S_NEXT = 4; // u32 the highest sequence number seen, plus one; 0 before any
export const S_NEXT_TIME = 8; // i64 when it was sent
export const S_NEXT_FRAME = 16; // u32 the frame that sent it
export const S_ACKABLE = 20; // u32 the end of what was sent without a hole; 0 before any
export const S_LAST_ACK = 24; // u32 the last acknowledgment number sent
export const S_NEW_ACK_FRAME = 28; // u32 the frame that last changed it
export const S_LAST_TIME = 32; // i64 when the last segment was sent
export const S_DUPLICATES = 40; // u32 duplicate acknowledgments sent since; 2^32 - 1 marks a told loss
export const S_PUSH = 44; // u32 bytes sent since the last PSH
export const S_SACKED = 48; // u32 bytes that the last segment's SACK blocks cover
export const S_LIST = 52; // u32 ring of unacknowledged segments, 0 for none; with SIDE_ONE that one's E_SEQ
export const S_HEAD = 56; // u16 the oldest one's index; with SIDE_ONE its print
export const S_COUNT = 58; // u16
export const S_FLAGS = 60; // u16 SIDE_ bits, and the ring's size class from SIDE_CLASS_SHIFT on
export const S_WINDOW = 62; // u16 the last window sent, unscaled
export const S_SLIM = 64; // u8 segments, without statistics, | OFFERED_ bits
export const S_TTL = 65; // u8 of the first segment
export const S_BYTES = 68; // u32 bytes on the wire; what overflows goes to C_BYTES_HIGH
export const S_PAYLOAD = 72; // u32 payload bytes; what overflows goes to C_PAYLOAD_HIGH
export const S_MSS = 76; // u16 as offered in the SYN, 0 for none
export const S_SCALE = 78; // i8 shift, SCALE_UNKNOWN or SCALE_NONE
export const S_MPTCP = 79; // u8 the conversation's R_MPTCP at this side's last segment

export const SIDE_BASE_SET = 1 << 0;
export const SIDE_WINDOW_SET = 1 << 1;
export const SIDE_HOLE = 1 << 2; // a segment was skipped: bytes in flight are not told until an ACK comes
export const SIDE_PUSH_LAST = 1 << 3; // the last segment with data had PSH
export const SIDE_FIRST_ACK = 1 << 4; // a SYN was seen and no ACK after it: the window is not scaled yet
export const SIDE_LAST_KEEP_ALIVE = 1 << 5; // the last segment was found a keep-alive
export const SIDE_LAST_PROBE = 1 << 6; // the last segment was found a zero window probe
export const SIDE_UNORDERED = 1 << 7; // the ring is not in sequence order
export const SIDE_UNSETTLED = 1 << 8; // the ring holds a segment that the last ACK has to be held against
export const SIDE_PHANTOM = 1 << 9; // with SIDE_ONE: it is a SYN or FIN
export const SIDE_CLASS_SHIFT = 12;
export const SIDE_ONE = 15; // in place of a class: one segment waits, and it is the one that S_NEXT_ tells of

export const SLIM_PACKETS = 3; // in S_SLIM
export const OFFERED_SCALE = 1 << 2; // in the SYN
export const OFFERED_SACK = 1 << 3;
export const OFFERED_TIMESTAMPS = 1 << 4;

// The ring: extremes of its sequence numbers, relative to the base and valid while SIDE_UNORDERED, then entries.
export const RING_LOW = 0; // u32; with an index that of the strays alone
export const RING_HIGH = 4; // u32
export const RING_INDEX = 8; // u32 where its index lies, 0 for none
export const RING_USED = 12; // u16 with an index: the place behind the newest entry
export const RING_STRAY = 14; // u16 and of the oldest stray, NO_STRAY for none
export const RING_HEADER = 16;
export const ENTRY_BYTES = 24;
export const E_SEQ = 0; // u32 the first byte not acknowledged
export const E_NEXT = 4; // u32
export const E_FRAME = 8; // u32
export const E_SENT = 12; // u32 ENTRY_ bits | the segment's print << 16
export const E_TIME = 16; // i64
export const ENTRY_AGAIN = 1 << 0; // what it carries was seen before
export const ENTRY_PHANTOM = 1 << 1; // a SYN or FIN, with or without data
export const ENTRY_GONE = 1 << 2; // in a ring with an index: it was acknowledged
export const ENTRY_STRAY = 1 << 3; // and it is not in the index: it ended below the last ACK when it came
export const RING_CLASSES = 15; // class c holds 1 << c entries

// The index of a ring that is out of order: a tree over its places, 1 << LEAF_SHIFT to a leaf, in the block of a smaller
// ring; node 1 is the root, the children of i are 2 i and 2 i + 1.
export const X_ANCHOR = 0; // u32 every entry in the index ends less than 2^31 above it
export const X_LEAVES = 4; // u32 how many leaves there are, and the number of the first
export const X_NODES = RING_HEADER;
export const N_WAITING = 0; // u32 entries that wait
export const N_LOW = 4; // u32 the least E_SEQ of theirs
export const N_FIRST = 8; // u32 the least E_NEXT
export const N_LAST = 12; // u32 the greatest E_NEXT
export const N_CUT = 16; // u32 an acknowledgment number that they are still to be held against,
export const N_IS_CUT = 20; // u32 where this is not 0
export const NODE_BYTES = 24;
export const LEAF_SHIFT = 4;
export const INDEX_CLASSES = 3; // so many classes smaller than the ring's is its index's block
export const NO_STRAY = 65535;
export const INDEXED_ABOVE = 128; // entries in a ring out of order
export const UNINDEXED_FROM = 64; // so many and fewer need none
