// What can be said of a segment, a checksum and a read. Shared with src/, where wire/errors.ts
// gives each its name and sentence.

// Checksum verdicts
export const CHECKSUM_UNVERIFIED = 0; // not asked for, or bytes are missing (snaplen, fragments)
export const CHECKSUM_GOOD = 1;
export const CHECKSUM_BAD = 2;
export const CHECKSUM_PARTIAL = 3; // the pseudo-header sum alone: left to the network card

// Segment status: the first malformation met, in the order of the bytes
export const SEGMENT_OK = 0;
export const SEGMENT_HEADER_TRUNCATED = 1; // fewer than 20 bytes, or fewer than the data offset says, were captured
export const SEGMENT_OFFSET_SMALL = 2; // data offset below 5 words
export const SEGMENT_OFFSET_PAST_END = 3; // data offset reaches past the segment
export const SEGMENT_OPTION_LENGTH_SMALL = 4; // option length 0 or 1
export const SEGMENT_OPTION_PAST_END = 5; // option reaches past the header, or lacks its length byte
export const SEGMENT_OPTION_LENGTH_WRONG = 6; // a known kind with a length its RFC does not allow
export const SEGMENT_PAYLOAD_TRUNCATED = 7; // the header is whole, payload bytes were not captured (snaplen)
export const SEGMENT_FIRST_FRAGMENT = 8; // the first IPv4 fragment of a segment, cut so that it cannot be joined

// Why a parse call stopped
export const STOP_NEED_BYTES = 0; // the next record is not wholly there: `needed` bytes from its start
// The rows are enough, of the columns or of joined datagrams that they point into: take them, then go on
// with row 0.
export const STOP_ROWS_FULL = 1;
export const STOP_END = 2; // a clean end of the input
export const STOP_ERROR = 3; // errorCode, errorOffset
export const STOP_BLOCK = 4; // pcapng: a whole block at `consumed` that the caller interprets and steps over

// Errors of a capture file
export const CAPTURE_NOT_A_CAPTURE = 1; // no magic that is known
export const CAPTURE_CUT_SHORT = 2; // the input ends inside a record
export const CAPTURE_RECORD_TOO_LONG = 3; // a record claims more bytes than any link delivers
export const CAPTURE_BLOCK_LENGTH = 4; // pcapng: a block length below 12, unaligned, or unequal at both ends
export const CAPTURE_BLOCK_CONTENT = 5; // pcapng: contents do not fit their block
export const CAPTURE_NO_INTERFACE = 6; // pcapng: a packet names an interface that was never described
export const CAPTURE_VERSION = 7; // a version that cannot be read
export const CAPTURE_COMPRESSION = 8; // gzip data that are damaged
