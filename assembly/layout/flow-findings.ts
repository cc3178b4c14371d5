// What can be said of one segment.

// Findings by Wireshark's names and rules (4.0): `tcp.analysis.*`, in the order of the bits.
export const FINDING_RETRANSMISSION = 1 << 0; // set with the next two as well, as tshark prints them
export const FINDING_FAST_RETRANSMISSION = 1 << 1;
export const FINDING_SPURIOUS_RETRANSMISSION = 1 << 2;
export const FINDING_OUT_OF_ORDER = 1 << 3;
export const FINDING_REUSED_PORTS = 1 << 4;
export const FINDING_LOST_SEGMENT = 1 << 5;
export const FINDING_ACK_LOST_SEGMENT = 1 << 6;
export const FINDING_WINDOW_UPDATE = 1 << 7;
export const FINDING_WINDOW_FULL = 1 << 8;
export const FINDING_KEEP_ALIVE = 1 << 9;
export const FINDING_KEEP_ALIVE_ACK = 1 << 10;
export const FINDING_ZERO_WINDOW = 1 << 11;
export const FINDING_ZERO_WINDOW_PROBE = 1 << 12;
export const FINDING_ZERO_WINDOW_PROBE_ACK = 1 << 13;
export const FINDING_DUPLICATE_ACK = 1 << 14;
export const FINDING_TFO_SYN = 1 << 15;
export const FINDING_TFO_ACK = 1 << 16;

// Judgements of our own, where Wireshark's rules are known to guess wrong (`tcpwire.*`).
export const JUDGED_DUPLICATE = 1 << 0; // the same segment captured twice, or doubled on the way: not sent again
export const JUDGED_RETRANSMITTED = 1 << 1; // sent again, and the capture has it before
export const JUDGED_RECOVERED = 1 << 2; // sent again, after it was lost before the point of capture
export const JUDGED_REORDERED = 1 << 3; // sent once and overtaken on the way
export const JUDGED_NEEDLESS = 1 << 4; // sent again although all of it was acknowledged already
export const JUDGED_HANDSHAKE_RETRY = 1 << 5; // a SYN or SYN-ACK sent again
export const JUDGED_SIMULTANEOUS_OPEN = 1 << 6; // a SYN or SYN-ACK of a simultaneous open (RFC 9293 3.5)
export const JUDGED_KEEP_ALIVE = 1 << 7; // a keep-alive probe (RFC 9293 3.8.4)
export const JUDGED_KEEP_ALIVE_ACK = 1 << 8; // the answer to one
export const JUDGED_WINDOW_PROBE = 1 << 9; // a zero window probe, with a byte of data or in Linux's form without
export const JUDGED_WINDOW_PROBE_ACK = 1 << 10; // the answer to one
export const JUDGED_RESET_OUT_OF_WINDOW = 1 << 11; // a RST that RFC 9293 3.10.7.4 has the receiver ignore
export const JUDGED_RESET_OTHER_TTL = 1 << 12; // a RST from another distance than its sender's segments

// `tcp.completeness`
export const COMPLETE_SYN = 1 << 0;
export const COMPLETE_SYN_ACK = 1 << 1;
export const COMPLETE_ACK = 1 << 2;
export const COMPLETE_DATA = 1 << 3;
export const COMPLETE_FIN = 1 << 4;
export const COMPLETE_RST = 1 << 5;

// Window scale of a direction, where it is no shift (`tcp.window_size_scalefactor`)
export const SCALE_UNKNOWN = -1; // the handshake was not captured
export const SCALE_NONE = -2; // the handshake shows that none is used

// States of RFC 9293 3.3.2, as far as a capture shows them; UNSEEN where it shows nothing.
export const STATE_UNSEEN = 0;
export const STATE_CLOSED = 1;
export const STATE_LISTEN = 2;
export const STATE_SYN_SENT = 3;
export const STATE_SYN_RECEIVED = 4;
export const STATE_ESTABLISHED = 5;
export const STATE_FIN_WAIT_1 = 6;
export const STATE_FIN_WAIT_2 = 7;
export const STATE_CLOSE_WAIT = 8;
export const STATE_CLOSING = 9;
export const STATE_LAST_ACK = 10;
export const STATE_TIME_WAIT = 11;

// The thresholds of Wireshark's guesses.
export const FAST_RETRANSMISSION_WITHIN = 20000000; // ns since the acknowledging side's last segment
export const OUT_OF_ORDER_WITHIN = 3000000; // ns, where no initial round-trip time is known
export const MAX_UNACKNOWLEDGED = 10000; // segments remembered of a direction
