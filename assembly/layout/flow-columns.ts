// Where the flow module's columns lie in its memory, which is its own: a tracker is an instance. The
// tracker copies what it needs of a batch into the IN_ columns; `run` fills the OUT_ columns. The same
// stagger as the codec's (columns.ts), for the same reason.
import { MAX_SACK_BLOCKS, ROWS, STAGGER } from "./columns.ts";

// AssemblyScript's static data lies below; a test holds `__heap_base` under it.
export const FLOW_BASE = 16384;

// The hash's secret: FLOW_KEY_WORDS random 64-bit words (assembly/flow/hash.ts).
export const FLOW_KEY = FLOW_BASE;
export const FLOW_KEY_WORDS = 14;
export const FLOW_KEY_BYTES = FLOW_KEY_WORDS * 8;

// Pools (assembly/flow/pool.ts), 16 bytes each.
export const FLOW_POOLS = FLOW_BASE + 256;
export const FLOW_POOL_COUNT = 24;

// Conversations lie in chunks, aligned to their size: first their keys (KEY_BYTES each), then as many records
// (RECORD_BYTES each). Keys apart, because look-ups read nothing else: they stay in the caches, and in few pages.
export const FLOW_CHUNK_BYTES = 262144;
export const FLOW_CHUNK_RECORDS = 1170;
export const FLOW_CHUNK_KEYS = 18752; // bytes: up to a cache line
// Addresses of the chunks, in the order they were added. Their number is what FLOW_MAX_FLOWS needs.
export const FLOW_MAX_FLOWS = 16777216;
export const FLOW_MAX_CHUNKS = 14340;
export const FLOW_CHUNKS = FLOW_BASE + 1024;

// Rows are taken in groups: all of a group's table lines are touched before the first is needed.
export const FLOW_GROUP = 32;
export const FLOW_KEYS = FLOW_CHUNKS + FLOW_MAX_CHUNKS * 4; // 16 bytes each
export const FLOW_HASHES = FLOW_KEYS + FLOW_GROUP * 16; // u32 each
export const FLOW_TURNED = FLOW_HASHES + FLOW_GROUP * 4; // u32 each: its lowest bit
export const FLOW_FOUND = FLOW_TURNED + FLOW_GROUP * 4; // u32 each: where a conversation's key lies that may be this one
export const FLOW_RECORDS = FLOW_FOUND + FLOW_GROUP * 4; // u32 each: that conversation's record

export const IN_TIME = FLOW_RECORDS + FLOW_GROUP * 4 + STAGGER; // i64 ns since the epoch
export const IN_FRAME = IN_TIME + ROWS * 8 + STAGGER; // u32
export const IN_FRAME_LENGTH = IN_FRAME + ROWS * 4 + STAGGER; // u32 bytes on the wire
export const IN_SRC = IN_FRAME_LENGTH + ROWS * 4 + STAGGER; // u32 IPv4 address, or index into IN_ADDRESSES
export const IN_DST = IN_SRC + ROWS * 4 + STAGGER; // u32
export const IN_SEQ = IN_DST + ROWS * 4 + STAGGER; // u32
export const IN_ACK = IN_SEQ + ROWS * 4 + STAGGER; // u32
export const IN_PAYLOAD = IN_ACK + ROWS * 4 + STAGGER; // u32 bytes
export const IN_TSVAL = IN_PAYLOAD + ROWS * 4 + STAGGER; // u32
export const IN_SACK_START = IN_TSVAL + ROWS * 4 + STAGGER; // u32 index of a pair of IN_SACK_EDGES
export const IN_TUNNEL = IN_SACK_START + ROWS * 4 + STAGGER; // u32
export const IN_VLAN = IN_TUNNEL + ROWS * 4 + STAGGER; // u32
export const IN_FACTS = IN_VLAN + ROWS * 4 + STAGGER; // u32 FACT_ bits: options without a column of their own
export const IN_SRC_PORT = IN_FACTS + ROWS * 4 + STAGGER; // u16
export const IN_DST_PORT = IN_SRC_PORT + ROWS * 2 + STAGGER; // u16
export const IN_FLAGS = IN_DST_PORT + ROWS * 2 + STAGGER; // u16
export const IN_WINDOW = IN_FLAGS + ROWS * 2 + STAGGER; // u16
export const IN_CHECKSUM = IN_WINDOW + ROWS * 2 + STAGGER; // u16
export const IN_MSS = IN_CHECKSUM + ROWS * 2 + STAGGER; // u16
export const IN_HEADER_LENGTH = IN_MSS + ROWS * 2 + STAGGER; // u8
export const IN_IP_VERSION = IN_HEADER_LENGTH + ROWS + STAGGER; // u8
export const IN_TTL = IN_IP_VERSION + ROWS + STAGGER; // u8
export const IN_STATUS = IN_TTL + ROWS + STAGGER; // u8
export const IN_CHECKSUM_STATUS = IN_STATUS + ROWS + STAGGER; // u8
export const IN_WINDOW_SCALE = IN_CHECKSUM_STATUS + ROWS + STAGGER; // u8
export const IN_OPTIONS_SEEN = IN_WINDOW_SCALE + ROWS + STAGGER; // u8
export const IN_SACK_COUNT = IN_OPTIONS_SEEN + ROWS + STAGGER; // u8
export const IN_ADDRESSES = (IN_SACK_COUNT + ROWS + STAGGER + 63) & ~63; // 16 bytes each
export const IN_SACK_EDGES = IN_ADDRESSES + ROWS * 32 + STAGGER; // u32 left, u32 right
export const IN_END = IN_SACK_EDGES + ROWS * MAX_SACK_BLOCKS * 8 + STAGGER;

