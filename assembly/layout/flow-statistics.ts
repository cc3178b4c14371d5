// What is counted of a conversation of more than a few segments. What nearly every segment touches of both sides is in
// the first cache line, the rest of a side in lines of its own.

export const T_IDLE = 0; // i64 the longest time between two segments
export const T_IDLE_FRAME = 8; // u32 the frame that ended it
export const T_LAST_FRAME = 12; // u32
export const T_CLIENT_NUMBERS = 16;
export const T_NUMBERS_BYTES = 24;
export const T_SERVER_NUMBERS = T_CLIENT_NUMBERS + T_NUMBERS_BYTES;
export const T_CLIENT = 64;
export const T_SIDE_BYTES = 256;
export const T_SERVER = T_CLIENT + T_SIDE_BYTES;

// Of the conversation as well, behind what is counted of each side.
export const T_SYN_ACK_TIME = T_CLIENT + 240; // i64 when the first SYN-ACK was seen, 0 where that is not known
export const T_CLOSE_TIME = T_CLIENT + 248; // i64 of the first FIN or RST, 0 before
export const T_CLOSED_BY = T_SERVER + 224; // u8 CLOSED_ first
export const T_RESET_BY = T_SERVER + 225; // u8 1 the client, 2 the server, of the first RST
export const T_LETTERS = T_SERVER + 226; // u8 letters of history so far
export const T_OVERFLOWN = T_SERVER + 227; // u8 1 when there were more letters than there is room for
export const T_HISTORY = T_SERVER + 228; // u8 each: LETTER_ | LETTER_SERVER
export const T_HISTORY_MAX = 28;

export const CLOSED_BY_CLIENT_FIN = 1;
export const CLOSED_BY_SERVER_FIN = 2;
export const CLOSED_BY_CLIENT_RST = 3;
export const CLOSED_BY_SERVER_RST = 4;

// Of a side, at T_CLIENT_NUMBERS and T_SERVER_NUMBERS.
export const N_PACKETS = 0; // u32
export const N_DATA_PACKETS = 4; // u32
export const N_WINDOW_MIN = 8; // u32 scaled, of segments other than SYN and RST
export const N_WINDOW_MAX = 12; // u32
export const N_TSVAL = 16; // u32 the highest timestamp sent
export const N_FLAGS = 20; // u16 COUNTED_ bits
export const N_LETTERS = 22; // u16 1 << LETTER_ of this side in the history

// Of a side, at T_CLIENT and T_SERVER. Bytes are counted at S_BYTES and S_PAYLOAD; here is what does not fit there.
export const C_FIRST_DATA = 0; // i64 time of the first segment with data, 0 before
export const C_LAST_DATA = 8; // i64
export const C_RTT_MIN = 16; // f64 ns, from a segment with data to the ACK of its end
export const C_RTT_MAX = 24; // f64
export const C_RTT_MEAN = 32; // f64
export const C_RTT_SQUARES = 40; // f64 sum of squared differences from the mean (Welford)
export const C_RTT_COUNT = 48; // u32
export const C_LARGEST = 52; // u32 payload bytes of a segment
export const C_BYTES_HIGH = 56; // u32 bytes on the wire, in units of 2^32
export const C_PAYLOAD_HIGH = 60; // u32 payload bytes, in units of 2^32
export const C_FINDINGS = 64; // u32 each: how often each FINDING_ bit was found, in their order
export const C_FINDING_COUNT = 17;
export const C_HOLES = 132; // HOLES holes in what was sent: u32 low, u32 high; equal for none
export const C_HOLE_TSVAL = 148; // u32 the timestamp of the segment that showed the last one
export const C_HOLE_TIME = 152; // u32 when it was seen, in microseconds modulo 2^32
export const C_RETRANSMISSIONS = 156; // u32 judged retransmitted or recovered
export const C_RETRANSMITTED_BYTES = 160; // u64
export const C_REORDERED = 168; // u32
export const C_DUPLICATES = 172; // u32 captured twice
export const C_NEEDLESS = 176; // u32
export const C_ZERO_WINDOWS = 180; // u32 segments that announced a window of 0
export const C_PROBE_TIME = 184; // i64 of the last keep-alive probe
export const C_PROBE_IDLE = 192; // i64 silence before the first probe of a run
export const C_PROBE_INTERVAL = 200; // i64 between the last two probes of a run
export const C_PROBES = 208; // u32 keep-alive probes
export const C_ANSWERS = 212; // u32 answers to the peer's probes
export const C_WINDOW_PROBES = 216; // u32
export const C_PROBES_UNANSWERED = 220; // u32 keep-alive probes since the peer was last heard

export const HOLES = 2;

export const COUNTED_TSVAL = 1 << 0; // N_TSVAL means something
export const COUNTED_FIN = 1 << 1;
export const COUNTED_PROBE_LAST = 1 << 2; // the last segment was a keep-alive probe
export const COUNTED_WINDOW_PROBE_LAST = 1 << 3; // it was a zero window probe
export const COUNTED_TTL_CHANGED = 1 << 4; // not all segments but RSTs had one TTL
export const COUNTED_UNANSWERED = 1 << 5; // C_PROBES_UNANSWERED is not 0
export const COUNTED_DUPLICATES = 1 << 6; // C_DUPLICATES is not 0

// Zeek's history letters (lower case: from the responder).
export const LETTER_SYN = 1; // s
export const LETTER_SYN_ACK = 2; // h
export const LETTER_ACK = 3; // a
export const LETTER_DATA = 4; // d
export const LETTER_FIN = 5; // f
export const LETTER_RST = 6; // r
export const LETTER_BAD_CHECKSUM = 7; // c
export const LETTER_GAP = 8; // g
export const LETTER_RETRANSMISSION = 9; // t
export const LETTER_ZERO_WINDOW = 10; // w
export const LETTER_INCONSISTENT = 11; // i: SYN and RST, or such
export const LETTER_MULTIPLE = 12; // q: SYN and FIN
export const LETTER_FLIPPED = 13; // ^
export const LETTER_SERVER = 1 << 4;
