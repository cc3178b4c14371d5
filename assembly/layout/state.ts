// Where assembly/ leaves what a call of `parse` has to say besides rows, and what it counts.
// Fixed addresses under COLUMNS; a test holds AssemblyScript's `__heap_base` at or under STATE.

export const STATE = 12288;

// Written by every call of `parse` (u32 each).
export const STATE_STOP = STATE; // STOP_*
export const STATE_CONSUMED = STATE + 4; // address behind the last record taken
export const STATE_NEEDED = STATE + 8; // STOP_NEED_BYTES: bytes the next record takes, from CONSUMED
export const STATE_ERROR_CODE = STATE + 12; // STOP_ERROR: CAPTURE_*
export const STATE_ERROR_ADDRESS = STATE + 16; // STOP_ERROR: address of the record or block
export const STATE_ADDRESSES = STATE + 20; // IPv6 addresses in ADDRESSES, since row 0
export const STATE_SACK_BLOCKS = STATE + 24; // blocks in SACK_EDGES, since row 0
export const STATE_RARE = STATE + 28; // RARE_* bits: columns written since they were last cleared
export const STATE_ROWS = STATE + 32; // rows of the batch in the columns
export const STATE_INTERFACES = STATE + 36; // interfaces described in this section
export const STATE_TOUCHED = STATE + 40; // means nothing: what touching ahead came to, which must go somewhere
export const STATE_UNKNOWN = STATE + 44; // address of options whose layout was not known (assembly/known.ts), or 0

// STATE_RARE bits
export const RARE_SACK_START = 1;
export const RARE_MISSING = 2;
export const RARE_TUNNEL = 4;
export const RARE_VLAN = 8;
export const RARE_INTERFACE = 16;

// Frame times since `reset` (i64 ns); EARLIEST above LATEST when there was no frame with a time.
export const STATE_EARLIEST = STATE + 64;
export const STATE_LATEST = STATE + 72;

// Counters since `reset`, u64 each. A frame is counted once in FRAMES; a packet inside a tunnel counts
// in IPV4, IPV6, TCP... once for each IP header that is followed.
export const COUNTERS = STATE + 128;
export const COUNT_FRAMES = COUNTERS; // the number of the last frame taken
export const COUNT_BYTES = COUNTERS + 8; // on the wire
export const COUNT_CAPTURED = COUNTERS + 16; // bytes captured
export const COUNT_CUT = COUNTERS + 24; // frames captured short (snaplen)
export const COUNT_IPV4 = COUNTERS + 32; // IPv4 headers
export const COUNT_IPV6 = COUNTERS + 40; // IPv6 headers
export const COUNT_NON_IP = COUNTERS + 48; // frames without an IP header that could be followed
export const COUNT_TCP = COUNTERS + 56; // rows
export const COUNT_UDP = COUNTERS + 64; // UDP datagrams, those that carry tunnels included
export const COUNT_ICMP = COUNTERS + 72; // ICMP and ICMPv6
export const COUNT_OTHER_IP = COUNTERS + 80; // other protocols over IP
export const COUNT_FRAGMENTS = COUNTERS + 88; // IP fragments
export const COUNT_REASSEMBLED = COUNTERS + 96; // datagrams put together from fragments
export const COUNT_FRAGMENTS_DROPPED = COUNTERS + 104; // datagrams given up: evicted or contradictory
export const COUNT_TUNNELLED = COUNTERS + 112; // frames with a packet inside a packet
export const COUNT_MALFORMED_LINK = COUNTERS + 120; // frames whose link header is cut or senseless
export const COUNT_MALFORMED_IP = COUNTERS + 128; // IP headers cut, of wrong version or of impossible length
export const COUNT_MALFORMED_TUNNEL = COUNTERS + 136; // tunnel headers cut or senseless
export const COUNT_MALFORMED_TCP = COUNTERS + 144; // rows with a status other than OK and PAYLOAD_TRUNCATED
export const COUNT_TOO_DEEP = COUNTERS + 152; // frames with more layers than MAX_LAYERS
export const COUNT_CHECKSUM = COUNTERS + 160; // four counters, at the CHECKSUM_* verdict times 8
export const COUNTERS_END = COUNTERS + 192;
export const STATE_END = COUNTERS_END;