// IN_FACTS bits. The low byte is the set of MPTCP subtypes 0 to 7 (RFC 8684 3) that the header carries.
export const FACT_MPTCP = 1 << 8; // one of them makes the connection known as MPTCP
export const FACT_FAST_OPEN_COOKIE = 1 << 9; // a fast open option with a cookie (RFC 7413)

export const OUT_ACK_RTT = (IN_END + 63) & ~63; // i64 ns; means something where OUT_ACKED_FRAME is not 0
export const OUT_INITIAL_RTT = OUT_ACK_RTT + ROWS * 8 + STAGGER; // i64 ns, 0 where not told
export const OUT_RTO = OUT_INITIAL_RTT + ROWS * 8 + STAGGER; // i64 ns, 0 where none
export const OUT_SINCE_START = OUT_RTO + ROWS * 8 + STAGGER; // i64 ns
export const OUT_SINCE_PREVIOUS = OUT_SINCE_START + ROWS * 8 + STAGGER; // i64 ns
export const OUT_STREAM = OUT_SINCE_PREVIOUS + ROWS * 8 + STAGGER; // u32, FLOW_NONE where untracked
export const OUT_SEQ = OUT_STREAM + ROWS * 4 + STAGGER; // u32 relative
export const OUT_ACK = OUT_SEQ + ROWS * 4 + STAGGER; // u32 relative
export const OUT_NEXT_SEQ = OUT_ACK + ROWS * 4 + STAGGER; // u32 relative
export const OUT_WINDOW = OUT_NEXT_SEQ + ROWS * 4 + STAGGER; // u32 scaled
export const OUT_FINDINGS = OUT_WINDOW + ROWS * 4 + STAGGER; // u32 FINDING_ bits
export const OUT_JUDGEMENTS = OUT_FINDINGS + ROWS * 4 + STAGGER; // u32 JUDGED_ bits
export const OUT_DUPLICATE_ACK_NUM = OUT_JUDGEMENTS + ROWS * 4 + STAGGER; // u32, 0 where none
export const OUT_DUPLICATE_ACK_FRAME = OUT_DUPLICATE_ACK_NUM + ROWS * 4 + STAGGER; // u32
export const OUT_ACKED_FRAME = OUT_DUPLICATE_ACK_FRAME + ROWS * 4 + STAGGER; // u32, 0 where none
export const OUT_BYTES_IN_FLIGHT = OUT_ACKED_FRAME + ROWS * 4 + STAGGER; // u32, 0 where not told
export const OUT_PUSH_BYTES = OUT_BYTES_IN_FLIGHT + ROWS * 4 + STAGGER; // u32, 0 where not told
export const OUT_RTO_FRAME = OUT_PUSH_BYTES + ROWS * 4 + STAGGER; // u32, 0 where none
export const OUT_WINDOW_SCALE = OUT_RTO_FRAME + ROWS * 4 + STAGGER; // i8 shift, or SCALE_UNKNOWN, SCALE_NONE
export const OUT_DIRECTION = OUT_WINDOW_SCALE + ROWS + STAGGER; // u8 1 from the end that did not speak first
export const OUT_COMPLETENESS = OUT_DIRECTION + ROWS + STAGGER; // u8 COMPLETE_ bits
export const OUT_STATE = OUT_COMPLETENESS + ROWS + STAGGER; // u8 STATE_ of the sender after the segment
export const OUT_PEER_STATE = OUT_STATE + ROWS + STAGGER; // u8 STATE_ of the other end
export const OUT_END = OUT_PEER_STATE + ROWS + STAGGER;

// Records that `run` gave up: the tracker takes them before `release` frees them. A row gives up at most
// one, the sweep for idle ones at most as many again.
export const FLOW_DEPARTED_MAX = ROWS * 2;
export const FLOW_DEPARTED = OUT_END + STAGGER; // u32 each
export const FLOW_DEPARTED_END = FLOW_DEPARTED + FLOW_DEPARTED_MAX * 4;

// The statistics of a conversation that has none of its own, made for the asking.
export const FLOW_SCRATCH = FLOW_DEPARTED_END + STAGGER;
export const FLOW_SCRATCH_END = FLOW_SCRATCH + 1024;

export const FLOW_NONE = 0xffffffff;

export const FLOW_HEAP = (FLOW_SCRATCH_END + 65535) & ~65535;
